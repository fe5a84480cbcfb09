package parity

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// This file tells of whole suites.

// Cases compares the runs of all cases below a folder, prints a line for each that differs and, at the end, how many agree. Home is the home
// of the runs. It tells whether none differs but those that a case tolerates.
func Cases(ctx context.Context, out io.Writer, root, home string, play Playbook) (bool, error) {
	runs, err := Runs(root, home)
	if err != nil {
		return false, err
	}
	agree, fine := 0, true
	for _, r := range runs {
		d, err := r.Compare(ctx, play)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil {
			d = &Difference{Where: "run", Want: "an end", Got: err.Error()}
		}
		switch {
		case d == nil:
			agree++
			if r.Tolerated != "" {
				fmt.Fprintf(out, "%s: agrees, and need no longer be tolerated (%s)\n", r.Title(), r.Tolerated)
			}
		case r.Tolerated != "":
			fmt.Fprintf(out, "%s: tolerated (%s): %s\n", r.Title(), r.Tolerated, d)
		default:
			fine = false
			fmt.Fprintf(out, "%s: %s\n", r.Title(), d)
		}
	}
	fmt.Fprintf(out, "cases: %d of %d runs agree\n", agree, len(runs))
	return fine, nil
}

// Questions asks all questions of a table, prints a line for each whose answer differs and, at the end, how many agree. It tells whether none
// differs.
func Questions(ctx context.Context, out io.Writer, file string) (bool, error) {
	t, err := ReadTable(file)
	if err != nil {
		return false, err
	}
	agree := 0
	for _, q := range t.Cases {
		if d := t.Ask(ctx, q); d != nil {
			fmt.Fprintf(out, "%s: %s\n", q.ID, d)
			continue
		}
		agree++
	}
	fmt.Fprintf(out, "jinja: %d of %d agree\n", agree, len(t.Cases))
	return agree == len(t.Cases), nil
}

// String is the difference on one line.
func (d *Difference) String() string {
	s := fmt.Sprintf("%s: expected %s, got %s", d.Where, oneLine(d.Want), oneLine(d.Got))
	if d.Stderr != "" && d.Got == "" {
		s += "; it said: " + oneLine(d.Stderr)
	}
	return s
}

// oneLine shortens a text to what a line bears.
func oneLine(s string) string {
	const most = 600
	s = strings.ReplaceAll(strings.TrimSpace(s), "\n", `\n`)
	if s == "" {
		return "nothing"
	}
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
