package ssh_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	xssh "golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/conntest"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

func TestPubkeyAcceptedAlgorithms(t *testing.T) {
	_, o := start(t, machine.Config{})
	for _, list := range []string{"+ssh-rsa", "ssh-ed25519,rsa-sha2-512", "^ssh-ed25519"} {
		o.Args = []string{"-o", "PubkeyAcceptedAlgorithms=" + list}
		conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	}
	o.Args = []string{"-o", "PubkeyAcceptedAlgorithms=-ssh-ed25519*"}
	wantError(t, o, conn.ErrAuth, "nothing to try")
}

func TestAlgorithmsAsConfigured(t *testing.T) {
	_, o := start(t, machine.Config{})
	o.Args = []string{"-c", "aes256-ctr", "-m", "hmac-sha2-256", "-o", "KexAlgorithms=^ecdh-sha2-nistp256", "-o", "HostKeyAlgorithms=ssh-ed25519"}
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	o.Args = []string{"-c", "rot13"}
	wantError(t, o, conn.ErrUnreachable, "ssh option Ciphers: none of rot13 is supported")
	o.Args = []string{"-o", "HostKeyAlgorithms=rsa-sha2-512"}
	wantError(t, o, conn.ErrUnreachable, "unable to negotiate")
}

// certified makes a new key with a certificate, written as name and name-cert.pub, and gives the certificate.
func certified(t *testing.T, dir, name string) *xssh.Certificate {
	t.Helper()
	var signers []xssh.Signer
	for _, file := range []string{"", filepath.Join(dir, name)} {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		s, err := xssh.NewSignerFromKey(key)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, s)
		if file != "" {
			block, err := xssh.MarshalPrivateKey(key, "")
			if err != nil {
				t.Fatal(err)
			}
			write(t, file, string(pem.EncodeToMemory(block)))
		}
	}
	cert := &xssh.Certificate{Key: signers[1].PublicKey(), CertType: xssh.UserCert, ValidPrincipals: []string{"ops"}, ValidBefore: xssh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, signers[0]); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, name+"-cert.pub"), string(xssh.MarshalAuthorizedKey(cert)))
	return cert
}

func TestCertificates(t *testing.T) {
	dir := t.TempDir()
	cert := certified(t, dir, "key")
	_, o := start(t, machine.Config{AuthorizedKeys: []xssh.PublicKey{cert}})
	o.PrivateKeyFile = filepath.Join(dir, "key")
	conntest.Want(t, dial(t, o), "echo beside the key", nil, 0, "beside the key\n", "")
	if err := os.Rename(o.PrivateKeyFile+"-cert.pub", dir+"/elsewhere"); err != nil {
		t.Fatal(err)
	}
	wantError(t, o, conn.ErrAuth, "tried publickey (1 key)")
	o.Args = []string{"-o", "CertificateFile=" + dir + "/elsewhere"}
	conntest.Want(t, dial(t, o), "echo by name", nil, 0, "by name\n", "")
}

func TestDefaultIdentities(t *testing.T) {
	m, o := start(t, machine.Config{})
	if err := os.Mkdir(o.Home+"/.ssh", 0o700); err != nil {
		t.Fatal(err)
	}
	key, err := m.ClientKey("")
	if err != nil {
		t.Fatal(err)
	}
	write(t, o.Home+"/.ssh/id_ed25519", string(key))
	o.PrivateKeyFile = ""
	conntest.Want(t, dial(t, o), "echo in", nil, 0, "in\n", "")
	var warnings []string
	o.PrivateKeyFile, o.Warn = "~/nowhere", func(w string) { warnings = append(warnings, w) }
	wantError(t, o, conn.ErrAuth, "nothing to try")
	if len(warnings) != 1 || !strings.Contains(warnings[0], o.Home+"/nowhere not accessible") {
		t.Errorf("warnings: %q", warnings)
	}
}

func TestManyAcceptANewKeyAtOnce(t *testing.T) {
	m, o := start(t, machine.Config{})
	o.KnownHosts, o.HostKeyChecking = []string{filepath.Join(o.Home, "new")}, ssh.CheckAcceptNew
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c, err := ssh.Dial(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			_ = c.Close()
		})
	}
	wg.Wait()
	if got := read(t, o.KnownHosts[0]); got != m.KnownHostsLine() {
		t.Errorf("known hosts: %q", got)
	}
}
