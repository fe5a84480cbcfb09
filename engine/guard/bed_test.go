package guard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	twin "github.com/drydock-dev/drydock/engine/twin/cluster"
)

// bed is a K3s cluster of the twin, in a bubble whose clock jumps ahead when everybody waits, and hosts of an inventory that are its nodes.
type bed struct {
	*twin.Cluster
	t       testing.TB
	pipe    *twin.Pipe
	clients *kube.Clients
	hosts   []string
	vars    map[string]string // by host.variable
	shows   map[string]string // what the probe of a host answers
	configs map[string]string // the kubeconfigs, by host
	etcd    map[string]string // what the etcd of a host says on port 2381; nil: none answers

	mu    sync.Mutex
	asked []string // host: the first line of a script
	said  []string
}

// open starts a bed.
func open(t testing.TB, config twin.Config, spec twin.Spec) *bed {
	pipe := twin.NewPipe()
	config.Listener = pipe
	made, err := twin.K3s(config, spec)
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{
		Cluster: made, t: t, pipe: pipe, clients: kube.NewClients(), vars: map[string]string{}, shows: map[string]string{},
		configs: map[string]string{localhost: string(made.Kubeconfig())},
	}
	for _, n := range spec.Nodes {
		b.hosts = append(b.hosts, n.Name)
		b.shows[n.Name] = b.node(n.Name)
	}
	return b
}

func (b *bed) close() {
	b.clients.Close()
	b.Cluster.Close()
}

// inBubble runs a test on a bed.
func inBubble(t *testing.T, spec twin.Spec, test func(t *testing.T, b *bed), kinds ...twin.Kind) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config := twin.Realistic()
		config.Kinds = kinds
		b := open(t, config, spec)
		defer b.close()
		test(t, b)
	})
}

// node is what the host of a node shows.
func (b *bed) node(name string) string {
	o, _ := b.Get("nodes", "", name)
	info := o["status"].(map[string]any)["nodeInfo"].(map[string]any)
	return fmt.Sprintf("@@ trace\n/var/lib/rancher/k3s\n@@ hostname\n%s\n@@ machine\n%s\n@@ boot\n%s\n@@ end\n", name, info["machineID"], info["bootID"])
}

// Hosts implements Site.
func (b *bed) Hosts() []string { return b.hosts }

// Var implements Site.
func (b *bed) Var(host, name string) (any, bool) {
	v, ok := b.vars[host+"."+name]
	return v, ok
}

// Reach implements Site.
func (b *bed) Reach(_ context.Context, host string) (module.Host, error) {
	if host != localhost && !slices.Contains(b.hosts, host) {
		return nil, fmt.Errorf("no host %s", host)
	}
	return &machine{b, host}, nil
}

// ask makes a request of a host to which something is done.
func (b *bed) ask(host string, d module.Disruption) Request {
	return Request{Disruption: d, Host: host, Task: "the task", On: &machine{b, host}, Site: b}
}

func (b *bed) drain(node string) Request {
	r := b.ask(node, module.Disruption{Kind: module.Drain, Node: node, What: "drain of node " + node})
	r.On = &machine{b, localhost}
	return r
}

func (b *bed) uncordon(node string) Request {
	r := b.drain(node)
	r.Disruption = module.Disruption{Kind: module.Uncordon, Node: node, What: "uncordon of node " + node}
	return r
}

func (b *bed) reboot(host string) Request {
	return b.ask(host, module.Disruption{Kind: module.Reboot, What: "reboot"})
}

// guard makes a guard, which the test closes.
func (b *bed) guard(cfg Config) *Guard {
	b.t.Helper()
	if cfg.Run == "" {
		cfg.Run = "r1"
	}
	if cfg.Holder == "" {
		cfg.Holder = "ann@desk"
	}
	g, err := New(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	return g
}

// permit asks for leave and wants it given.
func (b *bed) permit(g *Guard, r Request) Answer {
	b.t.Helper()
	a, err := g.Permit(context.Background(), r)
	if err != nil {
		b.t.Fatalf("%s: %v", r.What, err)
	}
	return a
}

// refused asks for leave and wants a refusal that holds some words.
func (b *bed) refused(g *Guard, r Request, words ...string) *Refusal {
	b.t.Helper()
	_, err := g.Permit(context.Background(), r)
	var no *Refusal
	if !errors.As(err, &no) {
		b.t.Fatalf("%s: %v, want a refusal", r.What, err)
	}
	for _, w := range words {
		if !strings.Contains(no.Error(), w) {
			b.t.Errorf("%q is not in %q", w, no.Error())
		}
	}
	return no
}

// cordon changes a node as kubectl does.
func (b *bed) cordon(node string, on bool) {
	b.t.Helper()
	if err := b.Change("nodes", "", node, func(o map[string]any) { o["spec"].(map[string]any)["unschedulable"] = on }); err != nil {
		b.t.Fatal(err)
	}
}

// note is an annotation of a node.
func (b *bed) note(node, name string) string {
	o, _ := b.Get("nodes", "", node)
	notes, _ := o["metadata"].(map[string]any)["annotations"].(map[string]any)
	s, _ := notes[name].(string)
	return s
}

// remark makes a node one that another run has marked.
func (b *bed) remark(node, run string) {
	b.t.Helper()
	err := b.Change("nodes", "", node, func(o map[string]any) {
		o["metadata"].(map[string]any)["annotations"].(map[string]any)[kube.MarkRun] = run
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// writes are the requests that changed something.
func (b *bed) writes() []string {
	var out []string
	for _, r := range b.Requests() {
		if r.Changes() {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	return out
}

// heard tells whether a line of progress holds a text.
func (b *bed) heard(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Contains(strings.Join(b.said, "\n"), text)
}

// looks are how often hosts were asked by a script whose first line begins so.
func (b *bed) looks(host, script string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, a := range b.asked {
		if strings.HasPrefix(a, host+": # "+script) {
			n++
		}
	}
	return n
}

// machine is one host of a bed: it answers two scripts and dials the cluster.
type machine struct {
	b    *bed
	name string
}

// Name implements module.View.
func (m *machine) Name() string { return m.name }

// Local tells that the machine is the one that Drydock runs on.
func (m *machine) Local() bool { return m.name == localhost }

// Controller implements module.View.
func (m *machine) Controller() module.Controller { return controller{m.b} }

// Progress implements module.View.
func (m *machine) Progress(text string) {
	m.b.mu.Lock()
	defer m.b.mu.Unlock()
	m.b.said = append(m.b.said, text)
}

// Query answers the scripts of this package and of package kube.
func (m *machine) Query(_ context.Context, c module.Cmd) (module.Output, error) {
	m.b.mu.Lock()
	defer m.b.mu.Unlock()
	first, _, _ := strings.Cut(c.Script, "\n")
	m.b.asked = append(m.b.asked, m.name+": "+first)
	switch {
	case strings.HasPrefix(first, "# look for a node"):
		if m.b.shows[m.name] == "" {
			return module.Output{Stdout: "@@ trace\n@@ end\n"}, nil
		}
		return module.Output{Stdout: m.b.shows[m.name]}, nil
	case strings.HasPrefix(first, "# look for a kubeconfig"):
		text := m.b.configs[m.name]
		if len(c.Args) > 0 {
			text = m.b.configs[c.Args[0]]
		}
		if text == "" {
			return module.Output{Stdout: "missing /etc/rancher/k3s/k3s.yaml\n"}, nil
		}
		return module.Output{Stdout: fmt.Sprintf("file %d /etc/rancher/k3s/k3s.yaml\n%s\n", len(text), text)}, nil
	}
	return module.Output{}, fmt.Errorf("the test does not know %q", first)
}

// Dial leads to the cluster; nothing else listens.
func (m *machine) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if text := m.b.etcd[m.name]; strings.HasSuffix(address, ":2381") && text != "" {
		return answering(text), nil
	}
	if strings.HasSuffix(address, ":2381") {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("connection refused")}
	}
	return m.b.pipe.Dial(ctx, network, address)
}

// Exec refuses: a guard does nothing to hosts.
func (m *machine) Exec(context.Context, module.Cmd) (module.Output, error) {
	return module.Output{}, errors.New("a guard does nothing to hosts")
}

// WriteFile refuses.
func (m *machine) WriteFile(context.Context, string, io.Reader, fs.FileMode) error {
	return errors.New("a guard writes no files")
}

// Reset refuses.
func (m *machine) Reset(context.Context) error { return errors.New("a guard resets nothing") }

// controller offers the clients and nothing else.
type controller struct{ b *bed }

func (controller) Find(string, string) (string, error)        { return "", errors.New("no content") }
func (controller) FS() fs.ReadDirFS                           { return nil }
func (controller) Render(module.TemplateText) (string, error) { return "", errors.New("no content") }
func (controller) Eval(string) (any, error)                   { return nil, errors.New("no content") }
func (controller) Test(string) (bool, error)                  { return false, errors.New("no content") }

// Service implements module.Controller.
func (c controller) Service(key any) (any, error) {
	if _, ok := key.(kube.ServiceKey); ok {
		return c.b.clients, nil
	}
	return nil, fmt.Errorf("no service %T", key)
}

// answering is a connection to an etcd: its health is good, and its figures are a text.
func answering(metrics string) net.Conn {
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		req, err := http.ReadRequest(bufio.NewReader(theirs))
		if err != nil {
			return
		}
		text := metrics
		if req.URL.Path == "/health" {
			text = `{"health":"true","reason":""}`
		}
		fmt.Fprintf(theirs, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
	}()
	return ours
}
