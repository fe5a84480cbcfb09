// A rule of ufw: its words, and what a dry run foresees of it.

package network

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// foresee reads what a dry run of the rule has printed.
func (t *ufwTask) foresee(out, errors, rc string) *module.Result {
	if rc != "0" {
		if errors != "" {
			out = errors + "\n"
		}
		r := module.Fail("%s", out).With("commands", t.told([][]string{t.rule}, ""))
		return &r
	}
	t.will = t.args.changes(t.was.rules, out)
	return nil
}

// words are the arguments of ufw for the rule. numbered are the rules with their numbers, if the place of the rule depends on them.
func (a ufwArgs) words(numbered string) []string {
	var w []string
	add := func(given bool, words ...string) {
		if given {
			w = append(w, words...)
		}
	}
	add(a.Route, "route")
	add(a.Delete, "delete")
	if a.Insert != nil && !a.Delete {
		if at, ok := a.place(numbered); ok {
			add(true, "insert", itoa(at))
		}
	}
	add(true, a.Rule)
	add(a.Direction != "", a.Direction)
	text := func(v *string) string {
		if v == nil {
			return ""
		}
		return *v
	}
	add(has(a.Interface), "on", text(a.Interface))
	add(has(a.InterfaceIn), "in", "on", text(a.InterfaceIn))
	add(has(a.InterfaceOut), "out", "on", text(a.InterfaceOut))
	add(a.Log, "log")
	add(a.FromIP != "", "from", a.FromIP)
	add(has(a.FromPort), "port", text(a.FromPort))
	add(a.ToIP != "", "to", a.ToIP)
	add(has(a.ToPort), "port", text(a.ToPort))
	add(a.Proto != "", "proto", a.Proto)
	add(has(a.Name), "app", text(a.Name))
	add(has(a.Comment), "comment", text(a.Comment))
	return w
}

var numberedRule = regexp.MustCompile(`^\[ *([0-9]+)\] `)

// place is where a rule is inserted; false: at the end.
func (a ufwArgs) place(numbered string) (at int, ok bool) {
	if a.InsertFrom == "zero" {
		return *a.Insert, true
	}
	last, last4, has4, has6 := 0, 0, false, false
	for line := range strings.Lines(numbered) {
		m := numberedRule.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		n := atoi(m[1])
		last = max(last, n)
		if strings.Contains(line, "(v6)") {
			has6 = true
		} else {
			has4, last4 = true, max(last4, n)
		}
	}
	from := 1
	switch {
	case a.InsertFrom == "last-ipv4" && has4:
		from = last4
	case a.InsertFrom == "first-ipv6" && has4:
		from = last4 + 1
	case a.InsertFrom == "last-ipv6" && has6:
		from = last
	case a.InsertFrom == "last-ipv6":
		from = last + 1
	}
	at = *a.Insert + from
	return at, at <= last
}

// changes compares the rules that there are with those of a dry run, of which only the kind counts that the rule's addresses are of.
func (a ufwArgs) changes(now, dry string) bool {
	skipped, all := 0, 0
	var tuples []string
	for line := range strings.Lines(dry) {
		all++
		if strings.Contains(line, "Skipping") {
			skipped++
		}
		if strings.HasPrefix(line, "### tuple") {
			tuples = append(tuples, strings.TrimRight(line, "\n"))
		}
	}
	if skipped > 0 && skipped == all {
		return false
	}
	have := module.Lines(now)
	keep := func(is func(netip.Addr) bool) { have, tuples = linesWith(have, is), linesWith(tuples, is) }
	switch {
	case begins(a.FromIP, netip.Addr.Is4) || begins(a.ToIP, netip.Addr.Is4):
		keep(netip.Addr.Is4)
	case begins(a.FromIP, netip.Addr.Is6) || begins(a.ToIP, netip.Addr.Is6):
		keep(netip.Addr.Is6)
	}
	return strings.Join(have, "\n") != strings.Join(tuples, "\n")
}

// begins tells whether a text is an address, or a network, of a kind.
func begins(text string, is func(netip.Addr) bool) bool {
	text, _, _ = strings.Cut(text, "/")
	addr, err := netip.ParseAddr(text)
	return err == nil && is(addr)
}

// linesWith are the lines that hold an address of a kind.
func linesWith(lines []string, is func(netip.Addr) bool) []string {
	var out []string
	for _, line := range lines {
		for _, word := range strings.Fields(line) {
			if begins(word, is) {
				out = append(out, line)
				break
			}
		}
	}
	return out
}
