package cluster

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// handClock is a clock that a test moves: nobody waits for anything.
type handClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []timer
}

type timer struct {
	at time.Time
	do func()
}

func newClock() *handClock {
	return &handClock{now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}
}

func (h *handClock) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *handClock) After(d time.Duration, do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.timers = append(h.timers, timer{h.now.Add(d), do})
}

// pass lets time pass, timer by timer.
func (h *handClock) pass(d time.Duration) {
	end := h.Now().Add(d)
	for {
		do := h.next(end)
		if do == nil {
			return
		}
		do()
	}
}

func (h *handClock) next(end time.Time) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	slices.SortStableFunc(h.timers, func(a, b timer) int { return a.at.Compare(b.at) })
	if len(h.timers) == 0 || h.timers[0].at.After(end) {
		h.now = end
		return nil
	}
	first := h.timers[0]
	h.timers = h.timers[1:]
	if first.at.After(h.now) {
		h.now = first.at
	}
	return first.do
}

// bed is a cluster with a clock that the test moves.
type bed struct {
	*asker
	*handClock
}

// k3s starts a cluster with the times of a real one.
func k3s(t *testing.T, spec Spec, also ...func(*Config)) bed {
	t.Helper()
	clock := newClock()
	config := Realistic()
	config.Now, config.After = clock.Now, clock.After
	for _, f := range also {
		f(&config)
	}
	c, err := K3s(config, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return bed{askerOf(t, c), clock}
}

// field reads a field of an object, for assertions.
func (b bed) field(resource, namespace, name string, path ...string) any {
	b.t.Helper()
	o, ok := b.Get(resource, namespace, name)
	if !ok {
		b.t.Fatalf("no %s %s/%s", resource, namespace, name)
	}
	return at(o, path...)
}
