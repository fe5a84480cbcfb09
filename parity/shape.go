package parity

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// This file compares runs of strategies that keep no order between hosts.

var unordered = regexp.MustCompile(`\bstrategy:\s*['"]?(?:ansible\.builtin\.)?(?:free|host_pinned)\b`)

// unordered tells whether a playbook of the case uses free or host_pinned.
func (r Run) unordered() bool {
	files, err := filepath.Glob(filepath.Join(escapeGlob(r.Dir), "*.yml"))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(files, func(f string) bool {
		text, err := os.ReadFile(f)
		return err == nil && unordered.Match(text)
	})
}

// byHost puts the events of each play in the order of their hosts; those of one host keep theirs. The headlines of tasks, which come
// when the first host begins one, stand first, each once.
func byHost(list []Event) []Event {
	var out []Event
	for len(list) > 0 {
		n := 1 + slices.IndexFunc(list[1:], func(e Event) bool { return e["event"] == "play" || e["event"] == "stats" })
		if n == 0 {
			n = len(list)
		}
		out = append(out, sortedPlay(list[:n])...)
		list = list[n:]
	}
	return out
}

func sortedPlay(list []Event) []Event {
	var heads, rest []Event
	seen := map[string]bool{}
	for _, e := range list {
		switch e["event"] {
		case "task", "handler", "include":
			if key := compact(e); !seen[key] {
				seen[key] = true
				heads = append(heads, e)
			}
		default:
			rest = append(rest, e)
		}
	}
	slices.SortStableFunc(heads, func(a, b Event) int { return slices.Compare([]byte(compact(a)), []byte(compact(b))) })
	slices.SortStableFunc(rest, func(a, b Event) int { return slices.Compare([]byte(host(a)), []byte(host(b))) })
	return append(rest, heads...)
}

func host(e Event) string {
	s, _ := e["host"].(string)
	return s
}
