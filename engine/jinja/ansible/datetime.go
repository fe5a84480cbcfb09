package ansible

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

func (a *extension) addTimeFilters(l *jinja.Language) {
	l.Filters["strftime"] = a.strftimeFilter
	l.Filters["to_datetime"] = toDatetime
	l.Globals["now"] = jinja.Func(a.nowGlobal)
}

// datetime is Python's datetime without a time zone.
type datetime struct{ time.Time }

// TypeName is Python's name of the type.
func (datetime) TypeName() string { return "datetime" }

// String prints it as Python's str() does.
func (d datetime) String() string { return d.iso(" ") }

// Final is the text that is stored in a variable.
func (d datetime) Final() (any, error) { return d.iso(" "), nil }

func (d datetime) iso(sep string) string {
	s := d.Format("2006-01-02" + sep + "15:04:05")
	if us := d.Nanosecond() / 1000; us > 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	return s
}

// EqualTo compares with another value.
func (d datetime) EqualTo(other any) bool {
	e, ok := other.(datetime)
	return ok && d.Time.Equal(e.Time)
}

// CompareTo orders two points in time.
func (d datetime) CompareTo(other any) (int, bool) {
	e, ok := other.(datetime)
	return d.Compare(e.Time), ok
}

// Arithmetic is the difference of two points in time, or one moved by a difference.
func (d datetime) Arithmetic(op string, other any) (any, bool) {
	switch x := other.(type) {
	case datetime:
		return timedelta{d.Sub(x.Time)}, op == "-"
	case timedelta:
		if op == "-" {
			return datetime{d.Add(-x.Duration)}, true
		}
		return datetime{d.Add(x.Duration)}, op == "+"
	}
	return nil, false
}

// Attr is an attribute.
func (d datetime) Attr(name string) (any, bool) {
	method := func(fn func(c *jinja.Call) (any, error)) (any, bool) {
		return jinja.Func(func(c *jinja.Call, _ any) (any, error) { return fn(c) }), true
	}
	switch name {
	case "year":
		return d.Year(), true
	case "month":
		return int(d.Month()), true
	case "day":
		return d.Day(), true
	case "hour":
		return d.Hour(), true
	case "minute":
		return d.Minute(), true
	case "second":
		return d.Second(), true
	case "microsecond":
		return d.Nanosecond() / 1000, true
	case "strftime":
		return method(func(c *jinja.Call) (any, error) {
			p, err := c.Bind("format")
			if err != nil {
				return nil, err
			}
			format, err := p.Text(0, "")
			return strftime(d.Time, format), err
		})
	case "isoformat":
		return method(func(c *jinja.Call) (any, error) {
			p, err := c.Bind("sep")
			if err != nil {
				return nil, err
			}
			sep, err := p.Text(0, "T")
			return d.iso(sep), err
		})
	case "timestamp":
		return method(func(*jinja.Call) (any, error) { return float64(d.UnixMicro()) / 1e6, nil })
	case "date":
		return method(func(*jinja.Call) (any, error) { return d.Format(time.DateOnly), nil })
	case "weekday":
		return method(func(*jinja.Call) (any, error) { return (int(d.Weekday()) + 6) % 7, nil })
	case "isoweekday":
		return method(func(*jinja.Call) (any, error) { return (int(d.Weekday())+6)%7 + 1, nil })
	}
	return nil, false
}

// timedelta is Python's difference of two points in time.
type timedelta struct{ time.Duration }

const day = 24 * time.Hour

// TypeName is Python's name of the type.
func (timedelta) TypeName() string { return "timedelta" }

// String prints it as Python's str() does.
func (t timedelta) String() string {
	days, rest := t.parts()
	s := ""
	if days != 0 {
		s = fmt.Sprintf("%d days, ", days)
		if days == 1 || days == -1 {
			s = fmt.Sprintf("%d day, ", days)
		}
	}
	s += fmt.Sprintf("%d:%02d:%02d", int(rest.Hours()), int(rest.Minutes())%60, int(rest.Seconds())%60)
	if us := rest.Microseconds() % 1e6; us > 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	return s
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

// Attr is an attribute.
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
		return jinja.Func(func(*jinja.Call, any) (any, error) { return t.Duration.Seconds(), nil }), true
	}
	return nil, false
}

func (a *extension) nowGlobal(c *jinja.Call, _ any) (any, error) {
	p, err := c.Bind("utc", "fmt")
	if err != nil {
		return nil, err
	}
	now := a.Now()
	if p.Bool(0, false) {
		now = now.UTC()
	}
	format, _, err := p.OptText(1)
	if format != "" {
		return strftime(now, format), err
	}
	return datetime{wall(now)}, err
}

// wall is what the clock on the wall shows, without its time zone.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)
}

func (a *extension) strftimeFilter(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("second", "utc")
	if err != nil {
		return nil, err
	}
	format, ok := in.(string)
	if !ok {
		return nil, typeError("strftime needs a str, not %s", value.TypeName(in))
	}
	t := a.Now()
	if v := p.Any(0, nil); v != nil {
		sec, ok := number(v)
		if s, isText := v.(string); isText {
			sec, ok = jinja.ParseFloat(s)
		}
		if !ok {
			return nil, valueError("invalid value for epoch value (%s)", value.Str(v))
		}
		t = time.Unix(int64(sec), 0).In(t.Location())
	}
	if p.Bool(1, false) {
		t = t.UTC()
	}
	return strftime(t, format), nil
}

// layouts are the conversions of strftime that Go's own layouts can do.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'd': "02", 'H': "15", 'I': "03", 'm': "01", 'M': "04", 'p': "PM", 'S': "05",
	'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST", 'e': "_2", 'D': "01/02/06", 'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04",
	'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05", 'h': "Jan", 'r': "03:04:05 PM",
}

func strftime(t time.Time, format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		pad := true
		if format[i] == '-' && i+1 < len(format) {
			pad = false
			i++
		}
		text := conversion(t, format[i])
		if !pad {
			text = strings.TrimLeft(text, "0 ")
			if text == "" {
				text = "0"
			}
		}
		b.WriteString(text)
	}
	return b.String()
}

func conversion(t time.Time, c byte) string {
	if layout, ok := layouts[c]; ok {
		return t.Format(layout)
	}
	year, week := t.ISOWeek()
	switch c {
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay())
	case 's':
		return strconv.FormatInt(t.Unix(), 10)
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000)
	case 'u':
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case 'w':
		return strconv.Itoa(int(t.Weekday()))
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
	case 'V':
		return fmt.Sprintf("%02d", week)
	case 'G':
		return strconv.Itoa(year)
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100)
	case 'k':
		return fmt.Sprintf("%2d", t.Hour())
	case 'l':
		return fmt.Sprintf("%2d", (t.Hour()+11)%12+1)
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case '%':
		return "%"
	}
	return "%" + string(c)
}

func toDatetime(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("format")
	if err != nil {
		return nil, err
	}
	s, ok := in.(string)
	if !ok {
		return nil, typeError("strptime() argument 1 must be str, not %s", value.TypeName(in))
	}
	format, err := p.Text(0, "%Y-%m-%d %H:%M:%S")
	if err != nil {
		return nil, err
	}
	t, err := time.Parse(goLayout(format), strings.TrimSpace(s))
	if err != nil {
		return nil, valueError("time data %s does not match format %s", value.Repr(s), value.Repr(format))
	}
	return datetime{wall(t)}, nil
}

// goLayout is a strptime format as a layout of Go, which reads numbers with and without leading zeros.
func goLayout(format string) string {
	loose := map[byte]string{'d': "2", 'm': "1", 'H': "15", 'I': "3", 'M': "4", 'S': "5", 'f': "000000", 'j': "002", '%': "%"}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		if l, ok := loose[format[i]]; ok {
			b.WriteString(l)
		} else {
			b.WriteString(layouts[format[i]])
		}
	}
	return b.String()
}
