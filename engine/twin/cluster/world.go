package cluster

// The objects and their versions. A stored object is never changed: a write puts another in its place. So what is only looked at is
// shared, and copied when it leaves the cluster or is to be edited.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// World is what the cluster holds. Controllers get it; the cluster's lock is held while they use it.
type World struct {
	kinds       []Kind
	byKind      map[string]Kind // apiVersion and name
	now         func() time.Time
	controllers []controller

	version int
	serial  int // of names and UIDs
	shelves map[string]*shelf
	history []change
	oldest  int // versions up to this one are forgotten
	watches map[*watcher]bool
	watch   func(resource string, before, after map[string]any) // Config.Watch
	dirty   map[string]bool                                     // resources that changed since the controllers last looked
	still   bool                                                // nothing can be written: the controllers wait
	pending map[string]bool                                     // what pods are about to do, by UID
	budgets map[string]budget                                   // decoded, by UID
	deleted func(resource string, o map[string]any)
	gone    []string // UIDs of owners that were deleted
}

// shelf holds the objects of a resource.
type shelf struct {
	byKey map[string]map[string]any // namespace/name
	all   []map[string]any          // by key; nil: to be made anew
}

// change is one entry of the history.
type change struct {
	version       int
	resource      string
	before, after map[string]any // nil: did not exist
}

// remembered is how many changes a watch may be behind; the real server forgets by time.
const remembered = 20000

func newWorld(kinds []Kind, now func() time.Time) World {
	w := World{
		now: now, version: 1, shelves: map[string]*shelf{}, watches: map[*watcher]bool{}, pending: map[string]bool{},
		byKind: map[string]Kind{}, dirty: map[string]bool{}, budgets: map[string]budget{},
	}
	for _, k := range kinds {
		w.addKind(k)
	}
	return w
}

// addKind serves a kind, unless it is served already.
func (w *World) addKind(k Kind) {
	id := k.apiVersion() + " " + k.Name
	if _, known := w.byKind[id]; known {
		return
	}
	w.byKind[id] = k
	w.kinds = append(slices.Clip(w.kinds), k)
}

func (w *World) kindOf(apiVersion, name string) (Kind, bool) {
	k, ok := w.byKind[apiVersion+" "+name]
	return k, ok
}

// see returns an object as it is stored: to be read only.
func (w *World) see(resource, namespace, name string) (map[string]any, bool) {
	s := w.shelves[resource]
	if s == nil {
		return nil, false
	}
	o, ok := s.byKey[namespace+"/"+name]
	return o, ok
}

// all returns the objects of a resource as they are stored, by namespace and name: to be read only.
func (w *World) all(resource string) []map[string]any {
	s := w.shelves[resource]
	if s == nil {
		return nil
	}
	if s.all == nil {
		keys := make([]string, 0, len(s.byKey))
		for k := range s.byKey {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		s.all = make([]map[string]any, len(keys))
		for i, k := range keys {
			s.all[i] = s.byKey[k]
		}
	}
	return s.all
}

// Get returns a copy of an object.
func (w *World) Get(resource, namespace, name string) (map[string]any, bool) {
	o, ok := w.see(resource, namespace, name)
	if !ok {
		return nil, false
	}
	return copyOf(o), true
}

// List returns copies of all objects of a resource, by namespace and name.
func (w *World) List(resource string) []map[string]any {
	all := w.all(resource)
	out := make([]map[string]any, len(all))
	for i, o := range all {
		out[i] = copyOf(o)
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
	before, exists := w.see(kind.resource(), namespace, name)
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
	if before, ok := w.see(resource, namespace, name); ok {
		w.version++
		w.store(resource, namespace+"/"+name, before, nil)
		if w.deleted != nil {
			w.deleted(resource, before)
		}
		if resource != "pods" && at(before, "spec", "template") != nil {
			w.gone = append(w.gone, text(before, "metadata", "uid"))
		}
	}
}

func (w *World) store(resource, key string, before, after map[string]any) {
	s := w.shelves[resource]
	if s == nil {
		s = &shelf{byKey: map[string]map[string]any{}}
		w.shelves[resource] = s
	}
	if after == nil {
		delete(s.byKey, key)
	} else {
		s.byKey[key] = after
	}
	s.all = nil
	c := change{w.version, resource, before, after}
	if len(w.history) >= remembered {
		w.history = append([]change(nil), w.history[remembered/2:]...)
		w.oldest = w.history[0].version - 1
	}
	w.history = append(w.history, c)
	for watch := range w.watches {
		watch.tell(c)
	}
	w.dirty[resource] = true
	if resource == "pods" && (concernsStorage(before) || concernsStorage(after)) {
		w.dirty[storagePods] = true
	}
	if w.watch != nil {
		w.watch(resource, before, after)
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
