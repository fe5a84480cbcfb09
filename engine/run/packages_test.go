package run

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// upgrade is a module that foresees one change and makes another; failed: it ends badly.
func upgrade(failed bool) *program.Task {
	m := module.Define(module.Spec{Name: "test.upgrade", Doc: "Upgrade."}, func(context.Context, module.View, noArgs) (module.Plan, error) {
		plan := module.Change(module.Diff{}, func(context.Context, module.Host) (module.Result, error) {
			r := module.Result{Changed: true, Failed: failed}
			r.Packages = []module.PackageChange{{Name: "tool", Arch: "all", From: "1", To: "3"}}
			return r, nil
		})
		return plan.Noting(value.NewMap("more", true)).Changing([]module.PackageChange{{Name: "tool", Arch: "all", From: "1", To: "2"}}), nil
	})
	return &program.Task{Action: "upgrade", Module: m}
}

// told are the events about packages and results, in order.
func (w *testWorld) told() string {
	var out []string
	for _, e := range w.events {
		switch x := e.(type) {
		case event.ApplyStarted:
			out = append(out, "announced "+value.Repr(x.Note))
		case event.PackagesChanged:
			out = append(out, fmt.Sprintf("changed %s %v", x.Host, x.Packages))
		case event.HostResult:
			out = append(out, string(x.Status))
			if strings.Contains(dumpOf(x), "tool") {
				out = append(out, "the result tells of packages")
			}
		}
	}
	return strings.Join(out, "; ")
}

func TestPackagesAreToldBeforeAndAfter(t *testing.T) {
	const before = "announced {'more': True, 'packages': [{'name': 'tool', 'arch': 'all', 'from': '1', 'to': '2'}]}; "
	for _, failed := range []bool{false, true} {
		w := newTestWorld(t)
		w.play(upgrade(failed))
		w.run()
		if got, want := w.told(), before+"changed h1 [{tool all 1 3}]; "+map[bool]string{false: "changed", true: "failed"}[failed]; got != want {
			t.Errorf("told was\n%s\nwant\n%s", got, want)
		}
	}
}

func TestNoLogCoversPackages(t *testing.T) {
	w := newTestWorld(t)
	task := upgrade(false)
	task.NoLog = true
	w.play(task)
	w.run()
	if got, want := w.told(), "announced {'more': True}; changed"; got != want {
		t.Errorf("told was %s, want %s", got, want)
	}
}

func TestPackagesThatCannotBeWrittenDownEndTheRun(t *testing.T) {
	w := newTestWorld(t)
	w.refuse = "event.PackagesChanged"
	w.play(upgrade(false), &program.Task{Action: "touch", Module: w.touch()})
	if code, err := Run(t.Context(), w.options); code == ExitOK || err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("code %d, error %v", code, err)
	}
	if len(w.commands) > 0 {
		t.Errorf("the run went on: %q", w.commands)
	}
}
