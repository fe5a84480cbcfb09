package cluster

// A request to the API, taken apart: what it is about, and what it selects.

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// call is a request to the API, taken apart.
type call struct {
	kind            Kind
	namespace, name string
	subresource     string
	method          string
	content         string // media type of the body
	body            []byte
	dryRun          bool
	manager         string
	force           bool
	labels          labels.Selector
	fields          fields.Selector
	version         string
	initial         bool // a watch that wants to be told when it has seen all that there was
	table           bool
	limit           int    // of a list
	after           string // the key after which a page begins
}

func (k call) group() schema.GroupResource {
	return schema.GroupResource{Group: k.kind.Group, Resource: k.kind.Plural}
}

// parse takes a path apart: /api/v1/namespaces/NS/pods/NAME/SUB, /apis/GROUP/VERSION/...
func (c *Cluster) parse(r *http.Request) (call, error) {
	unknown := apierrors.NewGenericServerResponse(http.StatusNotFound, r.Method, schema.GroupResource{}, "", "the server could not find the requested resource", 0, false)
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	group, version := "", ""
	switch {
	case len(parts) > 2 && parts[0] == "api":
		version, parts = parts[1], parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		group, version, parts = parts[1], parts[2], parts[3:]
	default:
		return call{}, unknown
	}
	k := call{method: r.Method}
	if parts[0] == "namespaces" && len(parts) > 2 {
		k.namespace, parts = parts[1], parts[2:]
	}
	for _, kind := range c.kinds() {
		if kind.Group == group && kind.Version == version && kind.Plural == parts[0] {
			k.kind = kind
		}
	}
	if k.kind.Name == "" || len(parts) > 3 || k.namespace != "" && !k.kind.Namespaced {
		return call{}, unknown
	}
	if len(parts) > 1 {
		k.name = parts[1]
	}
	if len(parts) > 2 {
		k.subresource = parts[2]
	}
	return k, k.options(r)
}

func (k *call) options(r *http.Request) error {
	q := r.URL.Query()
	var err error
	if k.labels, err = labels.Parse(q.Get("labelSelector")); err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("unable to parse requirement: %v", err))
	}
	if k.fields, err = fields.ParseSelector(q.Get("fieldSelector")); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	for _, need := range k.fields.Requirements() {
		if !knownField(k.kind, need.Field) {
			return apierrors.NewBadRequest(fmt.Sprintf("field label not supported: %s", need.Field))
		}
	}
	k.version, k.manager, k.force = q.Get("resourceVersion"), q.Get("fieldManager"), q.Get("force") == "true"
	k.dryRun = q.Get("dryRun") == metav1.DryRunAll
	if k.after, err = page(q); err != nil {
		return err
	}
	k.limit, _ = strconv.Atoi(q.Get("limit"))
	k.initial, k.table = q.Get("sendInitialEvents") == "true", wantsTable(r) && r.Method == http.MethodGet
	k.content, _, _ = strings.Cut(r.Header.Get("Content-Type"), ";")
	if k.body, err = io.ReadAll(r.Body); err != nil {
		return err
	}
	k.dryRun = k.dryRun || dryInside(*k)
	return nil
}

// page reads where a page of a list begins.
func page(q url.Values) (string, error) {
	key, err := base64.RawURLEncoding.DecodeString(q.Get("continue"))
	if err != nil {
		return "", apierrors.NewBadRequest("continue key is not valid: " + err.Error())
	}
	return string(key), nil
}

// dryInside tells whether the options in the body of a delete or an eviction say dry run.
func dryInside(k call) bool {
	if k.method != http.MethodDelete && k.subresource != "eviction" {
		return false
	}
	body, err := k.object()
	return err == nil && (len(list(body, "dryRun")) > 0 || len(list(body, "deleteOptions", "dryRun")) > 0)
}

// knownField tells which fields a selector may use.
func knownField(k Kind, field string) bool {
	switch field {
	case "metadata.name", "metadata.namespace":
		return true
	case "spec.nodeName", "status.phase":
		return k.Name == "Pod"
	case "involvedObject.name", "involvedObject.namespace", "involvedObject.kind", "involvedObject.uid", "reason", "type":
		return k.Name == "Event"
	case "spec.unschedulable":
		return k.Name == "Node" && k.Type != nil
	}
	return false
}

// object decodes the body of a call.
func (k call) object() (map[string]any, error) {
	object := map[string]any{}
	if len(k.body) == 0 {
		return object, nil
	}
	if err := utiljson.Unmarshal(k.body, &object); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return object, nil
}

// matches tells whether an object is in the namespace and selection of a call.
func (k call) matches(o map[string]any) bool {
	if k.namespace != "" && k.namespace != text(o, "metadata", "namespace") {
		return false
	}
	set := fields.Set{}
	for _, need := range k.fields.Requirements() {
		set[need.Field] = text(o, strings.Split(need.Field, ".")...)
		if need.Field == "spec.unschedulable" {
			set[need.Field] = fmt.Sprint(flag(o, "spec", "unschedulable"))
		}
	}
	return k.fields.Matches(set) && k.labels.Matches(labelsOf(o)) && (k.name == "" || k.name == text(o, "metadata", "name"))
}

// objectLabels are the labels of an object, as selectors ask for them.
type objectLabels map[string]any

// Has implements labels.Labels.
func (l objectLabels) Has(key string) bool { _, ok := l[key]; return ok }

// Get implements labels.Labels.
func (l objectLabels) Get(key string) string { s, _ := l[key].(string); return s }

// Lookup implements labels.Labels.
func (l objectLabels) Lookup(key string) (string, bool) { s, ok := l[key].(string); return s, ok }

func labelsOf(o map[string]any) labels.Labels { return objectLabels(fieldsOf(o, "metadata", "labels")) }
