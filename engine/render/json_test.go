package render

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// The keys are those that ansible.posix.json of ansible-core 2.19.11 writes, but for invocation and _ansible_*.
func TestJSONIsOneDocument(t *testing.T) {
	var out strings.Builder
	v := NewJSON(Options{Out: &out})
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	task := event.TaskRef{ID: "p.yml:4:5", Name: "t", Action: "command", Pos: diag.Pos{File: "p.yml", Line: 4, Col: 5}}
	for _, e := range []event.Event{
		event.PlayStarted{Name: "p", Hosts: []string{"h1"}},
		event.TaskStarted{Task: task},
		event.HostResult{Host: "h1", Task: task, Status: event.Failed, Item: true, Result: value.NewMap("rc", 9)},
		event.HostResult{Host: "h1", Task: task, Status: event.Ignored, Result: value.NewMap("changed", true, "rc", 1), At: at.Add(2 * time.Second), Duration: 2 * time.Second},
		event.Stats{Hosts: map[string]event.HostTally{"h1": {OK: 1, Changed: 1, Ignored: 1}}, Order: []string{"h1"},
			Custom: value.NewMap("_run", value.NewMap("a", 1), "h1", value.NewMap("b", 2))},
	} {
		if err := v.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"custom_stats": {"h1": {"b": 2}}, "global_custom_stats": {"a": 1},
		"plays": [{"play": {"duration": {"start": "2026-11-25T12:00:00.000000Z", "end": "2026-11-25T12:00:02.000000Z"}, "id": "1", "name": "p"},
		"tasks": [{"hosts": {"h1": {"action": "command", "changed": true, "failed": true, "rc": 1}},
		"task": {"duration": {"start": "2026-11-25T12:00:00.000000Z", "end": "2026-11-25T12:00:02.000000Z"}, "id": "p.yml:4:5", "name": "t", "path": "p.yml:4"}}]}],
		"stats": {"h1": {"changed": 1, "failures": 0, "ignored": 1, "ok": 1, "rescued": 0, "skipped": 0, "unreachable": 0}}}`
	if got, want := normalJSON(t, out.String()), normalJSON(t, want); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Where hosts go on alone, an answer may come when another host has begun a later task.
func TestJSONKeepsAnswersWithTheirTasks(t *testing.T) {
	var out strings.Builder
	v := NewJSON(Options{Out: &out})
	one, two := event.TaskRef{ID: "1", Name: "one", Action: "command"}, event.TaskRef{ID: "2", Name: "two", Action: "debug"}
	ok := func(host string, t event.TaskRef) event.HostResult {
		return event.HostResult{Host: host, Task: t, Status: event.OK, Result: &value.Map{}}
	}
	for _, e := range []event.Event{
		event.PlayStarted{Name: "p", Hosts: []string{"h1", "h2"}},
		event.TaskStarted{Task: one}, event.TaskStarted{Task: one}, ok("h2", one), event.TaskStarted{Task: two}, ok("h1", one), ok("h2", two),
		event.TaskStarted{Task: two}, ok("h1", two), event.Stats{},
	} {
		if err := v.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
	var doc struct {
		Plays []struct {
			Tasks []struct {
				Hosts map[string]struct{ Action string }
				Task  struct{ Name string }
			}
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &doc); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, task := range doc.Plays[0].Tasks {
		for h, answer := range task.Hosts {
			got = append(got, task.Task.Name+" "+h+" "+answer.Action)
		}
	}
	if want := "one h1 command, one h2 command, two h2 debug, two h1 debug"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func normalJSON(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
