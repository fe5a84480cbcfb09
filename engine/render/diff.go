package render

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pmezard/go-difflib/difflib"

	"github.com/drydock-dev/drydock/engine/event"
)

// Unified is a difference as text, with some lines around each change.
func Unified(d event.Diff, context int) string { return unified(d, context) }

func (v *Ansible) diffs(ds []event.Diff) {
	for _, d := range ds {
		text := unified(d, cmp.Or(v.o.DiffContext, 3))
		if text == "" {
			continue
		}
		for _, l := range strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n") {
			fmt.Fprint(v.o.Out, v.paint(diffColor(l), strings.TrimSuffix(l, "\n")), "\n")
		}
		fmt.Fprintln(v.o.Out)
	}
}

func diffColor(line string) color {
	switch {
	case strings.HasPrefix(line, "+"):
		return green
	case strings.HasPrefix(line, "-"):
		return red
	case strings.HasPrefix(line, "@@"):
		return cyan
	}
	return none
}

// unified prints a difference as Ansible does: headers, three lines around each change, and a word where the last line has no
// end.
func unified(d event.Diff, context int) string {
	if d.Prepared != "" {
		return d.Prepared
	}
	if d.Before == d.After {
		return ""
	}
	text, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: splitLines(d.Before), B: splitLines(d.After),
		FromFile: header("before", d.BeforeHeader), ToFile: header("after", d.AfterHeader), Context: context,
	})
	if err != nil {
		return ""
	}
	return text
}

func header(word, name string) string {
	if name == "" {
		return word
	}
	return word + ": " + name
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	ls := strings.SplitAfter(s, "\n")
	if last := len(ls) - 1; ls[last] == "" {
		return ls[:last]
	}
	ls[len(ls)-1] += "\n\\ No newline at end of file\n"
	return ls
}
