package parity

import (
	"regexp"
	"slices"
	"strings"
)

// This file compares messages. What an author wrote (debug, fail, the messages of assert) agrees to the letter; the texts of Ansible
// itself differ between its versions and agree if they name the same things.

// authored are the modules that say what an author wrote, each with the statuses in which they do.
var authored = map[string][]string{
	"debug":  {"ok", "changed"},
	"fail":   {"failed", "ignored"},
	"assert": {"ok"},
}

// authored tells whether the messages of an event are an author's.
func (e Event) authored() bool {
	action, _ := e["action"].(string)
	status, _ := e["status"].(string)
	result, _ := e["result"].(map[string]any)
	if text, _ := result["msg"].(string); strings.HasPrefix(text, "Task failed: ") {
		return false
	}
	return slices.Contains(authored[action[strings.LastIndexByte(action, '.')+1:]], status)
}

// plain is the event without the messages of Ansible itself.
func (e Event) plain() any {
	if e.authored() {
		return map[string]any(e)
	}
	return withoutMessages(map[string]any(e))
}

func withoutMessages(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, val := range x {
			if _, isText := val.(string); isText && isMessage(k) {
				continue
			}
			out[k] = withoutMessages(val)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = withoutMessages(x[i])
		}
		return out
	}
	return v
}

// isMessage tells whether the text under a key of a result is a message: msg, and what stands in the place of a condition that failed.
func isMessage(key string) bool {
	return key == "msg" || key == "message" || key == "failed_when_result"
}

// messages are the messages of Ansible itself that an event holds.
func (e Event) messages() []string {
	if e.authored() {
		return nil
	}
	result, _ := e["result"].(map[string]any)
	if text, ok := result["msg"].(string); ok {
		return []string{text}
	}
	return nil
}

var named = regexp.MustCompile("'([^'\n]{1,200})'|\"([^\"\n]{1,200})\"|`([^`\n]{1,200})`")

// names are what a message names: words in quotes.
func names(text string) []string {
	var out []string
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1]+m[2]+m[3])
	}
	return out
}

// sameMessages tells whether messages name the same: at least one of the names in the recorded one stands in the other. A message that
// names nothing is not compared, and neither is one that only one side has: whether a result has a message at all changed between versions.
func sameMessages(want, got []string) bool {
	if len(want) != 1 || len(got) != 1 {
		return true
	}
	wanted := names(want[0])
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(n string) bool { return strings.Contains(got[0], n) })
}
