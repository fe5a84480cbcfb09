package machine

import (
	"context"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// port is a port of the loopback that stays this machine's while its power is off: a socket that is bound to it and never
// listens keeps others away, and whoever connects is refused, as by a machine that is up with its sshd down.
type port struct {
	fd   int
	addr *net.TCPAddr
}

func reservePort() (*port, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	unix.CloseOnExec(fd)
	p := &port{fd: fd}
	if err := p.bind(); err != nil {
		p.release()
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	return p, nil
}

func (p *port) bind() error {
	if err := unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return err
	}
	if err := unix.Bind(p.fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	name, err := unix.Getsockname(p.fd)
	if err != nil {
		return err
	}
	in, ok := name.(*unix.SockaddrInet4)
	if !ok {
		return fmt.Errorf("unexpected address %T", name)
	}
	p.addr = &net.TCPAddr{IP: net.IP(in.Addr[:]), Port: in.Port}
	return nil
}

// listen opens the port.
func (p *port) listen(ctx context.Context) (net.Listener, error) {
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var err error
		if e := c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) }); e != nil {
			return e
		}
		return err
	}}
	return lc.Listen(ctx, "tcp4", p.addr.String())
}

// release gives the port back. An error of closing a socket that carries nothing concerns nobody.
func (p *port) release() { _ = unix.Close(p.fd) }
