package main

// What a rehearsal has come to.

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/value"
)

// The outcomes.
const (
	finished   = "finished"      // the run ended well, and so did every node
	refused    = "refused"       // it stopped before it touched a node that it should not touch
	rescued    = "rescued"       // a node was taken out, could not be maintained, and was given back
	stopped    = "stopped"       // it stopped with a node out of service, and says so
	harm       = "harm"          // an invariant was broken
	unknowable = "not rehearsed" // it stopped at something that the twin does not know
	impossible = "impossible"    // the fault cannot be on this cluster
)

// outcome is one row of the table.
type outcome struct {
	Fault   string `json:"fault"`
	Outcome string `json:"outcome"`
	Why     string `json:"why,omitempty"`
	Task    string `json:"task,omitempty"`  // at which it stopped
	Check   string `json:"check,omitempty"` // of the guard, if it was that which refused
	Host    string `json:"host,omitempty"`
	Exit    int    `json:"exit"`
	Done    int    `json:"done"` // nodes that were patched or rebooted and are back in service
	Nodes   int    `json:"nodes"`
	// Waited is the longest that a task took, by the cluster's clock, in seconds.
	Waited   float64  `json:"waited"`
	WaitedAt string   `json:"waited_at,omitempty"`
	Took     float64  `json:"took"` // the whole run, in seconds of the cluster
	Broken   []string `json:"broken,omitempty"`
	Out      []string `json:"out,omitempty"` // nodes that are down or cordoned at the end
	Lacks    []lack   `json:"not_rehearsed,omitempty"`
}

// lack is something that the twin does not know, and the task that wanted it.
type lack struct {
	What string `json:"what"`
	Task string `json:"task"`
	Host string `json:"host"`
	At   string `json:"at"`
}

// outcome judges the run.
func (s *rehearsing) outcome(code int, err error, nodes int) outcome {
	trace, acts := s.site.Trace(), twin.Acts(s.events)
	for _, what := range s.refused { // before any task, or after the last
		s.lacks = append(s.lacks, lack{What: what})
	}
	o := outcome{Exit: code, Nodes: nodes, Lacks: s.lacks, Done: served(trace)}
	of, _ := s.site.Clock.Elapsed()
	o.Took = of.Seconds()
	o.Waited, o.WaitedAt = longest(s.events)
	for _, v := range append(twin.Judge(trace), twin.Journaled(trace, acts, verdictPause)...) {
		o.Broken = append(o.Broken, v.Error())
	}
	for _, v := range twin.Restored(trace) {
		o.Out = append(o.Out, v.What)
	}
	last, failed := failure(s.events)
	if failed {
		msg, _ := last.Result.Get("msg")
		o.Task, o.Host, o.Why = last.Task.Name, last.Host, oneLine(value.Str(msg))
		if item := failedItem(s.events, last); item != "" {
			o.Why = item
		}
	}
	if err != nil {
		o.Why = oneLine(err.Error())
	}
	if o.Exit != exitOK {
		o.Check = checks(s.events)
	}
	o.Outcome = s.word(o, trace, last, failed)
	return o
}

// word is the outcome in a word.
func (s *rehearsing) word(o outcome, trace twin.Trace, last event.HostResult, failed bool) string {
	missing := slices.ContainsFunc(o.Lacks, func(l lack) bool { return l.Task == last.Task.Name })
	switch {
	case len(o.Broken) > 0:
		return harm
	case o.Exit == exitOK:
		return finished
	case failed && missing:
		return unknowable
	case len(o.Out) > 0 && touched(trace):
		return stopped
	case givenBack(trace, s.node(s.machine(last.Host)).Node):
		return rescued
	}
	return refused
}

// failure is the first result that ended badly of those at the end of the run: what follows it tells of the same.
func failure(events []event.Event) (event.HostResult, bool) {
	var out event.HostResult
	found := false
	for _, e := range events {
		r, ok := e.(event.HostResult)
		switch {
		case !ok || r.Item:
		case r.Status == event.Failed || r.Status == event.Unreachable && !r.Ignored:
			if !found {
				out, found = r, true
			}
		case r.Task.ID != out.Task.ID && r.Status == event.OK && r.Host != out.Host:
			found = false // another host went on: it was rescued
		}
	}
	return out, found
}

// checks are those of the guard that did not hold at the last disruption that it refused; empty: it refused none.
func checks(events []event.Event) string {
	var out []string
	for _, e := range events {
		g, ok := e.(event.Gate)
		if !ok || g.Passed {
			continue
		}
		out = nil
		for _, x := range g.Evidence {
			if (x.State == string(guard.Breaks) || x.State == string(guard.Waits)) && !slices.Contains(out, x.Check) {
				out = append(out, x.Check)
			}
		}
	}
	return strings.Join(out, ", ")
}

// failedItem is what the first failed item of a loop said.
func failedItem(events []event.Event, of event.HostResult) string {
	for _, e := range events {
		if r, ok := e.(event.HostResult); ok && of.Loop && r.Item && r.Status == event.Failed && r.Task.ID == of.Task.ID && r.Host == of.Host {
			msg, _ := r.Result.Get("msg")
			return oneLine(value.Str(msg))
		}
	}
	return ""
}

// longest finds the task that took longest.
func longest(events []event.Event) (seconds float64, task string) {
	var most time.Duration
	for _, e := range events {
		if r, ok := e.(event.HostResult); ok && !r.Item && r.Duration > most {
			most, task = r.Duration, r.Host+": "+r.Task.Name
		}
	}
	return most.Seconds(), task
}

// served counts the nodes that were patched or rebooted, and are in service at the end.
func served(t twin.Trace) int {
	worked, out := map[string]bool{}, map[string]bool{}
	for _, e := range t.Since() {
		switch e.Kind {
		case twin.PackageChanged, twin.Up:
			worked[e.Node] = true
		case twin.Cordoned, twin.GoingDown, twin.Down:
			out[e.Node] = true
		case twin.Uncordoned:
			delete(out, e.Node)
		}
	}
	n := 0
	for node := range worked {
		if !out[node] {
			n++
		}
	}
	return n
}

// touched tells whether the run took any node out of service.
func touched(t twin.Trace) bool {
	foreign := map[string]bool{}
	for _, e := range t.Since() {
		switch e.Kind {
		case twin.ForeignCordon, twin.Accident:
			foreign[e.Node] = true
		case twin.Cordoned, twin.GoingDown:
			if !foreign[e.Node] {
				return true
			}
		}
	}
	return false
}

// givenBack tells whether a node was taken out and given back as it was: neither patched nor rebooted.
func givenBack(t twin.Trace, node string) bool {
	taken, worked, back := false, false, false
	for _, e := range t.Since() {
		if e.Node != node {
			continue
		}
		switch e.Kind {
		case twin.Cordoned:
			taken, worked, back = true, false, false
		case twin.PackageChanged, twin.GoingDown:
			worked = true
		case twin.Uncordoned:
			back = taken && !worked
		}
	}
	return back
}

// says is the last column: what stopped the run, or what was broken.
func (o outcome) says() string {
	switch o.Outcome {
	case finished:
		return ""
	case impossible:
		return o.Why
	case harm:
		return strings.Join(o.Broken, "; ")
	}
	text := o.Why
	if o.Task != "" {
		text = fmt.Sprintf("%s, at %q: %s", o.Host, o.Task, o.Why)
	}
	if o.Check != "" {
		text = "by " + o.Check + ": " + text
	}
	if len(o.Out) > 0 {
		text += " (" + strings.Join(o.Out, ", ") + ")"
	}
	return text
}
