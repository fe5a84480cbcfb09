package preview

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// This file shows a Preview to a person: what speaks against the run first, then the nodes in their order, a few lines each, and the answer last.

// Style says how text looks.
type Style struct {
	Width int // columns; less than 40 count as 80
	Color bool
	All   bool // every package, pod and volume by name
}

// WriteText shows a preview.
func WriteText(w io.Writer, p Preview, s Style) error {
	if s.Width < 40 {
		s.Width = 80
	}
	t := &sheet{Style: s}
	t.opening(p)
	for _, n := range p.Nodes {
		t.node(p, n)
	}
	t.closing(p)
	_, err := io.WriteString(w, t.b.String())
	return err
}

// sheet is a text in the making.
type sheet struct {
	Style
	b strings.Builder
}

// The colours are those of the other views: what fails, what changes, what is well.
const (
	red    = "0;31"
	yellow = "0;33"
	green  = "0;32"
	none   = ""
)

func (t *sheet) paint(color, text string) string {
	if !t.Color || color == none || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// line writes a text, broken at blanks where it is too long; lines after the first are indented by hang.
func (t *sheet) line(color, indent, text string, hang int) {
	for i, part := range wrap(text, t.Width-len(indent), hang) {
		if i > 0 {
			part = strings.Repeat(" ", hang) + part
		}
		t.b.WriteString(indent + t.paint(color, part) + "\n")
	}
}

// wrap breaks a text into lines of at most width characters, those after the first shorter by hang. Words are not broken.
func wrap(text string, width, hang int) []string {
	var out []string
	line, room := "", width
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= room:
			line += " " + word
		default:
			out = append(out, line)
			line, room = word, width-hang
		}
	}
	return append(out, line)
}

func (t *sheet) opening(p Preview) {
	what := strings.Join(p.Asked.Playbooks, " ")
	for _, o := range []struct{ word, val string }{
		{"--limit", p.Asked.Limit}, {"--tags", strings.Join(p.Asked.Tags, ",")}, {"--skip-tags", strings.Join(p.Asked.SkipTags, ",")},
	} {
		if o.val != "" {
			what += " " + o.word + " " + o.val
		}
	}
	t.line(none, "", "PLAN "+what, 5)
	for _, c := range p.Clusters {
		t.line(none, "", fmt.Sprintf("cluster by %s: %s", c.Asked, t.members(c)), 2)
	}
	if len(p.Blockers)+len(p.Notes) > 0 {
		t.b.WriteString("\n")
	}
	t.reasons(p.Blockers, p.Notes, "")
}

func (t *sheet) members(c Cluster) string {
	servers, agents := 0, 0
	var odd []string
	for _, m := range c.Members {
		if m.Role == Server {
			servers++
		} else {
			agents++
		}
		switch {
		case !m.Ready:
			odd = append(odd, m.Node+" not ready")
		case m.Cordoned:
			odd = append(odd, m.Node+" cordoned")
		}
	}
	text := count(servers, "server") + ", " + count(agents, "agent")
	if c.Storage {
		text += ", Longhorn"
	}
	if len(odd) > 0 {
		text += "; " + strings.Join(odd, ", ")
	}
	return text
}

// reasons are what speaks against something, and what should be known of it.
func (t *sheet) reasons(blockers []Blocker, notes []string, indent string) {
	for _, b := range blockers {
		word, color := "BLOCKED", red
		switch {
		case b.Accepted:
			word, color = "accepted", yellow
		case b.Passes:
			word = "NOT YET"
		}
		about := b.Check
		if b.About != "" {
			about += " " + b.About
		}
		t.line(color, indent, word+" "+about+": "+b.Found, 2)
		if b.Mend != "" && !b.Accepted {
			t.line(none, indent+"  ", b.Mend, 2)
		}
		if b.Accept != "" && !b.Accepted {
			t.line(none, indent+"  ", "or take it on yourself: "+b.Accept, 2)
		}
	}
	for _, n := range notes {
		t.line(yellow, indent, "note: "+n, 2)
	}
}

func (t *sheet) node(p Preview, n Node) {
	t.b.WriteString("\n")
	t.headline(p, n)
	t.reasons(n.Blockers, n.Notes, "   ")
	if !n.Seen {
		return
	}
	t.fact("packages", t.packages(n))
	t.fact("reboot", rebootText(n))
	t.fact("pods", t.pods(n))
	t.fact("volumes", t.volumes(n))
	if q := n.Quorum; q != nil {
		t.fact("etcd", fmt.Sprintf("%s, %d needed, %d healthy without this one", count(q.Members, "member"), q.Needed, q.Left))
	}
}

// headline names a node, with the time that it takes at the right.
func (t *sheet) headline(p Preview, n Node) {
	left := fmt.Sprintf("%d  %s", n.Order, n.Host)
	var is []string
	if n.Node != "" && n.Node != n.Host {
		is = append(is, "node "+n.Node)
	}
	if n.Role != "" {
		is = append(is, string(n.Role))
	}
	if p.together(n) > 1 {
		is = append(is, fmt.Sprintf("with %d others at once", p.together(n)-1))
	}
	if len(is) > 0 {
		left += " (" + strings.Join(is, ", ") + ")"
	}
	right := n.Duration.String()
	gap := t.Width - len([]rune(left)) - len([]rune(right))
	color := none
	if n.Blocked() {
		color = red
	}
	if right != "" {
		right = strings.Repeat(" ", max(2, gap)) + right
	}
	t.b.WriteString(t.paint(color, left) + right + "\n")
}

// together counts the nodes of a batch.
func (p Preview) together(n Node) int {
	count := 0
	for _, other := range p.Nodes {
		if other.Batch == n.Batch {
			count++
		}
	}
	return count
}

// factIndent is where what is said of a node begins.
const factIndent = 13

func (t *sheet) fact(name, text string) {
	if text == "" {
		return
	}
	for _, part := range wrap(text, t.Width-factIndent, 0) {
		t.b.WriteString(fmt.Sprintf("   %-*s", factIndent-3, name) + part + "\n")
		name = ""
	}
}

func (t *sheet) closing(p Preview) {
	t.b.WriteString("\n")
	color := green
	if !p.Ready {
		color = red
	}
	t.line(color, "", p.Summary(), 2)
}

// Summary is the answer in a line.
func (p Preview) Summary() string {
	if !p.Ready {
		var by []string
		for _, n := range p.Nodes {
			for _, b := range n.Blockers {
				if !b.Accepted {
					by = append(by, n.Host+" by "+b.Check)
				}
			}
		}
		for _, b := range p.Blockers {
			if !b.Accepted {
				by = append(by, strings.TrimSpace(b.About+" by "+b.Check))
			}
		}
		return "blocked: " + shortened(sortedOnce(by), 4)
	}
	if len(p.Nodes) == 0 {
		return "ready: nothing in it disrupts a node"
	}
	parts := []string{"ready: " + count(len(p.Nodes), "node")}
	if idle := p.idle(); idle > 0 {
		parts[0] += fmt.Sprintf(" (nothing is pending on %d)", idle)
	}
	if d := p.Duration.String(); d != "" {
		parts = append(parts, d)
	}
	kernels := 0
	for _, n := range p.Nodes {
		if n.NewKernel() {
			kernels++
		}
	}
	switch kernels {
	case 0:
	case 1:
		parts = append(parts, "1 with a kernel")
	default:
		parts = append(parts, fmt.Sprintf("%d with kernels", kernels))
	}
	return strings.Join(parts, ", ")
}

// idle counts the nodes on which nothing is pending, as far as is known before the run.
func (p Preview) idle() int {
	n := 0
	for _, x := range p.Nodes {
		if len(x.Packages) == 0 && !x.Reboot.Needed && x.Reboot.Planned != Surely {
			n++
		}
	}
	return n
}

// String is a duration for people; empty: nobody knows.
func (d Duration) String() string {
	if d.Seconds == 0 {
		return ""
	}
	return "about " + roughly(time.Duration(d.Seconds)*time.Second)
}

// roughly says a time as a person would.
func roughly(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return count(int(d.Round(time.Second).Seconds()), "second")
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", int((d+30*time.Second)/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return count(int(d.Hours()/24), "day")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
