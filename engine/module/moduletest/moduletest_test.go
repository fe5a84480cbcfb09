package moduletest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

type lineArgs struct {
	Path string `arg:"path,required,type=path" doc:"The file."`
	Line string `arg:"line,default=hello" doc:"Its only line."`
}

// only makes a file hold one line; dirty writes while it plans, which the suite must notice.
func only(dirty bool) module.Module {
	return module.Define(module.Spec{Name: "test.it.only", Doc: "Make a file hold one line."},
		func(ctx context.Context, v module.View, a lineArgs) (module.Plan, error) {
			script := "# read a file\ncat \"$1\" 2>/dev/null"
			if dirty {
				script += "; touch \"$1.dirty\""
			}
			out, err := v.Query(ctx, module.Cmd{Script: script, Args: []string{a.Path}})
			if err != nil {
				return module.Plan{}, err
			}
			if out.Stdout == a.Line+"\n" {
				return module.Done(module.Result{}.With("line", a.Line)), nil
			}
			return module.Change(module.Text(out.Stdout, a.Line+"\n"), func(ctx context.Context, h module.Host) (module.Result, error) {
				err := h.WriteFile(ctx, a.Path, strings.NewReader(a.Line+"\n"), 0)
				return module.Result{Changed: true}.With("line", a.Line), err
			}), nil
		})
}

func TestRunCarriesOutATable(t *testing.T) {
	moduletest.Run(t, only(false), []moduletest.Case{
		{Name: "writes", Args: []any{"path", "$DIR/f"}, Plan: module.KindChange, Diff: &module.Diff{After: "hello\n"},
			Want: map[string]any{"changed": true, "line": "hello", "gone": nil}, After: map[string]string{"f": "0644:hello\n"}},
		{Name: "keeps the mode", Files: map[string]string{"f": "0600:old\n"}, Args: []any{"path", "$DIR/f"}, Plan: module.KindChange,
			Diff: &module.Diff{Before: "old\n", After: "hello\n"}, After: map[string]string{"f": "0600:hello\n"}},
		{Name: "finds it done", Files: map[string]string{"f": "hello\n"}, Args: []any{"path", "$DIR/f"}, Want: map[string]any{"changed": false}},
		{Name: "refuses", Args: []any{"path", "$DIR/f", "nonsense", 1}, Fails: "nonsense"},
	})
}

func TestTreeSeesWhatAPlanWrote(t *testing.T) {
	h := moduletest.NewHost(t)
	before := moduletest.Tree(t, h.Dir)
	args := value.NewMap("path", filepath.Join(h.Dir, "f"))
	if _, err := only(true).Plan(context.Background(), h.View(), args); err != nil {
		t.Fatal(err)
	}
	after := moduletest.Tree(t, h.Dir)
	if len(after) != len(before)+1 {
		t.Errorf("snapshots before and after are %v and %v", before, after)
	}
}

func TestAViewIsNoHost(t *testing.T) {
	if _, ok := moduletest.NewHost(t).View().(module.Host); ok {
		t.Error("a view can be turned into a host")
	}
}

func TestHostRunsRealCommands(t *testing.T) {
	h := moduletest.NewHost(t)
	h.Command(t, "systemctl", `echo "told to $*"; exit 3`)
	ctx := context.Background()
	for _, c := range []struct {
		cmd  module.Cmd
		want string
		rc   int
	}{
		{module.Cmd{Argv: []string{"printf", "%s|", "a b", "$HOME"}}, "a b|$HOME|", 0},
		{module.Cmd{Shell: "echo $HOME"}, h.Dir + "\n", 0},
		{module.Cmd{Shell: "echo $0", Executable: "/bin/sh"}, "/bin/sh\n", 0},
		{module.Cmd{Script: "# name\nprintf '%s.' \"$@\"; cat", Args: []string{"x y", "'"}, Stdin: strings.NewReader("in")}, "x y.'.in", 0},
		{module.Cmd{Shell: "pwd; echo $A", Dir: "/", Env: []string{"A=b"}}, "/\nb\n", 0},
		{module.Cmd{Argv: []string{"systemctl", "start", "x"}}, "told to start x\n", 3},
	} {
		out, err := h.Exec(ctx, c.cmd)
		if err != nil || out.Stdout != c.want || out.Rc != c.rc {
			t.Errorf("%s: %+v, %v; want %q, %d", moduletest.Line(c.cmd), out, err, c.want, c.rc)
		}
	}
	h.Lost = true
	if _, err := h.Query(ctx, module.Cmd{Shell: "true"}); err == nil {
		t.Error("a lost host answers")
	}
}

func TestScriptAnswersWhatItWasTold(t *testing.T) {
	s := moduletest.NewScript(t,
		moduletest.Answer{On: "argv: rpm -q a", Stdout: "a-1\n"},
		moduletest.Answer{On: "shell: true*", Times: 1, Rc: 1},
		moduletest.Answer{On: "shell: true*"})
	ctx := context.Background()
	if out, _ := s.Query(ctx, module.Cmd{Argv: []string{"rpm", "-q", "a"}}); out.Line() != "a-1" {
		t.Errorf("answered %+v", out)
	}
	first, _ := s.Exec(ctx, module.Cmd{Shell: "true && x"})
	second, _ := s.Exec(ctx, module.Cmd{Shell: "true && x"})
	if first.Rc != 1 || second.Rc != 0 || len(s.Calls()) != 3 {
		t.Errorf("answered %+v then %+v; calls %v", first, second, s.Calls())
	}
}

func TestFaultsNamesWhatIsWrong(t *testing.T) {
	if f := moduletest.Faults(only(false)); len(f) != 0 {
		t.Errorf("faults of a good module: %v", f)
	}
	type bad struct {
		A int    `arg:"a,default=x,alias=b" doc:"no full stop"`
		B string `arg:"b,default=z,choices=y" doc:"Twice."`
	}
	m := module.Define(module.Spec{Name: "short", Lacks: []string{"a"}, FreeForm: "c", AnyArgs: true},
		func(context.Context, module.View, bad) (module.Plan, error) { return module.Plan{}, nil })
	got := strings.Join(moduletest.Faults(m), "\n")
	for _, want := range []string{"not fully qualified", "Doc is not", "declared and refused: a", "FreeForm", "argument a: the doc",
		"argument a: the default does not fit", "argument b: the default", "stands twice: b"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestPutAndCompareReadOneForm(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"d/": "", "d/f": "0640:x", "l": "-> d/f", "p": "plain"}
	moduletest.Put(t, dir, files)
	moduletest.Compare(t, dir, files)
	moduletest.Compare(t, dir, map[string]string{"nothing!": ""})
	if st, err := os.Stat(filepath.Join(dir, "d/f")); err != nil || st.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", st, err)
	}
}
