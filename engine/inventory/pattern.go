package inventory

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// This file answers host patterns: web:&prod:!db1, web*[0:2], ~node-\d+.

// Match returns the hosts that patterns stand for, each once: first what plain patterns name, in their order, cut down to what each &pattern
// also has, without what each !pattern has. A pattern may hold several, between commas or colons. Names that stand for nothing are
// told in warnings; an index that is out of range and a regular expression that cannot be read are errors.
func (inv *Inventory) Match(patterns ...string) (hosts []string, warnings []string, err error) {
	var all []string
	for _, p := range patterns {
		all = append(all, SplitPattern(p)...)
	}
	m := &matcher{inv: inv}
	found, err := m.evaluate(all)
	return names(found), m.warnings, err
}

// Limit keeps those of the hosts that the limit (see ReadLimit) stands for; an empty limit keeps all.
func (inv *Inventory) Limit(hosts, limit []string) (kept []string, warnings []string, err error) {
	if len(limit) == 0 {
		return hosts, nil, nil
	}
	m := &matcher{inv: inv}
	found, err := m.evaluate(limit)
	if err != nil {
		return nil, m.warnings, err
	}
	in := map[string]bool{}
	for _, h := range found {
		in[h.Name] = true
	}
	for _, h := range hosts {
		if in[h] {
			kept = append(kept, h)
		}
	}
	return kept, m.warnings, nil
}

// ReadLimit makes patterns of the argument of --limit; @file stands for the lines of a file.
func ReadLimit(text string, readFile func(name string) ([]byte, error)) ([]string, error) {
	var out []string
	for _, p := range SplitPattern(text) {
		name, isFile := strings.CutPrefix(p, "@")
		if !isFile {
			out = append(out, p)
			continue
		}
		data, err := readFile(name)
		if err != nil {
			return nil, fmt.Errorf("unable to find limit file %s: %w", name, err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, line)
			}
		}
	}
	return out, nil
}

var colonPart = regexp.MustCompile(`(?:[^\s:\[\]]|\[[^\]]*\])+`)

// SplitPattern splits a pattern at its commas; without any, at the colons, unless it is an address as a whole.
func SplitPattern(pattern string) []string {
	var parts []string
	switch _, _, ok := parseAddress(pattern); {
	case strings.Contains(pattern, ","):
		parts = strings.Split(pattern, ",")
	case ok:
		parts = []string{pattern}
	default:
		parts = colonPart.FindAllString(pattern, -1)
	}
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

type matcher struct {
	inv      *Inventory
	warnings []string
}

func (m *matcher) evaluate(patterns []string) ([]*Host, error) {
	var hosts []*Host
	for _, p := range ordered(patterns) {
		if h := m.inv.byHost[p]; h != nil {
			hosts = append(hosts, h)
			continue
		}
		that, err := m.one(strings.TrimLeft(p[:1], "&!") + p[1:])
		if err != nil {
			return nil, err
		}
		switch p[0] {
		case '!':
			hosts = keep(hosts, that, false)
		case '&':
			hosts = keep(hosts, that, true)
		default:
			hosts = append(hosts, that...)
		}
	}
	return unique(hosts), nil
}

// ordered puts the patterns that add hosts first, then those that cut down, then those that take away. Without any that adds,
// it begins with all hosts.
func ordered(patterns []string) []string {
	var plain, and, not []string
	for _, p := range patterns {
		switch {
		case p == "" || p == "&" || p == "!":
		case p[0] == '!':
			not = append(not, p)
		case p[0] == '&':
			and = append(and, p)
		default:
			plain = append(plain, p)
		}
	}
	if plain == nil {
		plain = []string{All}
	}
	return append(append(plain, and...), not...)
}

func keep(hosts, that []*Host, in bool) []*Host {
	set := map[*Host]bool{}
	for _, h := range that {
		set[h] = true
	}
	var out []*Host
	for _, h := range hosts {
		if set[h] == in {
			out = append(out, h)
		}
	}
	return out
}

func unique(hosts []*Host) []*Host {
	seen := map[*Host]bool{}
	var out []*Host
	for _, h := range hosts {
		if !seen[h] {
			seen[h] = true
			out = append(out, h)
		}
	}
	return out
}

// one returns the hosts of a single pattern without its & or !.
func (m *matcher) one(pattern string) ([]*Host, error) {
	expr, index := splitIndex(pattern)
	hosts, err := m.find(expr)
	if err != nil || index == nil || len(hosts) == 0 {
		return hosts, err
	}
	return index(hosts, pattern)
}

var indexed = regexp.MustCompile(`^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$`)

type indexer func(hosts []*Host, pattern string) ([]*Host, error)

// splitIndex takes the index off a pattern: web[0], web[-1], web[0:2] with both ends, web[1:].
func splitIndex(pattern string) (string, indexer) {
	if strings.HasPrefix(pattern, "~") {
		return pattern, nil
	}
	m := indexed.FindStringSubmatch(pattern)
	if m == nil {
		return pattern, nil
	}
	if m[2] != "" {
		return m[1], func(hosts []*Host, pattern string) ([]*Host, error) { return at(hosts, m[2], pattern) }
	}
	return m[1], func(hosts []*Host, pattern string) ([]*Host, error) {
		if m[4] != "" && strings.Trim(m[4], "0") == "" { // [x:0] is one host, as in Ansible
			return at(hosts, m[3], pattern)
		}
		from, to := bound(m[3], len(hosts)), len(hosts)
		if m[4] != "" {
			to = min(bound(m[4], len(hosts))+1, len(hosts))
		}
		if from >= to {
			return nil, nil
		}
		return hosts[from:to], nil
	}
}

// bound reads an index, at most n.
func bound(text string, n int) int {
	i, err := strconv.Atoi(text)
	if err != nil {
		return n
	}
	return min(i, n)
}

func at(hosts []*Host, text, pattern string) ([]*Host, error) {
	i, err := strconv.Atoi(text)
	if i < 0 {
		i += len(hosts)
	}
	if err != nil || i < 0 || i >= len(hosts) {
		return nil, fmt.Errorf("no hosts matched the subscripted pattern '%s': there are only %d", pattern, len(hosts))
	}
	return hosts[i : i+1], nil
}

// find returns the hosts of the groups that a pattern matches, or, where it matches no group or may well match both, the hosts of that name.
func (m *matcher) find(pattern string) ([]*Host, error) {
	match, err := compilePattern(pattern)
	if err != nil {
		return nil, err
	}
	var hosts []*Host
	groups := false
	for _, g := range m.inv.groups {
		ok, err := match(g.Name)
		if err != nil {
			return nil, err
		}
		if ok {
			groups = true
			hosts = append(hosts, g.hosts...)
		}
	}
	if !groups || strings.HasPrefix(pattern, "~") || strings.ContainsAny(pattern, ".?*[") {
		for _, h := range m.inv.hosts {
			ok, err := match(h.Name)
			if err != nil {
				return nil, err
			}
			if ok {
				hosts = append(hosts, h)
			}
		}
	}
	if len(hosts) == 0 && m.inv.local[pattern] != nil {
		hosts = []*Host{m.inv.local[pattern]}
	}
	if len(hosts) == 0 && !groups && pattern != All {
		m.warnings = append(m.warnings, "Could not match supplied host pattern, ignoring: "+pattern)
	}
	return hosts, nil
}
