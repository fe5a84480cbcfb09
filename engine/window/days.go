package window

import (
	"fmt"
	"strings"
	"time"
)

// Days are days of the week, a bit for each. The zero Days are every day.
type Days uint8

// Has tells whether a day is one of them.
func (d Days) Has(w time.Weekday) bool { return d == 0 || d&(1<<w) != 0 }

// week are the days as they are listed, from Monday on.
var week = [...]time.Weekday{1, 2, 3, 4, 5, 6, 0}

// String lists the days, neighbours as a range: "mon-fri, sun".
func (d Days) String() string {
	var runs [][]time.Weekday
	open := false
	for _, w := range week {
		if !d.Has(w) {
			open = false
			continue
		}
		if !open {
			runs = append(runs, nil)
		}
		open = true
		runs[len(runs)-1] = append(runs[len(runs)-1], w)
	}
	out := make([]string, len(runs))
	for i, r := range runs {
		out[i] = short(r[0])
		if len(r) > 1 {
			out[i] += "-" + short(r[len(r)-1])
		}
	}
	return strings.Join(out, ", ")
}

func short(w time.Weekday) string { return strings.ToLower(w.String()[:3]) }

// DayNames are the names that ParseDays knows best, for advice.
func DayNames() []string {
	out := make([]string, len(week))
	for i, w := range week {
		out[i] = short(w)
	}
	return out
}

// ParseDays reads days and ranges of days between commas: "mon-fri,sun". Names are English, whole or the first two or three letters; a
// range may go over the end of the week.
func ParseDays(text string) (Days, error) {
	var out Days
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		first, last, isRange := strings.Cut(part, "-")
		from, err := parseDay(first)
		if err != nil {
			return 0, err
		}
		to := from
		if isRange {
			if to, err = parseDay(last); err != nil {
				return 0, err
			}
		}
		for w := from; ; w = (w + 1) % 7 {
			out |= 1 << w
			if w == to {
				break
			}
		}
	}
	return out, nil
}

func parseDay(text string) (time.Weekday, error) {
	name := strings.ToLower(strings.TrimSpace(text))
	for _, w := range week {
		whole := strings.ToLower(w.String())
		if name == whole || name == whole[:3] || name == whole[:2] {
			return w, nil
		}
	}
	return 0, &DayError{name}
}

// DayError says that a word names no day.
type DayError struct{ Word string }

func (e *DayError) Error() string {
	return fmt.Sprintf("%q is no day of the week: write mon, tue, wed, thu, fri, sat, sun, or a range of them", e.Word)
}
