package render

import (
	"bytes"
	"io"
	"path"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// JSONL writes one JSON object a line, in the form of the recordings in testdata/parity.
type JSONL struct{ out io.Writer }

// NewJSONL makes the view.
func NewJSONL(o Options) *JSONL { return &JSONL{out: o.Out} }

// Emit writes the line of one event; events that have none in this form are left out.
func (v *JSONL) Emit(e event.Event) error {
	m := line(e)
	if m == nil {
		return nil
	}
	var b bytes.Buffer
	writeOrdered(&b, m)
	b.WriteByte('\n')
	_, err := v.out.Write(b.Bytes())
	return err
}

func line(e event.Event) *value.Map { //house:dispatch
	switch x := e.(type) {
	case event.RunResumed:
		return value.NewMap("event", "resumed", "run", x.Run, "finished", x.Finished, "again", value.From(orEmpty(x.Again)))
	case event.PlaybookStarted:
		return value.NewMap("event", "playbook", "file", path.Base(x.File))
	case event.PlayStarted:
		return value.NewMap("event", "play", "name", x.Name, "batch", value.From(orEmpty(x.Hosts)))
	case event.TaskStarted:
		kind := "task"
		if x.Task.Handler {
			kind = "handler"
		}
		return value.NewMap("event", kind, "name", x.Task.Name, "action", x.Task.Action)
	case event.HostResult:
		return resultLine(x)
	case event.Retry: // numbered by the try that follows, as the recordings (2.21) number it
		return value.NewMap("event", "retry", "host", x.Host, "task", x.Task.Name, "attempts", x.Attempts+1, "retries", x.Retries)
	case event.Included:
		return value.NewMap("event", "include", "file", path.Base(x.File), "hosts", value.From(x.Hosts))
	case event.Notified:
		return value.NewMap("event", "notify", "handler", x.Handler, "host", x.Host)
	case event.HostProgress:
		return value.NewMap("event", "progress", "host", x.Host, "task", x.Task.Name, "message", x.Message)
	case event.Held:
		return value.NewMap("event", "held", "hosts", value.From(x.Hosts), "by", value.From(orEmpty(x.By)), "why", x.Why, "since", x.Since.Format(time.RFC3339), "ends", x.Ends)
	case event.Message:
		return value.NewMap("event", "message", "level", x.Level, "text", x.Text)
	case event.NoHostsMatched:
		return value.NewMap("event", "no_hosts_matched")
	case event.NoHostsRemaining:
		return value.NewMap("event", "no_hosts_remaining")
	case event.Stats:
		return statsLine(x)
	}
	return nil
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func resultLine(x event.HostResult) *value.Map {
	kind := "result"
	if x.Item {
		kind = "item"
	}
	m := value.NewMap("event", kind, "host", x.Host, "task", x.Task.Name, "action", x.Task.Action, "status", shownStatus(x))
	if x.Loop && !x.Item {
		m.Set("loop", true)
	}
	if x.DelegatedTo != "" && x.Status != event.Unreachable {
		m.Set("delegated_to", x.DelegatedTo)
	}
	if x.Task.NoLog {
		m.Set("no_log", true)
	}
	return m.Set("result", countFacts(x))
}

// shownStatus is the status as a callback of Ansible sees it: what an item failed of is ignored or unreachable only in the sum.
func shownStatus(x event.HostResult) string {
	if x.Item && (x.Status == event.Ignored || x.Status == event.Unreachable) {
		return string(event.Failed)
	}
	return string(x.Status)
}

// countFacts only counts the facts of setup: they are many, and no two machines have the same.
func countFacts(x event.HostResult) *value.Map {
	facts, ok := x.Result.Value("ansible_facts").(*value.Map)
	switch strings.TrimPrefix(x.Task.Action, "ansible.builtin.") {
	case "setup", "gather_facts":
	default:
		ok = false
	}
	if !ok {
		return x.Result
	}
	m := x.Result.Clone()
	m.Delete("ansible_facts")
	return m.Set("ansible_facts_keys", facts.Len())
}

func statsLine(x event.Stats) *value.Map {
	hosts := &value.Map{}
	for _, h := range x.Order {
		t := x.Hosts[h]
		hosts.Set(h, value.NewMap("ok", t.OK, "failures", t.Failed, "unreachable", t.Unreachable, "changed", t.Changed,
			"skipped", t.Skipped, "rescued", t.Rescued, "ignored", t.Ignored))
	}
	return value.NewMap("event", "stats", "hosts", hosts, "custom", (&value.Map{}).Merge(x.Custom))
}

// writeOrdered writes a mapping in its own order.
func writeOrdered(b *bytes.Buffer, v any) {
	switch x := v.(type) {
	case *value.Map:
		b.WriteByte('{')
		i := 0
		for k, val := range x.All() {
			separate(b, i, 0, 0)
			writeScalar(b, value.Str(k))
			b.WriteString(": ")
			writeOrdered(b, val)
			i++
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range x {
			separate(b, i, 0, 0)
			writeOrdered(b, item)
		}
		b.WriteByte(']')
	default:
		write(b, v, 0, 0)
	}
}
