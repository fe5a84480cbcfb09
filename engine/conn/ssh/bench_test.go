package ssh_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	xssh "golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/become"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// BenchmarkThirtyCommands compares thirty commands over our connection with the same over bare x/crypto sessions. The machine answers
// at once, so that what differs is what we add; with RIG_ADDR, RIG_KEY and RIG_KNOWN_HOSTS set, a real one is asked.
func BenchmarkThirtyCommands(b *testing.B) {
	o := target(b)
	b.Run("bare", func(b *testing.B) {
		c := bare(b, o)
		for b.Loop() {
			for range 30 {
				s, err := c.NewSession()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Output("true"); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	c, err := ssh.Dial(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for name, c := range map[string]conn.Connection{
		"ours":          c,
		"ours, stacked": conn.Record(conn.Redial(func(context.Context) (conn.Connection, error) { return c, nil }), nil, func(conn.Entry) {}),
	} {
		b.Run(name, func(b *testing.B) { thirty(b, c) })
	}
	if os.Getenv("RIG_ADDR") != "" {
		b.Run("ours, sudo", func(b *testing.B) { thirty(b, become.Wrap(c, become.Method{})) })
	}
}

func thirty(b *testing.B, c conn.Connection) {
	for b.Loop() {
		for range 30 {
			if exit, err := c.Run(b.Context(), conn.Command{Line: "true"}); exit != 0 || err != nil {
				b.Fatal(exit, err)
			}
		}
	}
}

// target is the machine to measure against.
func target(b *testing.B) ssh.Options {
	o := ssh.Options{Host: os.Getenv("RIG_ADDR"), User: "root", PrivateKeyFile: os.Getenv("RIG_KEY"), KnownHosts: []string{os.Getenv("RIG_KNOWN_HOSTS")},
		ConfigFiles: []string{}, Home: b.TempDir()}
	if o.Host != "" {
		return o
	}
	m, err := machine.Start(b.Context(), machine.Config{Exec: func(context.Context, machine.Call) int { return 0 }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(m.Close)
	files, err := m.WriteFiles(o.Home)
	if err != nil {
		b.Fatal(err)
	}
	o.Host, o.Port, o.PrivateKeyFile, o.KnownHosts = m.Host(), m.Port(), files.Key, []string{files.KnownHosts}
	return o
}

// bare connects with x/crypto alone.
func bare(b *testing.B, o ssh.Options) *xssh.Client {
	text, err := os.ReadFile(o.PrivateKeyFile)
	if err != nil {
		b.Fatal(err)
	}
	signer, err := xssh.ParsePrivateKey(text)
	if err != nil {
		b.Fatal(err)
	}
	port := o.Port
	if port == 0 {
		port = 22
	}
	c, err := xssh.Dial("tcp", fmt.Sprintf("%s:%d", o.Host, port), &xssh.ClientConfig{
		User: o.User, Auth: []xssh.AuthMethod{xssh.PublicKeys(signer)}, HostKeyCallback: xssh.InsecureIgnoreHostKey()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return c
}
