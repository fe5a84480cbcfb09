package kube

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

// kubeconfig is one with a context for each name; each leads to a server of that name.
func kubeconfig(names ...string) string {
	text := "apiVersion: v1\nkind: Config\ncurrent-context: " + names[0] + "\nclusters:\n"
	for _, n := range names {
		text += fmt.Sprintf("- {name: %s, cluster: {server: 'https://%s:6443', certificate-authority: ca.pem}}\n", n, n)
	}
	text += "users: [{name: u, user: {token: t}}]\ncontexts:\n"
	for _, n := range names {
		text += fmt.Sprintf("- {name: %s, context: {cluster: %s, user: u}}\n", n, n)
	}
	return text
}

// env is a host whose commands see further variables.
type env struct {
	*moduletest.Host
	vars  []string
	local bool
}

func (e env) Query(ctx context.Context, c module.Cmd) (module.Output, error) {
	c.Env = append(e.vars, c.Env...)
	return e.Host.Query(ctx, c)
}

func (e env) Local() bool { return e.local }

// TestResolve asks the real shell script about real files.
func TestResolve(t *testing.T) {
	files := map[string]string{
		"ca.pem": "CA", ".kube/ca.pem": "HOME CA", ".kube/config": kubeconfig("home"),
		"one": kubeconfig("one", "other"), "two": kubeconfig("two"), "token": "secret\n",
	}
	cases := []struct {
		name  string
		a     Access
		env   []string
		local bool
		want  string // host, CA, token
		fails string
	}{
		{name: "the user's own", want: "https://home:6443 HOME CA t"},
		{name: "given", a: Access{Kubeconfig: "$DIR/one"}, want: "https://one:6443 CA t"},
		{name: "given from home", a: Access{Kubeconfig: "~/one"}, want: "https://one:6443 CA t"},
		{name: "context", a: Access{Kubeconfig: "$DIR/one", Context: "other"}, want: "https://other:6443 CA t"},
		{name: "no such context", a: Access{Kubeconfig: "$DIR/one", Context: "x"}, fails: `context was not found for specified context: x`},
		{name: "KUBECONFIG", env: []string{"KUBECONFIG=$DIR/two"}, want: "https://two:6443 CA t"},
		{name: "K8S_AUTH_KUBECONFIG comes first", env: []string{"KUBECONFIG=$DIR/two", "K8S_AUTH_KUBECONFIG=$DIR/one"}, want: "https://one:6443 CA t"},
		{name: "two are merged", env: []string{"KUBECONFIG=$DIR/two:$DIR/one:$DIR/gone"}, a: Access{Context: "other"}, want: "https://other:6443 CA t"},
		{name: "context by environment", env: []string{"KUBECONFIG=$DIR/one", "K8S_AUTH_CONTEXT=other"}, want: "https://other:6443 CA t"},
		{name: "not there", a: Access{Kubeconfig: "$DIR/gone"}, fails: "no kubeconfig on testhost: looked for $DIR/gone"},
		{name: "broken", a: Access{Kubeconfig: "$DIR/token"}, fails: "kubeconfig $DIR/token"},
		{name: "arguments only", a: Access{Host: "https://h:1/", APIKey: "k"}, want: "https://h:1  k"},
		{name: "host over kubeconfig", a: Access{Host: "https://h:1", CACert: "~/.kube/ca.pem"}, want: "https://h:1 HOME CA t"},
		{name: "a mapping", a: Access{Kubeconfig: value.NewMap("clusters", []any{value.NewMap("name", "c", "cluster", value.NewMap("server", "https://inline"))},
			"contexts", []any{value.NewMap("name", "c", "context", value.NewMap("cluster", "c"))}, "current-context", "c")}, want: "https://inline  "},
		{name: "of the content", a: Access{Kubeconfig: "k.yml"}, local: true, want: "https://content:6443 CA t"},
		{name: "certificates unchecked", a: Access{Kubeconfig: "$DIR/one", ValidateCerts: new(false)}, want: "https://one:6443  t"},
		{name: "a certificate that is not there", a: Access{Kubeconfig: "$DIR/one", CACert: "/nowhere/ca"}, fails: "cannot read /nowhere/ca on testhost"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := env{Host: moduletest.NewHost(t), local: c.local}
			moduletest.Put(t, h.Dir, files)
			in := func(s string) string { return strings.ReplaceAll(s, "$DIR", h.Dir) }
			h.Control.Add("files/k.yml", strings.ReplaceAll(kubeconfig("content"), "ca.pem", filepath.Join(h.Dir, "ca.pem")))
			for _, e := range c.env {
				h.vars = append(h.vars, in(e))
			}
			if p, ok := c.a.Kubeconfig.(string); ok {
				c.a.Kubeconfig = in(p)
			}
			cfg, err := resolve(context.Background(), h, c.a)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), in(c.fails)) {
					t.Errorf("error %v, want %q", err, in(c.fails))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s %s %s", cfg.Host, cfg.CAData, cfg.BearerToken); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestAProbeThatIsCutShortIsAnError(t *testing.T) {
	for _, text := range []string{"file 100 /x\nabc\n", "file x /y\nabc\n", "nonsense\n"} {
		if _, err := parseProbe(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestClientsAreKeptByWhatTheyReach(t *testing.T) {
	twin, err := cluster.Start(cluster.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer twin.Close()
	h := moduletest.NewHost(t)
	path := filepath.Join(h.Dir, "k")
	write := func(text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(twin.Kubeconfig())
	clients := NewClients()
	defer clients.Close()
	h.Control.Services[ServiceKey{}] = clients
	get := func(a Access) *client {
		t.Helper()
		r, err := Read(context.Background(), h.View(), a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Get(context.Background(), namespaces, "", "default"); err != nil && a.ImpersonateUser == "" {
			t.Fatal(err)
		}
		return r.(told).client
	}
	first := get(Access{Kubeconfig: path})
	if get(Access{Kubeconfig: path}) != first {
		t.Error("the same kubeconfig has two clients")
	}
	if get(Access{Kubeconfig: path, ImpersonateUser: "u"}) == first {
		t.Error("two users share a client")
	}
	write([]byte(strings.ReplaceAll(string(twin.Kubeconfig()), "127.0.0.1", "localhost")))
	if get(Access{Kubeconfig: path}) == first {
		t.Error("a kubeconfig that has changed is not noticed")
	}
}

// TestDialGoesThroughTheHost sends the requests of a client the way that its host's View gives.
func TestDialGoesThroughTheHost(t *testing.T) {
	twin, err := cluster.Start(cluster.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer twin.Close()
	text := strings.ReplaceAll(string(twin.Kubeconfig()), twin.Address(), "127.0.0.1:6443") // as on the node
	host := moduletest.NewScript(t, moduletest.Answer{On: "script: look for a kubeconfig*", Stdout: fmt.Sprintf("file %d k\n%s\n", len(text), text)})
	asked := ""
	host.Dialer = func(network, address string) (net.Conn, error) {
		asked = address
		return net.Dial(network, twin.Address())
	}
	clients := NewClients()
	defer clients.Close()
	host.Control.Services[ServiceKey{}] = clients
	r, err := Read(context.Background(), host.View(), Access{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.List(context.Background(), namespaces, Query{}); err != nil || asked != "127.0.0.1:6443" {
		t.Errorf("dialled %q, error %v", asked, err)
	}
}
