package become_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/become"
	"github.com/drydock-dev/drydock/engine/conn/conntest"
	"github.com/drydock-dev/drydock/engine/conn/local"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// lines notes the command lines that reach the machine.
type lines struct {
	conn.Connection
	seen []string
}

func (l *lines) Run(ctx context.Context, c conn.Command) (int, error) {
	l.seen = append(l.seen, c.Line)
	return l.Connection.Run(ctx, c)
}

// host is a place whose sudo, su and doas ask for this password.
func host(t *testing.T, password string) conn.Connection {
	t.Helper()
	bin := t.TempDir()
	if err := machine.InstallBecome(bin, password); err != nil {
		t.Fatal(err)
	}
	return &local.Connection{Dir: t.TempDir(), Env: []string{"PATH=" + bin + ":/usr/bin:/bin"}}
}

func with(password string) func() (string, error) {
	return func() (string, error) { return password, nil }
}

func TestSuite(t *testing.T) {
	for name, m := range map[string]become.Method{
		"sudo": {}, "sudo with a password": {Password: with("se'cret")}, "su": {Name: "su"},
		"su with a password": {Name: "su", Password: with("se'cret")}, "doas": {Name: "doas"},
	} {
		t.Run(name, func(t *testing.T) {
			conntest.Run(t, func(t *testing.T) conn.Connection {
				password := ""
				if m.Password != nil {
					password = "se'cret"
				}
				return become.Wrap(host(t, password), m)
			})
		})
	}
}

func TestUserAndPasswordNobodyAskedFor(t *testing.T) {
	for _, name := range []string{"sudo", "su", "doas"} {
		c := become.Wrap(host(t, ""), become.Method{Name: name, User: "postgres", Password: with("unused")})
		conntest.Want(t, c, "echo $BECAME; cat", strings.NewReader("input\n"), 0, "postgres\ninput\n", "")
		if !become.Known(name) {
			t.Errorf("%s is not known", name)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		what string
		m    become.Method
		want string
	}{
		{"sudo, wrong", become.Method{Password: with("wr0ng")}, "Incorrect sudo password"},
		{"sudo, none", become.Method{}, "Missing sudo password"},
		{"su, wrong", become.Method{Name: "su", Password: with("wr0ng")}, "Incorrect su password"},
		{"su, none", become.Method{Name: "su"}, "Missing su password"},
		{"doas", become.Method{Name: "doas", Password: with("right")}, "Missing doas password"},
		{"sudo, no such user", become.Method{User: "nobodyhere"}, "sudo refused: sudo: unknown user nobodyhere"},
		{"sudo, bad flags", become.Method{Flags: "-X"}, "sudo refused: sudo: unknown option -X"},
		{"no such program", become.Method{Exe: "/no/such/sudo"}, "not found"},
		{"no such method", become.Method{Name: "pfexec"}, `"pfexec" is not supported`},
		{"the vault is shut", become.Method{Password: func() (string, error) { return "", errors.New("no vault password") }}, "no vault password"},
	} {
		for _, stdin := range []string{"", "payload"} {
			var out, errs bytes.Buffer
			cmd := conn.Command{Line: "echo ran; cat", Stdout: &out, Stderr: &errs}
			if stdin != "" {
				cmd.Stdin = strings.NewReader(stdin)
			}
			_, err := become.Wrap(host(t, "right"), c.m).Run(t.Context(), cmd)
			if !errors.Is(err, conn.ErrBecome) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %q", c.what, err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "wr0ng") || strings.Contains(err.Error(), "payload")) {
				t.Errorf("%s: the error shows a secret: %v", c.what, err)
			}
			if out.Len()+errs.Len() > 0 {
				t.Errorf("%s: there was output: %q %q", c.what, out.String(), errs.String())
			}
		}
	}
}

func TestNothingSecretInTheLineAndOneRoundTrip(t *testing.T) {
	for _, name := range []string{"sudo", "su"} {
		l := &lines{Connection: host(t, "s3cret")}
		c := become.Wrap(l, become.Method{Name: name, Password: with("s3cret")})
		conntest.Want(t, c, "cat", strings.NewReader("body"), 0, "body", "")
		if len(l.seen) != 1 || strings.Contains(l.seen[0], "s3cret") {
			t.Errorf("%s: the machine was sent %q", name, l.seen)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		m            become.Method
		want, unwant string
	}{
		{become.Method{}, "sudo -H -n -u root /bin/sh -c", " -S "},
		{become.Method{Flags: "-H -S -n"}, "sudo -H -S -n -u root", ""},
		{become.Method{Flags: "-HSn -E", Password: with("x")}, "sudo -H -E -S -p ", "-n "},
		{become.Method{Flags: "-i --non-interactive", Exe: "/opt/bin/sudo", User: "a b", Password: with("x")}, "/opt/bin/sudo -i -S -p ", "--non"},
		{become.Method{Name: "su", Flags: "-s /bin/sh", User: "www"}, "su -s /bin/sh www -c ", ""},
		{become.Method{Name: "doas", Flags: "-n"}, "doas -n -u root /bin/sh -c", "-n -n"},
	} {
		l := &lines{Connection: host(t, "")}
		_, _ = become.Wrap(l, c.m).Run(t.Context(), conn.Command{Line: "true"}) // the line is what is looked at
		if len(l.seen) != 1 || !strings.HasPrefix(l.seen[0], c.want) || c.unwant != "" && strings.Contains(l.seen[0], c.unwant) {
			t.Errorf("%+v: got %q", c.m, l.seen)
		}
	}
}

// chatty writes noise as login shells and sudo do, in small pieces, before the command's output.
type chatty struct{ pieces []string }

func (c chatty) Run(_ context.Context, cmd conn.Command) (int, error) {
	marker := cmd.Line[strings.Index(cmd.Line, "BECOME-SUCCESS-"):]
	marker = marker[:strings.IndexAny(marker, "; ")]
	for _, p := range c.pieces {
		for _, r := range []byte(strings.ReplaceAll(p, "MARKER", marker)) {
			_, _ = cmd.Stderr.Write([]byte{r})
			_, _ = cmd.Stdout.Write([]byte{r})
		}
	}
	return 0, nil
}

func (c chatty) Close() error { return nil }

func TestWhatComesBeforeTheCommandIsDropped(t *testing.T) {
	c := become.Wrap(chatty{[]string{"sudo: unable to resolve host x\n", "lecture\nMARKER\n", "out: MARKER\n", "end"}}, become.Method{})
	exit, out, errs := conntest.Sh(t, c, "x", nil)
	for _, got := range []string{out, errs} {
		if exit != 0 || !strings.HasPrefix(got, "out: BECOME-SUCCESS-") || !strings.HasSuffix(got, "\nend") {
			t.Errorf("got %d, %q", exit, got)
		}
	}
}
