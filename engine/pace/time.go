package pace

import (
	"fmt"
	"time"
)

// This file holds what only the clock decides: the soak after the last node, and windows.

const stamp = "Mon 2006-01-02 15:04 MST"

// soak holds hosts back until those before them have been back for as long as asked for, of several hosts the longest.
func (w *waiting) soak(now time.Time) reason {
	var soak time.Duration
	for _, s := range w.own {
		soak = max(soak, s.NodeSoak)
	}
	left := soak - now.Sub(w.last)
	if w.last.IsZero() || left <= 0 {
		return reason{}
	}
	return reason{by: []string{"soak"}, why: fmt.Sprintf("%s are left between nodes (node_soak)", soak), pause: min(left, longest)}
}

// window holds hosts back whose window is closed, or closes before they would be done. The first of them that is found speaks for all.
func (w *waiting) window(now time.Time) reason {
	for i, s := range w.own {
		takes := w.estimate(w.ahead.Hosts[i])
		if s.Windows.Admits(now, takes) {
			continue
		}
		why := fmt.Sprintf("the window of %s is closed (%s)", w.ahead.Hosts[i], s.Windows)
		if state := s.Windows.At(now); state.Open {
			why = fmt.Sprintf("%s takes up to %s, as past runs tell, and the window closes at %s (%s)", w.ahead.Hosts[i], takes.Round(time.Second),
				state.Closes.Format(stamp), s.Windows)
		}
		next, ok := s.Windows.Next(now, takes)
		if !ok {
			return reason{by: []string{"window"}, why: why + "; no window of the next two weeks is long enough", ends: true}
		}
		return reason{by: []string{"window"}, why: why + ", the next one opens " + next.Format(stamp), pause: min(next.Sub(now), longest), ends: !w.Wait}
	}
	return reason{}
}

// estimate is the longest that a host has taken, 0 if nobody knows. Of hosts that are taken together, each was given the time of all.
func (w *waiting) estimate(host string) time.Duration {
	if w.Learned == nil {
		return 0
	}
	var most time.Duration
	for _, d := range w.Learned.Past(host, subject) {
		most = max(most, d)
	}
	return most
}
