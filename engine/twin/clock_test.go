package twin

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

func TestClockJumpsFromEventToEvent(t *testing.T) {
	c := NewClock(0)
	defer c.Close()
	var mu sync.Mutex
	var seen []string
	done := make(chan struct{})
	note := func(what string) func() {
		return func() {
			mu.Lock()
			defer mu.Unlock()
			if seen = append(seen, what+" "+c.Now().Sub(epoch).String()); len(seen) == 3 {
				close(done)
			}
		}
	}
	c.After(time.Hour, note("late"))
	c.After(time.Minute, note("soon"))
	stop := c.Expire(30*time.Minute, note("never"))
	if err := c.Sleep(t.Context(), 20*time.Minute); err != nil {
		t.Fatal(err)
	}
	note("slept")()
	stop()
	<-done
	if want := []string{"soon 1m0s", "slept 20m0s", "late 1h0m0s"}; !slices.Equal(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
}

func TestClockRunsFast(t *testing.T) {
	c := NewClock(1e6)
	defer c.Close()
	before := c.Now()
	if err := c.Sleep(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	twin, world := c.Elapsed()
	if c.Now().Sub(before) < time.Hour || twin < 1000*world {
		t.Errorf("%s in %s", twin, world)
	}
}

func TestWaitsOnAClockEnd(t *testing.T) {
	for _, speed := range []float64{0, 1e6} {
		c := NewClock(speed)
		late := errors.New("late")
		ctx, cancel := module.Timeout(module.WithClock(t.Context(), c), time.Hour, late)
		<-ctx.Done()
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) || !errors.Is(context.Cause(ctx), late) {
			t.Errorf("speed %v: %v, %v", speed, ctx.Err(), context.Cause(ctx))
		}
		cancel()
		ctx, cancel = module.Timeout(module.WithClock(t.Context(), c), 1e6*time.Hour, late)
		cancel()
		if !errors.Is(ctx.Err(), context.Canceled) || c.Sleep(ctx, time.Hour) == nil {
			t.Errorf("speed %v: after cancel: %v", speed, ctx.Err())
		}
		c.Close()
	}
}
