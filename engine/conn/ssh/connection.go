package ssh

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/conn"
)

// Connection runs commands on a machine, each in a session of its own over one SSH connection.
type Connection struct {
	link  *link
	slots *slots
	quiet time.Duration
	once  sync.Once
}

func newConnection(l *link) *Connection {
	return &Connection{link: l, slots: newSlots(), quiet: quietAfterExit}
}

// Run runs a command. When ctx ends, the command is sent SIGTERM, its session is closed, and Run returns at once.
func (c *Connection) Run(ctx context.Context, cmd conn.Command) (int, error) {
	s, err := c.session(ctx)
	if err != nil {
		return 0, err
	}
	type end struct {
		exit int
		err  error
	}
	out := newGate(cmd.Stdout, cmd.Stderr)
	defer out.shut()
	ended := make(chan end, 1)
	go func() {
		exit, err := s.run(cmd, out, c.quiet)
		_ = s.ch.Close() // closed already, as a rule
		c.slots.leave()
		ended <- end{exit, err}
		xssh.DiscardRequests(s.requests)
	}()
	select {
	case e := <-ended:
		if e.err != nil {
			return 0, c.link.lost(e.err)
		}
		return e.exit, nil
	case <-ctx.Done():
		go s.cancel() // writing may wait for a peer that is not there
		return 0, ctx.Err()
	}
}

// session opens a session, waiting for a free one if the server has a limit.
func (c *Connection) session(ctx context.Context) (session, error) {
	for {
		if err := c.slots.enter(ctx); err != nil {
			return session{}, err
		}
		s, err := c.openSession(ctx)
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return session{}, ctx.Err() // openSession leaves the slot
		}
		var refused *xssh.OpenChannelError
		if !errors.As(err, &refused) {
			c.slots.leave()
			return session{}, c.link.lost(err, conn.ErrNotStarted)
		}
		if !c.slots.refused() {
			return session{}, &Error{Text: "ssh: " + c.link.t.String() + " refuses another session: " + refused.Message,
				Kinds: []error{conn.ErrUnreachable, conn.ErrNotStarted, err}}
		}
	}
}

// Dial opens a connection as seen from the machine (direct-tcpip).
func (c *Connection) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	far, err := c.link.client.DialContext(ctx, network, address)
	var refused *xssh.OpenChannelError
	switch {
	case err == nil:
		return far, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &refused):
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New(address + " from " + c.link.t.host + ": " + refused.Message)}
	}
	return nil, c.link.lost(err, conn.ErrNotStarted)
}

// Close ends the connection. It does not fail: what it closes is gone afterwards, or was before.
func (c *Connection) Close() error {
	c.once.Do(c.link.close)
	return nil
}

// gate lets a command's output through until it is shut: a session that is given up may still have some.
type gate struct {
	mu       sync.Mutex
	closed   bool
	some     bool // there was output since moved was asked
	out, err io.Writer
}

// newGate guards both streams with one lock, so that they may be the same writer.
func newGate(stdout, stderr io.Writer) *gate {
	g := &gate{}
	g.out, g.err = gated{g, stdout}, gated{g, stderr}
	return g
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

// moved tells whether there was output since it was last asked.
func (g *gate) moved() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.some
	g.some = false
	return was
}

// gated is one stream. It never fails, so that the command is not ended by a reader that has enough.
type gated struct {
	g *gate
	w io.Writer
}

func (w gated) Write(p []byte) (int, error) {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	w.g.some = true
	if !w.g.closed && w.w != nil {
		_, _ = w.w.Write(p)
	}
	return len(p), nil
}
