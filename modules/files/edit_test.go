package files

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

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
