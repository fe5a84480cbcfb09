package render

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// Minimal is the look of the ansible command: a result of a host at a time, without headlines and recap.
type Minimal struct {
	*Ansible
	oneLine bool
}

// NewMinimal makes the view.
func NewMinimal(o Options) *Minimal { return &Minimal{Ansible: NewAnsible(o)} }

// NewOneLine makes the view that gives each host one line.
func NewOneLine(o Options) *Minimal { return &Minimal{Ansible: NewAnsible(o), oneLine: true} }

// Emit shows one event.
func (v *Minimal) Emit(e event.Event) error {
	switch x := e.(type) {
	case event.HostResult:
		if !x.Item {
			v.show(x)
		}
	case event.HostProgress, event.Held, event.Message, event.RunResumed:
		return v.Ansible.Emit(e)
	}
	return nil
}

func (v *Minimal) show(r event.HostResult) {
	v.diffs(r.Diff)
	switch r.Status {
	case event.Skipped:
		v.print(cyan, "%s | SKIPPED", r.Host)
	case event.Unreachable:
		if v.oneLine {
			v.print(bright, "%s | UNREACHABLE!: %s", r.Host, value.Str(r.Result.Value("msg")))
			return
		}
		v.print(bright, "%s | UNREACHABLE! => %s", r.Host, v.body(r.Result))
	case event.Failed, event.Ignored:
		if spoken(r) && !v.oneLine {
			v.print(red, "%s", v.output(r, "FAILED"))
			return
		}
		v.print(red, "%s | FAILED! => %s", r.Host, v.body(r.Result))
	default:
		v.passed(r)
	}
}

func (v *Minimal) passed(r event.HostResult) {
	word, c := "SUCCESS", green
	if r.Status == event.Changed {
		word, c = "CHANGED", yellow
	}
	if spoken(r) && !r.Result.Has("ansible_job_id") {
		v.print(c, "%s", v.output(r, word))
		return
	}
	v.print(c, "%s | %s => %s", r.Host, word, v.body(strip(r)))
}

// spoken tells whether a result is shown as what a command printed.
func spoken(r event.HostResult) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(r.Task.Action, "ansible.builtin."), "ansible.legacy.")
	return name == "command" || name == "shell" || name == "raw"
}

// output is what a command printed, with its return code.
func (v *Minimal) output(r event.HostResult, word string) string {
	text := func(key string) string {
		if s, ok := r.Result.Value(key).(string); ok {
			return s
		}
		return ""
	}
	rc := r.Result.Value("rc")
	if rc == nil {
		rc = -1
	}
	if !v.oneLine {
		return fmt.Sprintf("%s | %s | rc=%s >>\n%s%s%s", r.Host, word, value.Str(rc), text("stdout"), text("stderr"), text("msg"))
	}
	flat := strings.NewReplacer("\n", `\n`, "\r", `\r`)
	line := fmt.Sprintf("%s | %s | rc=%s | (stdout) %s", r.Host, word, value.Str(rc), flat.Replace(text("stdout")))
	if errs := text("stderr"); errs != "" {
		line += " (stderr) " + flat.Replace(errs)
	}
	return line
}

// body is a result in JSON, or as configured.
func (v *Minimal) body(m *value.Map) string {
	switch {
	case v.oneLine:
		return strings.ReplaceAll(strings.ReplaceAll(dump(m, 1), "\n ", "\n"), "\n", "")
	case v.o.Result != nil:
		return v.dump(m, true)
	}
	return dump(m, 4)
}

// Tree also keeps each host's result, for --tree, and hands every event on.
type Tree struct {
	Next  event.Sink
	Write func(host, text string) error
}

// Emit keeps a result.
func (t *Tree) Emit(e event.Event) error {
	if r, ok := e.(event.HostResult); ok && !r.Item && r.Status != event.Skipped {
		if err := t.Write(r.Host, dump(r.Result, 0)); err != nil {
			return err
		}
	}
	return t.Next.Emit(e)
}
