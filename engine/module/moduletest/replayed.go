package moduletest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Replayed is a table that ansible-core has filled: tasks, what they answered and what they left, in a JSON file of rows
// {name, module, args, pre, result, again, look, after}. pre is a shell line that prepares the folder, look one whose output is after.
// $DIR stands for the folder, $BIN for where Command puts programs.
type Replayed struct {
	File    string
	Modules []module.Module
	Set     func(h *Host) // prepares every host
	Env     []string      // of pre and look
	Ignore  []string      // keys of results that are not compared
	// Tolerated are the rows in which we differ, each with its reason. One that does not differ is a fault too.
	Tolerated map[string]string
	// Writes says that looking leaves traces that are meant (a double's log).
	Writes bool
}

type replayedRow struct {
	Name, Module, Pre, Look, After string
	Args, Result                   json.RawMessage
	// Again is whether a second run changes; absent: it is not run.
	Again *bool
}

// Run replays every row and compares result, second run and what was left.
func (r Replayed) Run(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(r.File)
	if err != nil {
		t.Fatal(err)
	}
	var rows []replayedRow
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			faults := r.faults(t, row)
			switch why := r.Tolerated[row.Name]; {
			case why == "":
				for _, f := range faults {
					t.Error(f)
				}
			case len(faults) == 0:
				t.Errorf("tolerated because %s, but nothing differs", why)
			}
		})
	}
}

func (r Replayed) faults(t *testing.T, row replayedRow) []string {
	t.Helper()
	i := slices.IndexFunc(r.Modules, func(m module.Module) bool { return m.Spec().Name == row.Module })
	if i < 0 {
		t.Fatalf("no module %s here", row.Module)
	}
	h := NewHost(t)
	if r.Set != nil {
		r.Set(h)
	}
	r.shell(t, h, row.Pre)
	args := r.parse(t, h, row.Args)
	got := r.carry(t, h, r.Modules[i], args)
	out := r.compare(got, r.parse(t, h, row.Result))
	if row.Again != nil {
		if again := r.carry(t, h, r.Modules[i], args); again.Changed != *row.Again {
			out = append(out, "a second run: changed is "+value.Repr(again.Changed))
		}
	}
	if row.Look != "" {
		if left := strings.TrimRight(r.shell(t, h, row.Look), "\n"); left != strings.TrimRight(r.in(h, row.After), "\n") {
			out = append(out, "it left\n"+left+"\nwant\n"+r.in(h, row.After))
		}
	}
	return out
}

func (r Replayed) carry(t *testing.T, h *Host, m module.Module, args *value.Map) module.Result {
	t.Helper()
	before := Tree(t, h.Dir)
	p, err := m.Plan(context.Background(), h.View(), args)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	if d := differences(before, Tree(t, h.Dir)); d != "" && !r.Writes {
		t.Errorf("planning changed the host:\n%s", d)
	}
	if p.Kind() == module.KindDone {
		return p.Result()
	}
	got, err := p.Apply()(context.Background(), h)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	if p.Kind() == module.KindChange && !got.Failed && !got.Changed && !p.Quiet() {
		t.Error("a change was foretold, and none was made")
	}
	return got
}

// ownTemporary are names of temporary files, which differ from run to run.
var ownTemporary = regexp.MustCompile(`/tmp/(tmp\.?\w+|\w+)/values\.yml`)

func (r Replayed) compare(got module.Result, want *value.Map) []string {
	flat := Flat(got)
	if !flat.Has("failed") {
		flat.Set("failed", false)
	}
	var out []string
	for key, w := range want.All() {
		g := flat.Value(key)
		if text, ok := g.(string); ok {
			g = ownTemporary.ReplaceAllString(text, "<TMP>")
		}
		if !slices.Contains(r.Ignore, value.Str(key)) && !value.Equal(g, w) {
			out = append(out, value.Str(key)+" is "+value.Repr(g)+", want "+value.Repr(w))
		}
	}
	return out
}

func (r Replayed) shell(t *testing.T, h *Host, line string) string {
	t.Helper()
	if line == "" {
		return ""
	}
	out, err := h.run(context.Background(), module.Cmd{Shell: r.in(h, line), Env: r.Env})
	if err != nil {
		t.Fatal(err)
	}
	return out.Stdout
}

func (r Replayed) parse(t *testing.T, h *Host, raw json.RawMessage) *value.Map {
	t.Helper()
	v, err := value.ParseJSON([]byte(r.in(h, string(raw))))
	if err != nil {
		t.Fatal(err)
	}
	return v.(*value.Map)
}

func (r Replayed) in(h *Host, text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "$BIN", h.binDir()), "$DIR", filepath.Clean(h.Dir))
}
