package control

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

func TestConform(t *testing.T) {
	moduletest.Conform(t, module.NewRegistry(Command, Shell, Raw, Script, Debug, Assert, Fail, SetFact, IncludeVars, Pause, ValidateArgumentSpec, AddHost, GroupBy, SetStats))
}

func TestDebug(t *testing.T) {
	set := func(h *moduletest.Host) {
		h.Control.Evals = map[string]any{"foo.a": []any{1, "x"}, "bad ~": errors.New("syntax error"), "ansible_verbosity": 1}
	}
	moduletest.Run(t, Debug, []moduletest.Case{
		{Name: "text", Args: []any{"msg", "hi"}, Want: map[string]any{"msg": "hi", "changed": false}},
		{Name: "nothing", Want: map[string]any{"msg": "Hello world!"}},
		{Name: "null", Args: []any{"msg", nil}, Want: map[string]any{"msg": nil}},
		{Name: "list", Args: []any{"msg", []any{1, "a"}}, Want: map[string]any{"msg": []any{1, "a"}}},
		{Name: "var", Set: set, Args: []any{"var", "foo.a"}, Want: map[string]any{"foo.a": []any{1, "x"}, "msg": nil}},
		{Name: "undefined", Set: set, Args: []any{"var", "nope"}, Want: map[string]any{"nope": "<< error 1 - 'nope' is undefined >>"}},
		{Name: "bad expression", Set: set, Args: []any{"var", "bad ~"}, Fails: "syntax error"},
		{Name: "both", Args: []any{"var", "a", "msg", "b"}, Fails: "mutually exclusive: msg|var"},
		{Name: "not verbose enough", Set: set, Args: []any{"msg", "a", "verbosity", 2}, Want: map[string]any{"skipped": true, "skipped_reason": "Verbosity threshold not met.", "msg": nil}},
		{Name: "verbose enough", Set: set, Args: []any{"msg", "a", "verbosity", 1}, Want: map[string]any{"msg": "a"}},
	})
}

func TestAssert(t *testing.T) {
	set := func(h *moduletest.Host) {
		h.Control.Tests = map[string]any{"yes": true, "no": false, "nope": errors.New("'nope' is undefined")}
	}
	moduletest.Run(t, Assert, []moduletest.Case{
		{Name: "holds", Set: set, Args: []any{"that", []any{"yes", true}}, Want: map[string]any{"msg": "All assertions passed", "changed": false}},
		{Name: "one with a comma", Set: func(h *moduletest.Host) { h.Control.Tests["x in [1, 2]"] = true }, Args: []any{"that", "x in [1, 2]", "success_msg", "good"}, Want: map[string]any{"msg": "good"}},
		{Name: "no conditions", Args: []any{"that", []any{}}, Want: map[string]any{"msg": "All assertions passed"}},
	})
	for _, c := range []struct {
		args []any
		want string
	}{
		{[]any{"that", []any{"yes", "no"}}, "{'evaluated_to': False, 'assertion': 'no', 'msg': 'Assertion failed'}"},
		{[]any{"that", false, "quiet", true, "fail_msg", []any{"a"}}, "{'evaluated_to': False, 'assertion': False, 'msg': ['a']}"},
		{[]any{"that", "no", "quiet", true, "msg", "bad"}, "{'evaluated_to': False, 'assertion': 'no', 'msg': 'bad'}"},
	} {
		h := moduletest.NewHost(t)
		set(h)
		p, err := Assert.Plan(context.Background(), h.View(), value.NewMap(c.args...))
		if err != nil || !p.Result().Failed || value.Repr(p.Result().Data) != c.want {
			t.Errorf("%v: %s, %v; want %s", c.args, value.Repr(p.Result().Data), err, c.want)
		}
	}
}

func TestAssertThatCannotBeJudgedFails(t *testing.T) {
	moduletest.Run(t, Assert, []moduletest.Case{
		{Name: "undefined", Set: func(h *moduletest.Host) { h.Control.Tests["nope"] = errors.New("'nope' is undefined") }, Args: []any{"that", "nope"}, Fails: "'nope' is undefined"},
		{Name: "no text", Args: []any{"that", []any{1}}, Fails: "conditional expressions must be strings"},
		{Name: "nothing", Fails: "missing required arguments: that"},
	})
}

func TestFail(t *testing.T) {
	for _, c := range []struct {
		args []any
		want any
	}{{nil, "Failed as requested from task"}, {[]any{"msg", "x"}, "x"}, {[]any{"msg", []any{1}}, []any{1}}} {
		p, err := Fail.Plan(context.Background(), nil, value.NewMap(c.args...))
		if err != nil || !p.Result().Failed || value.Repr(p.Result().Data.Value("msg")) != value.Repr(c.want) {
			t.Errorf("%v: %+v, %v", c.args, p.Result(), err)
		}
	}
}

func TestSetFact(t *testing.T) {
	p, err := SetFact.Plan(context.Background(), nil, value.NewMap("a", 1, "b", "yes", "cacheable", "yes"))
	r := p.Result()
	if want := "{'a': 1, 'b': 'yes'}"; err != nil || value.Repr(r.HostVars) != want || value.Repr(r.Facts) != want || value.Repr(r.Data.Value("ansible_facts")) != want || r.Changed {
		t.Errorf("%+v, %v", r, err)
	}
	for name, want := range map[string]string{"a-1": "Invalid variable name 'a-1'", "in": "Invalid variable name", "1a": "Invalid", "cacheable": "No key/value pairs"} {
		p, err := SetFact.Plan(context.Background(), nil, value.NewMap(name, false))
		if err != nil || !p.Result().Failed || !strings.Contains(p.Result().Msg, want) {
			t.Errorf("%s: %+v, %v", name, p.Result(), err)
		}
	}
}

func TestIncludeVars(t *testing.T) {
	set := func(h *moduletest.Host) {
		for name, text := range map[string]string{"vars/x.yml": `{"a": 1, "m": {"p": 1}}`, "vars/d/1.yml": `{"a": 1}`, "vars/d/2.json": `{"a": 2, "b": 1}`, "vars/d/sub/3.yaml": `{"c": 3}`,
			"vars/e/1.yml": `{}`, "vars/e/z.txt": "", "vars/list.yml": `[1]`} {
			h.Control.Add(name, text)
		}
		h.Control.Evals["m"] = value.NewMap("q", 2, "p", 0)
	}
	moduletest.Run(t, IncludeVars, []moduletest.Case{
		{Name: "free form", Set: set, Args: []any{"_raw_params", "x.yml"}, Want: map[string]any{"ansible_facts.a": 1, "ansible_included_var_files": []any{"vars/x.yml"}, "changed": false}},
		{Name: "named", Set: set, Args: []any{"file", "x.yml", "name", "n"}, Want: map[string]any{"ansible_facts.n.a": 1}},
		{Name: "merged", Set: set, Args: []any{"file", "x.yml", "hash_behaviour", "merge"}, Want: map[string]any{"ansible_facts.m": value.NewMap("q", 2, "p", 1)}},
		{Name: "directory", Set: set, Args: []any{"dir", "d"}, Want: map[string]any{"ansible_facts": value.NewMap("a", 2, "b", 1, "c", 3),
			"ansible_included_var_files": []any{"vars/d/1.yml", "vars/d/2.json", "vars/d/sub/3.yaml"}}},
		{Name: "not deep", Set: set, Args: []any{"dir", "d", "depth", 1}, Want: map[string]any{"ansible_included_var_files": []any{"vars/d/1.yml", "vars/d/2.json"}}},
		{Name: "matching", Set: set, Args: []any{"dir", "d", "files_matching", "^[23]", "ignore_files", `\.json`}, Want: map[string]any{"ansible_included_var_files": []any{"vars/d/sub/3.yaml"}}},
		{Name: "extension left out", Set: set, Args: []any{"dir", "e", "ignore_unknown_extensions", true}, Want: map[string]any{"ansible_included_var_files": []any{"vars/e/1.yml"}}},
		{Name: "extension", Set: set, Args: []any{"dir", "e"}, Fails: "z.txt does not have a valid extension: yaml, yml, json", Want: map[string]any{"ansible_facts": &value.Map{}}},
		{Name: "missing", Args: []any{"file", "x"}, Fails: "Could not find or access 'x'"},
		{Name: "missing directory", Args: []any{"dir", "x"}, Fails: "Could not find or access 'x'"},
		{Name: "no mapping", Set: set, Args: []any{"file", "list.yml"}, Fails: "must be stored as a dictionary/hash"},
		{Name: "both", Args: []any{"file", "x", "dir", "y"}, Fails: "mixing file only and dir only"},
		{Name: "nothing", Fails: "one of file, dir"},
	})
}

func TestIncludeVarsHandsVariablesToTheEngine(t *testing.T) {
	h := moduletest.NewHost(t)
	h.Control.Add("vars/x.yml", `{"a": 1}`)
	p, err := IncludeVars.Plan(context.Background(), h.View(), value.NewMap("file", "x.yml"))
	if err != nil || value.Repr(p.Result().Vars) != "{'a': 1}" {
		t.Errorf("%+v, %v", p.Result(), err)
	}
}

func TestPause(t *testing.T) {
	slept := func(h *moduletest.Host) { h.Control.Services[module.TerminalKey{}] = waits{h.Control.Clock, nil} }
	opaque := module.KindOpaque
	moduletest.Run(t, Pause, []moduletest.Case{
		{Name: "seconds", Set: slept, Args: []any{"seconds", "2"}, Plan: opaque,
			Want: map[string]any{"changed": false, "delta": 2, "rc": 0, "stdout": "Paused for 2.0 seconds", "stderr": "", "user_input": "", "echo": true,
				"start": "2024-05-06 07:08:09.000000", "stop": "2024-05-06 07:08:11.000000"}},
		{Name: "at least one second", Set: slept, Args: []any{"seconds", -3}, Plan: opaque, Want: map[string]any{"delta": 1}},
		{Name: "minutes", Set: slept, Args: []any{"minutes", 1.5}, Plan: opaque, Want: map[string]any{"delta": 90, "stdout": "Paused for 1.5 minutes"}},
		{Name: "a person answers", Set: func(h *moduletest.Host) { h.Control.Screen.Answers = []string{"yes"} }, Args: []any{"prompt", "go on?", "echo", false}, Plan: opaque,
			Want: map[string]any{"user_input": "yes", "echo": false, "delta": 0, "stdout": "Paused for 0.0 minutes"}},
		{Name: "nobody there", Plan: opaque, Want: map[string]any{"user_input": ""}},
		{Name: "aborted", Set: func(h *moduletest.Host) { h.Control.Screen.Err = errors.New("user requested abort") }, Args: []any{"seconds", 1}, Plan: opaque, Fails: "user requested abort"},
		{Name: "both", Args: []any{"seconds", 1, "minutes", 1}, Fails: "mutually exclusive: minutes|seconds"},
		{Name: "no number", Args: []any{"seconds", "x"}, Fails: "argument 'seconds' is of type str"},
	})
}

// waits is a terminal at which time passes.
type waits struct {
	clock *moduletest.Clock
	module.Terminal
}

func (w waits) Pause(ctx context.Context, _ string, d time.Duration) error {
	return w.clock.Sleep(ctx, d)
}
