package twin

// The network of a site, as it is seen from its machines: what clients of SSH are forwarded to. Nothing else can be reached.

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// The ports at which K3s answers.
const (
	apiPort  = "6443"
	etcdPort = "2381"
	sshPort  = "22"
)

// forward connects a machine to an address of the site.
func (s *Site) forward(from Node) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		to, ok := s.at(from, host)
		switch {
		case !ok:
			s.stranger(address)
			return nil, fmt.Errorf("the twin has no machine %s", host)
		case port == apiPort && (to.Role == Server || to.Name == ControllerName):
			return s.dialAPI(ctx, network, to)
		case port == etcdPort && to.Role == Server && to.Name == from.Name && s.Hosts[to.Name].Active("k3s"):
			return s.dialEtcd(to), nil
		case port == sshPort && s.Machines[to.Name] != nil:
			return new(net.Dialer).DialContext(ctx, network, s.Machines[to.Name].Addr())
		case port != apiPort && port != etcdPort && port != sshPort:
			s.stranger(address)
		}
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
}

// stranger notes an address at which the site has nothing.
func (s *Site) stranger(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, address)
}

// at finds the machine of an address or a name, seen from another.
func (s *Site) at(from Node, host string) (Node, bool) {
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return from, true
	}
	i := slices.IndexFunc(s.spec.Nodes, func(n Node) bool {
		return n.Address == host || strings.EqualFold(n.Name, host) || strings.EqualFold(n.Node, host)
	})
	if i < 0 {
		return Node{}, false
	}
	return s.spec.Nodes[i], true
}

// dialAPI connects to the API server of a machine. The controller has a load balancer before all servers.
func (s *Site) dialAPI(ctx context.Context, network string, to Node) (net.Conn, error) {
	serves := func(n Node) bool { return n.Role == Server && s.API.Serves(n.Node) }
	if s.API == nil || to.Role == Server && !serves(to) || to.Role != Server && !slices.ContainsFunc(s.spec.Nodes, serves) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	return new(net.Dialer).DialContext(ctx, network, s.API.Address())
}

// dialEtcd connects to the port of etcd's health and figures, which answers on the machine itself only.
func (s *Site) dialEtcd(to Node) net.Conn {
	near, far := net.Pipe()
	server := &http.Server{Handler: s.API.EtcdHandler(to.Node)}
	go func() { _ = server.Serve(&single{conn: far, gone: make(chan struct{})}) }() // ends with the connection
	return near
}

// single is a listener for one connection.
type single struct {
	conn net.Conn
	once sync.Once
	done sync.Once
	gone chan struct{}
}

// Accept hands the connection out once, then waits for its end.
func (l *single) Accept() (net.Conn, error) {
	var c net.Conn
	l.once.Do(func() { c = &ending{Conn: l.conn, end: func() { l.done.Do(func() { close(l.gone) }) }} })
	if c != nil {
		return c, nil
	}
	<-l.gone
	return nil, net.ErrClosed
}

// Close ends the wait.
func (l *single) Close() error {
	l.done.Do(func() { close(l.gone) })
	return nil
}

// Addr is that of the connection.
func (l *single) Addr() net.Addr { return l.conn.LocalAddr() }

// ending tells of its end.
type ending struct {
	net.Conn
	end func()
}

// Close ends the connection.
func (e *ending) Close() error {
	e.end()
	return e.Conn.Close()
}
