package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/become"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
)

// machine is a host as a module sees it: module.View for its plan and, once it may act, module.Host for its Apply.
type machine struct {
	w     *worker
	name  string
	env   jinja.Env
	how   vars.Connection
	below *conn.Redialer  // nil for modules that act on no host
	login conn.Connection // as the connection's user
	conn  conn.Connection // as the task says: perhaps another user
	open  conn.Connection // conn without the lock of check mode
	vars  []string        // the task's environment
	act   *atomic.Bool
}

var _ module.Host = (*machine)(nil)

// open makes the machine that a task acts on: its host, or the one it is delegated to.
func (w *worker) open(env jinja.Env, delegate string) (*machine, error) {
	m := &machine{w: w, name: w.host, env: env, act: new(atomic.Bool)}
	var err error
	if m.vars, err = w.environment(env); err != nil {
		return nil, err
	}
	if delegate != "" {
		m.name = delegate
	}
	if m.how, err = w.connection(env, delegate); err != nil {
		return nil, err
	}
	m.below = w.r.pool.get(m.how)
	m.login = conn.Record(m.below, nil, m.recorded)
	m.conn = m.login
	if m.how.Become {
		method := become.Method{
			Name: m.how.BecomeMethod, User: m.how.BecomeUser, Flags: m.how.BecomeFlags, Exe: m.how.BecomeExe,
			Password: m.how.BecomePassword,
		}
		m.conn = become.Wrap(m.login, method)
	}
	m.open = m.conn
	if w.checks(w.task, env) {
		m.login, m.conn = conn.ReadOnly(m.login), conn.ReadOnly(m.conn)
	}
	return m, nil
}

// recorded tells of a command, for the most talkative view.
func (m *machine) recorded(e conn.Entry) {
	if m.w.r.Trace && !m.w.hidden(m.env) {
		_ = m.w.r.bus.emit(event.Message{Level: "trace", // a trace that is lost is no reason to stop
			Text: fmt.Sprintf("<%s> %s (exit %d, %s)", m.name, shorten(e.Line), e.Exit, e.Took.Round(time.Millisecond))})
	}
}

func (m *machine) mayAct() { m.act.Store(true) }
func (m *machine) unlock() { m.conn = m.open }

// Name is the inventory name of the host.
func (m *machine) Name() string { return m.name }

// Local tells whether the host is the machine that Drydock runs on.
func (m *machine) Local() bool { return m.how.Kind == "local" }

// Query runs a command that only looks.
func (m *machine) Query(ctx context.Context, c module.Cmd) (module.Output, error) {
	return m.run(ctx, c, true)
}

// Exec runs a command.
func (m *machine) Exec(ctx context.Context, c module.Cmd) (module.Output, error) {
	if !m.act.Load() {
		return module.Output{}, errors.New("a plan tried to change the host")
	}
	return m.run(ctx, c, false)
}

func (m *machine) run(ctx context.Context, c module.Cmd, looks bool) (module.Output, error) {
	var out, errs bytes.Buffer
	stdout := io.Writer(&out)
	if c.Watch != nil {
		stdout = io.MultiWriter(&out, &lineWriter{tell: c.Watch})
	}
	cmd := conn.Command{Line: line(c, m.vars, m.how.Executable), Stdin: c.Stdin, Stdout: stdout, Stderr: &errs, ReadOnly: looks}
	via := m.conn
	if c.AsLogin {
		via = m.login
	}
	rc, err := via.Run(ctx, cmd)
	if err != nil {
		return module.Output{}, m.wayClosed(err)
	}
	return module.Output{Rc: rc, Stdout: text(out.Bytes()), Stderr: text(errs.Bytes())}, nil
}

// text is what a command printed; bytes that are not UTF-8 become U+FFFD.
func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }

// wayClosed puts the sentinels that modules know on errors of the connection.
func (m *machine) wayClosed(err error) error {
	switch {
	case errors.Is(err, conn.ErrHostKey):
		return &wayError{err, module.ErrHostKey, m.how.Kind}
	case errors.Is(err, conn.ErrAuth):
		return &wayError{err, module.ErrAuth, m.how.Kind}
	case errors.Is(err, conn.ErrUnreachable):
		return &wayError{err, module.ErrUnreachable, m.how.Kind}
	}
	return err
}

// wayError says that the way to a host is closed, in Ansible's words.
type wayError struct {
	err  error
	kind error
	via  string
}

func (e *wayError) Error() string {
	return fmt.Sprintf("Failed to connect to the host via %s: %v", e.via, e.err)
}

// Unwrap gives the connection's error and the module's sentinel.
func (e *wayError) Unwrap() []error { return []error{e.err, e.kind} }

// WriteFile replaces a file on the host.
func (m *machine) WriteFile(ctx context.Context, path string, r io.Reader, mode fs.FileMode) error {
	if !m.act.Load() {
		return errors.New("a plan tried to write on the host")
	}
	if err := conn.WriteFile(ctx, m.conn, path, r, mode); err != nil {
		return m.wayClosed(err)
	}
	return nil
}

// Dial opens a connection as seen from the host.
func (m *machine) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d, ok := conn.As[conn.Dialer](m.login)
	if !ok {
		return nil, fmt.Errorf("the %s connection cannot open connections from the host", m.how.Kind)
	}
	c, err := d.Dial(ctx, network, address)
	if err != nil {
		return nil, m.wayClosed(err)
	}
	return c, nil
}

// Reset drops the connection.
func (m *machine) Reset(context.Context) error {
	m.below.Reset()
	return nil
}

// Progress tells what is being waited for.
func (m *machine) Progress(message string) {
	if m.w.ref.NoLog {
		return
	}
	// A progress line that cannot be kept ends the run with the next event; there is nobody here to tell.
	_ = m.w.r.bus.emit(event.HostProgress{Host: m.w.host, Task: m.w.ref, Message: message, At: m.w.r.Clock.Now()})
}

// Controller is the side of the machine that Drydock runs on.
func (m *machine) Controller() module.Controller { return &controller{m} }

// environment evaluates the task's environment: NAME=value, inner ones winning.
func (w *worker) environment(env jinja.Env) ([]string, error) {
	all := &value.Map{}
	for _, e := range w.task.Environment {
		v, err := jinja.Resolve(e, env)
		if err != nil {
			return nil, fmt.Errorf("Error processing keyword 'environment': %w", err)
		}
		maps, ok := v.([]any)
		if !ok {
			maps = []any{v}
		}
		for _, m := range maps {
			if m, ok := m.(*value.Map); ok {
				all.Merge(m)
			}
		}
	}
	var out []string
	for k, v := range all.All() {
		out = append(out, value.Str(k)+"="+value.Str(v))
	}
	return out, nil
}

// lineWriter hands complete lines on.
type lineWriter struct {
	tell func(string)
	rest []byte
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.tell(string(bytes.TrimSuffix(l.rest[:i], []byte("\r"))))
		l.rest = l.rest[i+1:]
	}
}
