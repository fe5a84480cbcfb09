package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/conn"
)

// The way through other machines: which they are, and that each is entered once for all who go through it.

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
