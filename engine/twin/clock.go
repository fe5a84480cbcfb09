package twin

// The clock of a twin: one time for the engine, the machines and the cluster.

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Clock is a time that is not the world's. With a speed it runs so many times as fast. Without one it jumps: as soon as nobody does anything it is
// the time of whatever comes next, so that a maintenance of hours takes as long as its own work.
//
// A jump waits until the clock has been left alone for a moment, as who works asks for the time, sleeps or sets timers all along. A limit
// (Expire) waits for longer: that somebody is slow in the real world, on a busy machine, must not look like the end of his patience.
type Clock struct {
	speed  float64
	origin time.Time // of the twin
	began  time.Time // in the world

	mu      sync.Mutex
	now     time.Time // where the clock jumps
	due     queue
	serial  int
	stirred uint64 // counts what is asked of the clock
	woken   chan struct{}
	closed  chan struct{}
	once    sync.Once
}

// epoch is when the time of every twin begins: a Sunday night.
var epoch = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

// How long the clock must have been left alone before it jumps: so many looks, so far apart.
const (
	glance       = 50 * time.Microsecond
	looksToEvent = 4
	looksToLimit = 400
)

// NewClock makes a clock that runs; a speed of 0 makes one that jumps. Close ends it.
func NewClock(speed float64) *Clock {
	c := &Clock{speed: max(speed, 0), origin: epoch, began: time.Now(), now: epoch, woken: make(chan struct{}, 1), closed: make(chan struct{})}
	if c.speed == 0 {
		go c.jump()
	}
	return c
}

// Close ends the clock: what was to happen later does not, and what it would have happened to is let go of, however long somebody keeps the clock.
func (c *Clock) Close() {
	c.once.Do(func() { close(c.closed) })
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.due {
		t.index = -1
	}
	c.due = nil
}

// Now is the time in the twin.
func (c *Clock) Now() time.Time {
	if c.speed > 0 {
		return c.origin.Add(time.Duration(float64(time.Since(c.began)) * c.speed))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stirred++
	return c.now
}

// Elapsed is how much time has passed in the twin, and how much in the world.
func (c *Clock) Elapsed() (twin, world time.Duration) {
	return c.Now().Sub(c.origin), time.Since(c.began)
}

// Sleep waits for d, or for ctx.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	over := make(chan struct{})
	stop := c.schedule(d, looksToEvent, func() { close(over) })
	defer stop()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// After calls f in a goroutine of its own when d is over.
func (c *Clock) After(d time.Duration, f func()) { c.schedule(d, looksToEvent, func() { go f() }) }

// Expire calls f when d is over and nobody does anything in the meantime, unless stop is called before.
func (c *Clock) Expire(d time.Duration, f func()) (stop func()) {
	return c.schedule(d, looksToLimit, func() { go f() })
}

// schedule lets f be called; f does not block.
func (c *Clock) schedule(d time.Duration, looks int, f func()) (stop func()) {
	if c.speed > 0 {
		t := time.AfterFunc(time.Duration(float64(d)/c.speed), func() {
			select {
			case <-c.closed:
			default:
				f()
			}
		})
		return func() { t.Stop() }
	}
	c.mu.Lock()
	c.stirred++
	c.serial++
	t := &timer{at: c.now.Add(max(d, 0)), serial: c.serial, looks: looks, do: f}
	heap.Push(&c.due, t)
	c.mu.Unlock()
	select {
	case c.woken <- struct{}{}:
	default:
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stirred++
		if t.index >= 0 {
			heap.Remove(&c.due, t.index)
		}
	}
}

// jump moves the clock from one event to the next, whenever it was left alone.
func (c *Clock) jump() {
	quiet, last := 0, uint64(0)
	for {
		c.mu.Lock()
		idle := len(c.due) == 0
		if c.stirred != last {
			quiet, last = 0, c.stirred
		}
		quiet++
		var do func()
		if !idle && quiet > c.due[0].looks+farther(c.due[0].at.Sub(c.now)) {
			t := heap.Pop(&c.due).(*timer)
			c.now, do, quiet = later(c.now, t.at), t.do, 0
		}
		c.mu.Unlock()
		switch {
		case do != nil:
			do()
			continue
		case idle:
			select {
			case <-c.woken:
			case <-c.closed:
				return
			}
			continue
		}
		select {
		case <-c.closed:
			return
		default:
			time.Sleep(glance)
		}
	}
}

// farther is for how many more looks a leap over so much time is put off: the farther it goes the surer it must be that nothing comes before.
func farther(d time.Duration) int { return int(min(d, time.Minute) / (2 * time.Second)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// timer is something that is due.
type timer struct {
	at     time.Time
	serial int // of two at the same time the one that was set first comes first
	looks  int
	do     func()
	index  int // in the queue; below 0: it is there no more
}

type queue []*timer

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].serial < q[j].serial
	}
	return q[i].at.Before(q[j].at)
}
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *queue) Push(x any) {
	t := x.(*timer)
	t.index = len(*q)
	*q = append(*q, t)
}
func (q *queue) Pop() any {
	all := *q
	t := all[len(all)-1]
	t.index = -1
	*q = all[:len(all)-1]
	return t
}
