package cluster

// Get, list, create, replace and delete.

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func (c *Cluster) read(k call) (int, any, error) {
	if k.name != "" {
		o, ok := c.world.see(k.kind.resource(), k.namespace, k.name)
		if !ok {
			return 0, nil, apierrors.NewNotFound(k.group(), k.name)
		}
		if o = c.shown(k.kind, o); k.table {
			return http.StatusOK, c.table(k.kind, []any{o}, map[string]any{"resourceVersion": at(o, "metadata", "resourceVersion")}), nil
		}
		return http.StatusOK, o, nil
	}
	items := []any{}
	meta := map[string]any{"resourceVersion": strconv.Itoa(c.world.version)}
	for _, o := range c.world.all(k.kind.resource()) {
		if !k.matches(o) || namespaceOf(o)+"/"+nameOf(o) <= k.after {
			continue
		}
		if k.limit > 0 && len(items) == k.limit {
			last, _ := items[len(items)-1].(map[string]any)
			meta["continue"] = base64.RawURLEncoding.EncodeToString([]byte(namespaceOf(last) + "/" + nameOf(last)))
			break
		}
		items = append(items, c.shown(k.kind, o))
	}
	if k.table {
		return http.StatusOK, c.table(k.kind, items, meta), nil
	}
	return http.StatusOK, map[string]any{
		"apiVersion": k.kind.apiVersion(), "kind": k.kind.Name + "List",
		"metadata": meta, "items": items,
	}, nil
}

// accept checks the body of a write against its path.
func (c *Cluster) accept(k call) (map[string]any, error) {
	o, err := k.object()
	if err != nil {
		return nil, err
	}
	if text(o, "apiVersion") != k.kind.apiVersion() || text(o, "kind") != k.kind.Name {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("the object provided is unrecognized: %s %s at %s", text(o, "apiVersion"), text(o, "kind"), k.kind.Plural))
	}
	if k.kind.Namespaced {
		if ns := text(o, "metadata", "namespace"); ns != "" && ns != k.namespace {
			return nil, apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
		}
		put(o, k.namespace, "metadata", "namespace")
		if _, ok := c.world.Get("namespaces", "", k.namespace); !ok {
			return nil, apierrors.NewNotFound(metav1.SchemeGroupVersion.WithResource("namespaces").GroupResource(), k.namespace)
		}
	}
	return o, nil
}

func (c *Cluster) create(k call) (int, any, error) {
	o, err := c.accept(k)
	if err != nil {
		return 0, nil, err
	}
	if text(o, "metadata", "name") == "" {
		prefix := text(o, "metadata", "generateName")
		if prefix == "" {
			return 0, nil, apierrors.NewBadRequest("name or generateName is required")
		}
		c.world.serial++
		put(o, fmt.Sprintf("%s%05d", prefix, c.world.serial), "metadata", "name")
	}
	name := text(o, "metadata", "name")
	if _, ok := c.world.Get(k.kind.resource(), k.namespace, name); ok {
		return 0, nil, apierrors.NewAlreadyExists(k.group(), name)
	}
	if k.kind.Status && k.kind.resource() != "nodes" { // a kubelet registers its node with the status
		put(o, nil, "status")
	}
	k.name = name
	return c.write(k, http.StatusCreated, o)
}

func (c *Cluster) replace(k call) (int, any, error) {
	o, err := c.accept(k)
	if err != nil {
		return 0, nil, err
	}
	if k.name == "" {
		return 0, nil, apierrors.NewMethodNotSupported(k.group(), k.method)
	}
	if err := misnamed(k, o); err != nil {
		return 0, nil, err
	}
	before, ok := c.world.Get(k.kind.resource(), k.namespace, k.name)
	if !ok {
		return 0, nil, apierrors.NewNotFound(k.group(), k.name)
	}
	v := text(o, "metadata", "resourceVersion")
	if v == "" && versioned(k.kind) {
		return 0, nil, unversioned(k)
	}
	if v != "" && v != text(before, "metadata", "resourceVersion") {
		return 0, nil, stale(k)
	}
	return c.write(k, http.StatusOK, k.keep(before, o))
}

func stale(k call) error {
	return apierrors.NewConflict(k.group(), k.name, fmt.Errorf("the object has been modified; please apply your changes to the latest version and try again"))
}

// keep takes from the new object only what the path may change: the status, or all but the status.
func (k call) keep(before, after map[string]any) map[string]any {
	if !k.kind.Status {
		return after
	}
	if k.subresource == "status" {
		out := copyOf(before)
		put(out, at(after, "status"), "status")
		return out
	}
	put(after, at(before, "status"), "status")
	return after
}

// write stores an object, or for a dry run says what would be stored.
func (c *Cluster) write(k call, code int, o map[string]any) (int, map[string]any, error) {
	if err := invalid(k, o); err != nil {
		return 0, nil, err
	}
	if k.dryRun {
		o = normal(o)
		before, _ := c.world.Get(k.kind.resource(), k.namespace, k.name)
		c.world.fill(o, before)
		return code, o, nil
	}
	if err := c.world.Set(o); err != nil {
		return 0, nil, err
	}
	stored, _ := c.world.Get(k.kind.resource(), k.namespace, k.name)
	if at(stored, "metadata", "deletionTimestamp") != nil && len(list(stored, "metadata", "finalizers")) == 0 && k.kind.Name != "Pod" {
		c.world.Delete(k.kind.resource(), k.namespace, k.name)
	}
	return code, stored, nil
}

func (c *Cluster) remove(k call) (int, any, error) {
	if k.name == "" {
		return 0, nil, apierrors.NewMethodNotSupported(k.group(), "deletecollection")
	}
	o, ok := c.world.Get(k.kind.resource(), k.namespace, k.name)
	if !ok {
		return 0, nil, apierrors.NewNotFound(k.group(), k.name)
	}
	options, err := k.object()
	if err != nil {
		return 0, nil, err
	}
	if err := precondition(k, o, text(options, "preconditions", "uid")); err != nil {
		return 0, nil, err
	}
	if v, has := text(options, "preconditions", "resourceVersion"), text(o, "metadata", "resourceVersion"); v != "" && v != has {
		return 0, nil, apierrors.NewConflict(k.group(), k.name, fmt.Errorf("the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified", v, has))
	}
	if !k.dryRun {
		c.end(k.kind, o, grace(options))
	}
	return http.StatusOK, success(k, o), nil
}

func precondition(k call, o map[string]any, uid string) error {
	if has := text(o, "metadata", "uid"); uid != "" && uid != has {
		return apierrors.NewConflict(k.group(), k.name, fmt.Errorf("the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated", uid, has))
	}
	return nil
}

func success(k call, o map[string]any) metav1.Status {
	return metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess,
		Details: &metav1.StatusDetails{Name: k.name, Group: k.kind.Group, Kind: k.kind.Plural, UID: types.UID(text(o, "metadata", "uid"))},
	}
}

// grace is the grace period that delete options ask for; -1: the pod's own.
func grace(options map[string]any) int64 {
	if at(options, "gracePeriodSeconds") == nil {
		return -1
	}
	return number(options, "gracePeriodSeconds")
}

// end begins the end of an object: what has finalizers waits for them, a pod on a node for its kubelet, anything else is gone.
func (c *Cluster) end(kind Kind, o map[string]any, seconds int64) {
	namespace, name := text(o, "metadata", "namespace"), text(o, "metadata", "name")
	held := len(list(o, "metadata", "finalizers")) > 0
	onNode := kind.Name == "Pod" && text(o, "spec", "nodeName") != "" && seconds != 0
	if !held && !onNode {
		c.world.Delete(kind.resource(), namespace, name)
		return
	}
	if at(o, "metadata", "deletionTimestamp") != nil {
		return
	}
	if seconds < 0 {
		seconds = 30
		if own := at(o, "spec", "terminationGracePeriodSeconds"); own != nil {
			seconds = number(o, "spec", "terminationGracePeriodSeconds")
		}
	}
	if kind.Name == "Pod" {
		put(o, seconds, "metadata", "deletionGracePeriodSeconds")
	} else {
		seconds = 0
	}
	put(o, stamp(c.config.Now().Add(time.Duration(seconds)*time.Second)), "metadata", "deletionTimestamp")
	c.world.Set(o) // cannot fail: it was there
}
