package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
)

// These tests hold what the parity cases cannot show: what is not done, in which order things are written down, and what never leaves the run.

func TestCheckModeDoesNotAct(t *testing.T) {
	w := newTestWorld(t)
	w.options.Check = true
	w.play(&program.Task{Action: "touch", Module: w.touch()})
	if code := w.run(); code != ExitOK {
		t.Errorf("exit code %d", code)
	}
	if len(w.commands) > 0 {
		t.Errorf("check mode ran %q", w.commands)
	}
	if got, want := w.results(), "h1 touch changed"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
	if w.has(event.ApplyStarted{}) {
		t.Error("an act was announced")
	}
}

func TestATaskMayActInCheckMode(t *testing.T) {
	w := newTestWorld(t)
	w.options.Check = true
	task := &program.Task{Action: "touch", Module: w.touch()}
	task.CheckMode = false
	w.play(task)
	w.run()
	if want := []string{"h1: exec touch f"}; !slices.Equal(w.commands, want) {
		t.Errorf("commands %q, want %q", w.commands, want)
	}
}

func TestNothingIsDoneThatCouldNotBeWrittenDown(t *testing.T) {
	w := newTestWorld(t)
	w.refuse = "event.ApplyStarted"
	w.play(&program.Task{Action: "touch", Module: w.touch()})
	code, err := Run(t.Context(), w.options)
	if code == ExitOK || err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("code %d, error %v", code, err)
	}
	if len(w.commands) > 0 {
		t.Errorf("ran %q although the event was lost", w.commands)
	}
}

func TestSecretsStayInside(t *testing.T) {
	w := newTestWorld(t)
	w.options.Settings.Password = func() (string, error) { return "hunter22", nil }
	w.says = func(host, line string) (string, int) { return "the password is hunter22", 0 }
	task := &program.Task{Action: "touch", Module: w.touch(), Register: "r"}
	w.play(task, &program.Task{Action: "tell", Module: w.tell("{{ r.stdout }}")})
	w.run()
	for _, e := range w.events {
		if text := fmt.Sprintf("%+v", e); strings.Contains(text, "hunter22") || strings.Contains(dumpOf(e), "hunter22") {
			t.Errorf("an event tells the password: %s", text)
		}
	}
	if !strings.Contains(dumpOf(w.last("tell")), hiddenWord) {
		t.Errorf("the place of the password is not marked: %s", dumpOf(w.last("tell")))
	}
}

func TestNoLogHidesTheResult(t *testing.T) {
	w := newTestWorld(t)
	w.says = func(host, line string) (string, int) { return "token", 0 }
	task := &program.Task{Action: "touch", Module: w.touch()}
	task.NoLog = true
	w.play(task)
	w.run()
	if got := dumpOf(w.last("touch")); strings.Contains(got, "token") || !strings.Contains(got, "censored") {
		t.Errorf("result %s", got)
	}
}

func TestNoLogHidesDifferencesOfItemsToo(t *testing.T) {
	w := newTestWorld(t)
	w.options.Diff, w.options.NoLog = true, true // no_log of ansible.cfg
	w.play(&program.Task{Action: "touch", Module: w.runs("token"), Loop: []any{1, 2}})
	w.run()
	items := 0
	for _, e := range w.events {
		if r, ok := e.(event.HostResult); ok {
			items++
			if len(r.Diff) > 0 || !strings.Contains(dumpOf(r), "censored") {
				t.Errorf("diff %+v, result %s", r.Diff, dumpOf(r))
			}
		}
	}
	if items != 3 {
		t.Errorf("%d results, want two items and their sum", items)
	}
}

func TestAnUnreachableHostIsNotTheOthersFault(t *testing.T) {
	w := newTestWorld(t, "h1", "h2")
	w.down["h1"] = true
	w.play(&program.Task{Action: "touch", Module: w.touch()}, &program.Task{Action: "again", Module: w.touch()})
	if code := w.run(); code != ExitUnreachable {
		t.Errorf("exit code %d, want %d", code, ExitUnreachable)
	}
	if got, want := w.results(), "h1 touch unreachable, h2 touch changed, h2 again changed"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
}

func TestRetriesWaitOnTheClock(t *testing.T) {
	w := newTestWorld(t)
	n := 0
	w.says = func(host, line string) (string, int) { n++; return fmt.Sprint(n), 0 }
	until, ds := w.options.Lang.ParseExpr(jinja.Source{Text: "r.stdout == '3'"})
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	w.play(&program.Task{Action: "touch", Module: w.touch(), Register: "r", Until: []any{until}, Retries: 5, Delay: 7})
	if code := w.run(); code != ExitOK {
		t.Errorf("exit code %d", code)
	}
	if got, want := w.slept, 14*time.Second; got != want {
		t.Errorf("waited %v, want %v", got, want)
	}
	if got := w.last("touch").Result.Value("attempts"); got != 3 {
		t.Errorf("attempts %v", got)
	}
}

func TestAskedToStopTheHostWindsUp(t *testing.T) {
	w := newTestWorld(t)
	stop := make(chan struct{})
	w.options.Stop = stop
	w.says = func(host, line string) (string, int) {
		if strings.Contains(line, "first") {
			close(stop)
		}
		return "", 0
	}
	w.playBlocks(&program.Block{Tasks: []program.Node{
		&program.Block{
			Tasks:  []program.Node{w.named("first"), w.named("never")},
			Rescue: []program.Node{w.named("rescue")},
			Always: []program.Node{w.named("always")},
		},
		w.named("after"),
	}})
	w.run()
	if got, want := w.results(), "h1 first changed, h1 rescue changed, h1 always changed"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
}

func TestStartAtPassesOverWhatStandsBefore(t *testing.T) {
	w := newTestWorld(t, "h1", "h2")
	w.options.StartAt = "sec*"
	w.play(w.named("first"), w.named("second"), w.named("third"))
	w.run()
	if got, want := w.results(), "h1 second changed, h2 second changed, h1 third changed, h2 third changed"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
}

func TestStartAtNothing(t *testing.T) {
	w := newTestWorld(t)
	w.options.StartAt = "nosuch"
	w.play(w.named("first"))
	code, err := Run(t.Context(), w.options)
	if code != ExitOK || err == nil || len(w.commands) > 0 { // Ansible says so, and ends with 0
		t.Errorf("code %d, error %v, commands %q", code, err, w.commands)
	}
}

func TestRefreshInventoryKeepsWhatWasLearned(t *testing.T) {
	w := newTestWorld(t)
	w.options.Reload = func() (*inventory.Inventory, error) {
		inv, ds := inventory.Load([]string{"h1,h9,"}, inventory.Options{Tree: source.NewTree(t.TempDir())})
		return inv, ds.Err()
	}
	w.says = func(host, line string) (string, int) { return "kept", 0 }
	w.play(&program.Task{Action: "touch", Module: w.touch(), Register: "r"},
		&program.Task{Action: "meta", Kind: program.KindMeta, Meta: "refresh_inventory"},
		&program.Task{Action: "tell", Module: w.tell("{{ r.stdout }} {{ groups.all | join(' ') }}")})
	w.run()
	if got := w.last("tell").Result.Value("msg"); got != "kept h1 h9" {
		t.Errorf("after the refresh: %v", got)
	}
}

// testWorld is a run on hosts that only write down what they are told.
type testWorld struct {
	t        *testing.T
	options  Options
	events   []event.Event
	refuse   string // the type of event that the sink cannot keep
	commands []string
	down     map[string]bool
	says     func(host, line string) (stdout string, rc int)
	slept    time.Duration
}

func newTestWorld(t *testing.T, hosts ...string) *testWorld {
	if len(hosts) == 0 {
		hosts = []string{"h1"}
	}
	w := &testWorld{t: t, down: map[string]bool{}}
	tree := source.NewTree(t.TempDir())
	inv, ds := inventory.Load([]string{strings.Join(hosts, ",") + ","}, inventory.Options{Tree: tree})
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	lang := jinja.New()
	store, ds := vars.NewStore(inv, vars.Options{Lang: lang, Tree: tree})
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	w.options = Options{
		Inventory: inv, Vars: store, Lang: lang, Sink: w, Connect: w, Content: noContent{}, Clock: (*testClock)(w), Forks: 1,
		Gathering: "explicit",
	}
	return w
}

func (w *testWorld) play(tasks ...*program.Task) {
	b := &program.Block{}
	for _, t := range tasks {
		b.Tasks = append(b.Tasks, t)
	}
	w.playBlocks(b)
}

func (w *testWorld) playBlocks(blocks ...*program.Block) {
	w.options.Program = &program.Program{Playbooks: []*program.Playbook{{
		File: "p.yml", Plays: []*program.Play{{Hosts: "all", Blocks: blocks}},
	}}}
}

func (w *testWorld) run() int {
	code, err := Run(w.t.Context(), w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// Emit keeps an event, or refuses it as a full disk would.
func (w *testWorld) Emit(e event.Event) error {
	if w.refuse == fmt.Sprintf("%T", e) {
		return errors.New("disk full")
	}
	w.events = append(w.events, e)
	return nil
}

func (w *testWorld) has(kind event.Event) bool {
	return slices.ContainsFunc(w.events, func(e event.Event) bool { return fmt.Sprintf("%T", e) == fmt.Sprintf("%T", kind) })
}

func (w *testWorld) results() string {
	var out []string
	for _, e := range w.events {
		if r, ok := e.(event.HostResult); ok {
			out = append(out, r.Host+" "+r.Task.Name+" "+string(r.Status))
		}
	}
	return strings.Join(out, ", ")
}

func (w *testWorld) last(task string) event.HostResult {
	for _, e := range slices.Backward(w.events) {
		if r, ok := e.(event.HostResult); ok && r.Task.Name == task {
			return r
		}
	}
	w.t.Fatalf("no result of %s", task)
	return event.HostResult{}
}

func dumpOf(e event.Event) string {
	if r, ok := e.(event.HostResult); ok {
		return value.Repr(r.Result)
	}
	return ""
}

// Connect opens the way to a host that writes down commands.
func (w *testWorld) Connect(_ context.Context, c vars.Connection) (conn.Connection, error) {
	if w.down[c.Host] {
		return nil, fmt.Errorf("%w: no route to %s", conn.ErrUnreachable, c.Host)
	}
	if c.Password != nil {
		if _, err := c.Password(); err != nil {
			return nil, err
		}
	}
	return &testHost{w, c.Host}, nil
}

type testHost struct {
	w    *testWorld
	name string
}

func (h *testHost) Run(_ context.Context, c conn.Command) (int, error) {
	h.w.commands = append(h.w.commands, h.name+": "+c.Line)
	out, rc := "", 0
	if h.w.says != nil {
		out, rc = h.w.says(h.name, c.Line)
	}
	if c.Stdout != nil {
		fmt.Fprint(c.Stdout, out)
	}
	return rc, nil
}

func (h *testHost) Close() error { return nil }

type noArgs struct{}

// touch is a module that changes its host by one command.
func (w *testWorld) touch() module.Module { return w.runs("f") }

func (w *testWorld) named(name string) *program.Task {
	return &program.Task{Action: name, Module: w.runs(name)}
}

func (w *testWorld) runs(arg string) module.Module {
	return module.Define(module.Spec{Name: "test.touch", Doc: "Touch a file."}, func(context.Context, module.View, noArgs) (module.Plan, error) {
		return module.Change(module.Text("", arg), func(ctx context.Context, h module.Host) (module.Result, error) {
			return module.Ran(h.Exec(ctx, module.Cmd{Argv: []string{"touch", arg}}))
		}), nil
	})
}

// tell is a module that answers with a template's text.
func (w *testWorld) tell(text string) module.Module {
	return module.Define(module.Spec{Name: "test.tell", Doc: "Tell something."}, func(_ context.Context, v module.View, _ noArgs) (module.Plan, error) {
		s, err := v.Controller().Render(module.TemplateText{Text: text})
		if err != nil {
			return module.Plan{}, err
		}
		return module.Done(module.Result{Msg: s}), nil
	})
}

// testClock waits by writing down how long.
type testClock testWorld

func (c *testClock) Now() time.Time { return time.Unix(0, 0).Add(c.slept) }

func (c *testClock) Sleep(ctx context.Context, d time.Duration) error {
	c.slept += d
	return ctx.Err()
}

// noContent is a project without files.
type noContent struct{}

func (noContent) Open(name string) (fs.File, error)          { return nil, fs.ErrNotExist }
func (noContent) ReadDir(name string) ([]fs.DirEntry, error) { return nil, fs.ErrNotExist }
func (noContent) Stat(name string) (fs.FileInfo, error)      { return nil, fs.ErrNotExist }
func (noContent) Abs(name string) string                     { return "/" + name }

// What cannot be evaluated must not be taken for "no": the task would act in check mode, or show what it was to hide.
func TestAKeywordThatCannotBeEvaluatedStopsTheTask(t *testing.T) {
	for keyword, set := range map[string]func(*program.Task, any){
		"check_mode": func(t *program.Task, v any) { t.CheckMode = v },
		"no_log":     func(t *program.Task, v any) { t.NoLog = v },
		"become":     func(t *program.Task, v any) { t.Become = v },
		"timeout":    func(t *program.Task, v any) { t.Timeout = v },
	} {
		w := newTestWorld(t)
		tpl, ds := w.options.Lang.Parse(jinja.Source{Text: "{{ nosuch }}"})
		if ds.HasErrors() {
			t.Fatal(ds.Err())
		}
		task := &program.Task{Action: "touch", Module: w.touch()}
		set(task, tpl)
		w.play(task)
		if code := w.run(); code != ExitFailed || len(w.commands) > 0 {
			t.Errorf("%s: exit code %d, commands %q", keyword, code, w.commands)
		}
		if got := dumpOf(w.last("touch")); keyword != "no_log" && !strings.Contains(got, "Error processing keyword '"+keyword+"'") {
			t.Errorf("%s: %s", keyword, got)
		}
	}
}
