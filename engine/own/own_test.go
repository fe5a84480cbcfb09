package own_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/own"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// bench calls modules of the content's own on this machine, in a folder of the test.
type bench struct {
	*moduletest.Host
	library *own.Library
	task    *module.Task
	vars    map[string]any
}

func newBench(t *testing.T, content string) *bench {
	t.Helper()
	dir, err := filepath.Abs(content)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Host: moduletest.NewHost(t), vars: map[string]any{}}
	b.library = own.New(own.Options{Files: source.NewTree(dir, source.Disk())})
	b.library.Add(dir)
	b.task = &module.Task{RemoteTmp: "~/tmp", Lodging: &module.Lodging{}, Var: func(name string) (any, bool) {
		v, ok := b.vars[name]
		return v, ok
	}}
	b.Control.Services[module.TaskKey{}] = b.task
	return b
}

// call calls a module as the engine does and returns what register keeps.
func (b *bench) call(t *testing.T, name string, args *value.Map, check bool) module.Result {
	t.Helper()
	m, ok := b.library.Find(name, ".")
	if !ok {
		t.Fatalf("%s is not found", name)
	}
	b.task.Action = name
	plan, err := m.Plan(context.Background(), b.View(), args)
	if err != nil || plan.Kind() != module.KindForeign {
		t.Fatalf("%s: plan %v, %v", name, plan.Kind(), err)
	}
	r, err := plan.Call()(context.Background(), b.Host, check)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

// python skips a test on a machine on which modules in Python cannot run.
func python(t *testing.T) {
	t.Helper()
	if exec.Command("python3", "-c", "").Run() != nil {
		t.Skip("there is no python3 here, which modules in Python need")
	}
}

// TestCallsAnswerAsAnsibleRecorded calls everything in testdata/calls.json; testdata/want.json is what real Ansible registered
// (testdata/record.py).
func TestCallsAnswerAsAnsibleRecorded(t *testing.T) {
	t.Parallel()
	var calls []struct {
		Call  string
		Args  json.RawMessage
		Check bool
	}
	var want []json.RawMessage
	readJSON(t, "testdata/calls.json", &calls)
	readJSON(t, "testdata/want.json", &want)
	b := newBench(t, "testdata")
	if path, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output(); err == nil {
		b.vars["ansible_python_interpreter"] = strings.TrimSpace(string(path)) // python3 on PATH may be a slow script that looks for one
	}
	for i, c := range calls {
		t.Run(fmt.Sprintf("%d-%s", i, c.Call), func(t *testing.T) {
			if file, err := filepath.Glob("testdata/library/" + c.Call + ".*"); err == nil && len(file) == 1 {
				needs(t, file[0])
			}
			args := strings.ReplaceAll(string(c.Args), "/tmp/rigcase", b.Dir)
			r := b.call(t, c.Call, parse(t, args), c.Check)
			got, expected := registered(t, r), parse(t, strings.ReplaceAll(string(want[i]), "/tmp/rigcase", b.Dir))
			for _, k := range expected.Keys() {
				if w, g := expected.Value(k), got.Value(k); !same(w, g) {
					t.Errorf("%s is %s, want %s", k, value.Repr(g), value.Repr(w))
				}
			}
			for _, k := range got.Keys() {
				if name := value.Str(k); !expected.Has(k) && name != "module_stderr" && name != "deprecations" {
					t.Errorf("%s is more than Ansible has: %s", name, value.Repr(got.Value(k)))
				}
			}
		})
	}
}

// needs skips the test of a module whose language is not here.
func needs(t *testing.T, file string) {
	t.Helper()
	switch filepath.Ext(file) {
	case ".py":
		python(t)
	case ".pl":
		if _, err := os.Stat("/usr/bin/perl"); err != nil {
			t.Skip("there is no perl here")
		}
	}
}

// same compares a recorded value. The order in which Python lists the words for booleans differs from run to run.
func same(want, got any) bool {
	w, isText := want.(string)
	g, _ := got.(string)
	if head, _, ok := strings.Cut(w, "Valid booleans include"); isText && ok {
		return strings.HasPrefix(g, head)
	}
	return value.Repr(want) == value.Repr(got)
}

// registered is what register keeps of a result.
func registered(t *testing.T, r module.Result) *value.Map {
	t.Helper()
	m := value.NewMap("changed", r.Changed, "failed", r.Failed)
	m.Merge(r.Data)
	if r.Msg != "" {
		m.Set("msg", r.Msg)
	}
	if r.Skipped {
		m.Set("skipped", true)
	}
	if len(r.Warnings) > 0 {
		m.Set("warnings", value.From(r.Warnings))
	}
	if facts, ok := m.Value("ansible_facts").(*value.Map); ok {
		facts.Delete("discovered_interpreter_python")
		if facts.Len() == 0 {
			m.Delete("ansible_facts")
		}
	}
	data, err := json.Marshal(m) // mappings have their keys in one order after this, as the recording has
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		t.Fatal(err)
	}
	data, _ = json.Marshal(plain)
	return parse(t, string(data))
}

func parse(t *testing.T, text string) *value.Map {
	t.Helper()
	v, err := value.ParseJSON([]byte(text))
	m, ok := v.(*value.Map)
	if err != nil || !ok {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func TestAModuleIsBroughtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, "testdata")
	count := func(verb string) (n int) {
		for _, c := range b.Calls() {
			if c.Verb == verb {
				n++
			}
		}
		return n
	}
	b.call(t, "oldstyle", &value.Map{}, false)
	if count("write") != 1 || count("exec") != 2 {
		t.Errorf("the first call wrote %d files with %d commands", count("write"), count("exec"))
	}
	b.call(t, "oldstyle", &value.Map{}, false)
	if count("write") != 1 || count("exec") != 3 {
		t.Errorf("after the second call there were %d files and %d commands", count("write"), count("exec"))
	}
	info, err := os.Stat(b.task.Lodging.Dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("the folder is %v, %v", info, err)
	}
	if left, err := filepath.Glob(b.task.Lodging.Dir + "/call-*"); err != nil || len(left) > 0 {
		t.Errorf("calls left %v, %v", left, err)
	}
	if err := os.RemoveAll(b.task.Lodging.Dir); err != nil {
		t.Fatal(err)
	}
	if r := b.call(t, "oldstyle", value.NewMap("a", 1), false); r.Failed || r.Data.Value("a") != "1" {
		t.Errorf("after the folder was lost: %+v", r)
	}
}

func TestABinaryGetsThePathOfItsArguments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src := filepath.Join(dir, "main.go")
	text := `package main

import ("fmt"; "os")

func main() {
	data, err := os.ReadFile(os.Args[1])
	fmt.Printf("{\"changed\": true, \"given\": %s, \"ok\": %v}\n", data, err == nil)
}
`
	if err := os.WriteFile(src, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "library"), 0o755); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "library", "compiled"), src)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r := newBench(t, dir).call(t, "compiled", value.NewMap("name", "x"), false)
	if !r.Changed || value.Repr(r.Data.Value("given")) != "{'name': 'x'}" {
		t.Errorf("got %+v %s", r, value.Repr(r.Data))
	}
}

func TestInterpretersOfTheHost(t *testing.T) {
	t.Parallel()
	b := newBench(t, "testdata")
	b.Command(t, "mysh", `echo '{"by": "mine"}'`)
	b.vars["ansible_sh_interpreter"] = "mysh"
	if r := b.call(t, "oldstyle", &value.Map{}, false); r.Data.Value("by") != "mine" {
		t.Errorf("ansible_sh_interpreter: %s", value.Repr(r.Data))
	}
	b.vars["ansible_python_interpreter"] = "/no/such/python"
	if r := b.call(t, "pynocheck", &value.Map{}, false); r.Msg != "The module interpreter '/no/such/python' was not found." && value.Str(r.Data.Value("msg")) != "The module interpreter '/no/such/python' was not found." {
		t.Errorf("ansible_python_interpreter: %q %s", r.Msg, value.Repr(r.Data))
	}
}

// TestArgumentsOfTheProtocol checks that a module is told what Ansible tells it.
func TestArgumentsOfTheProtocol(t *testing.T) {
	t.Parallel()
	b := newBench(t, "testdata")
	b.task.Diff, b.task.NoLog, b.task.Verbosity = true, true, 2
	r := b.call(t, "told", &value.Map{}, true)
	told, ok := r.Data.Value("told").([]any)
	if !ok {
		t.Fatalf("answered %s", value.Repr(r.Data))
	}
	got := map[string]any{}
	for _, pair := range told {
		p := pair.([]any)
		got[p[0].(string)] = p[1]
	}
	for name, want := range map[string]any{
		"check_mode": true, "diff": true, "no_log": true, "verbosity": 2, "module_name": "told", "version": "2.19.11", "debug": false,
		"shell_executable": "/bin/sh", "remote_tmp": "~/tmp", "keep_remote_files": false, "socket": nil, "syslog_facility": "LOG_USER",
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("_ansible_%s is %v, want %v", name, got[name], want)
		}
	}
	if dir, _ := got["tmpdir"].(string); !strings.HasPrefix(dir, b.task.Lodging.Dir+"/call-") {
		t.Errorf("_ansible_tmpdir is %v", got["tmpdir"])
	}
}
