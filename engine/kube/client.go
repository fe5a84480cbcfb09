package kube

// The Cluster over client-go's dynamic client: the only place where requests are made.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// manager is the name under which Drydock owns fields.
const manager = "drydock"

// pageSize is how many objects one request of a list asks for.
const pageSize = 500

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// client speaks to one cluster with one set of credentials. It is safe for concurrent use.
type client struct {
	dynamic dynamic.Interface
	kinds   *kinds
	streams http.RoundTripper        // for Exec: HTTP/1.1, one try
	dial    atomic.Pointer[dialFunc] // of the latest task: the connection below may be a new one after a reboot
}

func newClient(cfg *rest.Config) (*client, error) {
	c := &client{}
	cfg.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (*c.dial.Load())(ctx, network, address)
		if err != nil {
			return nil, dialError{err}
		}
		return conn, nil
	}
	cfg.QPS = -1 // no limit of ours: the server has its own
	cfg.UserAgent = manager
	cfg.WarningHandlerWithContext = warnings{}
	var err error
	if c.streams, err = streaming(cfg); err != nil {
		return nil, err
	}
	cfg.Wrap(func(next http.RoundTripper) http.RoundTripper { return patient{next} })
	h, err := rest.HTTPClientFor(cfg)
	if err != nil {
		return nil, err
	}
	if c.dynamic, err = dynamic.NewForConfigAndClient(cfg, h); err != nil {
		return nil, err
	}
	base, _, err := rest.DefaultServerUrlFor(cfg)
	if err != nil {
		return nil, err
	}
	c.kinds = &kinds{http: h, base: strings.TrimSuffix(base.String(), "/")}
	return c, nil
}

func (c *client) resource(k Kind, namespace string) dynamic.ResourceInterface {
	r := c.dynamic.Resource(schema.GroupVersionResource{Group: k.Group, Version: k.Version, Resource: k.Plural})
	if !k.Namespaced || namespace == "" {
		return r
	}
	return r.Namespace(namespace)
}

func (c *client) Find(ctx context.Context, apiVersion, kind string) (Kind, error) {
	return c.kinds.find(ctx, apiVersion, kind)
}

func (c *client) Get(ctx context.Context, k Kind, namespace, name string) (Object, error) {
	u, err := c.resource(k, namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return Object{}, fmt.Errorf("get %s: %w", label(k, namespace, name), err)
	}
	return Object{u.Object}, nil
}

func (c *client) List(ctx context.Context, k Kind, q Query) (List, error) {
	var out List
	o := metav1.ListOptions{LabelSelector: q.Labels, FieldSelector: q.Fields, Limit: pageSize}
	for {
		page, err := c.resource(k, q.Namespace).List(ctx, o)
		if err != nil {
			return List{}, fmt.Errorf("list %s: %w", label(k, q.Namespace, ""), err)
		}
		for i := range page.Items {
			out.Items = append(out.Items, Object{page.Items[i].Object})
		}
		out.ResourceVersion = page.GetResourceVersion()
		if o.Continue = page.GetContinue(); o.Continue == "" {
			return out, nil
		}
	}
}

func (c *client) Watch(ctx context.Context, k Kind, q Query, from string) (<-chan Event, error) {
	w, err := c.resource(k, q.Namespace).Watch(ctx, metav1.ListOptions{LabelSelector: q.Labels, FieldSelector: q.Fields, ResourceVersion: from})
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", label(k, q.Namespace, ""), err)
	}
	out := make(chan Event)
	go relay(ctx, w, out)
	return out, nil
}

// relay hands events on until the watch or ctx ends. An error event (410 Gone, say) ends it too: its reader lists again.
func relay(ctx context.Context, w watch.Interface, out chan<- Event) {
	defer close(out)
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-w.ResultChan():
			u, isObject := e.Object.(*unstructured.Unstructured)
			if !ok || !isObject || e.Type == watch.Error {
				return
			}
			select {
			case out <- Event{EventType(e.Type), Object{u.Object}}:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (c *client) DryRun(ctx context.Context, w Write) (Written, error) {
	return c.write(ctx, w, []string{metav1.DryRunAll})
}

func (c *client) Write(ctx context.Context, w Write) (Written, error) { return c.write(ctx, w, nil) }

func (c *client) write(ctx context.Context, w Write, dry []string) (Written, error) {
	var said heard
	u, err := c.send(context.WithValue(ctx, heardKey{}, &said), w, dry)
	if err != nil {
		return Written{Warnings: said.texts}, fmt.Errorf("%s %s: %w", w.Verb, label(w.Kind, w.Namespace, w.Name), err)
	}
	out := Written{Warnings: said.texts}
	if u != nil {
		out.Object = Object{u.Object}
	}
	return out, nil
}

func (c *client) send(ctx context.Context, w Write, dry []string) (*unstructured.Unstructured, error) {
	r := c.resource(w.Kind, w.Namespace)
	switch w.Verb {
	case Create:
		return r.Create(ctx, body(w), metav1.CreateOptions{DryRun: dry, FieldManager: manager})
	case Replace:
		return r.Update(ctx, body(w), metav1.UpdateOptions{DryRun: dry, FieldManager: manager})
	case Patch:
		data, err := json.Marshal(fromValue(w.Body))
		if err != nil {
			return nil, err
		}
		return r.Patch(ctx, w.Name, types.PatchType("application/"+string(w.Patch)+"-patch+json"), data, metav1.PatchOptions{DryRun: dry, FieldManager: manager}, w.subresources()...)
	case Apply:
		o := metav1.ApplyOptions{DryRun: dry, FieldManager: w.Manager, Force: w.Force}
		if o.FieldManager == "" {
			o.FieldManager = manager
		}
		return r.Apply(ctx, w.Name, body(w), o)
	case Delete:
		return nil, r.Delete(ctx, w.Name, deleteOptions(w, dry))
	case Evict:
		return r.Create(ctx, eviction(w, dry), metav1.CreateOptions{}, "eviction")
	}
	return nil, errors.New("no such verb")
}

func (w Write) subresources() []string {
	if w.Subresource == "" {
		return nil
	}
	return []string{w.Subresource}
}

// Raw implements Reader.
func (c *client) Raw(ctx context.Context, path string, query url.Values) ([]byte, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.kinds.raw(ctx, path)
}

// ServerOf is the URL of the API server that a cluster is reached at; empty for a double.
func ServerOf(r Reader) string {
	if t, ok := r.(told); ok {
		return t.kinds.base
	}
	return ""
}

func body(w Write) *unstructured.Unstructured {
	content, _ := fromValue(w.Body).(map[string]any)
	return &unstructured.Unstructured{Object: content}
}

func deleteOptions(w Write, dry []string) metav1.DeleteOptions {
	o := metav1.DeleteOptions{DryRun: dry}
	if w.GraceSeconds != nil {
		seconds := int64(*w.GraceSeconds)
		o.GracePeriodSeconds = &seconds
	}
	if w.Propagation != "" {
		p := metav1.DeletionPropagation(w.Propagation)
		o.PropagationPolicy = &p
	}
	if w.UID != "" || w.ResourceVersion != "" {
		o.Preconditions = &metav1.Preconditions{}
		if uid := types.UID(w.UID); uid != "" {
			o.Preconditions.UID = &uid
		}
		if w.ResourceVersion != "" {
			o.Preconditions.ResourceVersion = &w.ResourceVersion
		}
	}
	return o
}

// eviction is the object that is posted to evict a pod; a dry run is said inside it.
func eviction(w Write, dry []string) *unstructured.Unstructured {
	options := map[string]any{}
	o := deleteOptions(w, dry)
	if o.GracePeriodSeconds != nil {
		options["gracePeriodSeconds"] = *o.GracePeriodSeconds
	}
	if w.UID != "" {
		options["preconditions"] = map[string]any{"uid": w.UID}
	}
	if dry != nil {
		options["dryRun"] = []any{metav1.DryRunAll}
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "policy/v1", "kind": "Eviction",
		"metadata":      map[string]any{"name": w.Name, "namespace": w.Namespace},
		"deleteOptions": options,
	}}
}

// String names the verb as errors do.
func (v Verb) String() string {
	return [...]string{"create", "replace", "patch", "apply", "delete", "evict"}[v]
}

func label(k Kind, namespace, name string) string {
	s := strings.ToLower(k.Name)
	switch {
	case name == "":
		s = k.Plural
	case namespace != "" && k.Namespaced:
		return s + " " + namespace + "/" + name
	}
	if name != "" {
		return s + " " + name
	}
	if namespace != "" && k.Namespaced {
		return s + " in " + namespace
	}
	return s
}

// heard collects the server's warnings about one request, which client-go hands to warnings with the request's context.
type heard struct {
	mu    sync.Mutex
	texts []string
}

type (
	heardKey struct{}
	warnings struct{}
)

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext. Only code 299 is for people.
func (warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	h, ok := ctx.Value(heardKey{}).(*heard)
	if !ok || code != 299 || text == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.texts = append(h.texts, text)
}
