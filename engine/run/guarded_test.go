package run

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
)

// warden is a guard of a test: what it answers, and what it was asked.
type warden struct {
	enter  error
	permit func(ctx context.Context, r guard.Request) (guard.Answer, error)
	heard  []string
}

// Enter notes the host.
func (w *warden) Enter(_ context.Context, r guard.Request) error {
	w.heard = append(w.heard, "enter "+r.Host)
	return w.enter
}

// Permit notes host and disruption.
func (w *warden) Permit(ctx context.Context, r guard.Request) (guard.Answer, error) {
	w.heard = append(w.heard, r.What+" of "+r.Host)
	if w.permit == nil {
		return guard.Answer{Node: r.Host, Done: func(context.Context) { w.heard = append(w.heard, "over on "+r.Host) }}, nil
	}
	return w.permit(ctx, r)
}

// Close notes the end.
func (w *warden) Close(context.Context) error {
	w.heard = append(w.heard, "close")
	return nil
}

// guarded is a run of a change and a reboot on hosts, one after the other.
func guarded(t *testing.T, g *warden, hosts ...string) *testWorld {
	w, _ := maintain(t, 1, hosts...)
	w.options.Between, w.options.Guard = nil, g
	return w
}

func TestTheGuardIsAskedAndTold(t *testing.T) {
	g := &warden{}
	w := guarded(t, g, "h1", "h2")
	w.run()
	if want := []string{"enter h1", "reboot of h1", "over on h1", "enter h2", "reboot of h2", "over on h2", "close"}; !slices.Equal(g.heard, want) {
		t.Errorf("heard %q, want %q", g.heard, want)
	}
	if !w.has(event.Gate{}) {
		t.Error("nobody was told of the leave")
	}
}

func TestARefusalFailsTheTask(t *testing.T) {
	g := &warden{permit: func(_ context.Context, r guard.Request) (guard.Answer, error) {
		return guard.Answer{}, &guard.Refusal{Request: r, Node: "n1", Broken: []guard.Evidence{{Check: "other-node", About: "n2", Found: "node n2 is cordoned", Mend: "uncordon it", Accept: "--accept other-node=n2"}}}
	}}
	w := guarded(t, g, "h1")
	if code, err := Run(t.Context(), w.options); code != ExitFailed || err != nil {
		t.Errorf("code %d, %v", code, err)
	}
	if got, want := w.results(), "h1 touch changed, h1 reboots failed"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
	if slices.ContainsFunc(w.commands, func(c string) bool { return strings.Contains(c, "reboot") }) {
		t.Errorf("ran %q", w.commands)
	}
	for _, e := range w.events {
		if r, ok := e.(event.HostResult); ok && r.Status == event.Failed {
			want := "Task failed: reboot of node n1 refused: node n2 is cordoned (uncordon it; to go on all the same: --accept other-node=n2)"
			if msg, _ := r.Result.Get("msg"); msg != want {
				t.Errorf("%q, want %q", msg, want)
			}
		}
	}
}

func TestAClusterThatIsHeldEndsTheRun(t *testing.T) {
	locked := &guard.Locked{Cluster: "c", Holder: "bob@desk", Run: "r2", Age: "noon"}
	g := &warden{enter: locked}
	w := guarded(t, g, "h1")
	code, err := Run(t.Context(), w.options)
	if code != ExitLocked || err == nil || !strings.Contains(err.Error(), "cluster c is held by bob@desk (run r2) since noon") {
		t.Errorf("code %d, %v", code, err)
	}
	if len(w.commands) > 0 || g.heard[len(g.heard)-1] != "close" {
		t.Errorf("ran %q; heard %q", w.commands, g.heard)
	}
}

func TestWhatTheGuardLeavesOutIsSkippedWithAWarning(t *testing.T) {
	g := &warden{permit: func(context.Context, guard.Request) (guard.Answer, error) {
		return guard.Answer{Node: "n1", Skip: "node n1 stays cordoned"}, nil
	}}
	w := guarded(t, g, "h1")
	w.run()
	if got, want := w.results(), "h1 touch changed, h1 reboots skipped"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
	if !slices.Contains(w.events, event.Event(event.Message{Level: "warning", Text: "node n1 stays cordoned"})) {
		t.Error("nobody was warned")
	}
}

// TestAStopEndsTheWaitForLeave: what was not begun is not begun, and the task fails, so that rescue and always run.
func TestAStopEndsTheWaitForLeave(t *testing.T) {
	stop := make(chan struct{})
	g := &warden{permit: func(ctx context.Context, _ guard.Request) (guard.Answer, error) {
		close(stop)
		<-ctx.Done()
		return guard.Answer{}, ctx.Err()
	}}
	w := guarded(t, g, "h1", "h2")
	w.options.Stop = stop
	if _, err := Run(t.Context(), w.options); errors.Is(err, context.Canceled) {
		t.Errorf("the run ended as if it was cut off: %v", err)
	}
	if got, want := w.results(), "h1 touch changed, h1 reboots failed"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
}
