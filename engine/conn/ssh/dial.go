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

// Dial connects to a machine and logs in. The connection is a conn.Connection and a conn.Dialer. Errors are *Error: who cannot
// be reached at all (conn.ErrUnreachable), shows a wrong key (conn.ErrHostKey), does not let us in (conn.ErrAuth).
func Dial(ctx context.Context, o Options) (*Connection, error) {
	if o.Shared == nil {
		o.Shared = NewShared(nil)
	}
	o = o.complete()
	o.Warn = o.Shared.once(o.Warn)
	t, err := resolve(o)
	if err != nil {
		return nil, &Error{Text: err.Error(), Kinds: []error{conn.ErrUnreachable, err}}
	}
	d := dialer{o: o}
	if err := d.checkLoop(t); err != nil {
		return nil, err
	}
	l, err := d.open(ctx, t)
	if err != nil {
		return nil, err
	}
	return newConnection(l), nil
}

// dialer opens the hops of one connection.
type dialer struct{ o Options }

const maxJumps = 16 // more is a loop

// checkLoop follows the jump hosts of t to the first one. It comes before anything is opened, because a way that leads
// through itself would wait for itself.
func (d dialer) checkLoop(t target) error {
	last := t
	hops, args := hopsOf(t)
	for range maxJumps {
		if len(hops) == 0 {
			return nil
		}
		via, err := d.hop(hops, args)
		if err != nil {
			return err
		}
		hops, args = hopsOf(via)
		last = via
	}
	return unreachable(nil, "ssh: too many jump hosts on the way to %s: is %s its own ProxyJump?", t, last.host)
}

// hopsOf are the machines on the way to t, in order, and arguments for the last of them.
func hopsOf(t target) (hops, args []string) {
	if len(t.jump) > 0 {
		return t.jump, nil
	}
	if hop, args, ok := nativeProxy(t); ok {
		return []string{hop}, args
	}
	return nil, nil
}

// open connects to t and logs in.
func (d dialer) open(ctx context.Context, t target) (*link, error) {
	raw, release, err := d.reach(ctx, t)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	l, err := d.handshake(ctx, t, raw)
	if err != nil {
		_ = raw.Close() // what matters is why there was no login
		release()
		return nil, err
	}
	l.release = release
	return l, nil
}

// reach opens the way for the bytes: TCP, a command, or a channel through other machines.
func (d dialer) reach(ctx context.Context, t target) (raw net.Conn, release func(), err error) {
	hops, args := hopsOf(t)
	switch {
	case len(hops) > 0:
		return d.through(ctx, t, hops, args)
	case t.proxyCommand != "":
		raw, err = startCommand(t.proxyCommand)
		if err != nil {
			err = unreachable(err, "ssh: ProxyCommand of %s: %v", t, err)
		}
	default:
		raw, err = d.tcp(ctx, t)
	}
	return raw, func() {}, err
}

func (d dialer) tcp(ctx context.Context, t target) (net.Conn, error) {
	dial := d.o.NetDial
	if t.bind != "" {
		local, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(t.bind, "0"))
		if err != nil {
			return nil, unreachable(err, "ssh: BindAddress %s: %v", t.bind, err)
		}
		dial = (&net.Dialer{LocalAddr: local}).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, t.connectTimeout)
	defer cancel()
	c, err := dial(ctx, t.network, net.JoinHostPort(t.host, strconv.Itoa(t.port)))
	if err != nil {
		return nil, dialError(t, err)
	}
	return c, nil
}

// through reaches t from the last of the hops, which are reached one from the other. args are for the last hop.
func (d dialer) through(ctx context.Context, t target, hops, args []string) (net.Conn, func(), error) {
	via, err := d.hop(hops, args)
	if err != nil {
		return nil, nil, err
	}
	name := fmt.Sprintf("%s@%s via %v %s %q", via.user, via, via.jump, via.proxyCommand, args)
	next := d
	next.o.Password = nil // it is the machine's, not the hop's
	l, release, err := d.o.Shared.lease(ctx, name, func() (*link, error) { return next.open(context.WithoutCancel(ctx), via) })
	if err != nil {
		return nil, nil, hopError(t, via, err)
	}
	ctx, cancel := context.WithTimeout(ctx, t.connectTimeout)
	defer cancel()
	c, err := l.client.DialContext(ctx, "tcp", net.JoinHostPort(t.host, strconv.Itoa(t.port)))
	if err != nil {
		release()
		return nil, nil, unreachable(err, "ssh: connect to host %s through %s: %s", t, via.host, reason(err))
	}
	return c, release, nil
}

// hop resolves the last of the hops.
func (d dialer) hop(hops, args []string) (target, error) {
	o, err := d.hopOptions(hops[len(hops)-1])
	if err != nil {
		return target{}, err
	}
	o.Args = args
	via, err := resolve(o)
	if err != nil {
		return target{}, &Error{Text: err.Error(), Kinds: []error{conn.ErrUnreachable, err}}
	}
	if len(hops) > 1 {
		via.jump, via.proxyCommand = hops[:len(hops)-1], ""
	}
	return via, nil
}

// hopOptions are the options for a jump host [user@]host[:port]. What was said for the machine behind it (user, key,
// password, arguments) is not for the hop: as in OpenSSH it goes by the configuration files.
func (d dialer) hopOptions(spec string) (Options, error) {
	o := d.o
	o.Port, o.User, o.PrivateKeyFile, o.Password, o.Args, o.HostKeyChecking = 0, "", "", nil, nil, ""
	spec = strings.TrimPrefix(spec, "ssh://")
	if at := strings.LastIndexByte(spec, '@'); at >= 0 {
		o.User, spec = spec[:at], spec[at+1:]
	}
	o.Host = spec
	if host, port, err := net.SplitHostPort(spec); err == nil {
		if o.Port, err = strconv.Atoi(port); err != nil {
			return o, unreachable(err, "ssh: jump host %q: %q is not a port", spec, port)
		}
		o.Host = host
	}
	if o.Host = strings.Trim(o.Host, "[]"); o.Host == "" {
		return o, unreachable(nil, "ssh: a jump host has no name in %q", spec)
	}
	return o, nil
}

// hopError says at which hop the way ended.
func hopError(t, via target, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Text: fmt.Sprintf("jump host %s for %s: %s", via.host, t.host, e.Text), Kinds: e.Kinds}
}

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
