package run

// Keywords of a task that cannot be evaluated. Ansible finds them when the task is reached, after its condition, and fails the task.

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// keyword is a keyword as a task has it, and what its value has to be.
type keyword struct {
	name  string
	given any
	is    func(v any) error
}

// misread says which keyword of the task cannot be evaluated, if one cannot. The task must not be done then: an undefined check_mode or
// no_log taken for "no" would do harm.
func (w *worker) misread(env jinja.Env) error {
	t := w.task
	return firstMisread(env, []keyword{
		{"check_mode", t.CheckMode, isBool}, {"no_log", t.NoLog, isBool}, {"diff", t.Diff, isBool}, {"become", t.Become, isBool},
		{"ignore_errors", t.IgnoreErrors, isBool}, {"ignore_unreachable", t.IgnoreUnreachable, isBool},
		{"delegate_facts", t.DelegateFacts, isBool}, {"any_errors_fatal", t.AnyErrorsFatal, isBool},
		{"timeout", t.Timeout, isNumber}, {"retries", t.Retries, isNumber}, {"delay", t.Delay, isNumber},
		{"async_val", t.Async, isNumber}, {"poll", t.Poll, isNumber},
		{"connection", t.Connection, nil}, {"remote_user", t.RemoteUser, nil}, {"port", t.Port, nil},
		{"become_user", t.BecomeUser, nil}, {"become_method", t.BecomeMethod, nil}, {"become_flags", t.BecomeFlags, nil},
		{"become_exe", t.BecomeExe, nil},
	})
}

func firstMisread(env jinja.Env, keywords []keyword) error {
	for _, k := range keywords {
		switch k.given.(type) {
		case *jinja.Template, string: // any other plain value was checked when the content was loaded
		default:
			continue
		}
		v, err := jinja.Resolve(k.given, env)
		if _, omit := v.(value.Omit); err == nil && !omit && v != nil && k.is != nil {
			err = k.is(v)
		}
		if err != nil {
			return fmt.Errorf("Error processing keyword '%s': %w", k.name, err)
		}
	}
	return nil
}

func isBool(v any) error {
	if _, err := module.ToBool(v); err != nil {
		return fmt.Errorf("The value %s could not be converted to 'bool'.", value.Repr(v)) //nolint:staticcheck // Ansible's words
	}
	return nil
}

func isNumber(v any) error {
	switch x := v.(type) {
	case int, float64, bool:
		return nil
	case string:
		if _, err := strconv.ParseFloat(strings.TrimSpace(x), 64); err == nil {
			return nil
		}
	}
	return fmt.Errorf("The value %s could not be converted to 'float'.", value.Repr(v)) //nolint:staticcheck // Ansible's words
}
