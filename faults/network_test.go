package faults

// The network of one process: all its connections end with it.

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
	"github.com/drydock-dev/drydock/engine/vars"
)

// network opens connections over SSH until it is cut.
type network struct {
	home   string
	shared *ssh.Shared

	mu   sync.Mutex
	over bool
	open []net.Conn
}

func newNetwork(home string) *network { return &network{home: home, shared: ssh.NewShared(nil)} }

// Connect reaches a host.
func (n *network) Connect(ctx context.Context, how vars.Connection) (conn.Connection, error) {
	if how.Kind != "ssh" {
		return nil, fmt.Errorf("this test reaches hosts over SSH only, not by %q", how.Kind)
	}
	return ssh.Dial(ctx, ssh.Options{
		Host: how.Host, Port: how.Port, User: how.User, PrivateKeyFile: how.KeyFile, Password: how.Password, Args: how.Args,
		ConnectTimeout: time.Duration(how.Timeout) * time.Second, Home: n.home, Login: "nobody", Shared: n.shared, Warn: func(string) {},
		Env: func(string) string { return "" }, NetDial: n.dial,
	})
}

func (n *network) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.over {
		c.Close()
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ENETUNREACH}
	}
	n.open = append(n.open, c)
	return c, nil
}

// cut ends all connections; there will be no others.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.over = true
	for _, c := range n.open {
		c.Close()
	}
}

// folder is the disk of the machine that runs are begun on.
type folder struct{ dir string }

// Read returns a file.
func (f folder) Read(path string) ([]byte, error) { return os.ReadFile(f.at(path)) }

// Write makes a file and the folders above it.
func (f folder) Write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(f.at(path)), 0o700); err != nil {
		return err
	}
	return os.WriteFile(f.at(path), data, 0o600)
}

func (f folder) at(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.dir, path)
}
