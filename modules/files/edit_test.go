package files

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// recorded is one edit as ansible-core 2.19 has made it.
type recorded struct {
	Module  string
	Text    string
	Args    map[string]any
	Changed bool
	Failed  bool
	Msg     string
	Want    string
	Found   *int
}

// differences are the rows in which we differ from ansible-core, with the reason.
var differences = map[string]string{
	`lineinfile "a" map[insertafter:a line:x]`: "a last line without an end is given one; ansible-core would join the two lines",
}

// TestEditsAsRecorded runs the three edits on every text that real Ansible has edited.
func TestEditsAsRecorded(t *testing.T) {
	data, err := os.ReadFile("testdata/edits_recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []recorded
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	modules := map[string]module.Module{"lineinfile": LineInFile, "blockinfile": BlockInFile, "replace": Replace}
	for i, row := range rows {
		name := fmt.Sprintf("%s %q %v", row.Module, row.Text, row.Args)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			got, r := runEdit(t, modules[row.Module], row)
			if r.Failed != row.Failed {
				t.Fatalf("%s: failed is %v with %q", name, r.Failed, r.Msg)
			}
			if row.Failed {
				return
			}
			if _, known := differences[name]; known != (got != row.Want) {
				t.Errorf("%s\ngave %q\nwant %q (known difference: %v)", name, got, row.Want, known)
			}
			if msg := value.Str(r.Data.Value("msg")); msg != row.Msg || r.Changed != row.Changed {
				t.Errorf("%s: changed %v with %q, want %v with %q", name, r.Changed, msg, row.Changed, row.Msg)
			}
			if row.Found != nil && r.Data.Value("found") != *row.Found {
				t.Errorf("%s: found is %v, want %d", name, r.Data.Value("found"), *row.Found)
			}
		})
	}
}

func runEdit(t *testing.T, m module.Module, row recorded) (string, module.Result) {
	t.Helper()
	h := moduletest.NewHost(t)
	at := filepath.Join(h.Dir, "f")
	moduletest.Put(t, h.Dir, map[string]string{"f": row.Text})
	args := value.NewMap("path", at)
	for k, v := range row.Args {
		args.Set(k, v)
	}
	p, err := m.Plan(context.Background(), h.View(), args)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Result()
	if p.Kind() == module.KindChange {
		if r, err = p.Apply()(context.Background(), h); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	return string(got), r
}

func TestLineInFile(t *testing.T) {
	change := module.KindChange
	ab := map[string]string{"f": "0640:a\nb\n", "l": "-> f"}
	moduletest.Run(t, LineInFile, []moduletest.Case{
		{Name: "added", Files: ab, Args: []any{"path", "$DIR/f", "line", "c"}, Plan: change, After: map[string]string{"f": "0640:a\nb\nc\n"},
			Diff: &module.Diff{Before: "a\nb\n", After: "a\nb\nc\n", BeforeHeader: "$DIR/f (content)", AfterHeader: "$DIR/f (content)"},
			Want: map[string]any{"changed": true, "msg": "line added", "backup": ""}},
		{Name: "there", Files: ab, Args: []any{"path", "$DIR/f", "line", "b"}, Want: map[string]any{"changed": false, "msg": "", "backup": ""}},
		{Name: "with a mode", Files: ab, Args: []any{"path", "$DIR/f", "line", "c", "mode", "0600"}, Plan: change, After: map[string]string{"f": "0600:a\nb\nc\n"},
			Want: map[string]any{"msg": "line added and ownership, perms or SE linux context changed"}},
		{Name: "only a mode", Files: ab, Args: []any{"path", "$DIR/f", "line", "b", "mode", "0600"}, Plan: change, After: map[string]string{"f": "0600:a\nb\n"},
			Want: map[string]any{"msg": "ownership, perms or SE linux context changed"}},
		{Name: "through a link", Files: ab, Args: []any{"path", "$DIR/l", "line", "c"}, Plan: change, After: map[string]string{"l": "-> f", "f": "0640:a\nb\nc\n"}},
		{Name: "removed", Files: ab, Args: []any{"path", "$DIR/f", "regexp", "^a", "state", "absent"}, Plan: change, After: map[string]string{"f": "b\n"},
			Want: map[string]any{"found": 1, "msg": "1 line(s) removed"}},
		{Name: "removed to nothing", Files: ab, Args: []any{"path", "$DIR/f", "regexp", ".", "state", "absent"}, Plan: change, After: map[string]string{"f": ""}},
		{Name: "created with directories", Args: []any{"path", "$DIR/x/y", "line", "a", "create", true, "mode", "0600"}, Plan: change, After: map[string]string{"x/y": "0600:a\n"}},
		{Name: "missing", Args: []any{"path", "$DIR/x", "line", "a"}, Fails: "Destination $DIR/x does not exist !", Want: map[string]any{"rc": 257}},
		{Name: "absent from nothing", Args: []any{"path", "$DIR/x", "line", "a", "state", "absent"}, Want: map[string]any{"changed": false, "msg": "file not present"}},
		{Name: "a directory", Args: []any{"path", "$DIR", "line", "a"}, Fails: "Path $DIR is a directory !", Want: map[string]any{"rc": 256}},
		{Name: "not approved", Files: ab, Args: []any{"path", "$DIR/f", "line", "c", "validate", "false %s"}, Plan: change, Fails: "failed to validate: rc:1 error:", After: map[string]string{"f": "a\nb\n"}},
		{Name: "not UTF-8", Files: map[string]string{"f": "caf\xe9=1\nb\n"}, Args: []any{"path", "$DIR/f", "regexp", "^(caf.)=1$", "line", `\1=2`, "backrefs", true}, Plan: change,
			After: map[string]string{"f": "caf\xe9=2\nb\n"}},
		{Name: "endless expression", Files: map[string]string{"f": "x\n"}, Args: []any{"path", "$DIR/f", "regexp", "(", "line", "x"}, Fails: "invalid regular expression"},
		{Name: "no line", Args: []any{"path", "f"}, Fails: "line is required with state=present"},
		{Name: "nothing to remove", Args: []any{"path", "f", "state", "absent"}, Fails: "one of line, search_string, or regexp is required with state=absent"},
		{Name: "backrefs alone", Args: []any{"path", "f", "line", "x", "backrefs", true}, Fails: "regexp is required with backrefs=true"},
		{Name: "regexp and search", Args: []any{"path", "f", "line", "x", "regexp", "a", "search_string", "b"}, Fails: "parameters are mutually exclusive: regexp|search_string"},
		{Name: "after and before", Args: []any{"path", "f", "line", "x", "insertafter", "a", "insertbefore", "b"}, Fails: "parameters are mutually exclusive: insertbefore|insertafter"},
	})
}

func TestBlockInFile(t *testing.T) {
	change := module.KindChange
	ab := map[string]string{"f": "0640:a\nb\n"}
	const marked = "# BEGIN ANSIBLE MANAGED BLOCK\nc\n# END ANSIBLE MANAGED BLOCK\n"
	moduletest.Run(t, BlockInFile, []moduletest.Case{
		{Name: "inserted", Files: ab, Args: []any{"path", "$DIR/f", "block", "c"}, Plan: change, After: map[string]string{"f": "0640:a\nb\n" + marked}, Want: map[string]any{"msg": "Block inserted", "backup_file": nil}},
		{Name: "there without a last line end", Files: map[string]string{"f": strings.TrimSuffix(marked, "\n")}, Args: []any{"path", "$DIR/f", "block", "c"}, Plan: change, After: map[string]string{"f": marked}},
		{Name: "after several lines", Files: map[string]string{"f": "a\nb\nd\n"}, Args: []any{"path", "$DIR/f", "block", "c", "insertafter", `(?m)a\nb`}, Plan: change, After: map[string]string{"f": "a\nb\n" + marked + "d\n"}},
		{Name: "created", Args: []any{"path", "$DIR/n/f", "block", "c", "create", true}, Plan: change, After: map[string]string{"n/f": marked}, Want: map[string]any{"msg": "File created"}},
		{Name: "missing", Args: []any{"path", "$DIR/f", "block", "c"}, Fails: "Path $DIR/f does not exist !", Want: map[string]any{"rc": 257}},
		{Name: "absent from nothing", Args: []any{"path", "$DIR/f", "state", "absent", "create", true}, Want: map[string]any{"changed": false, "msg": "File $DIR/f not present"}},
		{Name: "a directory", Args: []any{"path", "$DIR", "block", "c"}, Fails: "Path $DIR is a directory !"},
	})
}

func TestReplace(t *testing.T) {
	change := module.KindChange
	moduletest.Run(t, Replace, []moduletest.Case{
		{Name: "replaced", Files: map[string]string{"f": "0600:a\n"}, Args: []any{"path", "$DIR/f", "regexp", "a", "replace", "c"}, Plan: change, After: map[string]string{"f": "0600:c\n"},
			Want: map[string]any{"msg": "1 replacements made", "rc": 0, "changed": true}, Diff: &module.Diff{Before: "a\n", After: "c\n", BeforeHeader: "$DIR/f", AfterHeader: "$DIR/f"}},
		{Name: "nothing found", Files: map[string]string{"f": "a\n"}, Args: []any{"path", "$DIR/f", "regexp", "b"}, Want: map[string]any{"msg": "", "rc": 0, "changed": false}},
		{Name: "not UTF-8", Files: map[string]string{"f": "\xff a \xfe\n"}, Args: []any{"path", "$DIR/f", "regexp", "a", "replace", "é"}, Plan: change, After: map[string]string{"f": "\xff é \xfe\n"}},
		{Name: "missing", Args: []any{"path", "$DIR/f", "regexp", "b"}, Fails: "Path $DIR/f does not exist !", Want: map[string]any{"rc": 257}},
	})
}
