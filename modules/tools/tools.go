// Package tools holds the modules that drive a tool of the host's: git, pip, openssh_keypair and their like.
//
// A plan asks by one script all that it needs to know; the act calls the tool step by step, and a step that fails is answered in the
// tool's own words.
package tools

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// failure is an answer of the host that ends the task.
type failure struct{ result module.Result }

func (f failure) Error() string { return f.result.Msg }

// fail makes a failure of a message.
func fail(format string, args ...any) error { return failure{module.Fail(format, args...)} }

// answered makes a failed result of a failure and leaves other errors as they are.
func answered(r module.Result, err error) (module.Result, error) {
	var f failure
	if errors.As(err, &f) {
		f.result.Changed = f.result.Changed || r.Changed
		return f.result, nil
	}
	return r, err
}

// ended is answered for a plan.
func ended(err error) (module.Plan, error) {
	r, err := answered(module.Result{}, err)
	return module.Done(r), err
}

// flag is a truth value as scripts have it: y or nothing.
func flag(on bool) string {
	if on {
		return "y"
	}
	return ""
}

// asker is View.Query or Host.Exec.
type asker func(ctx context.Context, c module.Cmd) (module.Output, error)

// refused is the failure of a command, as Ansible words it: said, or else what the tool has printed. Passwords in addresses are not shown.
func refused(said string, argv []string, out module.Output) error {
	if said == "" {
		said = strings.TrimRight(out.Stderr, "\n")
	}
	if said == "" {
		said = strings.TrimRight(out.Stdout, "\n")
	}
	return failure{module.Fail("%s", masked(said)).With("rc", out.Rc).With("stdout", masked(out.Stdout)).With("stderr", masked(out.Stderr)).
		With("cmd", masked(strings.Join(argv, " ")))}
}

var addressPassword = regexp.MustCompile(`(://[^/\s:@]*:)[^/\s@]+@`)

// masked is a text with stars for the passwords in its addresses.
func masked(text string) string { return addressPassword.ReplaceAllString(text, "${1}********@") }
