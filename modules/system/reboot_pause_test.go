package system

import (
	"testing"
	"time"
)

func TestPause(t *testing.T) {
	s := func(f float64) time.Duration { return time.Duration(f * float64(time.Second)) }
	past := []time.Duration{s(20), s(30), s(25)}
	for _, c := range []struct {
		elapsed time.Duration
		past    []time.Duration
		want    time.Duration
	}{
		{0, nil, s(0.2)}, {s(2), nil, s(0.2)}, {s(60), nil, s(3)}, {s(600), nil, s(5)},
		{0, past, s(0.2)},       // it may be much quicker this time
		{s(8), past, s(2)},      // not due before 16 s
		{s(15.5), past, s(0.5)}, // exactly when it is due
		{s(16), past, s(0.36)},  // due: shortly
		{s(36), past, s(0.36)},  // up to a fifth later than ever
		{s(46), past, s(1)},     // late
		{s(400), past, s(5)},    // very late
	} {
		if got := pause(c.elapsed, c.past); got != c.want {
			t.Errorf("pause(%v, %v) = %v, want %v", c.elapsed, c.past, got, c.want)
		}
	}
}
