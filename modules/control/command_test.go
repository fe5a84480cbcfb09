package control

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

func TestCommand(t *testing.T) {
	opaque := module.KindOpaque
	moduletest.Run(t, Command, []moduletest.Case{
		{Name: "free form", Args: []any{"_raw_params", `printf '%s|' a 'b  c' "d\"e" *`}, Plan: opaque,
			Want: map[string]any{"changed": true, "rc": 0, "stdout": `a|b  c|d"e|*|`, "stderr": "", "msg": "", "delta": "0:00:00",
				"start": "2024-05-06 07:08:09.000000", "end": "2024-05-06 07:08:09.000000", "cmd": []any{"printf", "%s|", "a", "b  c", `d"e`, "*"}}},
		{Name: "variables and home", Args: []any{"cmd", "echo $HOME ${NOPE}x ~/a"}, Plan: opaque,
			Want: map[string]any{"stdout": "$DIR ${NOPE}x $DIR/a", "cmd": []any{"echo", "$HOME", "${NOPE}x", "~/a"}}},
		{Name: "variables left alone", Args: []any{"cmd", "echo $HOME", "expand_argument_vars", false}, Plan: opaque, Want: map[string]any{"stdout": "$HOME"}},
		{Name: "argv", Args: []any{"argv", []any{"printf", "%s|", "a b", 3}}, Plan: opaque, Want: map[string]any{"stdout": "a b|3|"}},
		{Name: "fails", Args: []any{"cmd", "sh -c 'echo e >&2; exit 2'"}, Plan: opaque, Fails: "The command exited with a non-zero return code.",
			Want: map[string]any{"changed": true, "rc": 2, "stderr": "e", "msg": "The command exited with a non-zero return code."}},
		{Name: "missing program", Args: []any{"cmd", "no-such-program a"}, Plan: opaque, Fails: "Error executing command.",
			Want: map[string]any{"rc": 2, "changed": false, "cmd": "no-such-program a"}},
		{Name: "its own 127", Args: []any{"cmd", `sh -c "exit 127"`}, Plan: opaque, Fails: "The command exited with a non-zero return code.", Want: map[string]any{"rc": 127}},
		{Name: "stdin", Args: []any{"cmd", "cat", "stdin", "abc"}, Plan: opaque, Want: map[string]any{"stdout": "abc"}},
		{Name: "ends kept", Args: []any{"cmd", "cat", "stdin", "abc\n", "strip_empty_ends", false}, Plan: opaque, Want: map[string]any{"stdout": "abc\n\n"}},
		{Name: "nothing added to stdin", Args: []any{"cmd", "wc -c", "stdin", "abc", "stdin_add_newline", false}, Plan: opaque, Want: map[string]any{"stdout": "3"}},
		{Name: "chdir", Files: map[string]string{"d e/": ""}, Args: []any{"cmd", "pwd", "chdir", "~/d e"}, Plan: opaque, Want: map[string]any{"stdout": "$DIR/d e"}},
		{Name: "chdir and variables", Files: map[string]string{"d/": ""}, Args: []any{"cmd", "sh -c pwd $HOME", "chdir", "$DIR/d"}, Plan: opaque, Want: map[string]any{"stdout": "$DIR/d"}},
		{Name: "no directory", Args: []any{"cmd", "pwd", "chdir", "/none"}, Plan: opaque, Fails: "Unable to change directory before execution.", Want: map[string]any{"changed": false}},
		{Name: "created already", Files: map[string]string{"x": ""}, Args: []any{"cmd", "false", "creates", "$DIR/x"},
			Want: map[string]any{"changed": false, "rc": 0, "stdout": "skipped, since $DIR/x exists", "msg": "Did not run command since '$DIR/x' exists", "cmd": []any{"false"}}},
		{Name: "created by a pattern", Files: map[string]string{"x y": ""}, Args: []any{"cmd", "false", "creates", "x *", "chdir", "$DIR"}, Want: map[string]any{"stdout": "skipped, since x * exists"}},
		{Name: "removed already", Args: []any{"cmd", "false", "removes", "$DIR/x"}, Want: map[string]any{"stdout": "skipped, since $DIR/x does not exist"}},
		{Name: "creates", Args: []any{"cmd", "touch $DIR/x", "creates", "$DIR/x"}, Plan: module.KindChange, Want: map[string]any{"changed": true}, After: map[string]string{"x": ""}},
		{Name: "nothing given", Args: []any{"cmd", ""}, Fails: "one of the following is required: _raw_params, cmd, argv"},
		{Name: "two given", Args: []any{"cmd", "a", "argv", "b"}, Fails: "mutually exclusive"},
		{Name: "open quotes", Args: []any{"cmd", "echo 'a"}, Fails: "quote"},
	})
}

func TestACommandCostsOneRoundTrip(t *testing.T) {
	h := moduletest.NewHost(t)
	p, err := Command.Plan(context.Background(), h.View(), value.NewMap("cmd", "true"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = p.Apply()(context.Background(), h); err != nil {
		t.Fatal(err)
	}
	if calls := h.Calls(); len(calls) != 1 || calls[0].Line != "argv: true" {
		t.Errorf("it took %v", calls)
	}
}

func TestCommandWarnsOfExecutable(t *testing.T) {
	h := moduletest.NewHost(t)
	p, err := Command.Plan(context.Background(), h.View(), value.NewMap("cmd", "true", "executable", "/bin/bash"))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := p.Apply()(context.Background(), h); err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "/bin/bash") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestShell(t *testing.T) {
	opaque := module.KindOpaque
	moduletest.Run(t, Shell, []moduletest.Case{
		{Name: "pipes", Args: []any{"_raw_params", "echo a | tr a b; echo $0 >&2"}, Plan: opaque, Want: map[string]any{"stdout": "b", "cmd": "echo a | tr a b; echo $0 >&2", "changed": true}},
		{Name: "another shell", Args: []any{"cmd", "echo $0", "executable", "/bin/sh"}, Plan: opaque, Want: map[string]any{"stdout": "/bin/sh"}},
		{Name: "chdir", Files: map[string]string{"d e/": ""}, Args: []any{"cmd", "pwd; echo ${drydock_dir-clean}", "chdir", "~/d e"}, Plan: opaque, Want: map[string]any{"stdout": "$DIR/d e\nclean"}},
		{Name: "chdir in another shell", Args: []any{"cmd", "pwd; echo $0", "chdir", "/", "executable", "/bin/sh"}, Plan: opaque, Want: map[string]any{"stdout": "/\n/bin/sh"}},
		{Name: "no directory", Args: []any{"cmd", "pwd", "chdir", "/none"}, Plan: opaque, Fails: "Unable to change directory"},
		{Name: "fails", Args: []any{"cmd", "echo a; exit 3"}, Plan: opaque, Fails: "The command exited with a non-zero return code.", Want: map[string]any{"rc": 3, "stdout": "a", "changed": true}},
		{Name: "only the ends are stripped", Args: []any{"cmd", `printf '\n\na\r\n\n'`}, Plan: opaque, Want: map[string]any{"stdout": "\n\na"}},
		{Name: "removes", Args: []any{"cmd", "rm $DIR/x", "removes", "$DIR/x"}, Files: map[string]string{"x": ""}, Plan: module.KindChange, After: map[string]string{"x!": ""}},
		{Name: "nothing", Args: nil, Fails: "one of the following is required"},
	})
}

func TestRaw(t *testing.T) {
	moduletest.Run(t, Raw, []moduletest.Case{
		{Name: "as it is", Args: []any{"_raw_params", "echo hi; echo e >&2; exit 2"}, Plan: module.KindOpaque, Fails: "The command exited with a non-zero return code.",
			Want: map[string]any{"changed": true, "rc": 2, "stdout": "hi\n", "stderr": "e\n"}},
		{Name: "with a shell", Args: []any{"_raw_params", "echo \"$0\" 'x y'", "executable", "/bin/sh"}, Plan: module.KindOpaque, Want: map[string]any{"stdout": "/bin/sh x y\n"}},
	})
}

func TestScript(t *testing.T) {
	set := func(h *moduletest.Host) {
		h.Control.Add("files/s.sh", "#!/bin/sh\nprintf '%s|' \"${0##*/}\" \"$@\"; pwd; cat\n")
		h.Control.Add("files/fails", "exit 4\n")
	}
	opaque := module.KindOpaque
	moduletest.Run(t, Script, []moduletest.Case{
		{Name: "with arguments", Set: set, Args: []any{"_raw_params", "s.sh a 'b c' $HOME"}, Plan: opaque,
			Want: map[string]any{"changed": true, "rc": 0, "stdout": "s.sh|a|b c|$DIR|$DIR\n", "stderr": ""}, After: map[string]string{}},
		{Name: "elsewhere", Set: set, Args: []any{"cmd", "s.sh", "chdir", "/"}, Plan: opaque, Want: map[string]any{"stdout": "s.sh|/\n"}},
		{Name: "by a program", Set: set, Args: []any{"cmd", "fails", "executable", "/bin/sh -x"}, Plan: opaque, Fails: "The command exited with a non-zero return code.", Want: map[string]any{"rc": 4, "stderr": "+ exit 4\n"}},
		{Name: "missing", Args: []any{"cmd", "nope.sh a"}, Fails: "Could not find or access 'nope.sh'"},
		{Name: "creates", Set: set, Args: []any{"cmd", "s.sh", "creates", "/"}, Want: map[string]any{"skipped": true, "msg": "/ exists, matching creates option"}},
		{Name: "removes", Set: set, Args: []any{"cmd", "s.sh", "removes", "/none"}, Want: map[string]any{"skipped": true, "msg": "/none does not exist, matching removes option"}},
	})
}

func TestPythonDelta(t *testing.T) {
	for d, want := range map[time.Duration]string{
		13149 * time.Microsecond: "0:00:00.013149", 61 * time.Second: "0:01:01", 26*time.Hour + time.Millisecond: "1 day, 2:00:00.001000", 0: "0:00:00",
		49 * time.Hour: "2 days, 1:00:00",
	} {
		if got := pythonDelta(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}
