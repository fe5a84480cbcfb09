package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/conn"
)

// handshake agrees on keys, checks the host's and logs in, within the time limit.
func (d dialer) handshake(ctx context.Context, t target, raw net.Conn) (*link, error) {
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	limit := newLimit(t.connectTimeout, raw)
	defer limit.stop()
	v, err := newVerifier(t, d.o.Warn)
	if err != nil {
		return nil, &Error{Text: err.Error(), Kinds: []error{conn.ErrHostKey, err}}
	}
	in := &login{t: t, password: d.o.Password, verifier: v}
	in.keys = keyring{t: t, shared: d.o.Shared, pause: limit.pause, note: in.note, warn: d.o.Warn}
	defer in.close()
	config, err := clientConfig(t, v, in)
	if err != nil {
		return nil, &Error{Text: err.Error(), Kinds: []error{conn.ErrUnreachable, err}}
	}
	c, channels, requests, err := xssh.NewClientConn(raw, net.JoinHostPort(t.host, strconv.Itoa(t.port)), config)
	if err == nil && !limit.stop() { // the limit closed it at the last moment
		err = os.ErrDeadlineExceeded
	}
	if err != nil {
		return nil, handshakeError(ctx, t, v, in, limit.over.Load(), err)
	}
	return newLink(t, xssh.NewClient(c, channels, requests), d.o), nil
}

func clientConfig(t target, v *verifier, in *login) (*xssh.ClientConfig, error) {
	c := &xssh.ClientConfig{
		User: t.user, Auth: in.methods(), AuthCallback: in.next, HostKeyCallback: v.check,
		BannerCallback: func(text string) error { in.banner += text; return nil },
	}
	var err error
	if c.HostKeyAlgorithms, err = v.algorithms(); err != nil {
		return nil, err
	}
	var defaults xssh.Config
	defaults.SetDefaults()
	known, old := xssh.SupportedAlgorithms(), xssh.InsecureAlgorithms()
	for _, a := range []struct {
		option, spec          string
		to                    *[]string
		defaults, known, more []string
	}{
		{"Ciphers", t.ciphers, &c.Ciphers, defaults.Ciphers, known.Ciphers, old.Ciphers},
		{"KexAlgorithms", t.kex, &c.KeyExchanges, defaults.KeyExchanges, known.KeyExchanges, old.KeyExchanges},
		{"MACs", t.macs, &c.MACs, defaults.MACs, known.MACs, old.MACs},
	} {
		if a.spec == "" {
			continue
		}
		if *a.to, err = choose(a.option, a.spec, a.defaults, append(a.known, a.more...)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// handshakeError says why there was no login.
func handshakeError(ctx context.Context, t target, v *verifier, in *login, late bool, err error) error {
	var disagreement *xssh.AlgorithmNegotiationError
	switch {
	case v.verdict != nil:
		return v.verdict
	case ctx.Err() != nil:
		return ctx.Err()
	case late:
		return unreachable(os.ErrDeadlineExceeded, "ssh: connect to host %s: Connection timed out during the login", t)
	case errors.As(err, &disagreement):
		return unreachable(err, "ssh: unable to negotiate with %s: %v", t, disagreement)
	case in.started && !cut(err):
		return in.denied(err)
	}
	text := fmt.Sprintf("ssh: %s: %s", t, strings.TrimPrefix(reason(err), "ssh: handshake failed: "))
	if b := strings.TrimSpace(in.banner); b != "" {
		text += ": " + b
	}
	return unreachable(err, "%s", text)
}

// cut tells that the network ended the login, and not the server's will.
func cut(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &op)
}

// limit closes a connection when its time is up. The time stands still while a person is asked something.
type limit struct {
	d     time.Duration
	timer *time.Timer
	over  atomic.Bool
}

func newLimit(d time.Duration, c net.Conn) *limit {
	l := &limit{d: d}
	l.timer = time.AfterFunc(d, func() {
		l.over.Store(true)
		_ = c.Close()
	})
	return l
}

// stop ends the limit; false means that it had been reached.
func (l *limit) stop() bool {
	l.timer.Stop()
	return !l.over.Load()
}

func (l *limit) pause(f func()) {
	l.timer.Stop()
	f()
	l.timer.Reset(l.d)
}
