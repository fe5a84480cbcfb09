package ansible

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters of community.general that read durations.

// timeUnits are the units of durations, in seconds.
var timeUnits = map[string]float64{
	"milliseconds": 0.001, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 7 * 86400, "months": 30 * 86400, "years": 365 * 86400,
}

var (
	durationForm = regexp.MustCompile(`(-?[0-9.]+)\s*([a-zA-Z]+)`)
	unitAliases  = map[string]string{
		"ms": "milliseconds", "msec": "milliseconds", "s": "seconds", "sec": "seconds", "m": "minutes", "min": "minutes",
		"h": "hours", "hour": "hours", "d": "days", "day": "days", "w": "weeks", "week": "weeks", "mo": "months", "month": "months",
		"y": "years", "year": "years", "second": "seconds", "minute": "minutes", "millisecond": "milliseconds", "secs": "seconds", "mins": "minutes",
	}
)

func toTimeUnit(unit float64) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		if n, ok := number(in); ok && n == 0 {
			return 0, nil
		}
		s, err := c.Str(in)
		if err != nil {
			return nil, err
		}
		matches := durationForm.FindAllStringSubmatch(s, -1)
		if matches == nil {
			return nil, valueError("can not interpret %s as a duration", value.Repr(s))
		}
		total := 0.0
		for _, m := range matches {
			name := strings.ToLower(m[2])
			if long := unitAliases[name]; long != "" {
				name = long
			}
			size, known := timeUnits[name]
			n, err := strconv.ParseFloat(m[1], 64)
			if !known || err != nil {
				return nil, valueError("can not interpret %s as a duration", value.Repr(m[0]))
			}
			total += n * size
		}
		return total / unit, nil
	}
}
