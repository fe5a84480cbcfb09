package kubernetes

// What differs between two states of an object, and the patch of kubectl apply.

import (
	"encoding/json"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/value"
)

// lastApplied is the annotation in which kubectl apply keeps the definition it was last given.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// compare says what differs from the object as it was before.
func (o *outcome) compare(before *value.Map) {
	o.before, o.after = differing(before, o.object)
	o.changed = o.before.Len()+o.after.Len() > 0
	if o.changed && onlyCounted(o.before) && onlyCounted(o.after) {
		o.changed = false
		o.warnings = append(o.warnings, "No meaningful diff was generated, but the API may not be idempotent (only metadata.generation or metadata.resourceVersion were changed)")
	}
}

// onlyCounted tells whether a difference holds nothing but the server's counters.
func onlyCounted(m *value.Map) bool {
	for key := range m.All() {
		if key != "metadata" {
			return false
		}
	}
	meta, _ := m.Value("metadata").(*value.Map)
	for key := range meta.All() {
		if key != "generation" && key != "resourceVersion" {
			return false
		}
	}
	return true
}

// differing returns the parts of two mappings that are not equal. Lists differ as a whole.
func differing(a, b *value.Map) (inA, inB *value.Map) {
	inA, inB = &value.Map{}, &value.Map{}
	for key, x := range a.All() {
		y, ok := b.Get(key)
		if !ok {
			inA.Set(key, x)
			continue
		}
		mx, okX := x.(*value.Map)
		my, okY := y.(*value.Map)
		if okX && okY {
			if dx, dy := differing(mx, my); dx.Len()+dy.Len() > 0 {
				inA.Set(key, dx)
				inB.Set(key, dy)
			}
		} else if value.Repr(x) != value.Repr(y) {
			inA.Set(key, x)
			inB.Set(key, y)
		}
	}
	for key, y := range b.All() {
		if !a.Has(key) {
			inB.Set(key, y)
		}
	}
	return inA, inB
}

// merged lays one mapping over another, as a merge patch does.
func merged(under, over *value.Map) *value.Map {
	out := under.Clone()
	for key, v := range over.All() {
		m, isMap := v.(*value.Map)
		old, _ := out.Value(key).(*value.Map)
		switch {
		case v == nil:
			out.Delete(key)
		case isMap:
			out.Set(key, merged(old, m))
		default:
			out.Set(key, v)
		}
	}
	return out
}

// atVersion gives the definition the version of the object it replaces: one that changed meanwhile is not overwritten.
func atVersion(def *value.Map, existing kube.Object) *value.Map {
	meta, _ := def.Value("metadata").(*value.Map)
	return def.Clone().Set("metadata", meta.Clone().Set("resourceVersion", str(existing.Value(), "metadata", "resourceVersion")))
}

// applied makes of a definition the write of kubectl apply: a creation that remembers it, or a patch that also removes what the last
// definition had and this one has not.
func applied(w kube.Write, existing kube.Object) kube.Write {
	def := w.Body.(*value.Map)
	text, _ := def.MarshalJSON()
	meta, _ := def.Value("metadata").(*value.Map)
	notes, _ := meta.Value("annotations").(*value.Map)
	remembering := def.Clone().Set("metadata", meta.Clone().Set("annotations", notes.Clone().Set(lastApplied, string(text))))
	w.Body = remembering
	if existing.IsZero() {
		w.Verb = kube.Create
		return w
	}
	last := &value.Map{}
	if v, err := value.ParseJSON([]byte(str(existing.Value(), "metadata", "annotations", lastApplied))); err == nil {
		last, _ = v.(*value.Map)
	}
	w.Verb, w.Patch, w.Body = kube.Patch, kube.Merge, patchOver(dropped(last, def), remembering)
	return w
}

// dropped is a merge patch that removes what last has and def has not.
func dropped(last, def *value.Map) *value.Map {
	out := &value.Map{}
	for key, v := range last.All() {
		now, ok := def.Get(key)
		if !ok {
			out.Set(key, nil)
			continue
		}
		was, okWas := v.(*value.Map)
		is, okIs := now.(*value.Map)
		if okWas && okIs {
			if inner := dropped(was, is); inner.Len() > 0 {
				out.Set(key, inner)
			}
		}
	}
	return out
}

// patchOver lays one patch over another; unlike merged it keeps nulls, which say what to remove.
func patchOver(under, over *value.Map) *value.Map {
	out := under.Clone()
	for key, v := range over.All() {
		m, isMap := v.(*value.Map)
		if old, ok := out.Value(key).(*value.Map); ok && isMap {
			v = patchOver(old, m)
		}
		out.Set(key, v)
	}
	return out
}

// show prints a part of the object for people. The values of a Secret are left out.
func (o outcome) show(m *value.Map) string {
	if m.Len() == 0 {
		return ""
	}
	m = hide(m, o.hidden)
	if o.secret {
		m = masked(m)
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err.Error() + "\n"
	}
	return string(data) + "\n"
}

// masked hides what a Secret holds, also where kubectl apply has noted it; the keys stay.
func masked(m *value.Map) *value.Map {
	out := m.Clone()
	for _, field := range []string{"data", "stringData"} {
		held, ok := m.Value(field).(*value.Map)
		if !ok {
			continue
		}
		covered := &value.Map{}
		for key := range held.All() {
			covered.Set(key, "(hidden)")
		}
		out.Set(field, covered)
	}
	return hide(out, []string{"metadata.annotations[" + lastApplied + "]", "metadata.managedFields"})
}
