package ansible

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/drydock-dev/drydock/engine/value"
)

// Reading points in time from text, as strptime does.

// timeFields are what was read so far.
type timeFields struct {
	year, month, day, hour, minute, second, micro int
	hour12                                        int // -1: not given
	afternoon                                     bool
	yearDay                                       int
	epoch                                         *int64
	zone                                          *time.Location
}

// parseTime reads a text by a format of strptime.
func parseTime(s, format string) (any, error) {
	f := timeFields{year: 1900, month: 1, day: 1, hour12: -1}
	rest, ok := f.read(s, format)
	if !ok {
		return nil, valueError("time data %s does not match format %s", value.Repr(s), value.Repr(format))
	}
	if rest != "" {
		return nil, valueError("unconverted data remains: %s", rest)
	}
	return f.time()
}

func (f *timeFields) time() (any, error) {
	if f.epoch != nil {
		return datetime{Time: wall(time.Unix(*f.epoch, 0))}, nil
	}
	if f.hour12 >= 0 {
		f.hour = f.hour12 % 12
		if f.afternoon {
			f.hour += 12
		}
	}
	zone := f.zone
	if zone == nil {
		zone = time.UTC
	}
	if f.yearDay > 0 {
		f.month, f.day = 1, 1
	}
	t := time.Date(f.year, time.Month(f.month), f.day, f.hour, f.minute, f.second, f.micro*1000, zone)
	if t.Day() != f.day {
		return nil, valueError("day is out of range for month")
	}
	if f.yearDay > 0 {
		t = t.AddDate(0, 0, f.yearDay-1)
	}
	return datetime{Time: t, aware: f.zone != nil}, nil
}

// read takes what the format says off a text and returns the rest.
func (f *timeFields) read(s, format string) (rest string, ok bool) {
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == '%' && i+1 < len(format):
			i++
			if composite, is := composites[format[i]]; is {
				s, ok = f.read(s, composite)
			} else {
				s, ok = f.conversion(s, format[i])
			}
			if !ok {
				return "", false
			}
		case c == ' ' || c == '\t' || c == '\n':
			trimmed := strings.TrimLeftFunc(s, unicode.IsSpace)
			if len(trimmed) == len(s) && s != "" {
				return "", false
			}
			s = trimmed
		case s != "" && unicode.ToLower(rune(s[0])) == unicode.ToLower(rune(c)):
			s = s[1:]
		default:
			return "", false
		}
	}
	return s, true
}

// composites are conversions that stand for several.
var composites = map[byte]string{
	'c': "%a %b %d %H:%M:%S %Y", 'x': "%m/%d/%y", 'X': "%H:%M:%S", 'D': "%m/%d/%y", 'T': "%H:%M:%S", 'R': "%H:%M", 'F': "%Y-%m-%d",
}

var (
	monthNames = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
	dayNames   = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

func (f *timeFields) conversion(s string, c byte) (rest string, ok bool) {
	ignored := 0
	switch c {
	case 'Y':
		if len(s) < 4 {
			return "", false
		}
		return digits(s, 4, 1, 9999, &f.year)
	case 'm':
		return digits(s, 2, 1, 12, &f.month)
	case 'd', 'e':
		return digits(s, 2, 1, 31, &f.day)
	case 'H':
		return digits(s, 2, 0, 23, &f.hour)
	case 'I':
		return digits(s, 2, 1, 12, &f.hour12)
	case 'M':
		return digits(s, 2, 0, 59, &f.minute)
	case 'S':
		return digits(s, 2, 0, 61, &f.second)
	case 'j':
		return digits(s, 3, 1, 366, &f.yearDay)
	case 'U', 'W', 'V':
		return digits(s, 2, 0, 53, &ignored)
	case 'w', 'u':
		return digits(s, 1, 0, 7, &ignored)
	case 'y':
		rest, ok = digits(s, 2, 0, 99, &f.year)
		if f.year += 1900; f.year < 1969 {
			f.year += 100
		}
		return rest, ok
	case 'f':
		return f.fraction(s)
	case 'b', 'B', 'h':
		return named(s, monthNames, &f.month)
	case 'a', 'A':
		return named(s, dayNames, &ignored)
	case 'p':
		return f.halfDay(s)
	case 'z':
		return f.offset(s)
	case 'Z':
		for _, name := range []string{"utc", "gmt"} {
			if len(s) >= 3 && strings.EqualFold(s[:3], name) {
				return s[3:], true
			}
		}
	case 's':
		n := len(s) - len(strings.TrimLeft(s, "0123456789"))
		epoch, err := strconv.ParseInt(s[:n], 10, 64)
		f.epoch = &epoch
		return s[n:], err == nil
	case '%':
		return strings.CutPrefix(s, "%")
	}
	return "", false
}

// digits reads at most so many digits of a number within bounds.
func digits(s string, most, least, greatest int, to *int) (rest string, ok bool) {
	n := 0
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	for ; n > 0; n-- { // a number out of bounds may be a shorter one and the beginning of what follows
		v, _ := strconv.Atoi(s[:n])
		if v >= least && v <= greatest {
			*to = v
			return s[n:], true
		}
	}
	return "", false
}

// named reads a name, in full or its first three letters, and stores its place in the list.
func named(s string, names []string, to *int) (rest string, ok bool) {
	for _, short := range []bool{false, true} {
		for i, name := range names {
			if short {
				name = name[:3]
			}
			if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
				*to = i + 1
				return s[len(name):], true
			}
		}
	}
	return "", false
}

func (f *timeFields) fraction(s string) (rest string, ok bool) {
	n := 0
	for n < len(s) && n < 6 && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	f.micro, _ = strconv.Atoi(s[:n] + strings.Repeat("0", 6-n))
	return s[n:], n > 0
}

func (f *timeFields) halfDay(s string) (rest string, ok bool) {
	if len(s) < 2 || !strings.EqualFold(s[:2], "am") && !strings.EqualFold(s[:2], "pm") {
		return "", false
	}
	f.afternoon = strings.EqualFold(s[:2], "pm")
	return s[2:], true
}

// offset reads a distance from UTC: Z, +hhmm or +hh:mm.
func (f *timeFields) offset(s string) (rest string, ok bool) {
	if after, is := strings.CutPrefix(s, "Z"); is {
		f.zone = time.UTC
		return after, true
	}
	if len(s) < 5 || s[0] != '+' && s[0] != '-' {
		return "", false
	}
	var hours, minutes int
	rest, ok = digits(s[1:], 2, 0, 23, &hours)
	if ok {
		rest, ok = digits(strings.TrimPrefix(rest, ":"), 2, 0, 59, &minutes)
	}
	seconds := hours*3600 + minutes*60
	if s[0] == '-' {
		seconds = -seconds
	}
	f.zone = time.FixedZone("", seconds)
	return rest, ok
}
