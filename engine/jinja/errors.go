package jinja

import (
	"errors"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// UndefinedError says that a template used a variable, attribute or item that is not there.
type UndefinedError struct {
	Name string   // what was looked up last, e.g. "foo" or "bar" of foo.bar
	Hint string   // the whole sentence, e.g. "'foo' is undefined"
	Pos  diag.Pos // where in the template; may be unknown
}

// Error returns the hint.
func (e *UndefinedError) Error() string { return e.Hint }

// EvalError says that evaluating a template went wrong, and where.
type EvalError struct {
	Pos  diag.Pos
	Text string // the source of the template
	Err  error  // a *value.Error, or what a filter or lookup said
}

// Error returns the cause; the place is for whoever shows it.
func (e *EvalError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *EvalError) Unwrap() error { return e.Err }

// PluginError says which filter, test or lookup failed. Only a Language with NamesPlugins makes one.
type PluginError struct {
	Kind string // filter, test or lookup
	Name string // as Ansible has it in full: ansible.builtin.combine
	Err  error
}

// Error names the plugin and says what it said.
func (e *PluginError) Error() string {
	return fmt.Sprintf("The %s plugin '%s' failed: %v", e.Kind, e.Name, e.Err)
}

// Unwrap returns what the plugin said.
func (e *PluginError) Unwrap() error { return e.Err }

// PluginFailed names the filter, test or lookup that an error came out of. An error that is somebody else's, of an undefined value or of a
// plugin further in, stays as it is.
func (c *Call) PluginFailed(kind, name string, err error) error {
	var inner *PluginError
	if !c.Lang.NamesPlugins || errors.As(err, &inner) || KindOf(err) == Undefined {
		return err
	}
	return &PluginError{kind, name, err}
}

// fullName is the name of a filter or test with its collection: the one that has it under its whole name, else Ansible's own.
func fullName(name string, table map[string]Func) string {
	if strings.Contains(name, ".") {
		return name
	}
	for _, collection := range []string{"ansible.utils.", "community.general.", "kubernetes.core."} {
		if _, ok := table[collection+name]; ok {
			return collection + name
		}
	}
	return "ansible.builtin." + name
}

// Rendering says what Ansible says of an error that came out of evaluating a template (what is "template") or a condition ("expression")
// and belongs to no plugin.
func Rendering(what string, err error) error {
	e, ok := err.(*EvalError)
	if !ok {
		return err
	}
	v, ok := e.Err.(*value.Error)
	if !ok {
		return err
	}
	switch v.Kind {
	case value.TypeError, value.ValueError, value.ZeroDivision, value.KeyError, value.IndexError:
		return fmt.Errorf("Error rendering %s: %w", what, err) //nolint:staticcheck // Ansible's words
	}
	return err
}

// KindOf returns the kind of an error that came from evaluating a template: "undefined", or the kind of the *value.Error in it,
// or "" for another error.
func KindOf(err error) value.Kind {
	var u *UndefinedError
	if errors.As(err, &u) {
		return Undefined
	}
	var v *value.Error
	if errors.As(err, &v) {
		return v.Kind
	}
	return ""
}

// Undefined is the kind of an UndefinedError.
const Undefined value.Kind = "undefined"

// syntaxErrors is what a parse that failed becomes when it happens while another template runs.
func syntaxErrors(l diag.List) error {
	return value.Errorf(value.Syntax, "%s", l.Sorted()[0].Summary)
}

// use is the error of using an undefined value, nil if v is not undefined.
func use(v any) error {
	u, ok := v.(value.Undefined)
	if !ok {
		return nil
	}
	if u.Err != nil {
		return u.Err
	}
	return &UndefinedError{Name: u.Name, Hint: u.Hint}
}

// Use returns the error of using a value that is undefined, nil for any other value.
func Use(v any) error { return use(v) }

// failed makes an error a value that is undefined because of it, so that `default` can replace it.
func failed(err error) value.Undefined {
	var u *UndefinedError
	if errors.As(err, &u) {
		return value.Undefined{Name: u.Name, Hint: u.Hint, Err: err}
	}
	return value.Undefined{Hint: err.Error(), Err: err}
}

// missing tells whether something undefined is merely not there; else computing it failed for another reason.
func missing(u value.Undefined) bool {
	var e *UndefinedError
	return u.Err == nil || errors.As(u.Err, &e)
}

// Missing tells whether a value is undefined because it is not there, which `default` replaces. A value that could not be
// computed is undefined, too, but not missing.
func Missing(v any) bool {
	u, ok := v.(value.Undefined)
	return ok && missing(u)
}

func undefinedName(name string) value.Undefined {
	return value.Undefined{Name: name, Hint: "'" + name + "' is undefined"}
}

func undefinedAttr(obj any, attr any) value.Undefined {
	name, ok := attr.(string)
	if !ok {
		name = value.Repr(attr)
	}
	return value.Undefined{
		Name: name,
		Hint: fmt.Sprintf("object of type '%s' has no attribute %s", value.TypeName(obj), value.Repr(attr)),
	}
}

func typeError(format string, args ...any) error {
	return value.Errorf(value.TypeError, format, args...)
}

func valueError(format string, args ...any) error {
	return value.Errorf(value.ValueError, format, args...)
}

func limitError(format string, args ...any) error { return value.Errorf(value.Limit, format, args...) }

// firstError is the first of some errors that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
