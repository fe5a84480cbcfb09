package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// Plain writes one line for each thing that happens, for logs: host, status, task, and what was said of it.
type Plain struct {
	o     Options
	quiet bool
}

// NewPlain makes the view.
func NewPlain(o Options) *Plain { return &Plain{o: o} }

// NewQuiet makes the view that tells of failures and the recap only.
func NewQuiet(o Options) *Plain { return &Plain{o: o, quiet: true} }

// Emit writes the line of one event.
func (v *Plain) Emit(e event.Event) error { //house:dispatch
	switch x := e.(type) {
	case event.RunResumed:
		v.say(true, "%s", resumed(x))
	case event.PlayStarted:
		v.say(!v.quiet, "play %q on %s", x.Name, strings.Join(x.Hosts, " "))
	case event.NoHostsMatched:
		v.say(!v.quiet, "no hosts matched")
	case event.HostResult:
		v.result(x)
	case event.HostProgress:
		v.say(!v.quiet, "%s: %s: %s", x.Host, x.Task.Name, x.Message)
	case event.Gate:
		v.gate(x)
	case event.Held:
		v.say(!x.Ends, "%s", heldLine(x))
	case event.Retry:
		v.say(!v.quiet, "%s: retry %d of %d: %s", x.Host, x.Attempts, x.Retries, x.Task.Name)
	case event.Message:
		if x.Level == "warning" || x.Level == "note" {
			fmt.Fprintf(v.o.Err, "%s: %s\n", x.Level, x.Text)
		}
	case event.Stats:
		v.stats(x)
	}
	return nil
}

// gate says that the guard has let a disruption happen, and what a person has accepted. A refusal is the failure of its task.
func (v *Plain) gate(g event.Gate) {
	if !g.Passed || v.quiet {
		return
	}
	line := fmt.Sprintf("%s: the guard gives leave: %s", g.Host, g.Disrupts)
	if !strings.Contains(g.Disrupts, g.Node) {
		line += " of node " + g.Node
	}
	for _, e := range g.Evidence {
		if e.State == "accepted" {
			line += "; accepted: " + e.Found
		}
	}
	v.say(true, "%s", line)
}

func (v *Plain) say(show bool, format string, args ...any) {
	if show {
		fmt.Fprintf(v.o.Out, format+"\n", args...)
	}
}

func (v *Plain) result(r event.HostResult) {
	bad := r.Status == event.Failed || r.Status == event.Unreachable
	if r.Loop && !r.Item && !bad || v.quiet && !bad {
		return
	}
	name := r.Task.Name
	if r.Item {
		name += " (item=" + value.Str(r.ItemLabel) + ")"
	}
	line := fmt.Sprintf("%s: %s: %s", r.Host, r.Status, name)
	if msg := r.Result.Value("msg"); msg != nil && (bad || r.Verbose) {
		line += ": " + value.Str(msg)
	}
	if r.Duration >= time.Second {
		line += fmt.Sprintf(" (%.1f s)", r.Duration.Seconds())
	}
	v.say(true, "%s", line)
	if stderr, ok := r.Result.Value("stderr").(string); ok && bad && stderr != "" {
		v.say(true, "\t%s", strings.ReplaceAll(strings.TrimSpace(stderr), "\n", "\n\t"))
	}
}

func (v *Plain) stats(s event.Stats) {
	for _, h := range s.Order {
		t := s.Hosts[h]
		if v.quiet && t.Failed+t.Unreachable == 0 && t.Changed == 0 {
			continue
		}
		v.say(true, "%s: ok=%d changed=%d unreachable=%d failed=%d skipped=%d rescued=%d ignored=%d",
			h, t.OK, t.Changed, t.Unreachable, t.Failed, t.Skipped, t.Rescued, t.Ignored)
	}
}
