package conn

import "context"

// RefusedError is the answer of a ReadOnly connection to a command that may change something. Its text leaves out the line,
// which may hold secrets.
type RefusedError struct{ Line string }

func (e *RefusedError) Error() string {
	return "a command that may change the machine was kept back in check mode"
}

// ReadOnly lets only commands through that promise to look only (Command.ReadOnly). It is the second belt of check mode; the
// first is that nothing is asked to change. What is below cannot be reached through it, except to dial.
func ReadOnly(c Connection) Connection { return readOnly{c} }

type readOnly struct{ below Connection }

func (r readOnly) Run(ctx context.Context, c Command) (int, error) {
	if !c.ReadOnly {
		return 0, &RefusedError{Line: c.Line}
	}
	return r.below.Run(ctx, c)
}

func (r readOnly) Close() error { return r.below.Close() }

// Unwrap gives the capabilities of the connection below.
func (r readOnly) Unwrap() Connection { return r.below }
