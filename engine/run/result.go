package run

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// resultMap makes the result that register keeps: what the module said, with the keys that every result has.
func resultMap(r module.Result) *value.Map {
	m := value.NewMap("changed", r.Changed)
	if r.Data != nil {
		m.Merge(r.Data)
	}
	if r.Msg != "" {
		m.Set("msg", r.Msg)
	}
	if r.Facts != nil && !m.Has("ansible_facts") {
		m.Set("ansible_facts", r.Facts)
	}
	if r.Failed {
		m.Set("failed", true)
	}
	if r.Skipped {
		m.Set("skipped", true)
	}
	if len(r.Warnings) > 0 {
		m.Set("warnings", value.From(r.Warnings))
	}
	for _, k := range []string{"stdout", "stderr"} {
		if text, ok := m.Value(k).(string); ok && !m.Has(k+"_lines") {
			m.Set(k+"_lines", lines(text))
		}
	}
	if !m.Has("failed") { // comes last, as who prints a result whole sees
		m.Set("failed", false)
	}
	return m
}

// lines splits as Python's splitlines does for the ends that commands print.
func lines(text string) []any {
	out := []any{}
	for len(text) > 0 {
		i := strings.IndexAny(text, "\r\n")
		if i < 0 {
			return append(out, text)
		}
		out = append(out, text[:i])
		if strings.HasPrefix(text[i:], "\r\n") {
			i++
		}
		text = text[i+1:]
	}
	return out
}

// registered completes a result as register keeps it: what was skipped without asking a module, and a loop that did not fail, do not say
// whether they failed.
func registered(m *value.Map) *value.Map {
	out := m.Clone()
	out.Delete("invocation")
	if !out.Has("failed") && !out.Has("skipped") {
		out.Set("failed", false)
	}
	if !out.Has("changed") {
		out.Set("changed", false)
	}
	return out
}

// shown is the result as events carry it: failed and skipped are the status, a diff goes beside it; nothing with no_log.
func shown(m *value.Map, hidden bool) *value.Map {
	if hidden {
		out := value.NewMap("censored", "the output has been hidden due to the fact that 'no_log: true' was specified for this result")
		if m.Has("changed") {
			out.Set("changed", m.Value("changed"))
		}
		if items, ok := m.Value("results").([]any); ok {
			out.Set("results", hiddenItems(items))
		}
		return out
	}
	out := &value.Map{}
	for k, v := range m.All() {
		switch k {
		case "failed", "skipped", "diff":
		case "results":
			out.Set(k, shownItems(v))
		default:
			out.Set(k, v)
		}
	}
	return out
}

// hiddenItems are the items of a loop with nothing but their number.
func hiddenItems(items []any) []any {
	out := make([]any, len(items))
	for i, item := range items {
		m, _ := item.(*value.Map)
		out[i] = shown(m, true)
	}
	return out
}

func shownItems(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
		if m, ok := x.(*value.Map); ok {
			out[i] = shown(m, false)
		}
	}
	return out
}

// broken is the result of a task whose keywords or loop cannot be evaluated.
func broken(err error) *value.Map {
	return value.NewMap("changed", false, "failed", true, "msg", fmt.Sprintf("Task failed: %v", err))
}

// unreachable is the result of a host to which there is no way.
func unreachable(err error) *value.Map {
	return value.NewMap("changed", false, "unreachable", true, "msg", "Task failed: "+plainUnreachable(err))
}

// plainUnreachable drops the marker that errors.Join put in front.
func plainUnreachable(err error) string {
	return strings.TrimPrefix(err.Error(), errUnreachable.Error()+"\n")
}

func isTruthy(v any) bool {
	b, ok := v.(bool)
	return ok && b
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:77]) + "..."
	}
	return s
}
