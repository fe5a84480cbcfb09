package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
)

// waits is a clock that only writes down how long it was asked to wait.
type waits []time.Duration

func (w *waits) Now() time.Time { return time.Time{} }

func (w *waits) Sleep(_ context.Context, d time.Duration) error {
	*w = append(*w, d/time.Second)
	return nil
}

func TestConnectingIsTriedAgainOnlyWhereNobodyAnswers(t *testing.T) {
	for _, c := range []struct {
		err   error
		tries int
		waits waits
	}{
		{fmt.Errorf("x: %w", conn.ErrUnreachable), 4, waits{0, 1, 3}},
		{fmt.Errorf("x: %w", conn.ErrAuth), 1, nil},
		{errors.Join(conn.ErrUnreachable, conn.ErrHostKey), 1, nil},
	} {
		var clock waits
		tries := 0
		con := &connector{job: &Job{Options: Options{Machine: Machine{Clock: &clock}}}}
		_, err := con.persist(t.Context(), 3, func() (conn.Connection, error) { tries++; return nil, c.err })
		if !errors.Is(err, c.err) || tries != c.tries || !slices.Equal(clock, c.waits) {
			t.Errorf("%v: %d tries, waits %v; want %d, %v", err, tries, clock, c.tries, c.waits)
		}
	}
}
