package parity

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// This file compares what a run told with its recording.

// Event is one event of a run, without what need not agree.
type Event map[string]any

// Difference is where a run first parts from its recording.
type Difference struct {
	Where     string // the event by its number, "exit code", "screen"
	Want, Got string // what stands there; empty: nothing
	Stderr    string // what the run said besides
}

// Compare carries a run out and says how it differs from the recording; nil: not at all. An error means that it could not be carried out.
func (r Run) Compare(ctx context.Context, play Playbook) (*Difference, error) {
	if r.listing() {
		return r.compareListing(ctx, play)
	}
	code, out, errs, err := r.call(ctx, play, "--output=jsonl", "--forks=1")
	if err != nil {
		return nil, err
	}
	recorded, hasEvents := r.Expected("jsonl")
	if _, hasCode := r.Expected("rc"); !hasEvents && !hasCode {
		return &Difference{Where: "recording", Want: "files in expected/", Got: "none"}, nil
	}
	want, err := events(r.Dir, recorded)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	got, err := events(r.Dir, out)
	if err != nil {
		return nil, err
	}
	d := firstDifference(want, got)
	if d != nil && r.unordered() && firstDifference(byHost(want), byHost(got)) == nil {
		d = nil
	}
	if d == nil {
		d = r.compareCode(code)
	}
	return d.with(errs), nil
}

func (d *Difference) with(errs string) *Difference {
	if d != nil {
		d.Stderr = strings.TrimSpace(errs)
	}
	return d
}

// compareCode compares the exit code, if one is recorded.
func (r Run) compareCode(code int) *Difference {
	text, ok := r.Expected("rc")
	if want := strings.TrimSpace(text); ok && want != strconv.Itoa(code) {
		return &Difference{Where: "exit code", Want: want, Got: strconv.Itoa(code)}
	}
	return nil
}

// compareListing compares what --list-hosts and the like print. Where the recording is of a mistake, the exit code alone counts.
func (r Run) compareListing(ctx context.Context, play Playbook) (*Difference, error) {
	code, out, errs, err := r.call(ctx, play)
	if err != nil {
		return nil, err
	}
	d := r.compareCode(code)
	want, ok := r.Expected("stdout")
	want, out = listing(want), listing(strings.ReplaceAll(out, r.Dir, "<CASE>"))
	if d == nil && ok && code == 0 && want != out {
		d = &Difference{Where: "screen", Want: want, Got: out}
	}
	return d.with(errs), nil
}

// listing leaves of a screen what is compared: what stands before the list are warnings, and hosts come in the order of a set.
func listing(screen string) string {
	if i := strings.Index("\n"+screen, "\nplaybook: "); i >= 0 {
		screen = screen[i:]
	}
	lines := strings.Split(strings.TrimSpace(screen), "\n")
	for i := 0; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "    hosts (") {
			continue
		}
		from := i + 1
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "      ") {
			i++
		}
		slices.Sort(lines[from : i+1])
	}
	return strings.Join(lines, "\n")
}

// events reads the lines of a run.
func events(dir, text string) ([]Event, error) {
	var out []Event
	lines := bufio.NewScanner(strings.NewReader(temporary.ReplaceAllString(strings.ReplaceAll(text, dir, "<CASE>"), "/<TMP>")))
	lines.Buffer(nil, 256<<20)
	var begun string // the action of the task at hand
	for lines.Scan() {
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, fmt.Errorf("%w in %.200s", err, lines.Text())
		}
		switch m["event"] {
		case "message", "progress": // what Drydock tells beyond Ansible
			continue
		case "task", "handler":
			begun, _ = m["action"].(string)
		}
		e := normal(m)
		if strings.HasSuffix(begun, "async_status") { // how often a job is asked for says how fast a machine is
			if e["event"] == "retry" {
				continue
			}
			if result, ok := e["result"].(map[string]any); ok {
				delete(result, "attempts")
				items, _ := result["results"].([]any)
				for _, item := range items {
					if m, ok := item.(map[string]any); ok {
						delete(m, "attempts")
					}
				}
			}
		}
		out = append(out, e)
	}
	return out, lines.Err()
}

// firstDifference compares event by event.
func firstDifference(want, got []Event) *Difference {
	for i := range max(len(want), len(got)) {
		d := &Difference{Where: fmt.Sprintf("event %d", i+1)}
		switch {
		case i >= len(got):
			d.Want = compact(want[i])
		case i >= len(want):
			d.Got = compact(got[i])
		case !same(want[i], got[i]):
			d.Want, d.Got = compact(want[i]), compact(got[i])
		default:
			continue
		}
		return d
	}
	return nil
}

// same compares two events: everything exactly, messages by what they name.
func same(want, got Event) bool {
	return reflect.DeepEqual(want.plain(), got.plain()) && sameMessages(want.messages(), got.messages())
}

func compact(e Event) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}
