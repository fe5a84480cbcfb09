package ssh

import (
	"context"
	"net"
	"strconv"

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
