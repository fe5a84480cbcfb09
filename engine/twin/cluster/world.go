package cluster

// The objects, their versions and those who watch them.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
)

// World is what the cluster holds. Controllers get it; the cluster's lock is held while they use it.
type World struct {
	kinds       []Kind
	now         func() time.Time
	controllers []func(*World)

	version int
	serial  int                                  // of names and UIDs
	objects map[string]map[string]map[string]any // resource, namespace/name
	history []change
	oldest  int // versions up to this one are forgotten
	watches map[*watcher]bool
	dirty   bool
	pending map[string]bool // what pods are about to do, by UID
}

// change is one entry of the history.
type change struct {
	version       int
	resource      string
	before, after map[string]any // nil: did not exist
}

func newWorld(kinds []Kind, now func() time.Time) World {
	return World{kinds: kinds, now: now, version: 1, objects: map[string]map[string]map[string]any{}, watches: map[*watcher]bool{}, pending: map[string]bool{}}
}

func (w *World) kindOf(apiVersion, name string) (Kind, bool) {
	for _, k := range w.kinds {
		if k.apiVersion() == apiVersion && k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Get returns a copy of an object.
func (w *World) Get(resource, namespace, name string) (map[string]any, bool) {
	o, ok := w.objects[resource][namespace+"/"+name]
	if !ok {
		return nil, false
	}
	return runtime.DeepCopyJSON(o), true
}

// List returns copies of all objects of a resource, by namespace and name.
func (w *World) List(resource string) []map[string]any {
	keys := make([]string, 0, len(w.objects[resource]))
	for k := range w.objects[resource] {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]map[string]any, len(keys))
	for i, k := range keys {
		out[i] = runtime.DeepCopyJSON(w.objects[resource][k])
	}
	return out
}

// Set creates or replaces an object. What the server fills in is filled in; a replacement that changes nothing is none.
func (w *World) Set(object map[string]any) error {
	kind, ok := w.kindOf(text(object, "apiVersion"), text(object, "kind"))
	if !ok {
		return fmt.Errorf("the twin has no kind %s %s", text(object, "apiVersion"), text(object, "kind"))
	}
	object = normal(object)
	namespace, name := text(object, "metadata", "namespace"), text(object, "metadata", "name")
	if kind.Namespaced && namespace == "" {
		namespace = "default"
		put(object, namespace, "metadata", "namespace")
	}
	w.register(object)
	before, exists := w.Get(kind.resource(), namespace, name)
	w.fill(object, before)
	if exists && same(before, object) {
		return nil
	}
	w.version++
	put(object, strconv.Itoa(w.version), "metadata", "resourceVersion")
	w.store(kind.resource(), namespace+"/"+name, before, object)
	return nil
}

// fill sets what the server sets: identity, time of creation, generation.
func (w *World) fill(object, before map[string]any) {
	if before == nil {
		w.serial++
		put(object, fmt.Sprintf("00000000-0000-4000-8000-%012d", w.serial), "metadata", "uid")
		put(object, stamp(w.now()), "metadata", "creationTimestamp")
		put(object, int64(1), "metadata", "generation")
		return
	}
	for _, field := range []string{"uid", "creationTimestamp"} {
		put(object, at(before, "metadata", field), "metadata", field)
	}
	generation := number(before, "metadata", "generation")
	if !same(at(before, "spec"), at(object, "spec")) {
		generation++
	}
	put(object, generation, "metadata", "generation")
	put(object, at(before, "metadata", "resourceVersion"), "metadata", "resourceVersion")
}

// Delete removes an object.
func (w *World) Delete(resource, namespace, name string) {
	if before, ok := w.Get(resource, namespace, name); ok {
		w.version++
		w.store(resource, namespace+"/"+name, before, nil)
	}
}

func (w *World) store(resource, key string, before, after map[string]any) {
	if w.objects[resource] == nil {
		w.objects[resource] = map[string]map[string]any{}
	}
	if after == nil {
		delete(w.objects[resource], key)
	} else {
		w.objects[resource][key] = after
	}
	c := change{w.version, resource, before, after}
	w.history = append(w.history, c)
	for watch := range w.watches {
		watch.tell(c)
	}
	w.dirty = true
}

// reconcile lets the controllers act until nothing changes.
func (w *World) reconcile() {
	for rounds := 0; w.dirty; rounds++ {
		if rounds > 1000 {
			panic("twin cluster: the controllers do not come to rest")
		}
		w.dirty = false
		for _, act := range w.controllers {
			act(w)
		}
	}
}

// forget drops the history and ends the watches.
func (w *World) forget() {
	w.version++
	w.history, w.oldest = nil, w.version
	w.closeWatches()
}

func (w *World) closeWatches() {
	for watch := range w.watches {
		watch.end()
		delete(w.watches, watch)
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func splitDocs(text string) []string {
	return strings.Split("\n"+strings.TrimPrefix(text, "---\n"), "\n---\n")
}
