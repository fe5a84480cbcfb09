package ansible

import (
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Python's datetime, date and time as values of templates.

// datetime is Python's datetime; aware, if it knows its distance from UTC.
type datetime struct {
	time.Time
	aware bool
}

// TypeName is Python's name of the type.
func (datetime) TypeName() string { return "datetime" }

// String prints it as Python's str() does.
func (d datetime) String() string { return d.iso(" ") }

// Final is the text that is stored in a variable.
func (d datetime) Final() (any, error) { return d.iso(" "), nil }

// JSON is the text that is stored in JSON.
func (d datetime) JSON() string { return d.iso("T") }

// Format prints it as str.format does: by the conversions of strftime.
func (d datetime) Format(spec string) (string, error) { return strftime(d.Time, spec), nil }

func (d datetime) iso(sep string) string { return d.Time.Format("2006-01-02") + sep + d.clock() }

// clock is the time of the day, with the distance from UTC if that is known.
func (d datetime) clock() string {
	s := d.Time.Format("15:04:05")
	if us := d.Nanosecond() / 1000; us > 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	if d.aware {
		s += d.Time.Format("-07:00")
	}
	return s
}

// EqualTo compares with another value.
func (d datetime) EqualTo(other any) bool {
	e, ok := other.(datetime)
	return ok && d.aware == e.aware && d.Time.Equal(e.Time)
}

// CompareTo orders two points in time.
func (d datetime) CompareTo(other any) (int, bool) {
	e, ok := other.(datetime)
	return d.Compare(e.Time), ok && d.aware == e.aware
}

// Arithmetic is the difference of two points in time, or one moved by a difference.
func (d datetime) Arithmetic(op string, other any) (any, bool) {
	switch x := other.(type) {
	case datetime:
		return timedelta{d.Sub(x.Time)}, op == "-" && d.aware == x.aware
	case timedelta:
		if op == "-" {
			return datetime{d.Add(-x.Duration), d.aware}, true
		}
		return datetime{d.Add(x.Duration), d.aware}, op == "+"
	}
	return nil, false
}

// Attr is an attribute or a method.
func (d datetime) Attr(name string) (any, bool) {
	switch name {
	case "hour", "minute", "second", "microsecond":
		return d.clockAttr(name)
	case "tzinfo":
		if d.aware {
			return d.Time.Format("UTC-07:00"), true
		}
		return nil, true
	case "isoformat":
		return method(func(c *jinja.Call) (any, error) {
			p, err := c.Bind("sep", "timespec")
			if err != nil {
				return nil, err
			}
			sep, err := p.Text(0, "T")
			return d.iso(sep), err
		})
	case "timestamp":
		return method(func(*jinja.Call) (any, error) { return float64(d.UnixMicro()) / 1e6, nil })
	case "utcoffset":
		return method(func(*jinja.Call) (any, error) {
			if _, seconds := d.Zone(); d.aware {
				return timedelta{time.Duration(seconds) * time.Second}, nil
			}
			return nil, nil
		})
	case "date":
		return method(func(*jinja.Call) (any, error) { return date{d.Time}, nil })
	case "time":
		return method(func(*jinja.Call) (any, error) { return clock{datetime{Time: d.Time}}, nil })
	case "replace":
		return method(d.replace)
	case "ctime":
		return method(func(*jinja.Call) (any, error) { return d.Time.Format("Mon Jan _2 15:04:05 2006"), nil })
	}
	return dateAttr(d.Time, name)
}

// replace is the same point in time with some parts changed.
func (d datetime) replace(c *jinja.Call) (any, error) {
	names := []string{"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"}
	p, err := c.Bind(names...)
	if err != nil {
		return nil, err
	}
	var parts [7]int
	for i := range parts {
		now, _ := d.Attr(names[i])
		if parts[i], err = p.Int(i, now.(int)); err != nil {
			return nil, err
		}
	}
	t := time.Date(parts[0], time.Month(parts[1]), parts[2], parts[3], parts[4], parts[5], parts[6]*1000, d.Location())
	if t.Day() != parts[2] || int(t.Month()) != parts[1] || t.Hour() != parts[3] || t.Minute() != parts[4] || t.Second() != parts[5] {
		return nil, valueError("a part is out of range")
	}
	aware := d.aware
	if p.Has(7) && p.Any(7, nil) == nil {
		aware = false
	}
	return datetime{t, aware}, nil
}

func (d datetime) clockAttr(name string) (any, bool) {
	switch name {
	case "hour":
		return d.Hour(), true
	case "minute":
		return d.Minute(), true
	case "second":
		return d.Second(), true
	case "microsecond":
		return d.Nanosecond() / 1000, true
	}
	return nil, false
}

func method(fn func(c *jinja.Call) (any, error)) (any, bool) {
	return jinja.Func(func(c *jinja.Call, _ any) (any, error) { return fn(c) }), true
}

// dateAttr is what dates and datetimes have in common.
func dateAttr(t time.Time, name string) (any, bool) {
	weekday := (int(t.Weekday()) + 6) % 7
	switch name {
	case "year":
		return t.Year(), true
	case "month":
		return int(t.Month()), true
	case "day":
		return t.Day(), true
	case "weekday":
		return method(func(*jinja.Call) (any, error) { return weekday, nil })
	case "isoweekday":
		return method(func(*jinja.Call) (any, error) { return weekday + 1, nil })
	case "isocalendar":
		year, week := t.ISOWeek()
		return method(func(*jinja.Call) (any, error) { return value.Tuple{year, week, weekday + 1}, nil })
	case "toordinal":
		days := int(t.Unix()/86400) + 719163 // the ordinal of the first day of 1970
		return method(func(*jinja.Call) (any, error) { return days, nil })
	case "timetuple":
		return method(func(*jinja.Call) (any, error) {
			return value.Tuple{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), weekday, t.YearDay(), -1}, nil
		})
	case "strftime":
		return method(func(c *jinja.Call) (any, error) {
			p, err := c.Bind("format!")
			if err != nil {
				return nil, err
			}
			format, err := p.Text(0, "")
			return strftime(t, format), err
		})
	}
	return nil, false
}

// date is Python's date.
type date struct{ time.Time }

// TypeName is Python's name of the type.
func (date) TypeName() string { return "date" }

// String prints it as Python's str() does.
func (d date) String() string { return d.Time.Format(time.DateOnly) }

// Final is the text that is stored in a variable.
func (d date) Final() (any, error) { return d.String(), nil }

// JSON is the text that is stored in JSON.
func (d date) JSON() string { return d.String() }

// Format prints it as str.format does.
func (d date) Format(spec string) (string, error) { return strftime(d.Time, spec), nil }

// Attr is an attribute or a method.
func (d date) Attr(name string) (any, bool) {
	if name == "isoformat" {
		return method(func(*jinja.Call) (any, error) { return d.String(), nil })
	}
	return dateAttr(d.Time, name)
}

// midnight is the beginning of the day.
func (d date) midnight() time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC)
}

// EqualTo compares with another value.
func (d date) EqualTo(other any) bool {
	e, ok := other.(date)
	return ok && d.midnight().Equal(e.midnight())
}

// CompareTo orders two days.
func (d date) CompareTo(other any) (int, bool) {
	e, ok := other.(date)
	return d.midnight().Compare(e.midnight()), ok
}

// Arithmetic is the difference of two days, or one moved by a difference.
func (d date) Arithmetic(op string, other any) (any, bool) {
	switch x := other.(type) {
	case date:
		return timedelta{d.midnight().Sub(x.midnight())}, op == "-"
	case timedelta:
		days, _ := x.parts()
		if op == "-" {
			days = -days
		}
		return date{d.midnight().AddDate(0, 0, days)}, op == "-" || op == "+"
	}
	return nil, false
}

// clock is Python's time, the time of a day.
type clock struct{ datetime }

// TypeName is Python's name of the type.
func (clock) TypeName() string { return "time" }

// String prints it as Python's str() does.
func (c clock) String() string { return c.clock() }

// Final is the text that is stored in a variable.
func (c clock) Final() (any, error) { return c.clock(), nil }

// JSON is the text that is stored in JSON.
func (c clock) JSON() string { return c.clock() }

// Attr is an attribute or a method.
func (c clock) Attr(name string) (any, bool) {
	switch name {
	case "isoformat":
		return method(func(*jinja.Call) (any, error) { return c.clock(), nil })
	case "strftime":
		return dateAttr(c.Time, name)
	}
	return c.clockAttr(name)
}
