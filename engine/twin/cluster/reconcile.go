package cluster

// How controllers take turns until nothing changes.

import (
	"maps"
	"slices"
)

// controller acts when one of its resources has changed; one that names none acts after every change. One that only counts is late:
// it acts when the others have come to rest.
type controller struct {
	on   []string
	act  func(*World)
	late bool
}

// reconcile lets the controllers act until nothing changes.
func (w *World) reconcile() {
	late := map[string]bool{}
	for rounds := 0; !w.still && (len(w.dirty) > 0 || len(late) > 0); rounds++ {
		if rounds > 1000 {
			panic("twin cluster: the controllers do not come to rest")
		}
		if len(w.dirty) == 0 {
			changed := late
			late = map[string]bool{}
			w.wake(changed, true)
			continue
		}
		changed := w.dirty
		w.dirty = map[string]bool{}
		maps.Copy(late, changed)
		w.wake(changed, false)
	}
	maps.Copy(w.dirty, late)
}

// wake lets the controllers act that a change concerns, or that one of those before them has made one for.
func (w *World) wake(changed map[string]bool, late bool) {
	for _, c := range w.controllers {
		if c.late == late && (len(c.on) == 0 || slices.ContainsFunc(c.on, func(r string) bool { return changed[r] || w.dirty[r] })) {
			c.act(w)
		}
	}
}

// field is a value for a place in an object. Its numbers are int64, or it always seems to differ, which only costs time.
type field struct {
	v    any
	path []string
}

func to(v any, path ...string) field { return field{v, path} }

// amend sets fields of a stored object, if one of them differs.
func (w *World) amend(o map[string]any, fields ...field) {
	if !slices.ContainsFunc(fields, func(f field) bool { return !same(at(o, f.path...), f.v) }) {
		return
	}
	o = copyOf(o)
	for _, f := range fields {
		put(o, f.v, f.path...)
	}
	w.Set(o) // cannot fail: it was there
}
