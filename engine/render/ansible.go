package render

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// Ansible is the look of ansible-playbook's default callback, so that habits and parsers keep working.
type Ansible struct {
	o        Options
	task     event.TaskRef
	said     bool   // the task's headline is out
	args     string // of the task, where they are shown
	progress map[string]string
}

// NewAnsible makes the view.
func NewAnsible(o Options) *Ansible {
	if o.Width == 0 {
		o.Width = 79
	}
	return &Ansible{o: o, progress: map[string]string{}}
}

type color string

const (
	green  color = "0;32"
	yellow color = "0;33"
	cyan   color = "0;36"
	red    color = "0;31"
	bright color = "1;31"
	purple color = "1;35"
	blue   color = "0;34"
	none   color = ""
)

func (v *Ansible) paint(c color, s string) string {
	if !v.o.Color || c == none || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

func (v *Ansible) print(c color, format string, args ...any) {
	fmt.Fprintln(v.o.Out, v.paint(c, fmt.Sprintf(format, args...)))
}

func (v *Ansible) headline(s string) {
	fmt.Fprintf(v.o.Out, "\n%s %s\n", s, strings.Repeat("*", max(3, v.o.Width-len([]rune(s)))))
}

// Emit shows one event.
func (v *Ansible) Emit(e event.Event) error { //house:dispatch
	switch x := e.(type) {
	case event.RunResumed:
		v.print(cyan, "%s", resumed(x))
	case event.PlayStarted:
		name := x.Name
		if x.Check && v.o.CheckMarkers {
			name += "] [CHECK MODE"
		}
		v.headline("PLAY [" + strings.TrimSpace(name) + "]")
	case event.NoHostsMatched:
		v.print(cyan, "skipping: no hosts matched")
	case event.NoHostsRemaining:
		v.headline("NO MORE HOSTS LEFT")
	case event.TaskStarted:
		v.task, v.said, v.args = x.Task, false, shownArgs(x.Args)
		if !v.o.HideSkip && !v.o.HideOK {
			v.sayTask()
		}
	case event.HostResult:
		v.result(x)
	case event.HostProgress:
		v.tellProgress(x)
	case event.Held:
		if !x.Ends {
			fmt.Fprintln(v.o.Err, v.paint(blue, "  "+heldLine(x)))
		}
	case event.Retry:
		v.retry(x)
	case event.AsyncPolled:
		v.print(none, "ASYNC POLL on %s: jid=%s started=True finished=False", x.Host, x.Job)
	case event.AsyncEnded:
		v.print(none, "ASYNC %s on %s: jid=%s", map[bool]string{false: "OK", true: "FAILED"}[x.Failed], x.Host, x.Job)
	case event.Included:
		v.sayTask()
		v.print(cyan, "included: %s for %s%s", x.File, strings.Join(x.Hosts, ", "), itemSuffix(x.Item))
	case event.Message:
		v.message(x)
	case event.Stats:
		v.recap(x)
	}
	return nil
}

func itemSuffix(item any) string {
	if item == nil {
		return ""
	}
	return " => (item=" + value.Str(item) + ")"
}

// shownArgs are the arguments of a task in its headline.
func shownArgs(args *value.Map) string {
	var parts []string
	for k, v := range args.All() {
		parts = append(parts, value.Str(k)+"="+value.Str(v))
	}
	if parts == nil {
		return ""
	}
	return " " + strings.Join(parts, ", ")
}

func (v *Ansible) sayTask() {
	if v.said {
		return
	}
	v.said = true
	kind := "TASK"
	if v.task.Handler {
		kind = "RUNNING HANDLER"
	}
	v.headline(kind + " [" + strings.TrimSpace(v.task.Name+v.args) + "]")
	if v.o.Verbosity >= 2 {
		v.taskPath(v.task)
	}
}

func (v *Ansible) taskPath(t event.TaskRef) {
	v.print(blue, "task path: %s:%d", v.path(t.Pos.File), t.Pos.Line)
}

func (v *Ansible) result(r event.HostResult) {
	if r.Status == event.OK && includes(r.Task.Action) {
		return // the inclusion itself is told
	}
	if r.Status == event.Skipped && v.o.HideSkip || r.Status == event.OK && v.o.HideOK {
		return
	}
	v.sayTask()
	if !r.Loop || r.Item {
		v.diffs(r.Diff)
	}
	host := r.Host
	host = label(host, r.DelegatedTo)
	switch r.Status {
	case event.OK, event.Changed:
		v.passed(r, host)
	case event.Skipped:
		v.print(cyan, "skipping: [%s]%s%s", r.Host, skippedItem(r), v.body(r, v.o.Verbosity > 0, " => "))
	case event.Unreachable:
		v.origin(r)
		v.printFailure(bright, "fatal: [%s]: UNREACHABLE! => %s", host, v.dump(r.Result, r.Verbose))
		if r.Ignored {
			v.print(cyan, "...ignoring")
		}
	case event.Failed, event.Ignored:
		v.failed(r, host)
	}
}

// includes tells whether an action brings further tasks.
func includes(action string) bool {
	name := strings.TrimPrefix(action, "ansible.builtin.")
	return name == "include_tasks" || name == "include_role"
}

func item(r event.HostResult, arrow string) string {
	if !r.Item {
		return ""
	}
	return arrow + "(item=" + value.Str(r.ItemLabel) + ")"
}

// skippedItem is item with the blank that Ansible leaves after one that was skipped.
func skippedItem(r event.HostResult) string {
	if !r.Item {
		return ""
	}
	return item(r, " => ") + " "
}

func (v *Ansible) passed(r event.HostResult, host string) {
	if r.Loop && !r.Item {
		return
	}
	word, c := "ok", green
	if r.Status == event.Changed {
		word, c = "changed", yellow
	}
	v.print(c, "%s: [%s]%s%s", word, host, item(r, " => "), v.body(r, r.Verbose || v.o.Verbosity > 0, " => "))
}

func (v *Ansible) failed(r event.HostResult, host string) {
	switch {
	case r.Item:
		v.origin(r)
		v.printFailure(red, "failed: [%s]%s => %s", host, item(r, " "), v.dump(r.Result, r.Verbose))
		return // the sum says that it is ignored
	case !r.Loop:
		v.origin(r)
		if v.o.TaskPath && v.o.Verbosity < 2 {
			v.taskPath(r.Task)
		}
		v.printFailure(red, "fatal: [%s]: FAILED! => %s", host, v.dump(r.Result, r.Verbose))
	}
	if r.Status == event.Ignored {
		v.print(cyan, "...ignoring")
	}
}

// printFailure is print for what went wrong, which may have to go elsewhere.
func (v *Ansible) printFailure(c color, format string, args ...any) {
	if !v.o.FailedToErr {
		v.print(c, format, args...)
		return
	}
	fmt.Fprintln(v.o.Err, v.paint(c, fmt.Sprintf(format, args...)))
}

func (v *Ansible) body(r event.HostResult, show bool, arrow string) string {
	if !show {
		return ""
	}
	return arrow + v.dump(strip(r), r.Verbose)
}

// label names a host, and the one that its task is delegated to.
func label(host, delegate string) string {
	if delegate == "" || delegate == host {
		return host
	}
	return host + " -> " + delegate
}

// strip leaves out of a debug result what is neither its message nor its variable.
func strip(r event.HostResult) *value.Map {
	if path.Ext("x."+r.Task.Action) != ".debug" {
		return r.Result
	}
	if msg, ok := r.Result.Get("msg"); ok {
		return value.NewMap("msg", msg)
	}
	m := r.Result.Clone()
	for _, k := range []any{"changed", "changed_when_result", "failed_when_result", "ansible_loop_var", "ansible_index_var", "item"} {
		m.Delete(k)
	}
	return m
}

func (v *Ansible) dump(m *value.Map, verbose bool) string {
	if v.o.Result != nil {
		return "\n" + strings.TrimRight(v.o.Result(once(m)), "\n")
	}
	if verbose || v.o.Verbosity > 2 {
		return dump(m, 4)
	}
	return dump(m, 0)
}

// once leaves out the lines of an output that is shown whole.
func once(m *value.Map) *value.Map {
	out := m.Clone()
	for _, k := range []string{"stdout", "stderr"} {
		if out.Has(k) && out.Has(k+"_lines") {
			out.Set(k+"_lines", "<omitted>")
		}
	}
	return out
}

func (v *Ansible) retry(r event.Retry) {
	host := label(r.Host, r.DelegatedTo)
	v.print(cyan, "FAILED - RETRYING: [%s]: %s (%d retries left).%s", host, r.Task.Name, r.Retries-r.Attempts,
		v.body(event.HostResult{Result: r.Result}, v.o.Verbosity > 0, "Result was: "))
}

// tellProgress shows what a host waits for, each message once.
func (v *Ansible) tellProgress(p event.HostProgress) {
	if v.progress[p.Host] == p.Message {
		return
	}
	v.progress[p.Host] = p.Message
	fmt.Fprintln(v.o.Err, v.paint(blue, "  ["+p.Host+"] "+p.Message))
}

func (v *Ansible) message(m event.Message) {
	switch m.Level {
	case "warning":
		fmt.Fprintln(v.o.Err, v.paint(purple, "[WARNING]: "+m.Text))
	case "deprecation":
		fmt.Fprintln(v.o.Err, v.paint(purple, "[DEPRECATION WARNING]: "+m.Text))
	case "meta":
		if v.o.Verbosity >= 2 {
			v.print(blue, "%s", m.Text)
		}
	case "trace":
		if v.o.Verbosity >= 3 {
			fmt.Fprintln(v.o.Err, v.paint(blue, m.Text))
		}
	default:
		fmt.Fprintln(v.o.Err, m.Text)
	}
}

func (v *Ansible) recap(s event.Stats) {
	v.headline("PLAY RECAP")
	for _, h := range s.Order {
		t := s.Hosts[h]
		c := green
		switch {
		case t.Failed > 0 || t.Unreachable > 0:
			c = red
		case t.Changed > 0:
			c = yellow
		}
		fmt.Fprintf(v.o.Out, "%s : %s %s %s %s %s %s %s\n", v.paint(c, fmt.Sprintf("%-26s", h)),
			v.counter("ok", t.OK, green), v.counter("changed", t.Changed, yellow),
			v.counter("unreachable", t.Unreachable, bright), v.counter("failed", t.Failed, red),
			v.counter("skipped", t.Skipped, cyan), v.counter("rescued", t.Rescued, yellow), v.counter("ignored", t.Ignored, blue))
	}
	fmt.Fprintln(v.o.Out)
	if v.o.CustomStats && s.Custom.Len() > 0 {
		v.custom(s.Custom)
	}
}

// custom shows the figures of set_stats: those of hosts, then those of the run.
func (v *Ansible) custom(figures *value.Map) {
	line := func(of string, m any) {
		fmt.Fprintf(v.o.Out, "\t%s: %s\n", of, strings.ReplaceAll(dump(m, 1), "\n", ""))
	}
	v.headline("CUSTOM STATS:")
	var hosts []string
	for _, k := range figures.Keys() {
		hosts = append(hosts, value.Str(k))
	}
	slices.Sort(hosts)
	for _, h := range hosts {
		if h != "_run" {
			line(h, figures.Value(h))
		}
	}
	if run, ok := figures.Get("_run"); ok {
		fmt.Fprintln(v.o.Out)
		line("RUN", run)
	}
	fmt.Fprintln(v.o.Out)
}

func (v *Ansible) counter(name string, n int, c color) string {
	s := fmt.Sprintf("%s=%-4d", name, n)
	if n == 0 {
		return s
	}
	return v.paint(c, s)
}
