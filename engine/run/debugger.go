package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the task debugger: after a result that the debugger keyword names, a person may look at the task, change its arguments or its
// variables, and have it done again.

// Console is where a person debugs.
type Console interface {
	// Ask prints a prompt and reads a line; io.EOF says that there are no more.
	Ask(ctx context.Context, prompt string) (string, error)
	// Say prints a line.
	Say(text string)
}

// debugs tells whether a result is to be looked at: as the task says, else failures where the debugger is on.
func (b *batchRun) debugs(a *answer) bool {
	if b.r.Console == nil {
		return false
	}
	failed := a.status == event.Failed || a.status == event.Ignored && !b.r.DebugIgnored
	when, err := b.textIn(a.task.Debugger, a.env)
	if err != nil {
		return false
	}
	switch when {
	case "always":
		return true
	case "never":
		return false
	case "on_failed":
		return failed
	case "on_unreachable":
		return a.status == event.Unreachable
	case "on_skipped":
		return a.status == event.Skipped
	}
	return b.debugging && (failed || a.status == event.Unreachable)
}

// debug lets a person look at results and returns those that count: of tasks that were done again the last.
func (b *batchRun) debug(ctx context.Context, answers []*answer) error {
	for i := range answers {
		if answers[i].quiet {
			continue
		}
		s := &session{batchRun: b, task: answers[i].task, vars: &value.Map{}}
		for b.debugs(answers[i]) {
			s.answer = answers[i]
			redo, err := s.talk(ctx)
			if err != nil {
				return err
			}
			if !redo {
				if err := b.keep(answers[i]); err != nil {
					return err
				}
				break
			}
			again := errand{Step: strategy.Step{Host: answers[i].host, Task: s.task}, key: answers[i].step}
			next, err := b.work(ctx, []errand{again})
			if err != nil {
				return err
			}
			next[0].task = answers[i].task // what the scheduler knows
			answers[i] = next[0]
		}
	}
	return nil
}

// session is the talk about a task on one host, over all its tries: what was changed for one holds for those that follow.
type session struct {
	*batchRun
	answer *answer
	task   *program.Task // a copy, once something in it was changed
	vars   *value.Map    // changed variables
}

const debuggerHelp = `p EXPRESSION           print task, task.args, task_vars, host, result
task.args[K] = V       change an argument
task_vars[K] = V       change a variable
u, update_task         make the task anew with the changed variables
r, redo                do the task again
c, continue            go on with the result as it is
q, quit                end the run`

// talk reads commands until one of them goes on; again says that the task is to be done again.
func (s *session) talk(ctx context.Context) (again bool, err error) {
	prompt := fmt.Sprintf("[%s] TASK: %s (debug)> ", s.answer.host, s.answer.ref.Name)
	for {
		line, err := s.r.Console.Ask(ctx, prompt)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case err != nil && line == "", word == "q" || word == "quit" || word == "EOF":
			s.r.Console.Say("User interrupted execution")
			return false, &contentError{text: "User interrupted execution", code: exitInterrupted}
		case word == "c" || word == "continue":
			return false, nil
		case word == "r" || word == "redo":
			return true, nil
		case word == "u" || word == "update_task":
			s.change().OwnVars = s.task.OwnVars.Clone().Merge(s.vars)
		case word == "p" || word == "pprint":
			s.print(rest)
		case word == "h" || word == "help" || word == "?":
			s.r.Console.Say(debuggerHelp)
		case word != "":
			s.assign(line)
		}
	}
}

// change returns the task to change: a copy of what the program has.
func (s *session) change() *program.Task {
	if s.task == s.answer.task {
		t := *s.task
		t.Args = t.Args.Clone()
		s.task = &t
	}
	return s.task
}

// scope is what expressions see.
func (s *session) scope() jinja.Env {
	task := value.NewMap("name", s.answer.ref.Name, "action", s.task.Action, "args", unevaluated(s.task.Args))
	return &overlay{under: s.answer.env, local: value.NewMap("task", task, "task_vars", varsOf{s.answer.env, s.vars}, "host", s.answer.host,
		"result", value.NewMap("_result", registered(s.answer.result)))}
}

// unevaluated is a value with its templates as they were written.
func unevaluated(v any) any {
	switch x := v.(type) {
	case *jinja.Template:
		return x.Text()
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = unevaluated(item)
		}
		return out
	case *value.Map:
		out := &value.Map{}
		for k, item := range x.All() {
			out.Set(k, unevaluated(item))
		}
		return out
	}
	return v
}

// varsOf makes an object of the variables of a task.
type varsOf struct {
	env     jinja.Env
	changed *value.Map
}

// Get looks a variable up.
func (v varsOf) Get(key any) (any, bool, error) {
	if x, ok := v.changed.Get(key); ok {
		return x, true, nil
	}
	x, ok, err := v.env.Lookup(value.Str(key))
	if err != nil || !ok {
		return nil, ok, err
	}
	x, err = jinja.Resolve(x, v.env)
	return x, true, err
}

// Keys are not told: there are hundreds.
func (varsOf) Keys() []any { return nil }

// print shows an expression.
func (s *session) print(expr string) {
	switch expr = strings.TrimSpace(expr); expr {
	case "task":
		s.r.Console.Say("TASK: " + s.answer.ref.Name)
		return
	case "host":
		s.r.Console.Say(s.answer.host)
		return
	}
	v, err := s.eval(expr)
	if err != nil {
		s.r.Console.Say(fmt.Sprintf("***%v", err))
		return
	}
	s.r.Console.Say(value.Repr(v))
}

func (s *session) eval(expr string) (any, error) {
	t, mistakes := s.r.Lang.ParseExpr(jinja.Source{Text: expr})
	if err := mistakes.Err(); err != nil {
		return nil, err
	}
	return t.Eval(s.scope())
}

var assignment = regexp.MustCompile(`^\s*(task\.args|task_vars)\[(.+?)\]\s*=\s*(.+)$`)

// assign changes an argument or a variable. A text with marks is a template, as if the playbook had it.
func (s *session) assign(line string) {
	m := assignment.FindStringSubmatch(line)
	if m == nil {
		s.r.Console.Say("***SyntaxError: " + line)
		return
	}
	key, err := s.eval(m[2])
	if err != nil {
		s.r.Console.Say(fmt.Sprintf("***%v", err))
		return
	}
	v, err := s.eval(m[3])
	if text, ok := v.(string); ok && err == nil && jinja.HasTemplate(text) {
		t, mistakes := s.r.Lang.Parse(jinja.Source{Text: text})
		v, err = t, mistakes.Err()
	}
	switch {
	case err != nil:
		s.r.Console.Say(fmt.Sprintf("***%v", err))
	case m[1] == "task.args":
		s.change().Args.Set(key, v)
	default:
		s.vars.Set(key, v)
	}
}
