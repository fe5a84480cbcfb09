package ssh_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	xssh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/conntest"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}

func TestUnknownHostKey(t *testing.T) {
	m, o := start(t, machine.Config{})
	file := filepath.Join(o.Home, "sub", "known")
	o.KnownHosts = []string{file}
	fingerprint := xssh.FingerprintSHA256(m.HostKey())
	wantError(t, o, conn.ErrHostKey, "host key verification failed", "no ED25519 key is known", fingerprint, "ssh-keyscan -p")
	if read(t, file) != "" {
		t.Error("a refused key was written down")
	}
	o.HostKeyChecking = ssh.CheckAcceptNew
	for range 2 {
		conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	}
	if got := read(t, file); got != m.KnownHostsLine() {
		t.Errorf("known hosts are %q, want %q", got, m.KnownHostsLine())
	}
	m.ChangeHostKey()
	wantError(t, o, conn.ErrHostKey, "has changed")
}

func TestChangedHostKey(t *testing.T) {
	m, o := start(t, machine.Config{Password: "secret"})
	was := xssh.FingerprintSHA256(m.HostKey())
	write(t, o.KnownHosts[0], "# a comment\nnot a line at all\n"+m.KnownHostsLine())
	m.ChangeHostKey()
	wantError(t, o, conn.ErrHostKey, "remote host identification has changed", o.KnownHosts[0]+":3", was,
		xssh.FingerprintSHA256(m.HostKey()), "ssh-keygen -f", `-R "[127.0.0.1]:`)
	var warnings []string
	o.Warn = func(w string) { warnings = append(warnings, w) }
	o.HostKeyChecking = ssh.CheckNo
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	if len(warnings) != 1 || !strings.Contains(warnings[0], "has changed") {
		t.Errorf("warnings: %q", warnings)
	}
	o.Args = []string{"-o", "PubkeyAuthentication=no"}
	o.Password = func() (string, error) { t.Error("the password was asked for"); return "secret", nil }
	wantError(t, o, conn.ErrAuth, "password authentication is disabled")
}

func TestHostKnownByOneOfItsKeys(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	m, o := start(t, machine.Config{HostKey: signer})
	other, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := xssh.NewPublicKey(other)
	if err != nil {
		t.Fatal(err)
	}
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	write(t, o.KnownHosts[0], knownhosts.Line([]string{m.Addr()}, public)+"\n")
	wantError(t, o, conn.ErrHostKey, "no ECDSA key is known")
}

func TestKnownHostsForms(t *testing.T) {
	m, o := start(t, machine.Config{})
	line := strings.SplitN(m.KnownHostsLine(), " ", 2)
	for what, names := range map[string]string{
		"hashed": knownhosts.HashHostname(line[0]), "a list": "other," + line[0], "a wildcard": "[127.0.0.*]:*", "without the port": "127.0.0.1",
	} {
		write(t, o.KnownHosts[0], names+" "+line[1])
		t.Run(what, func(t *testing.T) { conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "") })
	}
	write(t, o.KnownHosts[0], "*,!127.0.0.1,!"+strings.Replace(line[0], "127", "12?", 1)+" "+line[1])
	wantError(t, o, conn.ErrHostKey, "no ED25519 key is known")
	write(t, o.KnownHosts[0], "@revoked * "+line[1]+m.KnownHostsLine())
	wantError(t, o, conn.ErrHostKey, "is revoked in")
	write(t, o.KnownHosts[0], "db "+line[1])
	o.Args = []string{"-o", "HostKeyAlias=db"}
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
}

func TestHashedKnownHosts(t *testing.T) {
	m, o := start(t, machine.Config{})
	write(t, o.KnownHosts[0], "# no newline at the end")
	o.Args = []string{"-oHashKnownHosts=yes", "-o", "StrictHostKeyChecking=accept-new"}
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	got := read(t, o.KnownHosts[0])
	if !strings.HasPrefix(got, "# no newline at the end\n|1|") || strings.Contains(got, "127.0.0.1") {
		t.Errorf("known hosts: %q", got)
	}
	o.Args = nil
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	if m.Accepted() != 2 {
		t.Errorf("%d connections", m.Accepted())
	}
}

func TestHostCertificate(t *testing.T) {
	_, authority, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := xssh.NewSignerFromKey(authority)
	if err != nil {
		t.Fatal(err)
	}
	_, hostKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	host, err := xssh.NewSignerFromKey(hostKey)
	if err != nil {
		t.Fatal(err)
	}
	cert := &xssh.Certificate{Key: host.PublicKey(), CertType: xssh.HostCert, ValidPrincipals: []string{"127.0.0.1"}, ValidBefore: xssh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, ca); err != nil {
		t.Fatal(err)
	}
	signer, err := xssh.NewCertSigner(cert, host)
	if err != nil {
		t.Fatal(err)
	}
	_, o := start(t, machine.Config{HostKey: signer})
	line := string(xssh.MarshalAuthorizedKey(ca.PublicKey()))
	write(t, o.KnownHosts[0], "@cert-authority *.example,127.* "+line)
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	o.Args = []string{"-o", "HostKeyAlias=elsewhere.example"}
	wantError(t, o, conn.ErrHostKey, "elsewhere.example")
}
