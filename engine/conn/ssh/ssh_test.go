package ssh_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/conntest"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// start boots a machine and gives the options that reach it.
func start(t *testing.T, c machine.Config) (*machine.Machine, ssh.Options) {
	t.Helper()
	if c.Exec == nil {
		c.Exec = machine.Shell(machine.Sandbox{Home: t.TempDir()})
	}
	m, err := machine.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	home := t.TempDir()
	files, err := m.WriteFiles(home)
	if err != nil {
		t.Fatal(err)
	}
	return m, ssh.Options{
		Host: m.Host(), Port: m.Port(), User: "ops", PrivateKeyFile: files.Key, KnownHosts: []string{files.KnownHosts},
		ConfigFiles: []string{}, Home: home, Login: "me", KeepAlive: ssh.KeepAlive{Interval: -1},
	}
}

// dial connects, or ends the test.
func dial(t *testing.T, o ssh.Options) *ssh.Connection {
	t.Helper()
	c, err := ssh.Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// wantError dials and checks what the error means and says.
func wantError(t *testing.T, o ssh.Options, kind error, texts ...string) {
	t.Helper()
	c, err := ssh.Dial(t.Context(), o)
	if err == nil {
		_ = c.Close()
		t.Fatalf("connected, want an error about %q", texts)
	}
	if !errors.Is(err, kind) {
		t.Errorf("%v: is not %v", err, kind)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q: %v", text, err)
		}
	}
}

func TestSuite(t *testing.T) {
	conntest.Run(t, func(t *testing.T) conn.Connection {
		_, o := start(t, machine.Config{})
		c, err := ssh.Dial(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return c
	})
}

func TestSuiteWithFewSessions(t *testing.T) {
	conntest.Run(t, func(t *testing.T) conn.Connection {
		_, o := start(t, machine.Config{MaxSessions: 3})
		c, err := ssh.Dial(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return c
	})
}

func TestPassword(t *testing.T) {
	_, o := start(t, machine.Config{Password: "right", NoKeys: true})
	asked := 0
	o.Password = func() (string, error) { asked++; return "right", nil }
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	o.Args = []string{"-o", "PreferredAuthentications=password"}
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	o.Args = nil
	o.Password = func() (string, error) { return "wrong-secret", nil }
	_, err := ssh.Dial(t.Context(), o)
	if err == nil || strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("the error shows the password, or is none: %v", err)
	}
	wantError(t, o, conn.ErrAuth, "ops@127.0.0.1: Permission denied (", "tried password")
	o.Password = nil
	wantError(t, o, conn.ErrAuth, "Permission denied (")
}

func TestPassphraseIsAskedOnce(t *testing.T) {
	m, o := start(t, machine.Config{})
	key, err := m.ClientKey("open sesame")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.PrivateKeyFile, key, 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, o, conn.ErrAuth, "is locked by a passphrase", "there was nothing to try")
	var questions []string
	answers := []string{"wrong", "open sesame"}
	o.Shared = ssh.NewShared(func(q string) (string, error) {
		questions = append(questions, q)
		return answers[len(questions)-1], nil
	})
	for range 3 {
		conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	}
	if len(questions) != 2 || !strings.Contains(questions[0], o.PrivateKeyFile) {
		t.Errorf("asked %q", questions)
	}
	asked := 0
	o.Shared = ssh.NewShared(func(string) (string, error) { asked++; return "", errors.New("no terminal") })
	wantError(t, o, conn.ErrAuth, "was not unlocked: no terminal")
	wantError(t, o, conn.ErrAuth, "was not unlocked: no terminal")
	if asked != 1 {
		t.Errorf("asked %d times for a key that cannot be unlocked", asked)
	}
}

func TestKeyFileIsReadByOthers(t *testing.T) {
	_, o := start(t, machine.Config{})
	if err := os.Chmod(o.PrivateKeyFile, 0o644); err != nil {
		t.Fatal(err)
	}
	wantError(t, o, conn.ErrAuth, "permissions 0644", "too open")
}

func TestAgent(t *testing.T) {
	m, o := start(t, machine.Config{})
	key, err := m.ClientKey("")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := xssh.ParseRawPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: raw}); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(ring, c)
		}
	}()
	o.PrivateKeyFile = ""
	wantError(t, o, conn.ErrAuth, "nothing to try")
	o.Env = func(name string) string { return map[string]string{"SSH_AUTH_SOCK": socket}[name] }
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	o.Args = []string{"-o", "IdentitiesOnly yes"}
	wantError(t, o, conn.ErrAuth, "nothing to try")
}

func TestUnreachable(t *testing.T) {
	m, o := start(t, machine.Config{})
	c := dial(t, o)
	m.PowerOff()
	wantError(t, o, conn.ErrUnreachable, "connect to host 127.0.0.1 port", "Connection refused")
	if _, err := c.Run(t.Context(), conn.Command{Line: "true"}); !errors.Is(err, conn.ErrNotStarted) {
		t.Errorf("a command on a dead connection: %v", err)
	}
	o.Host = "no-such-host.invalid"
	wantError(t, o, conn.ErrUnreachable, "Could not resolve hostname no-such-host.invalid")
}

func TestSilentMachine(t *testing.T) {
	m, o := start(t, machine.Config{})
	m.Silence()
	o.ConnectTimeout = 30 * time.Millisecond
	wantError(t, o, conn.ErrUnreachable, "Connection timed out")
}

func TestCancelledDial(t *testing.T) {
	m, o := start(t, machine.Config{})
	m.Silence()
	ctx, cancel := context.WithCancel(t.Context())
	o.NetDial = func(ctx context.Context, network, address string) (net.Conn, error) {
		defer cancel()
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	if _, err := ssh.Dial(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestMachineGoesDownMidCommand(t *testing.T) {
	script := &machine.Script{Answers: []machine.Answer{
		{Match: "reboot", Do: func(_ context.Context, c machine.Call) int { c.Machine.Reboot(nil); return 0 }},
		{Match: "vanish", Do: func(context.Context, machine.Call) int { return machine.NoStatus }},
	}}
	m, o := start(t, machine.Config{Exec: script.Exec})
	c, boot := dial(t, o), m.BootID()
	_, err := c.Run(t.Context(), conn.Command{Line: "vanish"})
	if !errors.Is(err, conn.ErrUnreachable) || errors.Is(err, conn.ErrNotStarted) || !strings.Contains(err.Error(), "without an exit status") {
		t.Errorf("no exit status: got %v", err)
	}
	_, err = c.Run(t.Context(), conn.Command{Line: "reboot"})
	if !errors.Is(err, conn.ErrUnreachable) || errors.Is(err, conn.ErrNotStarted) || !strings.Contains(err.Error(), "lost") {
		t.Errorf("connection lost: got %v", err)
	}
	if m.BootID() == boot || m.Boots() != 2 {
		t.Errorf("boot %d has the id %s, the first had %s", m.Boots(), m.BootID(), boot)
	}
}

func TestKeepaliveNoticesSilence(t *testing.T) {
	m, o := start(t, machine.Config{})
	ticks := make(chan time.Time)
	o.Ticks = func(time.Duration) (<-chan time.Time, func()) { return ticks, func() {} }
	o.KeepAlive = ssh.KeepAlive{Interval: 5 * time.Second, Count: 3}
	c := dial(t, o)
	out := make(chan string, 1)
	ended := make(chan error, 1)
	go func() {
		_, err := c.Run(t.Context(), conn.Command{Line: "echo begun; exec sleep 100", Stdout: writer(func(p []byte) { out <- string(p) })})
		ended <- err
	}()
	<-out
	m.Silence()
	for range 4 { // a question, and three ticks without an answer
		ticks <- time.Time{}
	}
	err := <-ended
	if !errors.Is(err, conn.ErrUnreachable) || !strings.Contains(err.Error(), "no answer for 15s") {
		t.Errorf("got %v", err)
	}
}

// writer is a function as a Writer.
type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

func TestDialThrough(t *testing.T) {
	m, o := start(t, machine.Config{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); _ = c.Close() }()
		}
	}()
	d, ok := conn.As[conn.Dialer](conn.ReadOnly(dial(t, o)))
	if !ok {
		t.Fatal("an SSH connection cannot be dialled through")
	}
	far, err := d.Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := far.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(far, got); err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
	_ = far.Close()
	_ = l.Close()
	if _, err := d.Dial(t.Context(), "tcp", l.Addr().String()); err == nil || errors.Is(err, conn.ErrUnreachable) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a closed port: got %v", err)
	}
	m.PowerOff()
	if _, err := d.Dial(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, conn.ErrUnreachable) {
		t.Errorf("a dead connection: got %v", err)
	}
}

func TestOneConnectionForAll(t *testing.T) {
	m, o := start(t, machine.Config{MaxSessions: 2})
	c := dial(t, o)
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() { conntest.Want(t, c, "cat", bytes.NewReader([]byte("x")), 0, "x", "") })
	}
	wg.Wait()
	if m.Accepted() != 1 {
		t.Errorf("%d connections, want 1", m.Accepted())
	}
}

func TestACommandWaitsForAFreeSession(t *testing.T) {
	_, o := start(t, machine.Config{MaxSessions: 1})
	c := dial(t, o)
	begun := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := c.Run(t.Context(), conn.Command{Line: "echo x; cat", Stdin: blocked{ctx}, Stdout: writer(func(p []byte) { begun <- string(p) })})
		first <- err
	}()
	<-begun
	waiting, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if _, err := c.Run(waiting, conn.Command{Line: "true"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a command without a free session: %v", err)
	}
	cancel()
	conntest.Want(t, c, "echo free", nil, 0, "free\n", "")
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// blocked is an input that gives nothing until its context ends.
type blocked struct{ ctx context.Context }

func (b blocked) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, io.EOF
}
