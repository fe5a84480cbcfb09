package journal

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/engine/event"
)

// memory is what a journal holds of the steps of its run.
type memory struct {
	run string
	key *Key

	mu     sync.Mutex
	steps  map[string]*trace
	opened []call // how the processes of the run were called
}

// trace is what is known of one step.
type trace struct {
	sealed []byte
	order  int
	begun  *event.ApplyStarted
}

func newMemory(run string, key *Key) *memory {
	return &memory{run: run, key: key, steps: map[string]*trace{}}
}

// take reads a record.
func (m *memory) take(r Record) error {
	switch r.Kind {
	case kindOpened:
		return m.takeOpening(r)
	case kindKept:
		m.steps[r.Step] = &trace{sealed: r.Sealed, order: r.Seq}
	case kindForgotten:
		m.forget(r.Step)
	case kindApply:
		var begun event.ApplyStarted
		if err := json.Unmarshal(r.Event, &begun); err != nil {
			return err
		}
		if begun.Step != "" {
			m.steps[begun.Step] = &trace{order: r.Seq, begun: &begun}
		}
	}
	return nil
}

// forget drops a step and those below it.
func (m *memory) forget(step string) {
	for s := range m.steps {
		if s == step || strings.HasPrefix(s, step+"/") {
			delete(m.steps, s)
		}
	}
}

const (
	kindApply    = "apply_started"
	kindFinished = "run_finished"
)

func (m *memory) takeOpening(r Record) error {
	var said opening
	if err := json.Unmarshal(r.Event, &said); err != nil {
		return err
	}
	if said.Key != m.key.Name() {
		return fmt.Errorf("the run %s is sealed with another key (%s) than the one here (%s)", m.run, said.Key, m.key.Name())
	}
	plain, err := m.key.open(m.run, kindOpened, r.Sealed)
	if err != nil {
		return err
	}
	var c call
	if err := json.Unmarshal(plain, &c); err != nil {
		return err
	}
	m.opened = append(m.opened, c)
	return nil
}

// recall returns what is known of a step. An answer that cannot be opened is none: the step is planned again.
func (m *memory) recall(step string) event.Kept {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.steps[step]
	switch {
	case t == nil:
		return event.Kept{}
	case t.begun != nil:
		return event.Kept{Order: t.order, Begun: true, Note: t.begun.Note}
	}
	plain, err := m.key.open(m.run, step, t.sealed)
	if err != nil {
		return event.Kept{Begun: true, Order: t.order}
	}
	return event.Kept{Answer: plain, Order: t.order}
}

// stepParts is how many parts the key of a step has that a host does; what has more is an item of it, what has fewer is the play's.
const stepParts = 7

// finished counts the steps of hosts that have an answer.
func (m *memory) finished() int {
	n := 0
	for step, t := range m.steps {
		if t.begun == nil && strings.Count(step, "/") == stepParts-1 {
			n++
		}
	}
	return n
}
