package module

// The clock of a context: what limits a wait goes by the same time as the wait itself, also where no controller is at hand to ask for it.

import (
	"context"
	"time"
)

type clockInContext struct{}

// WithClock makes everything that is done under a context go by a clock.
func WithClock(ctx context.Context, c Clock) context.Context {
	return context.WithValue(ctx, clockInContext{}, c)
}

// ClockIn is the clock of a context; one without has the real time.
func ClockIn(ctx context.Context) Clock {
	if c, ok := ctx.Value(clockInContext{}).(Clock); ok {
		return c
	}
	return RealClock{}
}

// Expirer is a Clock that can be asked to call f once when d is over, unless stop is called before. A clock that jumps to what happens next
// knows by it what is a limit and what an event.
type Expirer interface {
	Expire(d time.Duration, f func()) (stop func())
}

// Timeout ends a context by its clock when d is over. Its Err is then context.DeadlineExceeded, its cause the given one; nil: the same.
func Timeout(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	clock, ok := ClockIn(ctx).(Expirer)
	if !ok {
		return context.WithTimeoutCause(ctx, d, cause)
	}
	if cause == nil {
		cause = context.DeadlineExceeded
	}
	inner, end := context.WithCancelCause(ctx)
	limited := &limited{Context: inner, over: make(chan struct{})}
	stop := clock.Expire(d, func() { close(limited.over); end(cause) })
	return limited, func() {
		stop()
		end(context.Canceled)
	}
}

// limited is a context that may end because its time is over.
type limited struct {
	context.Context
	over chan struct{} // closed before the context ends by its time
}

// Err tells a limit from a cancellation.
func (l *limited) Err() error {
	err := l.Context.Err()
	select {
	case <-l.over:
		if err != nil {
			return context.DeadlineExceeded
		}
	default:
	}
	return err
}
