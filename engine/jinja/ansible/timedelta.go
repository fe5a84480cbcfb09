package ansible

import (
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/jinja"
)

// Python's timedelta as a value of templates.

// timedelta is Python's difference of two points in time.
type timedelta struct{ time.Duration }

const day = 24 * time.Hour

// TypeName is Python's name of the type.
func (timedelta) TypeName() string { return "timedelta" }

// String prints it as Python's str() does.
func (t timedelta) String() string {
	days, rest := t.parts()
	var b strings.Builder
	switch days {
	case 0:
	case 1, -1:
		fmt.Fprintf(&b, "%d day, ", days)
	default:
		fmt.Fprintf(&b, "%d days, ", days)
	}
	fmt.Fprintf(&b, "%d:%02d:%02d", int(rest.Hours()), int(rest.Minutes())%60, int(rest.Seconds())%60)
	if us := rest.Microseconds() % 1e6; us > 0 {
		fmt.Fprintf(&b, ".%06d", us)
	}
	return b.String()
}

// parts are whole days, which may be negative, and the rest, which is not.
func (t timedelta) parts() (days int, rest time.Duration) {
	days = int(t.Duration / day)
	rest = t.Duration % day
	if rest < 0 {
		days--
		rest += day
	}
	return days, rest
}

// EqualTo compares with another value.
func (t timedelta) EqualTo(other any) bool { return any(t) == other }

// CompareTo orders two differences.
func (t timedelta) CompareTo(other any) (int, bool) {
	o, ok := other.(timedelta)
	switch {
	case t.Duration < o.Duration:
		return -1, ok
	case t.Duration > o.Duration:
		return 1, ok
	}
	return 0, ok
}

// Negated is the difference the other way round.
func (t timedelta) Negated() any { return timedelta{-t.Duration} }

// Arithmetic adds differences, and multiplies and divides by numbers.
func (t timedelta) Arithmetic(op string, other any) (any, bool) {
	switch x := other.(type) {
	case timedelta:
		switch {
		case op == "+":
			return timedelta{t.Duration + x.Duration}, true
		case op == "-":
			return timedelta{t.Duration - x.Duration}, true
		case op == "/" && x.Duration != 0:
			return float64(t.Duration) / float64(x.Duration), true
		case op == "//" && x.Duration != 0:
			return int((t.Duration - t.mod(x.Duration)) / x.Duration), true
		case op == "%" && x.Duration != 0:
			return timedelta{t.mod(x.Duration)}, true
		}
		return nil, false
	case datetime:
		return datetime{x.Add(t.Duration), x.aware}, op == "+"
	}
	n, ok := number(other)
	switch {
	case !ok:
	case op == "*":
		return timedelta{time.Duration(float64(t.Duration) * n)}, true
	case (op == "/" || op == "//") && n != 0:
		return timedelta{time.Duration(float64(t.Duration) / n).Truncate(time.Microsecond)}, true
	}
	return nil, false
}

// mod is the remainder, with the sign of the divisor.
func (t timedelta) mod(d time.Duration) time.Duration {
	m := t.Duration % d
	if m != 0 && (m < 0) != (d < 0) {
		m += d
	}
	return m
}

// Attr is an attribute or a method.
func (t timedelta) Attr(name string) (any, bool) {
	days, rest := t.parts()
	switch name {
	case "days":
		return days, true
	case "seconds":
		return int(rest.Seconds()), true
	case "microseconds":
		return int(rest.Microseconds() % 1e6), true
	case "total_seconds":
		return method(func(*jinja.Call) (any, error) { return t.Duration.Seconds(), nil })
	}
	return nil, false
}
