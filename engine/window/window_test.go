package window

import (
	"strings"
	"testing"
	"time"
)

// win makes a window of "mon-fri 22:00-05:00 Europe/Berlin", with "!" behind it one whose work must be done before its end.
func win(t *testing.T, text string) Window {
	t.Helper()
	text, finish := strings.CutSuffix(text, "!")
	f := strings.Fields(text)
	days, err := ParseDays(f[0])
	if err != nil {
		t.Fatal(err)
	}
	from, to, _ := strings.Cut(f[1], "-")
	w := Window{Days: days, Finish: finish}
	if w.Start, err = ParseClock(from); err != nil {
		t.Fatal(err)
	}
	if w.End, err = ParseClock(to); err != nil {
		t.Fatal(err)
	}
	if w.Zone, err = time.LoadLocation(f[2]); err != nil {
		t.Fatal(err)
	}
	return w
}

func set(t *testing.T, texts ...string) Set {
	var s Set
	for _, x := range texts {
		s = append(s, win(t, x))
	}
	return s
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	x, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestAt takes instants with their offset from UTC, so that the two halves of a repeated hour can be told apart. want is when the window
// closes (after "open until") or opens.
func TestAt(t *testing.T) {
	t.Parallel()
	const night, berlin, york = "mon-sun 01:30-02:30 Europe/Berlin", "sun 01:30-02:30 Europe/Berlin", "sun 01:30-02:30 America/New_York"
	for _, c := range []struct {
		name    string
		windows []string
		at      string
		open    bool
		want    string
	}{
		{"within", []string{"mon-fri 09:00-17:00 Europe/Berlin"}, "2026-11-25T12:00:00+01:00", true, "2026-11-25T17:00:00+01:00"},
		{"the first instant belongs to it", []string{"mon-fri 09:00-17:00 Europe/Berlin"}, "2026-11-25T09:00:00+01:00", true, "2026-11-25T17:00:00+01:00"},
		{"the last does not", []string{"mon-fri 09:00-17:00 Europe/Berlin"}, "2026-11-25T17:00:00+01:00", false, "2026-11-26T09:00:00+01:00"},
		{"over the weekend", []string{"mon-fri 09:00-17:00 Europe/Berlin"}, "2026-11-27T18:00:00+01:00", false, "2026-11-30T09:00:00+01:00"},
		{"the instant is of another zone", []string{"mon-fri 09:00-17:00 Asia/Kolkata"}, "2026-11-25T03:31:00Z", true, "2026-11-25T11:30:00Z"},
		{"over midnight, before it", []string{"fri 22:00-05:00 Europe/Berlin"}, "2026-11-27T23:00:00+01:00", true, "2026-11-28T05:00:00+01:00"},
		{"over midnight, on the day after", []string{"fri 22:00-05:00 Europe/Berlin"}, "2026-11-28T04:59:59+01:00", true, "2026-11-28T05:00:00+01:00"},
		{"over midnight, a day before", []string{"fri 22:00-05:00 Europe/Berlin"}, "2026-11-27T04:00:00+01:00", false, "2026-11-27T22:00:00+01:00"},
		{"the whole day", []string{"sun 00:00-24:00 UTC"}, "2026-11-29T23:59:59Z", true, "2026-11-30T00:00:00Z"},
		{"days that meet are one", []string{"sat-sun 00:00-24:00 UTC"}, "2026-11-28T12:00:00Z", true, "2026-11-30T00:00:00Z"},
		{"windows that overlap are one", []string{"wed 20:00-22:00 UTC", "wed 21:00-23:30 UTC"}, "2026-11-25T20:30:00Z", true, "2026-11-25T23:30:00Z"},
		{"of two the next", []string{"sat 20:00-22:00 UTC", "thu 03:00-04:00 UTC"}, "2026-11-25T20:30:00Z", false, "2026-11-26T03:00:00Z"},
		{"the year ends", []string{"thu 23:00-01:00 UTC"}, "2027-01-01T00:30:00Z", true, "2027-01-01T01:00:00Z"},

		{"Berlin skips an hour: it closes when the clocks jump over its end", []string{berlin}, "2026-03-29T01:45:00+01:00", true, "2026-03-29T03:00:00+02:00"},
		{"Berlin, after the jump", []string{berlin}, "2026-03-29T03:00:00+02:00", false, "2026-04-05T01:30:00+02:00"},
		{"Berlin, what lies in the skipped hour does not open", []string{"sun 02:15-02:45 Europe/Berlin"}, "2026-03-29T01:00:00+01:00", false, "2026-04-05T02:15:00+02:00"},
		{"Berlin, what begins in it begins after it", []string{"sun 02:15-04:00 Europe/Berlin"}, "2026-03-29T01:59:00+01:00", false, "2026-03-29T03:00:00+02:00"},
		{"Berlin repeats an hour: the first half", []string{berlin}, "2026-10-25T02:29:00+02:00", true, "2026-10-25T02:30:00+02:00"},
		{"Berlin, the end is the first that the clocks show", []string{berlin}, "2026-10-25T02:30:00+02:00", false, "2026-11-01T01:30:00+01:00"},
		{"Berlin, it does not open again", []string{night}, "2026-10-25T02:15:00+01:00", false, "2026-10-26T01:30:00+01:00"},
		{"Berlin, over the repeated hour", []string{"sat 23:00-04:00 Europe/Berlin"}, "2026-10-25T02:15:00+01:00", true, "2026-10-25T04:00:00+01:00"},

		{"New York skips an hour", []string{york}, "2026-03-08T01:45:00-05:00", true, "2026-03-08T03:00:00-04:00"},
		{"New York, after the jump", []string{york}, "2026-03-08T03:00:00-04:00", false, "2026-03-15T01:30:00-04:00"},
		{"New York repeats an hour: it begins at the first 01:30", []string{york}, "2026-11-01T01:29:00-04:00", false, "2026-11-01T01:30:00-04:00"},
		{"New York, through the repetition", []string{york}, "2026-11-01T01:10:00-05:00", true, "2026-11-01T02:30:00-05:00"},
		{"New York, the second 01:30 is within", []string{york}, "2026-11-01T01:30:00-05:00", true, "2026-11-01T02:30:00-05:00"},
		{"half an hour of DST", []string{"sun 01:45-02:45 Australia/Lord_Howe"}, "2026-10-04T01:50:00+10:30", true, "2026-10-04T02:45:00+11:00"},
	} {
		s := set(t, c.windows...).At(at(t, c.at))
		got, kind := s.Opens, "opens"
		if s.Open {
			got, kind = s.Closes, "closes"
		}
		if s.Open != c.open || !got.Equal(at(t, c.want)) {
			t.Errorf("%s: open %v, %s %s; want open %v, %s", c.name, s.Open, kind, got, c.open, c.want)
		}
	}
}

func TestNoWindowIsAlwaysOpen(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-25T12:00:00Z")
	if s := (Set{}).At(now); !s.Open || !s.Closes.IsZero() {
		t.Errorf("no window: %+v", s)
	}
	if !(Set{}).Admits(now, 1000*time.Hour) {
		t.Error("no window admits no long work")
	}
}

func TestAdmits(t *testing.T) {
	t.Parallel()
	const strict, lax = "wed 20:00-22:00 UTC!", "wed 21:00-21:30 UTC"
	for _, c := range []struct {
		name    string
		windows []string
		at      string
		takes   time.Duration
		want    bool
		next    string
	}{
		{"it fits", []string{strict}, "2026-11-25T21:00:00Z", time.Hour, true, "2026-11-25T21:00:00Z"},
		{"it does not", []string{strict}, "2026-11-25T21:00:01Z", time.Hour, false, "2026-12-02T20:00:00Z"},
		{"nobody knows how long", []string{strict}, "2026-11-25T21:59:00Z", 0, true, "2026-11-25T21:59:00Z"},
		{"it never fits", []string{strict}, "2026-11-25T20:00:00Z", 3 * time.Hour, false, ""},
		{"the end does not matter", []string{strings.TrimSuffix(strict, "!")}, "2026-11-25T21:59:00Z", time.Hour, true, "2026-11-25T21:59:00Z"},
		{"a window without that wish lets it in", []string{strict, lax}, "2026-11-25T21:10:00Z", 3 * time.Hour, true, "2026-11-25T21:10:00Z"},
		{"and is waited for", []string{strict, lax}, "2026-11-25T20:10:00Z", 3 * time.Hour, false, "2026-11-25T21:00:00Z"},
		{"closed", []string{strict}, "2026-11-25T22:00:00Z", 0, false, "2026-12-02T20:00:00Z"},
	} {
		s := set(t, c.windows...)
		if got := s.Admits(at(t, c.at), c.takes); got != c.want {
			t.Errorf("%s: admitted %v", c.name, got)
		}
		next, ok := s.Next(at(t, c.at), c.takes)
		if ok != (c.next != "") || ok && !next.Equal(at(t, c.next)) {
			t.Errorf("%s: next %v %v, want %s", c.name, next, ok, c.next)
		}
	}
}

func TestParseDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"mon-fri": "mon-fri", "Sat, SUNDAY": "sat-sun", "fri-mon": "mon, fri-sun", "mo,we,fr": "mon, wed, fri", "tue": "tue", "mon-sun": "mon-sun",
	} {
		d, err := ParseDays(text)
		if err != nil || d.String() != want {
			t.Errorf("%s: %s, %v; want %s", text, d, err, want)
		}
	}
	for _, text := range []string{"", "mon-", "someday", "mon fri", "1"} {
		if d, err := ParseDays(text); err == nil {
			t.Errorf("%q was read as %s", text, d)
		}
	}
}

func TestParseClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"0:00": "00:00", "9:05": "09:05", "22:30": "22:30", "24:00": "24:00"} {
		if c, err := ParseClock(text); err != nil || c.String() != want {
			t.Errorf("%s: %s, %v", text, c, err)
		}
	}
	for _, text := range []string{"", "22", "24:01", "12:60", "1:5", "-1:00", "+1:00", "22:00:00", "012:00"} {
		if c, err := ParseClock(text); err == nil {
			t.Errorf("%q was read as %s", text, c)
		}
	}
}
