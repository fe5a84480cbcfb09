package run

import (
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file finds the place in what the author wrote that made a task fail, and what to do about it.

// blame remembers the place and the advice of an error of a template; another error has neither.
func (w *worker) blame(err error, env jinja.Env) {
	w.cause = nil
	var undefined *jinja.UndefinedError
	var wrong *jinja.EvalError
	switch {
	case errors.As(err, &undefined) && undefined.Pos.IsValid():
		w.cause = &event.Cause{Pos: undefined.Pos, Hint: nearVariable(undefined, env)}
	case errors.As(err, &wrong) && wrong.Pos.IsValid():
		w.cause = &event.Cause{Pos: wrong.Pos}
		w.cause.Hint = map[value.Kind]string{
			value.NotBoolean: "say which values are meant: x | bool, x == 'yes', x | length > 0",
			value.Recursion:  "a variable may not be made of itself",
		}[jinja.KindOf(err)]
	}
}

// nearVariable is the variable that was probably meant.
func nearVariable(u *jinja.UndefinedError, env jinja.Env) string {
	known, ok := env.(interface{ NearName(name string) string })
	if !ok || u.Hint != fmt.Sprintf("'%s' is undefined", u.Name) {
		return ""
	}
	if near := known.NearName(u.Name); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// blameLoop is blame for a loop, whose value may be no list.
func (w *worker) blameLoop(err error) {
	w.blame(err, w.env)
	t, ok := w.task.Loop.(*jinja.Template)
	if w.cause != nil || !ok {
		return
	}
	w.cause = &event.Cause{Pos: t.Pos(), Hint: "a loop needs a list"}
	if v, err := t.Eval(w.env); err == nil {
		switch v.(type) {
		case string:
			w.cause.Hint = "this is text; write a list, or split it: | split(',')"
		case *value.Map:
			w.cause.Hint = "this is a mapping; loop over | dict2items"
		}
	}
}

// causeOf is what is told of the cause: only of a failure, and not if it is hidden.
func (w *worker) causeOf(s event.Status, noLog bool) *event.Cause {
	cause := w.cause
	w.cause = nil
	if noLog || s != event.Failed && s != event.Ignored {
		return nil
	}
	return cause
}
