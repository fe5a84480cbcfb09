package journal

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/drydock-dev/drydock/engine/event"
)

// Record is a line of a journal: an event, or something that a run keeps for the day when it is taken up again.
type Record struct {
	Seq    int             `json:"seq"`
	Kind   string          `json:"kind"`
	At     time.Time       `json:"at"`
	Event  json.RawMessage `json:"event,omitempty"`
	Step   string          `json:"step,omitempty"`
	Sealed []byte          `json:"sealed,omitempty"`
}

// The kinds of record that are no events.
const (
	kindOpened    = "opened"    // a process begins to write; sealed: how it was called
	kindKept      = "kept"      // sealed: the answer of a step
	kindForgotten = "forgotten" // what was kept of a step, and of those below it, does not count any more
)

// opening is what the record of a process says openly; with it sealed is a call.
type opening struct {
	Run     string `json:"run"`
	Version string `json:"version"`
	Host    string `json:"host"`
	Pid     int    `json:"pid"`
	Key     string `json:"key"` // which one the answers are sealed with
}

// call is how a run was called.
type call struct {
	Args []string `json:"args"`
	Late bool     `json:"late,omitempty"`
}

// kind is one of the closed set of events.
type kind struct {
	name string
	read func([]byte) (event.Event, error)
}

func kindOf[E event.Event]() kind {
	return kind{kindName(reflect.TypeFor[E]()), func(data []byte) (event.Event, error) {
		var e E
		err := json.Unmarshal(data, &e)
		return e, err
	}}
}

// kindName is the name of an event as words: run_started.
func kindName(t reflect.Type) string {
	var b strings.Builder
	for i, r := range t.Name() {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// kinds are all events.
func kinds() []kind {
	return []kind{
		kindOf[event.RunStarted](), kindOf[event.FilesUsed](), kindOf[event.PlaybookStarted](), kindOf[event.PlayStarted](), kindOf[event.NoHostsMatched](),
		kindOf[event.NoHostsRemaining](), kindOf[event.TaskStarted](), kindOf[event.HostStarted](), kindOf[event.ApplyStarted](), kindOf[event.PackagesChanged](), kindOf[event.Gate](), kindOf[event.Held](),
		kindOf[event.RunResumed](), kindOf[event.HostsLost](), kindOf[event.HostProgress](), kindOf[event.HostResult](), kindOf[event.Retry](), kindOf[event.Included](),
		kindOf[event.AsyncPolled](), kindOf[event.AsyncEnded](), kindOf[event.Notified](), kindOf[event.Message](), kindOf[event.Stats](),
		kindOf[event.RunFinished](),
	}
}

// read returns the event of a record; nil if it is none.
func (r Record) read() (event.Event, error) {
	switch r.Kind {
	case kindOpened, kindKept, kindForgotten:
		return nil, nil
	}
	for _, k := range kinds() {
		if k.name == r.Kind {
			return k.read(r.Event)
		}
	}
	return nil, fmt.Errorf("there is no event %q; a newer drydock may have written it", r.Kind)
}
