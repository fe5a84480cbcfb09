package render

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// JSON writes one JSON document when the run has ended: plays, their tasks, what each host answered, and the sums. It has the form of
// Ansible's callback ansible.posix.json, so that what reads that reads this. Ids are the places of plays and tasks.
type JSON struct {
	out   io.Writer
	plays []jsonPlay
	tasks *[]any     // of the play under way
	begun []jsonTask // the same, with what their hosts are still to answer
	play  *span
}

// jsonTask is a task whose answers are still coming. Where hosts go on alone (strategy free), each begins the task anew.
type jsonTask struct {
	id    string
	hosts *value.Map
	span  *span
}

// span is how long a play or task took, kept up to date in the document.
type span struct{ duration *value.Map }

func newSpan() *span { return &span{value.NewMap("start", nil, "end", nil)} }

func (s *span) cover(from, to time.Time) {
	const form = "2006-01-02T15:04:05.000000Z"
	if s.duration.Value("start") == nil {
		s.duration.Set("start", from.UTC().Format(form))
	}
	s.duration.Set("end", to.UTC().Format(form))
}

// NewJSON makes the view.
func NewJSON(o Options) *JSON { return &JSON{out: o.Out} }

// Emit takes one event in; the sums write the document.
func (v *JSON) Emit(e event.Event) error {
	switch x := e.(type) {
	case event.PlayStarted:
		v.begin(x)
	case event.TaskStarted:
		v.beginTask(x.Task)
	case event.HostResult:
		if t := v.taskOf(x); t != nil && !x.Item {
			t.hosts.Set(x.Host, v.answer(x))
			t.span.cover(x.At.Add(-x.Duration), x.At) // the task and the play last until the host was done
			v.play.cover(x.At.Add(-x.Duration), x.At)
		}
	case event.Stats:
		return v.write(x)
	}
	return nil
}

// taskOf is the task that a host answers to: the latest of its id that nobody has answered to, else the latest of its id, else the latest.
func (v *JSON) taskOf(x event.HostResult) *jsonTask {
	var found *jsonTask
	for i := len(v.begun) - 1; i >= 0; i-- {
		t := &v.begun[i]
		if t.id != x.Task.ID {
			continue
		}
		if t.hosts.Len() == 0 {
			return t
		}
		if found == nil {
			found = t
		}
	}
	if found == nil && len(v.begun) > 0 {
		found = &v.begun[len(v.begun)-1]
	}
	return found
}

func (v *JSON) begin(x event.PlayStarted) {
	v.play, v.begun = newSpan(), nil
	tasks := []any{}
	v.tasks = &tasks
	about := value.NewMap("duration", v.play.duration, "id", fmt.Sprint(len(v.plays)+1), "name", x.Name)
	v.plays = append(v.plays, jsonPlay{about, v.tasks})
}

// jsonPlay is a play whose tasks are still coming.
type jsonPlay struct {
	about *value.Map
	tasks *[]any
}

func (v *JSON) beginTask(t event.TaskRef) {
	begun := jsonTask{t.ID, &value.Map{}, newSpan()}
	v.begun = append(v.begun, begun)
	about := value.NewMap("duration", begun.span.duration, "id", t.ID, "name", t.Name, "path", fmt.Sprintf("%s:%d", t.Pos.File, t.Pos.Line))
	*v.tasks = append(*v.tasks, value.NewMap("hosts", begun.hosts, "task", about))
}

// answer is what a host said, with how it stands, which events keep apart.
func (v *JSON) answer(x event.HostResult) *value.Map {
	m := value.NewMap("action", x.Task.Action).Merge(x.Result)
	switch x.Status {
	case event.Failed, event.Ignored:
		m.Set("failed", true)
	case event.Skipped:
		m.Set("skipped", true)
	case event.Unreachable:
		m.Set("unreachable", true)
	}
	return m
}

func (v *JSON) write(x event.Stats) error {
	plays := []any{}
	for _, p := range v.plays {
		plays = append(plays, value.NewMap("play", p.about, "tasks", *p.tasks))
	}
	stats := &value.Map{}
	for _, h := range x.Order {
		t := x.Hosts[h]
		stats.Set(h, value.NewMap("changed", t.Changed, "failures", t.Failed, "ignored", t.Ignored, "ok", t.OK, "rescued", t.Rescued,
			"skipped", t.Skipped, "unreachable", t.Unreachable))
	}
	custom := (&value.Map{}).Merge(x.Custom)
	global := &value.Map{}
	if run, ok := custom.Value("_run").(*value.Map); ok {
		global = run
		custom.Delete("_run")
	}
	var b bytes.Buffer
	write(&b, value.NewMap("custom_stats", custom, "global_custom_stats", global, "plays", plays, "stats", stats), 4, 0)
	b.WriteByte('\n')
	_, err := v.out.Write(b.Bytes())
	return err
}
