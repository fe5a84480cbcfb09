package twin

// The two invariants that need to know what the run itself has written: its journal, and everything it has put out.

import (
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
)

// Act is a change that a run has announced before it made it.
type Act struct {
	Host  string
	Task  string
	Begun time.Time
	Ended time.Time // zero: nothing is known of its end
}

// Acts reads the acts off the events of a run, in the order of a journal.
func Acts(events []event.Event) []Act {
	var out []Act
	open := map[string]int{} // by host and task: the act that has no end yet
	for _, e := range events {
		switch e := e.(type) {
		case event.ApplyStarted:
			open[e.Host+" "+e.Task.ID] = len(out)
			out = append(out, Act{Host: e.Host, Task: e.Task.Name, Begun: e.At})
		case event.HostResult:
			key := e.Host + " " + e.Task.ID
			if i, ok := open[key]; ok {
				out[i].Ended = e.At
				delete(open, key)
			}
		}
	}
	return out
}

// Journaled: whatever the run changed (a node cordoned or given back, a package, a boot) was announced before, by an act that had not ended. A
// change that names a host belongs to an act on that host; one of the cluster may be made from any. after is for how long past its end an act may
// still show: a kubelet that starts late, a shutdown that was asked for.
func Journaled(t Trace, acts []Act, after time.Duration) []Violation {
	var out []Violation
	w := newWorld()
	for _, e := range t {
		changes := e.Kind == Cordoned || e.Kind == Uncordoned || e.Kind == PackageChanged || e.Kind == GoingDown
		if w.begun && changes && !w.excused(e) && !announced(acts, e, after) {
			about := e.Node
			if e.Object != "" {
				about += " " + e.Object
			}
			out = append(out, Violation{"journaled", e.At, fmt.Sprintf("%s of %s was announced by no act", e.Kind, about)})
		}
		w.apply(e)
	}
	return out
}

func announced(acts []Act, e Event, after time.Duration) bool {
	for _, a := range acts {
		on := e.Host == "" || a.Host == e.Host
		if on && !a.Begun.After(e.At) && (a.Ended.IsZero() || !a.Ended.Add(after).Before(e.At)) {
			return true
		}
	}
	return false
}

// Completed: of every act the end is known.
func Completed(acts []Act) []Violation {
	var out []Violation
	for _, a := range acts {
		if a.Ended.IsZero() {
			out = append(out, Violation{"completed", a.Begun, fmt.Sprintf("%s on %s was begun, and nothing is known of its end", a.Task, a.Host)})
		}
	}
	return out
}

// Secretless: none of the secrets stands in any of the texts that a run has put out: its screen, its log, its journal, the command lines of
// machines. Names say where it stands; the secret itself is not repeated.
func Secretless(texts map[string]string, secrets ...string) []Violation {
	var out []Violation
	for name, text := range texts {
		for i, s := range secrets {
			if s != "" && strings.Contains(text, s) {
				out = append(out, Violation{Invariant: "secret", What: fmt.Sprintf("%s holds secret %d", name, i+1)})
			}
		}
	}
	return out
}
