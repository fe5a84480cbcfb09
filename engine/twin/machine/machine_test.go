package machine_test

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// login connects with the machine's own key and vouches for nothing: the client's side is tested elsewhere.
func login(t *testing.T, m *machine.Machine) (*ssh.Client, error) {
	t.Helper()
	key, err := m.ClientKey("")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return ssh.Dial("tcp", m.Addr(), &ssh.ClientConfig{
		User: "ops", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: ssh.FixedHostKey(m.HostKey()),
	})
}

func start(t *testing.T, c machine.Config) *machine.Machine {
	t.Helper()
	m, err := machine.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// run runs a line in a new session.
func run(t *testing.T, c *ssh.Client, line string) (out, errs string, err error) {
	t.Helper()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	s.Stdout, s.Stderr = &o, &e
	err = s.Run(line)
	return o.String(), e.String(), err
}

func TestShell(t *testing.T) {
	home := t.TempDir()
	m := start(t, machine.Config{Exec: machine.Shell(machine.Sandbox{Home: home, Env: []string{"A=b"}, Replace: map[string]string{"/etc/old": "/etc/new"}})})
	c, err := login(t, m)
	if err != nil {
		t.Fatal(err)
	}
	out, errs, err := run(t, c, "pwd; echo $HOME $USER $A /etc/old; echo e >&2; exit 9")
	var exit *ssh.ExitError
	if !errors.As(err, &exit) || exit.ExitStatus() != 9 || out != home+"\n"+home+" ops b /etc/new\n" || errs != "e\n" {
		t.Errorf("got %q, %q, %v", out, errs, err)
	}
	if _, _, err := run(t, c, "kill -9 $$"); !errors.As(err, &exit) || exit.Signal() != "KILL" {
		t.Errorf("got %v", err)
	}
}

func TestScriptRefusesTheUnknown(t *testing.T) {
	script := &machine.Script{Answers: []machine.Answer{{Match: "uname", Stdout: "Linux\n"}, {Match: "false", Exit: 1, Stderr: "no\n"}}}
	m := start(t, machine.Config{Exec: script.Exec})
	c, err := login(t, m)
	if err != nil {
		t.Fatal(err)
	}
	if out, _, err := run(t, c, "uname -s"); out != "Linux\n" || err != nil {
		t.Errorf("got %q, %v", out, err)
	}
	var exit *ssh.ExitError
	if _, errs, err := run(t, c, "rm -rf /"); !errors.As(err, &exit) || exit.ExitStatus() != 127 || !strings.Contains(errs, "rm -rf /") {
		t.Errorf("got %q, %v", errs, err)
	}
	if u := script.Unknown(); len(u) != 1 || u[0] != "rm -rf /" || len(script.Lines()) != 2 {
		t.Errorf("unknown: %q of %q", u, script.Lines())
	}
}

func TestRebootIsControlled(t *testing.T) {
	m := start(t, machine.Config{Exec: machine.Shell(machine.Sandbox{Home: t.TempDir()})})
	c, err := login(t, m)
	if err != nil {
		t.Fatal(err)
	}
	boot, up := m.BootID(), make(chan struct{})
	m.Reboot(up)
	if c.Wait() == nil {
		t.Error("the connection ended without an error")
	}
	if _, err := net.Dial("tcp", m.Addr()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("while it is down: %v", err)
	}
	close(up)
	for m.Boots() == 1 { // comes as soon as the goroutine that waits for up has run
	}
	if _, err := login(t, m); err != nil || m.BootID() == boot {
		t.Errorf("after the boot: %v, boot id %s", err, m.BootID())
	}
}

func TestWithoutExec(t *testing.T) {
	if _, err := machine.Start(t.Context(), machine.Config{}); err == nil {
		t.Error("a machine without an Exec was started")
	}
}
