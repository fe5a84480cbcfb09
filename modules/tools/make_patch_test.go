package tools

import (
	"os/exec"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

func TestMake(t *testing.T) {
	const file = "out: in\n\tcp in out\nfail:\n\t@echo no >&2; exit 3\n"
	moduletest.Run(t, Make, []moduletest.Case{
		{Name: "not up to date", Plan: module.KindChange, Files: map[string]string{"Makefile": file, "in": "x"}, Args: []any{"chdir", "$DIR", "make", "make"},
			Want: map[string]any{"stdout": "cp in out", "command": "make", "target": nil}, After: map[string]string{"out": "x"}},
		{Name: "target and variables", Plan: module.KindChange, Files: map[string]string{"m": "all:\n\t@echo $(X) >made\nmade: all\n"}, Repeats: "the target is no file",
			Args: []any{"chdir", "$DIR", "file", "m", "target", "all", "params", value.NewMap("X", "a b"), "make", "make"},
			Want: map[string]any{"command": "make -f m all 'X=a b'"}, After: map[string]string{"made": "a b\n"}},
		{Name: "fails", Plan: module.KindChange, Files: map[string]string{"Makefile": file}, Args: []any{"chdir", "$DIR", "target", "fail", "make", "make"}, Fails: "no\n"},
		{Name: "no folder", Args: []any{"chdir", "$DIR/nosuch"}, Fails: "nosuch"},
		{Name: "both", Args: []any{"chdir", "$DIR", "target", "a", "targets", []any{"b"}}, Fails: "mutually exclusive: target|targets"},
	})
}

func TestPatch(t *testing.T) {
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("this machine has no patch")
	}
	const diff = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
	ours := func(h *moduletest.Host) { h.Control.Add("files/p.diff", diff) }
	before, after := map[string]string{"f": "one\ntwo\nthree\n", "p": diff}, map[string]string{"f": "one\n2\nthree\n", "p": diff}
	moduletest.Run(t, Patch, []moduletest.Case{
		{Name: "apply", Set: ours, Plan: module.KindChange, Files: before, Args: []any{"src", "p.diff", "dest", "$DIR/f"}, After: after},
		{Name: "on the host", Plan: module.KindChange, Files: before, Args: []any{"src", "$DIR/p", "remote_src", true, "basedir", "$DIR", "strip", 1}, After: after},
		{Name: "applied", Set: ours, Files: after, Args: []any{"src", "p.diff", "dest", "$DIR/f"}},
		{Name: "take back", Set: ours, Plan: module.KindChange, Files: after, Args: []any{"src", "p.diff", "basedir", "$DIR", "strip", 1, "state", "absent"}, After: before},
		{Name: "does not fit", Set: ours, Files: map[string]string{"f": "other\n"}, Args: []any{"src", "p.diff", "dest", "$DIR/f"}, Fails: "FAILED"},
		{Name: "backup", Set: ours, Plan: module.KindChange, Files: before, Args: []any{"src", "p.diff", "dest", "$DIR/f", "backup", true},
			After: map[string]string{"f.~1~": "one\ntwo\nthree\n"}},
		{Name: "no file", Set: ours, Args: []any{"src", "p.diff", "dest", "$DIR/f"}, Fails: "doesn't exist or not writable"},
		{Name: "no patch", Files: before, Args: []any{"src", "nosuch.diff", "dest", "$DIR/f"}, Fails: "nosuch.diff"},
		{Name: "nothing named", Args: []any{"src", "x"}, Fails: "one of the following is required: dest, basedir"},
	})
}
