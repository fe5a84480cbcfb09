package moduletest

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Case is one row of a module's table. In every text of Args, Want, Diff and Fails the mark $DIR stands for the host's directory.
type Case struct {
	Name string
	// Files are put on the host before: path below Dir to text. "d/" makes a directory, "-> x" a symbolic link, a text that
	// begins with "0600:" a file of that mode.
	Files map[string]string
	Args  []any             // pairs of name and value
	Set   func(h *Host)     // further preparation
	Plan  module.Kind       // what the plan must be; KindDone when not given
	Diff  *module.Diff      // nil: not looked at
	Want  map[string]any    // keys of the final result, in any nesting ("stat.mode"); nil value: the key must be absent
	Fails string            // the result must be a failure whose msg contains this
	After map[string]string // files after, in the form of Files; "" with a name ending in "!": the path must be gone
	// Trips is how many queries the plan may make; 0 means 1.
	Trips int
	// Repeats says why a second run changes something again; empty: it must be Done.
	Repeats string
}

// Run runs each case of a module's table on a Host of its own, and checks besides what the case says that planning changed nothing,
// that a predicted change was one, and that a second plan is Done.
func Run(t *testing.T, m module.Module, cases []Case) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			h := NewHost(t)
			Put(t, h.Dir, c.Files)
			if c.Set != nil {
				c.Set(h)
			}
			c.run(t, m, h)
		})
	}
}

func (c Case) run(t *testing.T, m module.Module, h *Host) {
	t.Helper()
	ctx := context.Background()
	plan := c.plan(t, m, h)
	if plan.Kind() != c.Plan {
		t.Fatalf("plan is %s, want %s; result %s, diff %+v", kindName(plan.Kind()), kindName(c.Plan), value.Repr(Flat(plan.Result())), plan.Diff())
	}
	if c.Diff != nil {
		want := *c.Diff
		for _, s := range []*string{&want.Before, &want.After, &want.BeforeHeader, &want.AfterHeader, &want.Prepared} {
			*s = in(h, *s)
		}
		got := plan.Diff()
		got.BeforeState, got.AfterState = nil, nil // the texts say what they do
		if got != want {
			t.Errorf("diff is\n%+v\nwant\n%+v", got, want)
		}
	}
	r := plan.Result()
	if plan.Kind() != module.KindDone {
		var err error
		if r, err = plan.Apply()(ctx, h); err != nil {
			t.Fatalf("apply: %v", err)
		}
		if plan.Kind() == module.KindChange && !plan.Quiet() && !r.Changed && !r.Failed {
			t.Errorf("a change was predicted, but the result is not changed: %s", value.Repr(Flat(r)))
		}
	}
	c.compare(t, h, r)
	Compare(t, h.Dir, c.After)
	if plan.Kind() == module.KindChange && !plan.Quiet() && !r.Failed && c.Repeats == "" {
		if again := c.plan(t, m, h); again.Kind() != module.KindDone {
			t.Errorf("a second run would change again: %s, diff %+v", kindName(again.Kind()), again.Diff())
		}
	}
}

// plan plans and checks that nothing was written and how often the host was asked.
func (c Case) plan(t *testing.T, m module.Module, h *Host) module.Plan {
	t.Helper()
	before, asked := Tree(t, h.Dir), len(h.Calls())
	p, err := m.Plan(context.Background(), h.View(), c.args(h))
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	if d := differences(before, Tree(t, h.Dir)); d != "" {
		t.Errorf("planning changed the host:\n%s", d)
	}
	if trips := len(h.Calls()) - asked; trips > max(c.Trips, 1) {
		t.Errorf("the plan asked the host %d times: %v", trips, h.Calls()[asked:])
	}
	return p
}

func (c Case) args(h *Host) *value.Map {
	return inValue(h, value.NewMap(c.Args...)).(*value.Map)
}

func (c Case) compare(t *testing.T, h *Host, r module.Result) {
	t.Helper()
	if r.Failed != (c.Fails != "") || !strings.Contains(r.Msg, in(h, c.Fails)) {
		t.Errorf("failed is %v with msg %q, want a failure with %q", r.Failed, r.Msg, c.Fails)
	}
	flat := Flat(r)
	for _, key := range slices.Sorted(maps.Keys(c.Want)) {
		got, ok := dig(flat, key)
		want := inValue(h, value.From(c.Want[key]))
		if (want == nil) == ok && got != nil || want != nil && value.Repr(got) != value.Repr(want) {
			t.Errorf("%s is %s, want %s (of %s)", key, value.Repr(got), value.Repr(want), value.Repr(flat))
		}
	}
}

// Flat is a result as a registered variable shows it: changed, failed, skipped and msg beside the module's own keys.
func Flat(r module.Result) *value.Map {
	m := value.NewMap("changed", r.Changed).Merge(r.Data)
	if r.Msg != "" {
		m.Set("msg", r.Msg)
	}
	if r.Facts != nil && !m.Has("ansible_facts") {
		m.Set("ansible_facts", r.Facts)
	}
	if r.Failed {
		m.Set("failed", true)
	}
	if r.Skipped {
		m.Set("skipped", true)
	}
	return m
}

// dig follows a dotted key; a key that itself holds dots is found first.
func dig(m *value.Map, key string) (any, bool) {
	if v, ok := m.Get(key); ok {
		return v, true
	}
	head, rest, more := strings.Cut(key, ".")
	if !more {
		return nil, false
	}
	switch v := m.Value(head).(type) {
	case *value.Map:
		return dig(v, rest)
	case []any:
		first, deeper, more := strings.Cut(rest, ".")
		i := slices.Index([]string{"0", "1", "2", "3"}, first)
		if i < 0 || i >= len(v) {
			return nil, false
		}
		if inner, ok := v[i].(*value.Map); ok && more {
			return dig(inner, deeper)
		}
		return v[i], !more
	}
	return nil, false
}

func in(h *Host, s string) string { return strings.ReplaceAll(s, "$DIR", h.Dir) }

func inValue(h *Host, v any) any {
	switch x := v.(type) {
	case string:
		return in(h, x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = inValue(h, x[i])
		}
		return out
	case *value.Map:
		out := &value.Map{}
		for k, e := range x.All() {
			out.Set(inValue(h, k), inValue(h, e))
		}
		return out
	}
	return v
}

func kindName(k module.Kind) string { return []string{"Done", "Change", "Opaque"}[k] }

// Put makes files below dir, in the form of Case.Files.
func Put(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text, p := files[name], filepath.Join(dir, name)
		var err error
		target, link := strings.CutPrefix(text, "-> ")
		switch {
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(p, 0o755)
		case link:
			os.MkdirAll(filepath.Dir(p), 0o755)
			err = os.Symlink(strings.ReplaceAll(target, "$DIR", dir), p)
		default:
			os.MkdirAll(filepath.Dir(p), 0o755)
			mode, body := splitMode(text)
			if err = os.WriteFile(p, []byte(body), mode); err == nil {
				err = os.Chmod(p, mode)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
