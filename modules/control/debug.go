package control

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Debug prints a message or the value of an expression.
var Debug = module.Define(module.Spec{
	Name:       "ansible.builtin.debug",
	Doc:        "Print a message, or the value of an expression.",
	Controller: true,
}, planDebug)

type debugArgs struct {
	Msg       any     `arg:"msg,type=raw,default=Hello world!" doc:"What to print."`
	Var       *string `arg:"var,raw" doc:"The expression whose value is printed, written without braces."`
	Verbosity int     `arg:"verbosity,default=0" doc:"How many -v it takes to see it."`
}

func planDebug(_ context.Context, v module.View, a debugArgs) (module.Plan, error) {
	level, err := v.Controller().Eval("ansible_verbosity | default(0)")
	if err != nil {
		return module.Plan{}, err
	}
	if n, ok := level.(int); ok && n < a.Verbosity {
		return module.Done(module.Result{Skipped: true}.With("skipped_reason", "Verbosity threshold not met.")), nil
	}
	switch {
	case a.Var != nil && a.Msg != nil && a.Msg != "Hello world!":
		return module.Done(module.Fail("parameters are mutually exclusive: msg|var")), nil
	case a.Var == nil && a.Msg == nil:
		return module.Done(module.Result{}), nil
	case a.Var == nil:
		return module.Done(module.Result{}.With("msg", a.Msg)), nil
	}
	name, why := expressionOf(v.Controller(), *a.Var)
	if why != "" {
		return module.Done(module.Fail("%s", why)), nil
	}
	val, err := v.Controller().Eval(name)
	if errors.Is(err, module.ErrUndefined) {
		val, err = fmt.Sprintf("<< error 1 - %v >>", err), nil // the text that ansible-core 2.19 shows
	}
	if err != nil {
		return module.Done(module.Fail("Task failed: Error while resolving `var` expression: %v", err)), nil
	}
	return module.Done(module.Result{}.With(name, val)), nil
}

// reference is a template that names a variable, or a part of one.
var reference = regexp.MustCompile(`^\{\{\s*[A-Za-z_][\w.]*\s*\}\}$`)

// expressionOf is the expression that var means. In braces it is the value of a variable; what a template computes is no expression that
// the author wrote, which Ansible refuses. Why says so.
func expressionOf(c module.Controller, text string) (expr, why string) {
	trimmed := strings.TrimSpace(text)
	if !strings.HasPrefix(trimmed, "{{") || !strings.HasSuffix(trimmed, "}}") {
		return text, ""
	}
	val, err := c.Eval(trimmed)
	name, ok := val.(string)
	switch {
	case err != nil:
		return "", fmt.Sprintf("Task failed: Error while resolving `var` expression: %v", err)
	case !ok:
		return "", fmt.Sprintf("argument 'var' is of type %s: '%s' is not a string and conversion is not allowed", value.TypeName(val), value.Str(val))
	case !reference.MatchString(trimmed):
		return "", "Task failed: Error while resolving `var` expression: Encountered untrusted template or expression."
	}
	return name, ""
}
