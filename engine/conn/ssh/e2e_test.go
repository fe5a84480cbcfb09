//go:build e2e

package ssh_test

// The suite of connections against real machines: OpenSSH's sshd, sudo and su. The rig must be up; what `rig.sh env` prints
// is expected in the environment, with the address of one host as RIG_ADDR.

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/become"
	"github.com/drydock-dev/drydock/engine/conn/conntest"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
)

func env(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: see rig.sh env", name)
	}
	return v
}

// rig are options that reach the rig's host as user.
func rig(t *testing.T, user string) ssh.Options {
	t.Helper()
	return ssh.Options{Host: env(t, "RIG_ADDR"), User: user, PrivateKeyFile: env(t, "RIG_KEY"), KnownHosts: []string{env(t, "RIG_KNOWN_HOSTS")},
		ConfigFiles: []string{}, Home: t.TempDir(), Login: "me"}
}

func TestRigSuite(t *testing.T) {
	secret := func() (string, error) { return env(t, "RIG_PASSWORD"), nil }
	for name, c := range map[string]struct {
		user string
		wrap func(conn.Connection) conn.Connection
	}{
		"root":                 {"root", func(c conn.Connection) conn.Connection { return c }},
		"sudo":                 {"ops", func(c conn.Connection) conn.Connection { return become.Wrap(c, become.Method{}) }},
		"sudo with a password": {"ops2", func(c conn.Connection) conn.Connection { return become.Wrap(c, become.Method{Password: secret}) }},
		"su":                   {"root", func(c conn.Connection) conn.Connection { return become.Wrap(c, become.Method{Name: "su", User: "ops"}) }},
		"su with a password": {"ops", func(c conn.Connection) conn.Connection {
			return become.Wrap(c, become.Method{Name: "su", Password: secret})
		}},
		"sudo, password nobody needs":  {"ops", func(c conn.Connection) conn.Connection { return become.Wrap(c, become.Method{Password: secret}) }},
		"sudo to somebody, by a login": {"ops", func(c conn.Connection) conn.Connection { return become.Wrap(c, become.Method{User: "ops2"}) }},
	} {
		t.Run(name, func(t *testing.T) {
			conntest.Run(t, func(t *testing.T) conn.Connection { return c.wrap(dial(t, rig(t, c.user))) })
		})
	}
}

func TestRigLogins(t *testing.T) {
	o := rig(t, "ops")
	o.PrivateKeyFile, o.Password = "", func() (string, error) { return env(t, "RIG_PASSWORD"), nil }
	conntest.Want(t, dial(t, o), "whoami", nil, 0, "ops\n", "")
	o.Args = []string{"-o", "PreferredAuthentications=keyboard-interactive,password"}
	conntest.Want(t, dial(t, o), "whoami", nil, 0, "ops\n", "")
	o.Password = func() (string, error) { return "wrong", nil }
	wantError(t, o, conn.ErrAuth, "ops@", "Permission denied (", "tried password")
	o.KnownHosts = []string{filepath.Join(o.Home, "known")}
	wantError(t, o, conn.ErrHostKey, "no ED25519 key is known")
}

func TestRigBecomeRefusals(t *testing.T) {
	ops2, ops := dial(t, rig(t, "ops2")), dial(t, rig(t, "ops"))
	wrong := func() (string, error) { return "wr0ng", nil }
	for _, c := range []struct {
		at   conn.Connection
		m    become.Method
		want string
	}{
		{ops2, become.Method{}, "Missing sudo password"},
		{ops2, become.Method{Password: wrong}, "Incorrect sudo password"},
		{ops, become.Method{Name: "su"}, "Missing su password"},
		{ops, become.Method{Name: "su", Password: wrong}, "Incorrect su password"},
		{ops, become.Method{User: "nobodyhere"}, "unknown user nobodyhere"},
		{ops, become.Method{Name: "doas"}, "not found"},
	} {
		_, err := become.Wrap(c.at, c.m).Run(t.Context(), conn.Command{Line: "echo ran", Stdin: strings.NewReader("payload")})
		if !errors.Is(err, conn.ErrBecome) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %q", c.m, err, c.want)
		}
	}
}

// TestRigSessions opens more sessions than sshd grants (MaxSessions is 10).
func TestRigSessions(t *testing.T) {
	c := dial(t, rig(t, "root"))
	begun := make(chan struct{}, 40)
	ended := make(chan error, 40)
	for range 40 {
		go func() {
			_, err := c.Run(t.Context(), conn.Command{Line: "echo x; sleep 0.2", Stdout: writer(func([]byte) { begun <- struct{}{} })})
			ended <- err
		}()
	}
	for range 40 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if len(begun) != 40 {
		t.Errorf("%d commands ran", len(begun))
	}
}

// rigsh runs rig.sh, which plays the fate of the machine.
func rigsh(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command("../../../testdata/rig/hosts/rig.sh", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("rig.sh %v: %v\n%s", args, err, out)
	}
}

func TestRigFates(t *testing.T) {
	name := env(t, "RIG_NAME")
	o := rig(t, "root")
	o.KeepAlive = ssh.KeepAlive{Interval: time.Second, Count: 2}
	o.ConnectTimeout = 2 * time.Second
	again := conn.Redial(func(ctx context.Context) (conn.Connection, error) { return ssh.Dial(ctx, o) })
	defer again.Close()
	boot := func() string {
		for {
			_, out, err := runOnce(t, again, "cat /proc/sys/kernel/random/boot_id")
			if err == nil {
				return out
			}
			if !errors.Is(err, conn.ErrUnreachable) {
				t.Fatal(err)
			}
		}
	}
	before := boot()
	for _, fate := range []string{"crash", "cut"} {
		begun := make(chan struct{}, 1)
		ended := make(chan error, 1)
		go func() {
			_, err := again.Run(t.Context(), conn.Command{Line: "echo x; sleep 60", Stdout: writer(func([]byte) { begun <- struct{}{} })})
			ended <- err
		}()
		<-begun
		start := time.Now()
		rigsh(t, fate, name)
		err := <-ended
		t.Logf("%s: noticed after %v: %v", fate, time.Since(start).Round(time.Millisecond), err)
		if !errors.Is(err, conn.ErrUnreachable) || errors.Is(err, conn.ErrNotStarted) {
			t.Errorf("%s: got %v", fate, err)
		}
		if fate == "cut" {
			wantError(t, o, conn.ErrUnreachable)
			rigsh(t, "plug", name)
		}
		after := boot()
		if (fate == "crash") == (after == before) {
			t.Errorf("after %s the boot id is %s, before it was %s", fate, after, before)
		}
		before = after
	}
	_, _, err := runOnce(t, again, "systemctl reboot; sleep 20")
	t.Logf("reboot: %v", err)
	if !errors.Is(err, conn.ErrUnreachable) {
		t.Errorf("a reboot under a command: %v", err)
	}
	for boot() == before {
	}
}

func runOnce(t *testing.T, c conn.Connection, line string) (int, string, error) {
	t.Helper()
	var out strings.Builder
	exit, err := c.Run(t.Context(), conn.Command{Line: line, Stdout: &out})
	return exit, out.String(), err
}
