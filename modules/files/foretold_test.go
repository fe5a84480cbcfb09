package files

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// TestEditsForetellWhatAnsibleForetells compares the plan of every recorded edit with check mode: the message, the diff, the failure.
func TestEditsForetellWhatAnsibleForetells(t *testing.T) {
	data, err := os.ReadFile("testdata/edits.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []recordedEdit
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	modules := map[string]module.Module{"lineinfile": LineInFile, "blockinfile": BlockInFile, "replace": Replace}
	for _, row := range rows {
		if tolerated()[row.Name] == "" {
			t.Run(row.Name, func(t *testing.T) { row.foretold(t, modules[row.Module]) })
		}
	}
}

func (row recordedEdit) foretold(t *testing.T, m module.Module) {
	h := moduletest.NewHost(t)
	files := map[string]string{"l": "-> f"}
	if row.Before != nil {
		files["f"] = *row.Before
	}
	moduletest.Put(t, h.Dir, files)
	p, err := m.Plan(context.Background(), h.View(), parsed(t, h, row.Args))
	if err != nil {
		t.Fatal(err)
	}
	want := parsed(t, h, row.Result)
	if row.Check != nil {
		want = parsed(t, h, row.Check)
	}
	got := moduletest.Flat(p.Result())
	if msg := value.Str(want.Value("msg")); value.Str(got.Value("msg")) != msg && !(p.Result().Failed && pythonsWords.MatchString(msg)) {
		t.Errorf("foretold %s, want %q", value.Repr(got.Value("msg")), msg)
	}
	if changes := want.Value("changed") == true; changes != (p.Kind() == module.KindChange) {
		t.Errorf("it will change is %v, want %v", !changes, changes)
	}
	if d, ok := textDiff(want); ok && p.Diff() != d {
		t.Errorf("the diff is %+v, want %+v", p.Diff(), d)
	}
}

// pythonsWords are what Python says about a pattern that it cannot compile. We refuse it, too, in other words.
var pythonsWords = regexp.MustCompile(`^(missing \), unterminated|nothing to repeat|multiple repeat|bad escape \\q at position 0$)`)

// textDiff is the diff of the file's text in an answer, if it has one.
func textDiff(answer *value.Map) (module.Diff, bool) {
	list, _ := answer.Value("diff").([]any)
	if len(list) == 0 {
		return module.Diff{}, false
	}
	d := list[0].(*value.Map)
	before, ok := d.Value("before").(string)
	if !ok {
		return module.Diff{}, false
	}
	text := func(key string) string { return value.Str(d.Value(key)) }
	return module.Diff{Before: before, After: text("after"), BeforeHeader: text("before_header"), AfterHeader: text("after_header")}, true
}

func TestEditsBeyondTheRecorded(t *testing.T) {
	change := module.KindChange
	moduletest.Run(t, LineInFile, []moduletest.Case{
		{Name: "home", Args: []any{"path", "~/f", "line", "x", "create", true}, Plan: change, After: map[string]string{"f": "x\n"}},
		{Name: "unknown owner", Files: map[string]string{"f": ""}, Args: []any{"path", "$DIR/f", "line", "x", "owner", "no-such-user"},
			Fails: "chown failed: failed to look up user no-such-user"},
		{Name: "a mode asked of a link, where ansible-core foretells a change that never comes", Files: map[string]string{"f": "x\n", "l": "-> f"},
			Args: []any{"path", "$DIR/l", "line", "x", "mode", "0600"}, After: map[string]string{"f": "0644:x\n"}},
		{Name: "a line and a mode asked of a link", Files: map[string]string{"f": "0640:x\n", "l": "-> f"},
			Args: []any{"path", "$DIR/l", "line", "y", "mode", "0600"}, Plan: change, After: map[string]string{"f": "0640:x\ny\n", "l": "-> f"},
			Want: map[string]any{"msg": "line added"}},
		{Name: "bad mode, before anything is written", Files: map[string]string{"f": "a\n"}, Args: []any{"path", "$DIR/f", "line", "x", "mode", "xyz"},
			Fails: "mode must be in octal or symbolic form", After: map[string]string{"f": "a\n"}},
		{Name: "too large", Set: func(h *moduletest.Host) {
			if err := os.Truncate(filepath.Join(h.Dir, "f"), editLimit+1); err != nil {
				panic(err)
			}
		}, Files: map[string]string{"f": ""}, Args: []any{"path", "$DIR/f", "line", "x"}, Fails: "$DIR/f has 10485761 bytes, more than the 10485760 that can be edited"},
	})
	moduletest.Run(t, BlockInFile, []moduletest.Case{
		{Name: "behind the last line and its end, where ansible-core fails", Files: map[string]string{"f": "a\nb\n"},
			Args: []any{"path", "$DIR/f", "block", "x", "insertafter", "(?m)^b\n", "marker", "# {mark}"}, Plan: change, After: map[string]string{"f": "a\nb\n# BEGIN\nx\n# END\n"}},
	})
	moduletest.Run(t, Replace, []moduletest.Case{
		{Name: "bytes that are no text, and the sign for them", Files: map[string]string{"f": "\xc3x\xef\xbf\xbd\n"}, Args: []any{"path", "$DIR/f", "regexp", "x", "replace", "y"},
			Plan: change, After: map[string]string{"f": "\xc3y\xef\xbf\xbd\n"}},
	})
}

func TestAnEmptyRegularExpressionIsWarnedOf(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"f": "x\n"})
	p, err := LineInFile.Plan(context.Background(), h.View(), value.NewMap("path", filepath.Join(h.Dir, "f"), "line", "x", "regexp", ""))
	if err != nil {
		t.Fatal(err)
	}
	if w := p.Result().Warnings; len(w) != 1 || !strings.Contains(w[0], "matches every line") {
		t.Errorf("warnings are %q", w)
	}
}

func TestEditsKeepABackup(t *testing.T) {
	for _, c := range []struct {
		m    module.Module
		key  string
		args []any
	}{
		{LineInFile, "backup", []any{"line", "x"}},
		{BlockInFile, "backup_file", []any{"block", "x"}},
		{Replace, "backup_file", []any{"regexp", "old", "replace", "x"}},
	} {
		h := moduletest.NewHost(t)
		moduletest.Put(t, h.Dir, map[string]string{"f": "0600:old\n"})
		args := value.NewMap(append(c.args, "path", filepath.Join(h.Dir, "f"), "backup", true)...)
		p, err := c.m.Plan(context.Background(), h.View(), args)
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Apply()(context.Background(), h)
		if err != nil {
			t.Fatal(err)
		}
		copied, name := value.Str(r.Data.Value(c.key)), c.m.Spec().Name
		if !regexp.MustCompile(`/f\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$`).MatchString(copied) {
			t.Errorf("%s: %s is %q", name, c.key, copied)
			continue
		}
		moduletest.Compare(t, h.Dir, map[string]string{filepath.Base(copied): "0600:old\n"})
		if p.Result().Data.Value(c.key) == copied {
			t.Errorf("%s: carrying the plan out changed what it had foretold", name)
		}
		if calls := h.Calls(); len(calls) != 2 {
			t.Errorf("%s: look and write took %v", name, calls)
		}
	}
}
