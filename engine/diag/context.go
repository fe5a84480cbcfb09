package diag

import (
	"fmt"
	"strconv"
	"strings"
)

// contextWidth is how wide a line with its number may be in a Context.
const contextWidth = 120

// Context is a place as Ansible shows one: its line after the two before it, each with its number, and an arrow below the column. It ends
// without a newline; "" where the line is not known, or is not to be read by people.
func (p *Printer) Context(at Pos) string {
	if p.Line == nil || at.Line < 1 {
		return ""
	}
	if first, ok := p.Line(at.File, 1); !ok || strings.HasPrefix(first, "$ANSIBLE_VAULT") {
		return ""
	}
	margin := len(strconv.Itoa(at.Line))
	var out []string
	for n := max(1, at.Line-2); n <= at.Line; n++ {
		line, ok := p.Line(at.File, n)
		if !ok {
			return ""
		}
		out = append(out, numbered(n, margin, line))
	}
	if at.Col > 0 && at.Col+margin < contextWidth {
		out = append(out, arrow(at.Col, margin))
	}
	return strings.Join(out, "\n")
}

func numbered(n, margin int, line string) string {
	runes := []rune(strings.ReplaceAll(line, "\t", " "))
	if room := contextWidth - margin - 1; len(runes) > room {
		runes = append(runes[:room-3], '.', '.', '.')
	}
	if len(runes) == 0 {
		return fmt.Sprintf("%*d", margin, n)
	}
	return fmt.Sprintf("%*d %s", margin, n, string(runes))
}

// arrow points at a column, the words on the side where there is room.
func arrow(col, margin int) string {
	word, before := fmt.Sprintf("column %d", col), col-1
	if before+2+len(word) > contextWidth-margin-1 {
		return strings.Repeat(" ", margin+1+before-len(word)-1) + word + " ^"
	}
	return strings.Repeat(" ", margin+1+before) + "^ " + word
}
