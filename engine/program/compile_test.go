package program

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// stub makes a module that is never run; A gives it its arguments.
func stub[A any](s module.Spec) module.Module {
	return module.Define(s, func(context.Context, module.View, A) (module.Plan, error) { return module.Done(module.Result{}), nil })
}

type noArgs struct{}

type copyArgs struct {
	Dest    string `arg:"dest,required"`
	Content string `arg:"content"`
	Src     string `arg:"src"`
}

type aptArgs struct {
	Name        []string `arg:"name,alias=pkg|package"`
	State       string   `arg:"state,default=present,choices=present|installed|latest|absent"`
	UpdateCache bool     `arg:"update_cache"`
}

type debugArgs struct {
	Msg any    `arg:"msg"`
	Var string `arg:"var,raw"`
}

type commandArgs struct {
	Raw    string `arg:"_raw_params"`
	Chdir  string `arg:"chdir"`
	Stdin  string `arg:"stdin"`
	Cmd    string `arg:"cmd"`
	Others any    `arg:"creates"`
}

// small is a registry with a few modules of each kind; more are modules of which any argument is taken.
func small(more ...string) *module.Registry {
	free := "_raw_params"
	ms := []module.Module{
		stub[copyArgs](module.Spec{Name: "ansible.builtin.copy"}),
		stub[aptArgs](module.Spec{Name: "ansible.builtin.apt", Lacks: []string{"default_release"}}),
		stub[debugArgs](module.Spec{Name: "ansible.builtin.debug"}),
		stub[commandArgs](module.Spec{Name: "ansible.builtin.command", FreeForm: free}),
		stub[commandArgs](module.Spec{Name: "ansible.builtin.shell", FreeForm: free}),
		stub[noArgs](module.Spec{Name: "ansible.builtin.set_fact", AnyArgs: true}),
		stub[noArgs](module.Spec{Name: "ansible.builtin.setup", AnyArgs: true}),
		stub[noArgs](module.Spec{Name: "ansible.builtin.validate_argument_spec", AnyArgs: true}),
	}
	for _, name := range more {
		ms = append(ms, stub[noArgs](module.Spec{Name: name, AnyArgs: true, FreeForm: free}))
	}
	return module.NewRegistry(ms...)
}

func compilerAt(t *testing.T, dir string, reg *module.Registry) *Compiler {
	t.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	lang := jinja.New()
	ansible.Extend(lang, ansible.IO{ReadFile: os.ReadFile, Getenv: func(string) (string, bool) { return "", false }})
	return NewCompiler(Options{Tree: source.NewTree(abs, source.Disk()), Lang: lang, Registry: reg, ExtraVars: &value.Map{}})
}

// content writes files and compiles playbook.yml among them.
func content(t *testing.T, files map[string]string) (*Compiler, *Program, diag.List) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := compilerAt(t, dir, small())
	p, ds := c.Compile([]string{"playbook.yml"})
	return c, p, ds
}
