package ansible

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters of community.general that read durations.

// timeUnits are the short names of units, in milliseconds; a month has 30 days and a year 365 unless told otherwise.
var timeUnits = map[string]float64{
	"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000, "mo": 30 * 86_400_000, "y": 365 * 86_400_000,
}

var longUnits = map[string]string{
	"millisecond": "ms", "msec": "ms", "msecond": "ms", "sec": "s", "second": "s", "hour": "h", "min": "m", "minute": "m", "day": "d",
	"week": "w", "month": "mo", "year": "y",
}

var durationForm = regexp.MustCompile(`^(-?\d+)(\w+)`)

func (a *extension) addDurations(l *jinja.Language) {
	l.Filters["community.general.to_time_unit"] = func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("unit", "year", "month")
		if err != nil {
			return nil, err
		}
		unit, err := p.Text(0, "ms")
		if err != nil {
			return nil, err
		}
		return inUnit(in, unit, p.Any(1, nil), p.Any(2, nil))
	}
	for _, unit := range []string{"milliseconds", "seconds", "minutes", "hours", "days", "weeks", "months", "years"} {
		l.Filters["community.general.to_"+unit] = func(c *jinja.Call, in any) (any, error) {
			p, err := c.Bind("year", "month")
			if err != nil {
				return nil, err
			}
			return inUnit(in, unit, p.Any(0, nil), p.Any(1, nil))
		}
	}
}

// inUnit reads a duration like "1h 30m" and says how many of a unit it is, to twelve digits.
func inUnit(in any, unit string, daysOfYear, daysOfMonth any) (any, error) {
	s, ok := in.(string)
	if !ok {
		return nil, typeError("a duration must be a str, not %s", value.TypeName(in))
	}
	if s == "0" {
		return 0, nil
	}
	size := func(name string) (float64, bool) {
		if long, ok := longUnits[strings.TrimRight(name, "s")]; ok {
			name = long
		}
		days := map[string]any{"y": daysOfYear, "mo": daysOfMonth}[name]
		if n, ok := number(days); ok {
			return n * timeUnits["d"], true
		}
		ms, ok := timeUnits[name]
		return ms, ok
	}
	per, ok := size(unit)
	if !ok {
		return nil, valueError("to_time_unit() can not convert to the following unit: %s", unit)
	}
	total := 0.0
	for _, part := range strings.Fields(s) {
		m := durationForm.FindStringSubmatch(part)
		if m == nil {
			return nil, valueError("to_time_unit() can not interpret following string: %s", s)
		}
		ms, ok := size(m[2])
		n, err := strconv.ParseFloat(m[1], 64)
		if !ok || err != nil {
			return nil, valueError("to_time_unit() can not interpret following string: %s", s)
		}
		total += n * ms
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(total/per, 'f', 12, 64), 64)
	if err != nil || math.IsInf(rounded, 0) {
		return nil, valueError("the duration %s is too long", s)
	}
	return rounded, nil
}
