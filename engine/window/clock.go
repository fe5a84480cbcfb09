package window

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Clock is a time of day in minutes since midnight, up to 24:00.
type Clock int

const day Clock = 24 * 60

// String gives HH:MM.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// ParseClock reads H:MM or HH:MM, 24:00 being the end of the day.
func ParseClock(text string) (Clock, error) {
	hours, minutes, ok := strings.Cut(text, ":")
	h, errH := strconv.ParseUint(hours, 10, 8)
	m, errM := strconv.ParseUint(minutes, 10, 8)
	c := Clock(h*60 + m)
	if !ok || errH != nil || errM != nil || len(hours) > 2 || len(minutes) != 2 || m > 59 || c > day {
		return 0, fmt.Errorf("%q is no time of day: write HH:MM, as in \"22:30\"", text)
	}
	return c, nil
}

// firstShows is the first instant at which the clocks of a zone show a time of a date (of which only year, month and day count) or, where
// that time is skipped, a later one.
func firstShows(date time.Time, c Clock, zone *time.Location) time.Time {
	wall := time.Date(date.Year(), date.Month(), date.Day(), 0, int(c), 0, 0, time.UTC)
	guess := time.Date(date.Year(), date.Month(), date.Day(), 0, int(c), 0, 0, zone)
	from, to := guess.ZoneBounds()
	var first time.Time
	for _, near := range []time.Time{guess, from.Add(-time.Second), to} {
		if near.IsZero() || from.IsZero() && near.Before(guess) {
			continue // the zone has no such bound
		}
		_, offset := near.Zone()
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if sameWall(at, wall) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	switch {
	case !first.IsZero():
		return first
	case to.IsZero() || !from.IsZero() && guess.Sub(from) < to.Sub(guess): // skipped: the clocks jumped over it
		return from
	}
	return to
}

func sameWall(at, wall time.Time) bool {
	return at.Year() == wall.Year() && at.YearDay() == wall.YearDay() && at.Hour() == wall.Hour() && at.Minute() == wall.Minute()
}
