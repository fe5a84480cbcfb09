package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/pace"
	"github.com/drydock-dev/drydock/engine/program"
)

// gatekeeper is a Between that lets hosts in until one of them is named in ends.
type gatekeeper struct {
	ends  map[string]string // why the run ends before a host
	asked []string
	over  []string
	hold  func(ctx context.Context, a pace.Ahead) error
}

func (g *gatekeeper) Next(ctx context.Context, a pace.Ahead) (string, error) {
	g.asked = append(g.asked, strings.Join(a.Hosts, "+"))
	if g.hold != nil {
		if err := g.hold(ctx, a); err != nil {
			return "", err
		}
	}
	return g.ends[a.Hosts[0]], nil
}

func (g *gatekeeper) Over(hosts []string, took time.Duration) {
	g.over = append(g.over, fmt.Sprintf("%s %s", strings.Join(hosts, "+"), took))
}

// reboots is a module that takes a node out of service for a while.
func (w *testWorld) reboots() module.Module {
	spec := module.Spec{Name: "reboots", Disrupts: func(module.Args) module.Disruption { return module.Disruption{Kind: module.Reboot, What: "reboot"} }}
	return module.Define(spec, func(ctx context.Context, v module.View, _ struct{}) (module.Plan, error) {
		return module.Change(module.Text("up", "down"), func(ctx context.Context, h module.Host) (module.Result, error) {
			w.slept += time.Minute
			return module.Ran(h.Exec(ctx, module.Cmd{Argv: []string{"reboot"}}))
		}), nil
	})
}

// maintain is a play of a look and a reboot over the hosts, one at a time if serial says so.
func maintain(t *testing.T, serial any, hosts ...string) (*testWorld, *gatekeeper) {
	w, g := newTestWorld(t, hosts...), &gatekeeper{ends: map[string]string{}}
	w.options.Between = g
	w.play(&program.Task{Action: "touch", Module: w.touch()}, &program.Task{Action: "reboots", Module: w.reboots()})
	w.options.Program.Playbooks[0].Plays[0].Serial = serial
	return w, g
}

func TestEachBatchIsAskedFor(t *testing.T) {
	w, g := maintain(t, 1, "h1", "h2")
	w.run()
	if want := []string{"h1", "h2"}; !slices.Equal(g.asked, want) {
		t.Errorf("asked for %q, want %q", g.asked, want)
	}
	if want := []string{"h1 1m0s", "h2 1m0s"}; !slices.Equal(g.over, want) {
		t.Errorf("over %q, want %q", g.over, want)
	}
}

func TestTheRunEndsBeforeTheNextBatch(t *testing.T) {
	w, g := maintain(t, 1, "h1", "h2", "h3")
	g.ends["h2"] = "the window is closed"
	code, err := Run(t.Context(), w.options)
	var held *HeldError
	if code != ExitHeld || !errors.As(err, &held) || err.Error() != "the run ended before h2: the window is closed" {
		t.Errorf("code %d, error %v", code, err)
	}
	if got, want := w.results(), "h1 touch changed, h1 reboots changed"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
	if end := w.events[len(w.events)-1].(event.RunFinished); !end.Stopped || end.Exit != ExitHeld {
		t.Errorf("the end is %+v", end)
	}
	if !w.has(event.Stats{}) {
		t.Error("there are no figures")
	}
}

func TestNothingIsTouchedWhenTheFirstBatchIsHeld(t *testing.T) {
	w, g := maintain(t, 1, "h1", "h2")
	g.ends["h1"] = "the window is closed"
	code, err := Run(t.Context(), w.options)
	if code != ExitHeld || err == nil || err.Error() != "the run ended before h1: the window is closed; no node was touched" {
		t.Errorf("code %d, error %v", code, err)
	}
	if len(w.commands) > 0 {
		t.Errorf("ran %q", w.commands)
	}
}

func TestWithoutSerialTheFirstDisruptionAsks(t *testing.T) {
	w, g := maintain(t, nil, "h1", "h2")
	w.run()
	if want := []string{"h1+h2"}; !slices.Equal(g.asked, want) {
		t.Errorf("asked for %q, want %q", g.asked, want)
	}
	w, g = maintain(t, nil, "h1", "h2")
	g.ends["h1"] = "the window is closed"
	if code, err := Run(t.Context(), w.options); code != ExitHeld || err == nil {
		t.Errorf("code %d, error %v", code, err)
	}
	if got, want := w.results(), "h1 touch changed, h2 touch changed"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
	if slices.ContainsFunc(w.commands, func(c string) bool { return strings.Contains(c, "reboot") }) {
		t.Errorf("ran %q", w.commands)
	}
}

func TestAPlayThatDisruptsNothingDoesNotAsk(t *testing.T) {
	w, g := maintain(t, nil, "h1")
	w.play(&program.Task{Action: "touch", Module: w.touch()})
	w.run()
	if len(g.asked)+len(g.over) > 0 {
		t.Errorf("asked for %q, over %q", g.asked, g.over)
	}
}

func TestCheckModeDoesNotAsk(t *testing.T) {
	w, g := maintain(t, 1, "h1")
	w.options.Check = true
	w.run()
	if len(g.asked) > 0 {
		t.Errorf("asked for %q", g.asked)
	}
}

func TestAFailedNodeTeachesNothing(t *testing.T) {
	w, g := maintain(t, 1, "h1")
	w.says = func(_, line string) (string, int) { return "", map[bool]int{true: 1}[strings.Contains(line, "reboot")] }
	if code := w.run(); code != ExitFailed || len(g.over) > 0 {
		t.Errorf("code %d, over %q", code, g.over)
	}
}

func TestAPersonEndsTheWaiting(t *testing.T) {
	for _, serial := range []any{1, nil} {
		w, g := maintain(t, serial, "h1", "h2")
		stop := make(chan struct{})
		w.options.Stop = stop
		g.hold = func(ctx context.Context, a pace.Ahead) error {
			if err := a.Tell(pace.Hold{By: []string{"window"}, Why: "closed"}); err != nil {
				return err
			}
			close(stop)
			<-ctx.Done()
			return ctx.Err()
		}
		w.run()
		if !w.has(event.Held{}) || slices.ContainsFunc(w.commands, func(c string) bool { return strings.Contains(c, "reboot") }) {
			t.Errorf("serial %v: ran %q", serial, w.commands)
		}
		if end := w.events[len(w.events)-1].(event.RunFinished); !end.Stopped {
			t.Errorf("serial %v: the end is %+v", serial, end)
		}
	}
}
