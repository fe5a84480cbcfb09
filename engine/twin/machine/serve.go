package machine

import (
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/ssh"
)

// serve accepts connections until the listener is closed.
func (m *Machine) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		w := newWire(c, m.hush)
		m.mu.Lock()
		if m.listener != l { // the power went off in between
			m.mu.Unlock()
			w.reset()
			return
		}
		m.conns[w] = struct{}{}
		m.accepted++
		m.mu.Unlock()
		m.wg.Go(func() { m.handle(w) })
	}
}

// handle is the life of one connection.
func (m *Machine) handle(w *wire) {
	defer func() {
		_ = w.Close() // closed already is fine
		m.mu.Lock()
		delete(m.conns, w)
		m.mu.Unlock()
	}()
	config, err := m.serverConfig()
	if err != nil {
		return
	}
	conn, channels, requests, err := ssh.NewServerConn(w, config)
	if err != nil {
		return // the client did not get in, and knows why
	}
	ctx, cancel := context.WithCancel(m.ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { answerGlobal(requests) })
	var open atomic.Int64
	for nc := range channels {
		switch nc.ChannelType() {
		case "session":
			wg.Go(func() { m.openSession(ctx, conn.User(), nc, &open) })
		case "direct-tcpip":
			wg.Go(func() { m.openForward(ctx, nc) })
		default:
			_ = nc.Reject(ssh.UnknownChannelType, "unknown channel type")
		}
	}
}

// answerGlobal answers keepalives as sshd does: with a failure, which is an answer.
func answerGlobal(requests <-chan *ssh.Request) {
	for r := range requests {
		if r.WantReply {
			_ = r.Reply(false, nil) // an error is the end of the connection, which the channel tells as well
		}
	}
}

// openSession accepts a session unless there are too many.
func (m *Machine) openSession(ctx context.Context, user string, nc ssh.NewChannel, open *atomic.Int64) {
	free := sync.OnceFunc(func() { open.Add(-1) })
	defer free()
	if n := open.Add(1); m.config.MaxSessions > 0 && n > int64(m.config.MaxSessions) {
		_ = nc.Reject(ssh.ConnectionFailed, "open failed") // sshd's words
		return
	}
	ch, requests, err := nc.Accept()
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m.session(ctx, cancel, user, ch, requests, free)
}

// openForward connects the client to where it asks to be connected.
func (m *Machine) openForward(ctx context.Context, nc ssh.NewChannel) {
	var want struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(nc.ExtraData(), &want); err != nil {
		_ = nc.Reject(ssh.ConnectionFailed, "malformed request")
		return
	}
	far, err := m.config.Forward(ctx, "tcp", net.JoinHostPort(want.Host, strconv.Itoa(int(want.Port))))
	if err != nil {
		_ = nc.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	near, requests, err := nc.Accept()
	if err != nil {
		_ = far.Close()
		return
	}
	go func() { // ends when the client closes the channel, and then the far side has nobody to talk to
		ssh.DiscardRequests(requests)
		_ = far.Close()
	}()
	splice(ctx, near, far)
}
