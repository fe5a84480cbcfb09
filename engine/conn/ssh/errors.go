package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	xssh "golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/conn"
)

// Error is why a machine cannot be reached, in words near to OpenSSH's own, which people recognise. It unwraps to what it
// means (conn.ErrUnreachable, ErrAuth, ErrHostKey) and to its cause.
type Error struct {
	Text  string
	Kinds []error // one of conn's errors, then conn.ErrNotStarted and the cause where there is one
}

func (e *Error) Error() string { return e.Text }

// Unwrap gives what the error means.
func (e *Error) Unwrap() []error { return e.Kinds }

func unreachable(cause error, format string, args ...any) error {
	kinds := []error{conn.ErrUnreachable}
	if cause != nil {
		kinds = append(kinds, cause)
	}
	return &Error{Text: fmt.Sprintf(format, args...), Kinds: kinds}
}

// dialError puts a failed TCP connection in OpenSSH's words.
func dialError(t target, err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		what := "Name or service not known"
		if dns.IsTimeout || dns.IsTemporary {
			what = "Temporary failure in name resolution"
		}
		return unreachable(err, "ssh: Could not resolve hostname %s: %s", t.host, what)
	}
	return unreachable(err, "ssh: connect to host %s: %s", t, reason(err))
}

// reason is what went wrong on the network, without addresses and operations.
func reason(err error) string {
	var channel *xssh.OpenChannelError
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case errors.As(err, &channel):
		return channel.Message
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Connection refused"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "Connection timed out"
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.EPIPE):
		return "Connection closed by remote host"
	case errors.As(err, &errno):
		text := errno.Error()
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return err.Error()
}
