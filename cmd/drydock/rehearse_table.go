package main

// The table of a rehearsal.

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/twin"
)

// reporter shows the rows as they come.
type reporter interface {
	begin(r *rehearsal, rows int)
	row(o outcome)
	end(rows []outcome) error
}

func (a *app) reporter(form string) reporter {
	if form == "json" {
		return &jsonReport{a.out}
	}
	return &tableReport{out: a.out, color: a.color(nil), width: max(min(a.width, 160), 100)}
}

// tableReport is for people.
type tableReport struct {
	out   io.Writer
	color bool
	width int
}

// begin says what the twin is.
func (t *tableReport) begin(r *rehearsal, rows int) {
	count := map[twin.Role][]string{}
	for _, n := range r.spec.Nodes {
		word := n.Name
		if n.Node != n.Name {
			word += " (" + n.Node + ")"
		}
		count[n.Role] = append(count[n.Role], word+" "+string(n.Family))
	}
	fmt.Fprintln(t.out, paint(t.color, bold, "A twin of your inventory; nothing of yours is touched"))
	for _, role := range []twin.Role{twin.Server, twin.Agent, twin.Alone} {
		if len(count[role]) > 0 {
			word := map[twin.Role]string{twin.Server: "servers", twin.Agent: "agents", twin.Alone: "others"}[role]
			fmt.Fprintf(t.out, "  %-8s %s\n", word, strings.Join(count[role], ", "))
		}
	}
	fmt.Fprintf(t.out, "\n%-24s %-13s %-6s %-8s %-8s %4s\n", "FAULT", "OUTCOME", "DONE", "TOOK", "LONGEST", "EXIT")
}

// row is one fault.
func (t *tableReport) row(o outcome) {
	color := map[string]string{finished: green, refused: green, rescued: green, stopped: yellow, harm: red, unknowable: yellow, impossible: dim}[o.Outcome]
	if o.Outcome == impossible {
		fmt.Fprintf(t.out, "%-24s %s\n", o.Fault, paint(t.color, color, fmt.Sprintf("%-13s", o.Outcome)))
	} else {
		fmt.Fprintf(t.out, "%-24s %s %-6s %-8s %-8s %4d\n", o.Fault, paint(t.color, color, fmt.Sprintf("%-13s", o.Outcome)),
			fmt.Sprintf("%d/%d", o.Done, o.Nodes), brief(seconds(o.Took)), brief(seconds(o.Waited)), o.Exit)
	}
	if text := o.says(); text != "" {
		for _, part := range wrapped(text, t.width-4) {
			fmt.Fprintln(t.out, "    "+paint(t.color, dim, part))
		}
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// end sums up, and names what was not rehearsed.
func (t *tableReport) end(rows []outcome) error {
	count := map[string]int{}
	var lacks []lack
	for _, o := range rows {
		count[o.Outcome]++
		for _, l := range o.Lacks {
			if !slices.ContainsFunc(lacks, func(k lack) bool { return k.What == l.What && k.Task == l.Task }) {
				lacks = append(lacks, l)
			}
		}
	}
	var words []string
	for _, word := range []string{finished, refused, rescued, stopped, harm, unknowable, impossible} {
		if count[word] > 0 {
			words = append(words, fmt.Sprintf("%d %s", count[word], word))
		}
	}
	fmt.Fprintf(t.out, "\n%s\n", strings.Join(words, ", "))
	if len(lacks) > 0 {
		fmt.Fprintf(t.out, "\n%s\n", paint(t.color, yellow, "Not rehearsed: the twin does not know this, and the tasks got an error instead of an answer"))
		for _, l := range lacks {
			fmt.Fprintf(t.out, "  %s\n      %s, %s\n", l.What, l.Task, l.At)
		}
	}
	return nil
}

// jsonReport is for programs.
type jsonReport struct{ out io.Writer }

func (*jsonReport) begin(*rehearsal, int) {}
func (*jsonReport) row(outcome)           {}

// end writes all rows as one document.
func (j *jsonReport) end(rows []outcome) error {
	e := json.NewEncoder(j.out)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"rehearsals": rows})
}
