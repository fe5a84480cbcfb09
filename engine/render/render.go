// Package render shows a run while it happens. A view is a fold over events: it receives them in order and writes; it asks
// nothing of the run. Ansible is the look people and their parsers know; JSONL is for programs; Plain and Quiet are for logs
// and for those who only want to hear of trouble.
package render

import (
	"bytes"
	"encoding/json"
	"io"
	"sort"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// Options say how a view writes.
type Options struct {
	Out          io.Writer // results
	Err          io.Writer // warnings, errors, progress
	Width        int       // columns of a headline; 0: 79, as without a terminal
	Color        bool
	Verbosity    int  // the number of -v
	CheckMarkers bool // say CHECK MODE in headlines (check_mode_markers)
	HideOK       bool // display_ok_hosts = no
	HideSkip     bool // display_skipped_hosts = no
	FailedToErr  bool // failures go to Err (display_failed_stderr)
	TaskPath     bool // say where a task stands that failed, but for items and unreachable hosts (show_task_path_on_failure)
	DiffContext  int  // lines around each change (diff_context); 0: three
	CustomStats  bool // show the figures of set_stats at the end (show_custom_stats)
	// Excerpt shows a place of a file with its line and a hint at it; nil: places are only named.
	Excerpt func(at diag.Pos, hint string) string
	// Context is a place with the lines before it, in Ansible's form, without a newline at its end. Where it is given, failures are told as
	// Ansible tells them, beside their results, instead of with an Excerpt on Err.
	Context func(at diag.Pos) string
	Abs     func(file string) string // how files are named; nil: as they are
	// Result prints a result; nil: JSON, as Ansible does. For callback_result_format = yaml.
	Result func(v any) string
}

// dump prints a result as JSON with sorted keys and Python's spacing; indent 0 means one line.
func dump(v any, indent int) string {
	var b bytes.Buffer
	write(&b, v, indent, 0)
	return b.String()
}

func write(b *bytes.Buffer, v any, indent, depth int) {
	switch x := v.(type) {
	case *value.Map:
		writeMap(b, x, indent, depth)
	case []any:
		if len(x) == 0 {
			b.WriteString("[]")
			return
		}
		b.WriteByte('[')
		for i, item := range x {
			separate(b, i, indent, depth+1)
			write(b, item, indent, depth+1)
		}
		newline(b, indent, depth)
		b.WriteByte(']')
	case float64:
		b.WriteString(value.FormatFloat(x))
	default:
		writeScalar(b, v)
	}
}

func writeScalar(b *bytes.Buffer, v any) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		writeScalar(b, value.Str(v))
		return
	}
	b.Truncate(b.Len() - 1) // Encode ends with a newline
}

func writeMap(b *bytes.Buffer, m *value.Map, indent, depth int) {
	if m.Len() == 0 {
		b.WriteString("{}")
		return
	}
	keys := make([]string, 0, m.Len())
	byName := map[string]any{}
	for k, v := range m.All() {
		keys = append(keys, value.Str(k))
		byName[value.Str(k)] = v
	}
	sort.Strings(keys)
	b.WriteByte('{')
	for i, k := range keys {
		separate(b, i, indent, depth+1)
		writeScalar(b, k)
		b.WriteString(": ")
		write(b, byName[k], indent, depth+1)
	}
	newline(b, indent, depth)
	b.WriteByte('}')
}

func separate(b *bytes.Buffer, i, indent, depth int) {
	if i > 0 {
		b.WriteByte(',')
		if indent == 0 {
			b.WriteByte(' ')
		}
	}
	newline(b, indent, depth)
}

func newline(b *bytes.Buffer, indent, depth int) {
	if indent == 0 {
		return
	}
	b.WriteByte('\n')
	for range indent * depth {
		b.WriteByte(' ')
	}
}
