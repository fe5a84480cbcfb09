// Package conn is the way to a machine: one method that runs a command, decorators around it, and nothing else.
package conn

import (
	"context"
	"errors"
	"io"
	"net"
)

// Command is a line for the login shell of the other side and its three streams.
type Command struct {
	Line   string
	Stdin  io.Reader // nil: closed at once
	Stdout io.Writer // nil: discarded
	Stderr io.Writer // nil: discarded
	// ReadOnly promises that the command only looks. A connection wrapped by ReadOnly refuses all others.
	ReadOnly bool
}

// Connection runs commands on a machine. It is safe for concurrent use.
type Connection interface {
	// Run runs a command to its end. A command that ran and failed is an exit status; an error means that the machine
	// cannot be reached, or not any more (ErrUnreachable, ErrHostKey, ErrAuth, or ctx's error), or that the command could not
	// become the user it was to run as (ErrBecome). A command killed by signal n has the exit status 128+n.
	//
	// Run does not wait for Stdin: when the command ends without having read it all, one Read may still be pending on it.
	// After Run has returned, nothing is written to Stdout and Stderr any more. The two may be the same writer.
	Run(ctx context.Context, c Command) (exit int, err error)
	Close() error
}

// Dialer is the capability to open a connection as seen from the machine.
type Dialer interface {
	Dial(ctx context.Context, network, address string) (net.Conn, error)
}

// Wrapper is a decorator: it can be asked for what it wraps.
type Wrapper interface{ Unwrap() Connection }

// As finds a capability (a Dialer, say) in a stack of decorators, the outermost first.
func As[T any](c Connection) (T, bool) {
	for c != nil {
		if t, ok := c.(T); ok {
			return t, true
		}
		w, ok := c.(Wrapper)
		if !ok {
			break
		}
		c = w.Unwrap()
	}
	var zero T
	return zero, false
}

// What can be wrong with the way to a machine; errors of connections wrap one of these.
var (
	ErrUnreachable = errors.New("unreachable")
	ErrHostKey     = errors.New("host key verification failed")
	ErrAuth        = errors.New("authentication failed")
	// ErrBecome: the machine is reachable, but the other user could not be become (a failure, not unreachable).
	ErrBecome = errors.New("privilege escalation failed")
	// ErrNotStarted comes together with ErrUnreachable when the connection was found dead before the command was sent: it has
	// not run, and may be sent over a new connection.
	ErrNotStarted = errors.New("the command was not started")
)
