// Package machine is a machine that is not there: a real SSH server inside the process, on a port of the loopback, whose
// commands are answered by a function of the test's choosing.
//
// The protocol is real (keys, known_hosts, many sessions on one connection, forwarded ports), so what is tested against it
// is the client that real machines see. The trouble is real too, and comes when it is called, never by chance or by the
// clock: connections cut in the middle of a command (Drop), power off and on (PowerOff, PowerOn, Reboot), silence without a
// FIN (Silence), another host key (ChangeHostKey).
//
//	m, err := machine.Start(ctx, machine.Config{Exec: machine.Shell(machine.Sandbox{Home: t.TempDir()})})
//	defer m.Close()
//	files, err := m.WriteFiles(t.TempDir()) // a client key and a known_hosts that go with it
package machine

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Config says what the machine is. Only Exec is required.
type Config struct {
	// Exec answers the commands.
	Exec Exec
	// Password, when not empty, is accepted from every user, as a password and by keyboard-interactive.
	Password string
	// NoKeys refuses the client key, so that only the password is left.
	NoKeys bool
	// AuthorizedKeys are accepted besides the key the machine makes for its client.
	AuthorizedKeys []ssh.PublicKey
	// HostKey signs for the machine; nil: a new ed25519 key.
	HostKey ssh.Signer
	// MaxSessions limits the sessions open at once on one connection, as sshd's option does; 0: no limit.
	MaxSessions int
	// Forward reaches what clients ask to be connected to (direct-tcpip); nil: the network.
	Forward func(ctx context.Context, network, address string) (net.Conn, error)
	// Banner is shown before the login.
	Banner string
}

// Machine is the server. Its methods may be called from everywhere, commands included.
type Machine struct {
	config Config
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	port   *port
	client ed25519.PrivateKey
	wg     sync.WaitGroup // the goroutines that serve; Close waits for them

	mu       sync.Mutex
	hostKey  ssh.Signer
	bootID   string
	boots    int
	listener net.Listener // nil: power is off
	conns    map[*wire]struct{}
	hush     *hush
	accepted int
}

// Start boots a machine. It runs until Close or the end of ctx.
func Start(ctx context.Context, c Config) (*Machine, error) {
	if c.Exec == nil {
		return nil, errors.New("a machine needs an Exec to answer its commands")
	}
	if c.Forward == nil {
		c.Forward = new(net.Dialer).DialContext
	}
	_, client, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the client's key: %w", err)
	}
	p, err := reservePort()
	if err != nil {
		return nil, err
	}
	m := &Machine{config: c, client: client, port: p, conns: map[*wire]struct{}{}, hush: newHush(), hostKey: c.HostKey}
	m.ctx, m.cancel = context.WithCancel(ctx)
	if m.hostKey == nil {
		m.ChangeHostKey()
	}
	if err := m.PowerOn(); err != nil {
		m.Close()
		return nil, err
	}
	context.AfterFunc(m.ctx, m.PowerOff)
	return m, nil
}

// Close ends the machine, its connections and its commands, and waits until all are gone.
func (m *Machine) Close() {
	m.cancel()
	m.Unsilence()
	m.PowerOff()
	m.wg.Wait()
	m.port.release()
}

// Addr is where the machine answers: host and port.
func (m *Machine) Addr() string { return m.port.addr.String() }

// Host is the host of Addr.
func (m *Machine) Host() string { return m.port.addr.IP.String() }

// Port is the port of Addr.
func (m *Machine) Port() int { return m.port.addr.Port }

// Accepted counts the connections made so far.
func (m *Machine) Accepted() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.accepted
}

// HostKey is the public half of the present host key.
func (m *Machine) HostKey() ssh.PublicKey {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hostKey.PublicKey()
}

// KnownHostsLine is the line of a known_hosts file that vouches for the present host key.
func (m *Machine) KnownHostsLine() string {
	return knownhosts.Line([]string{m.Addr()}, m.HostKey()) + "\n"
}

// ClientKey is the private key that the machine lets in, in OpenSSH's form; a passphrase, when not empty, locks it.
func (m *Machine) ClientKey(passphrase string) ([]byte, error) {
	var block *pem.Block
	var err error
	if passphrase == "" {
		block, err = ssh.MarshalPrivateKey(m.client, "twin")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(m.client, "twin", []byte(passphrase))
	}
	if err != nil {
		return nil, fmt.Errorf("write the client's key: %w", err)
	}
	return pem.EncodeToMemory(block), nil
}

// ClientPublicKey is the public half of the key that the machine lets in: with it in the AuthorizedKeys of others one key opens them all.
func (m *Machine) ClientPublicKey() ssh.PublicKey {
	key, err := ssh.NewPublicKey(m.client.Public())
	if err != nil {
		panic(err) // an ed25519 key is always one
	}
	return key
}

// Files are what a client needs to reach a machine.
type Files struct {
	Key        string // path of the private key
	KnownHosts string // path of the known_hosts file
}

// WriteFiles writes the client key and a known_hosts file into dir.
func (m *Machine) WriteFiles(dir string) (Files, error) {
	f := Files{Key: filepath.Join(dir, "id_ed25519"), KnownHosts: filepath.Join(dir, "known_hosts")}
	key, err := m.ClientKey("")
	if err != nil {
		return Files{}, err
	}
	if err := os.WriteFile(f.Key, key, 0o600); err != nil {
		return Files{}, err
	}
	return f, os.WriteFile(f.KnownHosts, []byte(m.KnownHostsLine()), 0o600)
}

// serverConfig is what the next handshake goes by.
func (m *Machine) serverConfig() (*ssh.ServerConfig, error) {
	own, err := ssh.NewPublicKey(m.client.Public())
	if err != nil {
		return nil, err
	}
	allowed := append([]ssh.PublicKey{own}, m.config.AuthorizedKeys...)
	c := &ssh.ServerConfig{MaxAuthTries: 6}
	if m.config.Banner != "" {
		c.BannerCallback = func(ssh.ConnMetadata) string { return m.config.Banner }
	}
	if !m.config.NoKeys {
		c.PublicKeyCallback = func(_ ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) {
			if slices.ContainsFunc(allowed, func(a ssh.PublicKey) bool { return string(a.Marshal()) == string(k.Marshal()) }) {
				return nil, nil
			}
			return nil, errors.New("key not authorized")
		}
	}
	if m.config.Password != "" {
		c.PasswordCallback = func(_ ssh.ConnMetadata, got []byte) (*ssh.Permissions, error) { return m.checkPassword(string(got)) }
		c.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			got, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(got) != 1 {
				return nil, errors.New("no answer")
			}
			return m.checkPassword(got[0])
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c.AddHostKey(m.hostKey)
	return c, nil
}

func (m *Machine) checkPassword(got string) (*ssh.Permissions, error) {
	if got != m.config.Password {
		return nil, errors.New("wrong password")
	}
	return nil, nil
}
