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
	return datetime{Time: wall(now)}, err
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
			return nil, valueError("Invalid value for epoch value (%s)", value.Str(v))
		}
		t = time.Unix(int64(sec), 0).In(t.Location())
	}
	if p.Bool(1, false) {
		t = t.In(greenwich)
	}
	return strftime(t, strings.ReplaceAll(format, "%f", "%%f")), nil // C's strftime knows no microseconds
}

// greenwich is how C calls the time zone of times that are told in UTC.
var greenwich = time.FixedZone("GMT", 0)

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
	return parseTime(s, format)
}
