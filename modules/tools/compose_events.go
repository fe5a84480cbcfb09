// What docker compose tells of its doing: a line of JSON an event.

package tools

import (
	"context"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/words"
)

// composeEvent is one thing that Compose says. Empty texts are not said.
type composeEvent struct {
	what   string // network, image, image-layer, volume, container, service, unknown
	id     string
	hasID  bool
	status string
	msg    string
}

var (
	composeWorking = []string{"Creating", "Starting", "Restarting", "Stopping", "Killing", "Removing", "Recreate", "Pulling", "Building"}
	composePull    = []string{"Pulled", "Pulling"}
	composeBuild   = []string{"Built", "Building"}
	layerWorking   = []string{"Pulling fs layer", "Waiting", "Downloading", "Verifying Checksum", "Extracting"}
	layerDone      = []string{"Already exists", "Download complete", "Pull complete"}
	composeKnown   = slices.Concat(composeWorking, composePull, []string{"Started", "Healthy", "Exited", "Restarted", "Running", "Created", "Stopped", "Killed",
		"Removed", "Recreated", "Built", "Error", "Waiting", "Warning"})
)

// composeEvents reads the events off the error stream. Other lines say nothing of what is done.
func composeEvents(stderr string) []composeEvent {
	var out []composeEvent
	for _, l := range module.Lines(stderr) {
		l = strings.TrimSpace(l)
		if text, ok := strings.CutPrefix(l, "Warning: "); ok {
			out = append(out, composeEvent{what: "unknown", status: "Warning", msg: text})
			continue
		}
		v, err := value.ParseJSON([]byte(l))
		if m, ok := v.(*value.Map); ok && err == nil {
			if e, ok := composeEventOf(m); ok {
				out = append(out, e)
			}
		}
	}
	return out
}

func composeEventOf(m *value.Map) (composeEvent, bool) {
	text := func(key string) string {
		s, _ := m.Value(key).(string)
		return s
	}
	e := composeEvent{what: "unknown", id: text("id"), status: text("status"), msg: text("text")}
	_, e.hasID = m.Value("id").(string)
	switch {
	case value.Truth(m.Value("tail")):
		e.status, e.id, e.hasID = "Error", "", false
		if len(e.msg) >= 8 && strings.EqualFold(e.msg[:8], "warning:") {
			e.status, e.msg = "Warning", strings.TrimSpace(e.msg[8:])
		}
		return e, true
	case value.Truth(m.Value("error")):
		e.status, e.msg = "Error", text("message")
		return e, true
	case strings.HasSuffix(e.id, "==>") && strings.HasPrefix(e.msg, "==> writing image "), strings.HasSuffix(e.id, "==> ==>") && strings.HasPrefix(e.msg, "naming to "):
		return e, false
	}
	if service, ok := strings.CutPrefix(e.msg, "build service "); ok && e.id == " " {
		e.id, e.msg = "Service "+service, "Building"
	}
	e.sort(text)
	if !slices.Contains(composeKnown, e.status) && slices.Contains(composeKnown, e.msg) {
		e.status, e.msg = e.msg, e.status
	}
	return e, true
}

// sort finds out what an event is about, and which of its texts is the status.
func (e *composeEvent) sort(text func(string) string) {
	if kind, id, ok := strings.Cut(e.id, " "); ok {
		e.id = id
		if slices.Contains([]string{"Network", "Image", "Volume", "Container", "Service"}, kind) {
			e.what = strings.ToLower(kind)
		}
		return
	}
	level := map[string]string{"warning": "Warning", "error": "Error"}[text("level")]
	switch {
	case slices.Contains(composePull, e.msg):
		e.what, e.status, e.msg = "image", e.msg, e.status
	case slices.Contains(layerDone, e.msg), slices.Contains(layerWorking, e.msg):
		e.what, e.status, e.msg = "image-layer", e.msg, e.status
	case e.status == "" && strings.HasPrefix(e.msg, "Skipped - "):
		e.status, e.msg = "Skipped", strings.TrimPrefix(e.msg, "Skipped - ")
	case level != "":
		e.status, e.msg = level, text("msg")
	}
}

// works tells whether the event is of something that is being done.
func (e composeEvent) works() bool {
	if e.what == "image-layer" {
		return slices.Contains(layerWorking, e.status)
	}
	return slices.Contains(composeWorking, e.status)
}

// composeRun gathers what the calls of a task have left.
type composeRun struct {
	changed        bool
	actions        []any
	stdout, stderr []string
	warnings       []string
	failed         *module.Result
}

// add calls docker and takes in what it says. up tells that pulling is no change, nor, where the task says so, building.
func (r *composeRun) add(ctx context.Context, c *compose, ask asker, args []string, up bool) error {
	out, err := c.call(ctx, ask, args)
	if err != nil {
		return err
	}
	events := composeEvents(out.Stderr)
	layers := map[composeEvent]bool{}
	for _, e := range events {
		ignored := up && e.what != "image-layer" && (slices.Contains(composePull, e.status) || c.IgnoreBuild && slices.Contains(composeBuild, e.status))
		r.changed = r.changed || e.works() && !ignored
		if once := (composeEvent{id: e.id, status: e.status}); e.works() && !layers[once] {
			layers[once] = e.what == "image-layer"
			r.actions = append(r.actions, value.NewMap("what", e.what, "id", e.id, "status", e.status))
		}
		if e.status == "" && e.msg != "" || e.status == "Warning" {
			id := "None"
			if e.hasID {
				id = e.id
			}
			r.warnings = append(r.warnings, "Docker compose: "+e.what+" "+id+": "+e.msg)
		}
	}
	r.stdout, r.stderr = append(r.stdout, out.Stdout), append(r.stderr, out.Stderr)
	if out.Rc != 0 {
		r.failed = composeFailed(c, args, out, events)
	}
	return nil
}

func (r *composeRun) result() module.Result {
	joined := func(list []string) string {
		return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), "\n")
	}
	out := module.Result{}
	if r.failed != nil {
		out = *r.failed
	} else {
		if text := joined(r.stdout); text != "" {
			out = out.With("stdout", text)
		}
		if text := joined(r.stderr); text != "" {
			out = out.With("stderr", text)
		}
	}
	out.Changed, out.Warnings = r.changed, r.warnings
	return out.With("actions", append([]any{}, r.actions...))
}

// composeFailed is the failure of a call, in the words of the events that are errors.
func composeFailed(c *compose, args []string, out module.Output, events []composeEvent) *module.Result {
	var why []string
	for _, e := range events {
		if e.status != "Error" {
			continue
		}
		text := e.msg
		if text == "" {
			text = e.status
		}
		switch {
		case !e.hasID, e.what == "unknown" && e.id == "":
			text = "General error: " + text
		case e.what == "unknown":
			text = "Error when processing " + e.id + ": " + text
		default:
			text = "Error when processing " + e.what + " " + e.id + ": " + text
		}
		why = append(why, text)
	}
	if len(why) == 0 {
		why = []string{"Return code " + value.Str(out.Rc) + " is non-zero"}
	}
	r := module.Fail("%s", strings.Join(why, "\n")).With("cmd", words.Quote(append([]string{c.docker.path}, args...)...)).
		With("stdout", out.Stdout).With("stderr", out.Stderr).With("rc", out.Rc)
	return &r
}
