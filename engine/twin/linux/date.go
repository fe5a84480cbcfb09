package linux

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

func date(p *process) int {
	o, ok := p.options("ud:r:I::Rs:", "utc=u", "universal=u", "date=d", "reference=r", "iso-8601=I", "rfc-email=R", "set=s")
	if !ok {
		return 1
	}
	if o.has('s') {
		return p.refuse("-s")
	}
	t := p.clock.Now().UTC()
	if o.has('r') {
		i, err := p.view().Stat(o.value('r', ""))
		if err != nil {
			return p.complain("%s: %s", o.value('r', ""), said(err))
		}
		t = i.Mtime.UTC()
	}
	if o.has('d') {
		var err error
		if t, err = parseDate(o.value('d', ""), t); err != nil {
			return p.complain("invalid date ‘%s’", o.value('d', ""))
		}
		t = t.UTC()
	}
	form := "%a %b %e %H:%M:%S %Z %Y"
	switch {
	case len(o.rest) > 0 && strings.HasPrefix(o.rest[0], "+"):
		form = o.rest[0][1:]
	case len(o.rest) > 0:
		return p.refuse(o.rest[0])
	case o.has('I'):
		form = map[string]string{"": "%Y-%m-%d", "date": "%Y-%m-%d", "seconds": "%Y-%m-%dT%H:%M:%S%:z", "minutes": "%Y-%m-%dT%H:%M%:z"}[o.value('I', "")]
	case o.has('R'):
		form = "%a, %d %b %Y %H:%M:%S %z"
	}
	text, bad := strftime(form, t)
	if bad != "" {
		return p.refuse("+" + bad)
	}
	p.print(text + "\n")
	return 0
}

// dateForms are the ways to write a date that are read.
var dateForms = []string{time.RFC3339, "2006-01-02 15:04:05.999999999 -0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04",
	"2006-01-02T15:04", "2006-01-02", "15:04:05", "15:04", time.RFC1123Z, "Mon Jan _2 15:04:05 MST 2006"}

var errDate = errors.New("invalid date")

// parseDate reads a date as -d has it: @SECONDS, now, yesterday, a date, "2 days ago", "+1 hour".
func parseDate(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if seconds, ok := strings.CutPrefix(text, "@"); ok {
		f, err := strconv.ParseFloat(seconds, 64)
		return time.Unix(int64(f), int64((f-float64(int64(f)))*1e9)), err
	}
	switch text {
	case "", "now", "today":
		return now, nil
	case "yesterday":
		return now.AddDate(0, 0, -1), nil
	case "tomorrow":
		return now.AddDate(0, 0, 1), nil
	}
	for _, form := range dateForms {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		if strings.HasPrefix(form, "15") {
			t = time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), 0, now.Location())
		}
		return t, nil
	}
	return relativeDate(strings.Fields(text), now)
}

func relativeDate(words []string, now time.Time) (time.Time, error) {
	sign := 1
	if n := len(words); n > 0 && words[n-1] == "ago" {
		sign, words = -1, words[:n-1]
	}
	if len(words) != 2 {
		return now, errDate
	}
	n, err := strconv.Atoi(words[0])
	if err != nil {
		return now, errDate
	}
	n *= sign
	switch strings.TrimSuffix(words[1], "s") {
	case "second", "sec":
		return now.Add(time.Duration(n) * time.Second), nil
	case "minute", "min":
		return now.Add(time.Duration(n) * time.Minute), nil
	case "hour":
		return now.Add(time.Duration(n) * time.Hour), nil
	case "day":
		return now.AddDate(0, 0, n), nil
	case "week":
		return now.AddDate(0, 0, 7*n), nil
	case "month":
		return now.AddDate(0, n, 0), nil
	case "year":
		return now.AddDate(n, 0, 0), nil
	}
	return now, errDate
}

// strftimeForms are the directives that Go's layouts know.
var strftimeForms = map[byte]string{'Y': "2006", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'y': "06", 'j': "002",
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan", 'p': "PM", 'Z': "MST", 'z': "-0700", 'F': "2006-01-02", 'T': "15:04:05",
	'R': "15:04", 'D': "01/02/06", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05"}

// strftime fills a format. bad is a directive that is not known.
func strftime(form string, t time.Time) (text, bad string) {
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] != '%' || i+1 == len(form) {
			b.WriteByte(form[i])
			continue
		}
		i++
		plain := form[i] == '-' && i+1 < len(form)
		if plain {
			i++
		}
		word := ""
		switch c := form[i]; c {
		case '%':
			word = "%"
		case 'n':
			word = "\n"
		case 't':
			word = "\t"
		case 's':
			word = strconv.FormatInt(t.Unix(), 10)
		case 'N':
			word = fmt.Sprintf("%09d", t.Nanosecond())
		case 'u':
			word = strconv.Itoa((int(t.Weekday())+6)%7 + 1)
		case 'w':
			word = strconv.Itoa(int(t.Weekday()))
		case 'V':
			_, week := t.ISOWeek()
			word = fmt.Sprintf("%02d", week)
		case 'G':
			year, _ := t.ISOWeek()
			word = strconv.Itoa(year)
		case 'k':
			word = fmt.Sprintf("%2d", t.Hour())
		case ':':
			if i+1 < len(form) && form[i+1] == 'z' {
				i++
				word = t.Format("-07:00")
			}
		case '3', '6', '9':
			if i+1 < len(form) && form[i+1] == 'N' {
				i++
				word = fmt.Sprintf("%09d", t.Nanosecond())[:c-'0']
			}
		default:
			word = t.Format(strftimeForms[c])
		}
		if word == "" {
			return "", "%" + form[i:i+1]
		}
		if plain {
			word = or(strings.TrimLeft(word, "0 "), "0")
		}
		b.WriteString(word)
	}
	return b.String(), ""
}
