package ssh_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/conntest"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// behind boots n machines and a way to reach the last through the others, by names gw0, gw1 ... in a configuration file. The last is
// called "inner", which no network knows: only the machine before it is told where it is.
func behind(t *testing.T, gateways int) (all []*machine.Machine, o ssh.Options) {
	t.Helper()
	inner, o := start(t, machine.Config{})
	where := map[string]string{"inner:22": inner.Addr()}
	known, config := "inner "+strings.SplitN(inner.KnownHostsLine(), " ", 2)[1], ""
	forward := func(ctx context.Context, network, address string) (net.Conn, error) {
		to, ok := where[address]
		if !ok {
			return nil, fmt.Errorf("no way to %s", address)
		}
		return new(net.Dialer).DialContext(ctx, network, to)
	}
	for i := range gateways {
		m, g := start(t, machine.Config{Forward: forward})
		config += fmt.Sprintf("Host gw%d\n HostName 127.0.0.1\n Port %d\n User jumper\n IdentityFile %s\n", i, m.Port(), g.PrivateKeyFile)
		known += m.KnownHostsLine()
		where[m.Addr()] = m.Addr()
		all = append(all, m)
	}
	o.Host, o.Port = "inner", 0
	o.ConfigFiles = []string{write(t, filepath.Join(o.Home, "config"), config)}
	o.KnownHosts = []string{write(t, filepath.Join(o.Home, "known"), known)}
	o.Shared = ssh.NewShared(nil)
	return append(all, inner), o
}

func TestProxyJumpIsShared(t *testing.T) {
	all, o := behind(t, 2)
	o.Args = []string{"-J", "gw0,gw1"}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			c, err := ssh.Dial(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			conntest.Want(t, c, "echo in", nil, 0, "in\n", "")
			t.Cleanup(func() { _ = c.Close() })
		})
	}
	wg.Wait()
	if a, b, c := all[0].Accepted(), all[1].Accepted(), all[2].Accepted(); a != 1 || b != 1 || c != 5 {
		t.Errorf("connections to the hosts: %d, %d, %d, want 1, 1, 5", a, b, c)
	}
}

func TestProxyJumpComesBack(t *testing.T) {
	all, o := behind(t, 1)
	o.Args = []string{"-J", "gw0"}
	first := dial(t, o)
	all[0].Drop()
	if _, err := first.Run(t.Context(), conn.Command{Line: "true"}); err == nil {
		t.Error("a command passed through a jump host that is gone")
	}
	conntest.Want(t, dial(t, o), "echo again", nil, 0, "again\n", "")
}

func TestJumpHostGetsNoPassword(t *testing.T) {
	all, o := behind(t, 1)
	gateway, _ := start(t, machine.Config{Password: "secret", NoKeys: true})
	o.Password = func() (string, error) { t.Error("the jump host was given the password"); return "secret", nil }
	o.Args = []string{"-J", gateway.Addr()}
	o.KnownHosts = append(o.KnownHosts, write(t, filepath.Join(o.Home, "more"), gateway.KnownHostsLine()))
	wantError(t, o, conn.ErrAuth, "jump host 127.0.0.1 for inner", "Permission denied (")
	if all[0].Accepted()+all[1].Accepted() != 0 {
		t.Error("another machine was reached")
	}
}

func TestProxyJumpErrors(t *testing.T) {
	all, o := behind(t, 1)
	o.Args = []string{"-J", "nobody@gw0"}
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	o.Args, o.Host = []string{"-J", "gw0"}, "elsewhere"
	wantError(t, o, conn.ErrUnreachable, "connect to host elsewhere port 22 through 127.0.0.1", "refused")
	all[0].ChangeHostKey()
	all[0].Drop()
	wantError(t, o, conn.ErrHostKey, "jump host 127.0.0.1 for elsewhere", "has changed")
	all[0].PowerOff()
	wantError(t, o, conn.ErrUnreachable, "jump host 127.0.0.1 for elsewhere", "Connection refused")
	o.Args, o.Host = nil, "loop"
	o.ConfigFiles = []string{write(t, filepath.Join(o.Home, "loop"), "Host loop\n ProxyJump loop\n")}
	wantError(t, o, conn.ErrUnreachable, "too many jump hosts")
}

func TestProxyCommandOfSSHNeedsNoProgram(t *testing.T) {
	all, o := behind(t, 1)
	o.Args = []string{"-o", "ProxyCommand=ssh -q -W %h:%p other@gw0"}
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	if all[0].Accepted() != 1 {
		t.Errorf("%d connections to the jump host", all[0].Accepted())
	}
}

// TestMain lets the test program play a ProxyCommand: no program that opens connections is there everywhere.
func TestMain(m *testing.M) {
	to := os.Getenv("RELAY_TO")
	if to == "" {
		os.Exit(m.Run())
	}
	c, err := net.Dial("tcp", to)
	if err != nil {
		os.Exit(1)
	}
	go func() { _, _ = io.Copy(c, os.Stdin) }()
	_, _ = io.Copy(os.Stdout, c)
}

func TestProxyCommand(t *testing.T) {
	_, o := start(t, machine.Config{})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Args = []string{"-o", "ProxyCommand=env RELAY_TO=%h:%p " + self}
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	o.Args = []string{"-o", "ProxyCommand=exit 1"}
	wantError(t, o, conn.ErrUnreachable, "closed by remote host")
}
