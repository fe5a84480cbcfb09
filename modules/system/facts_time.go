// Facts about the time of a host and its zone.

package system

import (
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/value"
)

// dateTime reads the seconds since 1970 with the zone's offset and name, the nanoseconds, and the zone in January and July 2024, of which one
// may be summer time.
func dateTime(text string) *value.Map {
	now := strings.Fields(nth(text, 0))
	if len(now) < 3 {
		return dict()
	}
	epoch, _ := strconv.ParseInt(now[0], 10, 64)
	nanos, _ := strconv.ParseInt(nth(text, 1), 10, 64)
	zone, _ := time.Parse("-0700", now[1])
	_, offset := zone.Zone()
	utc := time.Unix(epoch, nanos).UTC()
	t := utc.In(time.FixedZone(now[2], offset))
	return dict(
		"year", t.Format("2006"), "month", t.Format("01"), "weekday", t.Format("Monday"), "weekday_number", strconv.Itoa(int(t.Weekday())),
		"weeknumber", weekOfYear(t), "day", t.Format("02"), "hour", t.Format("15"), "minute", t.Format("04"), "second", t.Format("05"),
		"epoch", now[0], "epoch_int", now[0], "date", t.Format("2006-01-02"), "time", t.Format("15:04:05"),
		"iso8601_micro", utc.Format("2006-01-02T15:04:05.000000Z"), "iso8601", utc.Format("2006-01-02T15:04:05Z"),
		"iso8601_basic", strings.Replace(t.Format("20060102T150405.000000"), ".", "", 1), "iso8601_basic_short", t.Format("20060102T150405"),
		"tz", now[2], "tz_dst", summerTime(text, now[2]), "tz_offset", now[1])
}

// weekOfYear counts weeks from the first Monday on, with two digits.
func weekOfYear(t time.Time) string {
	n := (t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7
	return string([]byte{byte('0' + n/10), byte('0' + n%10)})
}

// summerTime is the name of the zone when it is further from its standard time; the zone's own name where it has none.
func summerTime(text, tz string) string {
	jan, jul := strings.Fields(nth(text, 2)), strings.Fields(nth(text, 3))
	if len(jan) < 2 || len(jul) < 2 {
		return tz
	}
	if number(jan[0]) > number(jul[0]) {
		return jan[1]
	}
	return jul[1]
}
