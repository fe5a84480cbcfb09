package jinja

import (
	"errors"

	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds encrypted values. A value.Vault is opened when something uses it. One that cannot be opened may lie in a list or a mapping
// that nobody looks into; once it is asked for, not even `default` replaces it.

// OpenVault opens an encrypted text by Unvault.
func (l *Language) OpenVault(v value.Vault) (string, error) {
	if l.Unvault == nil {
		return "", valueError("the encrypted text at %s cannot be used: there is no vault password", v.Where)
	}
	return l.Unvault(v)
}

// shutError is the error of an encrypted text that cannot be opened.
type shutError struct{ error }

func (e shutError) Unwrap() error { return e.error }

// shut tells whether a value stands for an encrypted text that could not be opened.
func shut(v any) bool {
	u, ok := v.(value.Undefined)
	var e shutError
	return ok && errors.As(u.Err, &e)
}

// open opens a text that is encrypted, unless what asks for it wants it as it is.
func (r *run) open(v value.Vault) any {
	if r.sealed {
		return v
	}
	by := v.By
	if by == nil {
		by = r.lang
	}
	text, err := by.OpenVault(v)
	if err != nil {
		return failed(shutError{err})
	}
	return text
}

// sealedSite lets a site find encrypted texts without opening them.
func sealedSite(find site) site {
	return func(args ...any) (any, error) {
		r := frameOf(args).run
		defer r.seal(true)()
		return find(args...)
	}
}

// seal sets whether encrypted texts stay shut, until the function that it returns is called.
func (r *run) seal(on bool) (undo func()) {
	before := r.sealed
	r.sealed = on
	return func() { r.sealed = before }
}

// isPath tells whether a template is nothing but a variable or what lies in one, so that it hands on an encrypted text as it is.
func (t *Template) isPath() bool {
	if t.expr == nil && len(t.body) != 1 {
		return false
	}
	x := t.expr
	if x == nil {
		out, ok := t.body[0].(*outputStmt)
		if !ok {
			return false
		}
		x = &out.x
	}
	_, _, ok := constantPath(x.expr)
	return ok
}
