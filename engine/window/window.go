// Package window knows when maintenance is allowed: windows of days and times of day in a time zone. It is pure: the instant is given.
//
// A window is a stretch of time that begins where the clocks of its zone first show Start on one of its days, and ends where they first
// show End after that; so a night on which clocks are put back has one window, not two, and one that falls whole into the hour that is
// skipped in spring does not open that night. The data of all time zones is within the binary.
package window

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a static binary on a bare machine knows the zones as well
)

// Window is a time of day on some days.
type Window struct {
	Days       Days // on which it begins; one over midnight ends on the day after
	Start, End Clock
	Zone       *time.Location // nil: UTC
	Finish     bool           // a node must be done before the end, as far as past runs tell
}

// String gives the window as people say it: "mon-fri 22:00 to 05:00 Europe/Berlin".
func (w Window) String() string {
	return fmt.Sprintf("%s %s to %s %s", w.Days, w.Start, w.End, w.zone())
}

func (w Window) zone() *time.Location {
	if w.Zone == nil {
		return time.UTC
	}
	return w.Zone
}

// Span is one stretch of time: From belongs to it, To does not.
type Span struct{ From, To time.Time }

func (s Span) holds(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// on is the window's span that begins on a date of its zone; false: it does not open that day.
func (w Window) on(date time.Time) (Span, bool) {
	if !w.Days.Has(date.Weekday()) {
		return Span{}, false
	}
	end := w.End
	if end <= w.Start {
		end += day
	}
	s := Span{firstShows(date, w.Start, w.zone()), firstShows(date, end, w.zone())}
	return s, s.To.After(s.From)
}

// horizon is how many days are looked through for the next opening: a weekly window may fall into a skipped hour.
const horizon = 16

// spans are the window's openings from the day before t on, in order.
func (w Window) spans(t time.Time) []Span {
	y, m, d := t.In(w.zone()).Date()
	var out []Span
	for i := -1; i < horizon; i++ {
		if s, ok := w.on(time.Date(y, m, d+i, 0, 0, 0, 0, time.UTC)); ok {
			out = append(out, s)
		}
	}
	return out
}

// Set are the windows of which one must be open. The empty Set is always open.
type Set []Window

// State is how the windows stand at an instant.
type State struct {
	Open   bool
	Closes time.Time // when open; zero: never
	Opens  time.Time // when closed; zero: not in the next two weeks
}

// At tells how the windows stand at t. Windows that meet or overlap are one.
func (s Set) At(t time.Time) State { return s.at(t, func(Window) bool { return true }) }

// Admits tells whether work that takes this long may begin at t: a window is open, and one that wants the work done before its end is open
// long enough. 0 is work of which nobody knows how long it takes: it is let in.
func (s Set) Admits(t time.Time, takes time.Duration) bool {
	if !s.At(t).Open {
		return false
	}
	if free := s.at(t, func(w Window) bool { return !w.Finish }); len(s) == 0 || free.Open {
		return true
	}
	return !t.Add(takes).After(s.At(t).Closes)
}

// Next is the first instant from t on at which work that takes this long may begin; false: there is none in the next two weeks.
func (s Set) Next(t time.Time, takes time.Duration) (time.Time, bool) {
	if s.Admits(t, takes) {
		return t, true
	}
	var begins []time.Time
	for _, w := range s {
		for _, span := range w.spans(t) {
			if span.From.After(t) {
				begins = append(begins, span.From)
			}
		}
	}
	slices.SortFunc(begins, time.Time.Compare)
	for _, b := range begins {
		if s.Admits(b, takes) {
			return b, true
		}
	}
	return time.Time{}, false
}

// at is At for the windows that count.
func (s Set) at(t time.Time, counts func(Window) bool) State {
	var spans []Span
	n := 0
	for _, w := range s {
		if counts(w) {
			n++
			spans = append(spans, w.spans(t)...)
		}
	}
	if len(s) == 0 {
		return State{Open: true}
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	end := t
	for _, x := range spans {
		if x.holds(end) {
			end = x.To
		}
	}
	if end.After(t) {
		return State{Open: true, Closes: end}
	}
	for _, x := range spans {
		if x.From.After(t) {
			return State{Opens: x.From}
		}
	}
	return State{}
}

// String gives all windows, "at any time" without one.
func (s Set) String() string {
	if len(s) == 0 {
		return "at any time"
	}
	out := make([]string, len(s))
	for i, w := range s {
		out[i] = w.String()
	}
	return strings.Join(out, ", or ")
}
