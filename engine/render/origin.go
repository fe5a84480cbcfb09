package render

import (
	"fmt"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what is said of a failure beside its result: why, and where in what the author wrote.

// origin says, beside the result, where the task stands that failed.
func (v *Ansible) origin(r event.HostResult) {
	if !r.Task.Pos.IsValid() || r.Task.NoLog {
		return
	}
	msg := value.Str(r.Result.Value("msg"))
	at, hint := r.Task.Pos, ""
	if r.Cause != nil {
		at, hint = r.Cause.Pos, r.Cause.Hint
	}
	if v.o.Context != nil {
		v.chain(msg, r, at)
		return
	}
	if !strings.HasPrefix(msg, "Task failed") {
		msg = "Task failed: " + msg
	}
	fmt.Fprintln(v.o.Err, v.paint(red, "[ERROR]: "+msg+"\nOrigin: "+at.String()))
	if v.o.Excerpt != nil {
		fmt.Fprint(v.o.Err, v.o.Excerpt(at, hint))
	}
}

// chain is the origin of a failure as Ansible prints it, where the result goes: the whole message, then each part of it with its place.
func (v *Ansible) chain(msg string, r event.HostResult, at diag.Pos) {
	if !strings.HasPrefix(msg, "Task failed") {
		msg = failing(r) + msg
	}
	text := "[ERROR]: " + msg + "\n"
	if at != r.Task.Pos {
		head, rest := links(msg)
		text += "\n" + head + "\n" + v.place(r.Task.Pos) + "\n\n<<< caused by >>>\n\n" + rest + "\n"
	}
	text += v.place(at) + "\n"
	out := v.o.Out
	if v.o.FailedToErr {
		out = v.o.Err
	}
	fmt.Fprintln(out, v.paint(red, text))
}

// failing is what stands before the message of a module that failed: actions do their work on the controller.
func failing(r event.HostResult) string {
	switch path.Ext("x." + r.Task.Action) {
	case ".fail", ".assert", ".debug", ".pause", ".validate_argument_spec":
		return "Task failed: Action failed: "
	}
	if r.Status == event.Unreachable {
		return "Task failed: "
	}
	return "Task failed: Module failed: "
}

// links parts a message into what failed and why.
func links(msg string) (head, rest string) {
	rest, _ = strings.CutPrefix(msg, "Task failed: ")
	if first, second, ok := strings.Cut(rest, " failed: "); ok && strings.HasPrefix(first, "Finalization of task args") {
		return "Task failed: " + first + " failed.", second
	}
	return "Task failed.", rest
}

func (v *Ansible) place(at diag.Pos) string {
	lines := v.o.Context(at)
	at.File = v.path(at.File)
	if lines != "" {
		return "Origin: " + at.String() + "\n\n" + lines
	}
	return "Origin: " + at.String()
}

func (v *Ansible) path(file string) string {
	if v.o.Abs == nil {
		return file
	}
	return v.o.Abs(file)
}
