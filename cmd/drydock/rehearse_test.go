package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// called runs a command line as the program would, in a folder, and returns its exit code and what it has put out.
func called(t *testing.T, dir string, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	never := make(chan struct{})
	s := &streams{
		in: os.Stdin, out: &o, err: &e, width: 100, cwd: dir, home: filepath.Join(dir, "home"),
		getenv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		stop:   func() (<-chan struct{}, <-chan struct{}, func()) { return never, never, func() {} },
	}
	code = newApp(s).run(append([]string{"drydock"}, args...))
	return code, o.String(), e.String()
}

// written are the files below a folder with what they hold.
func written(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %s %s", path, info.Mode(), info.ModTime())
		if !d.IsDir() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %x", data)
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const meddling = `
- hosts: all
  gather_facts: false
  ignore_errors: true
  tasks:
    - {name: local command, local_action: command touch %[1]s/by-command}
    - {name: local shell, shell: "touch %[1]s/by-shell", delegate_to: localhost}
    - {name: local file, copy: {content: x, dest: "%[1]s/by-copy"}, delegate_to: localhost, connection: local}
    - {name: bring home, fetch: {src: /etc/hostname, dest: "%[1]s/fetched/"}}
    - {name: pipe, debug: {msg: "{{ lookup('pipe', 'touch %[1]s/by-pipe') }}"}}
    - {name: password, debug: {msg: "{{ lookup('password', '%[1]s/by-password') }}"}}
    - {name: url, debug: {msg: "{{ lookup('url', '%[2]s') }}"}}
    - {name: ask, uri: {url: "%[2]s"}, delegate_to: localhost}
    - {name: load, get_url: {url: "%[2]s", dest: /tmp/x}}
    - {name: nodes, kubernetes.core.k8s_info: {kind: Node}, delegate_to: localhost}
    - {name: cordon, kubernetes.core.k8s_drain: {name: s1, state: cordon, kubeconfig: "%[3]s"}, delegate_to: localhost}
    - {name: strange cluster, kubernetes.core.k8s_info: {kind: Node, host: "https://%[4]s", api_key: x, validate_certs: false}, delegate_to: localhost}
    - {name: add, add_host: {name: new, ansible_host: "%[5]s", ansible_port: %[6]d}}
    - {name: there, command: id, delegate_to: new}
    - {name: change the host, command: touch /changed}
`

const meddler = `class FilterModule:
    def filters(self):
        open(%q, 'w').write('x')
        return {'meddle': lambda x: x}
`

// TestRehearsalTouchesNothing rehearses content that wants to change everything it can reach: files, processes, the network, hosts and a cluster
// that are really there. Each would leave a trace, and none does.
func TestRehearsalTouchesNothing(t *testing.T) {
	live, err := twin.Start(t.Context(), twin.Sized(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	var asked atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer web.Close()
	real, err := machine.Start(t.Context(), machine.Config{Exec: machine.Shell(machine.Sandbox{Home: t.TempDir()})})
	if err != nil {
		t.Fatal(err)
	}
	defer real.Close()
	dir := t.TempDir()
	mine, marks := filepath.Join(dir, "project"), filepath.Join(dir, "marks")
	put := func(name, text string) {
		t.Helper()
		name = filepath.Join(mine, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(marks, 0o755); err != nil {
		t.Fatal(err)
	}
	put("home/.kube/config", string(live.API.Kubeconfig()))
	put("hosts.yml", fmt.Sprintf("server: {hosts: {s1: {ansible_host: %s, ansible_port: %d}}}\nagent: {hosts: {w1: {ansible_connection: local}}}\n", real.Host(), real.Port()))
	put("filter_plugins/meddle.py", fmt.Sprintf(meddler, filepath.Join(marks, "by-plugin")))
	put("plugin.yml", "- {hosts: all, tasks: [{name: plugin, debug: {msg: \"{{ 'x' | meddle }}\"}}]}\n")
	put("site.yml", fmt.Sprintf(meddling, marks, web.URL, filepath.Join(mine, "home/.kube/config"), live.API.Address(), real.Host(), real.Port()))
	t.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	before, requests := written(t, dir), len(live.API.Requests())

	code, out, errs := called(t, mine, map[string]string{"KUBECONFIG": filepath.Join(mine, "home/.kube/config")}, "rehearse", "-i", "hosts.yml", "site.yml", "--fault", "none", "--output", "json")

	if code, _, errs := called(t, mine, nil, "rehearse", "-i", "hosts.yml", "plugin.yml"); code != exitParse || !strings.Contains(errs, "a plugin of the content's own") {
		t.Errorf("own plugin: exit %d, %s", code, errs)
	}
	row := rehearsed(t, out)[0]
	if code == exitParse || row.Nodes != 2 || len(row.Lacks) < 5 {
		t.Fatalf("exit %d: %s\n%s", code, out, errs)
	}
	if now := written(t, dir); now != tidied(dir, before, now) {
		t.Errorf("files were touched:\n%s", difference(before, now))
	}
	if n := len(live.API.Requests()); n != requests || asked.Load() != 0 || real.Accepted() != 0 {
		t.Errorf("%d requests reached the cluster, %d the web, %d connections the host", n-requests, asked.Load(), real.Accepted())
	}
	var names []string
	for _, l := range row.Lacks {
		names = append(names, l.Task+": "+l.What)
	}
	for _, want := range []string{"pipe: lookup pipe: touch", "password: lookup password: write", "url: lookup url: http", "ask: address 127.0.0.1:"} {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, want) }) {
			t.Errorf("%q is not named among %q", want, names)
		}
	}
}

// tidied is the listing of before with the times of the folder for temporary files, which comes and goes, as they are now.
func tidied(dir, before, now string) string {
	line := func(text string) string {
		for _, l := range strings.Split(text, "\n") {
			if strings.HasPrefix(l, filepath.Join(dir, "tmp")+" ") {
				return l
			}
		}
		return ""
	}
	return strings.Replace(before, line(before), line(now), 1)
}

func difference(before, now string) string {
	var out []string
	for _, l := range strings.Split(now, "\n") {
		if !strings.Contains(before, l) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// rehearsed reads the rows of --output json.
func rehearsed(t *testing.T, text string) []outcome {
	t.Helper()
	var doc struct{ Rehearsals []outcome }
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return doc.Rehearsals
}

// TestRehearsalLikeTheCluster makes the twin like a live cluster, which is asked only to see, and runs content on it that was written for its volumes.
func TestRehearsalLikeTheCluster(t *testing.T) {
	live, err := twin.Start(t.Context(), twin.Spec{
		Nodes: []twin.Node{{Name: "m1", Role: twin.Server, Address: "192.0.2.1"}, {Name: "m2", Role: twin.Server}, {Name: "m3", Role: twin.Server}, {Name: "rack-1", Address: "192.0.2.11"}},
		Apps: []cluster.AppSpec{
			{Kind: "StatefulSet", Name: "db", Replicas: 2, MinAvailable: "1", Volume: &cluster.VolumeSpec{Names: []string{"pvc-a", "pvc-b"}, Replicas: 3}},
			{Name: "web", Namespace: "shop", Replicas: 2, EmptyDir: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../e2e/testdata/reference")); err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, live.API.Kubeconfig(), 0o600); err != nil {
		t.Fatal(err)
	}
	hosts := "k3s_cluster: {children: {k3s_masters: , k3s_workers: }}\nk3s_masters: {hosts: {m1: , m2: , m3: }}\nk3s_workers: {hosts: {w1: {ansible_host: 192.0.2.11, node_care_node: rack-1}}}\n"
	if err := os.WriteFile(filepath.Join(dir, "hosts.yml"), []byte(hosts), 0o600); err != nil {
		t.Fatal(err)
	}

	t.Setenv("KUBECONFIG", kubeconfig) // local commands have the environment of the process
	before := len(live.API.Requests())
	_, out, errs := called(t, dir, map[string]string{"KUBECONFIG": kubeconfig}, "rehearse", "--like-cluster", "maintenance.yml", "--fault", "none", "--output", "json", "-e", "node_care_skip_drain=false")

	if out == "" {
		t.Fatal(errs)
	}
	row := rehearsed(t, out)[0]
	if row.Outcome != finished || row.Done != 4 || len(row.Lacks) != 0 {
		t.Errorf("%s %s", out, errs)
	}
	asked := live.API.Requests()[before:]
	for _, r := range asked {
		if r.Method != http.MethodGet {
			t.Errorf("the live cluster was asked to %s %s", r.Method, r.Path)
		}
	}
	if len(asked) == 0 {
		t.Error("the live cluster was not looked at")
	}
}

func TestMachinesOfAnInventory(t *testing.T) {
	for _, c := range []struct {
		host   string
		groups []string
		vars   map[string]any
		want   twin.Node
	}{
		{"m1", []string{"k3s_cluster", "k3s_masters"}, nil, twin.Node{Node: "m1", Role: twin.Server}},
		{"m1", []string{"node", "master"}, nil, twin.Node{Node: "m1", Role: twin.Server}},
		{"W_1", []string{"k3s-agents", "rocky"}, nil, twin.Node{Node: "w-1", Role: twin.Agent, Family: linux.RedHat}},
		{"192.0.2.7", []string{"server"}, nil, twin.Node{Node: "node-192-0-2-7", Role: twin.Server, Address: "192.0.2.7"}},
		{"a", []string{"kube_control_plane"}, map[string]any{"ansible_host": "192.0.2.8", "ansible_user": "root"}, twin.Node{Node: "a", Role: twin.Server, Address: "192.0.2.8"}},
		{"a", []string{"k3s"}, map[string]any{"k3s_control_node": true, "ansible_os_family": "RedHat"}, twin.Node{Node: "a", Role: twin.Server, Family: linux.RedHat}},
		{"a", []string{"k3s"}, map[string]any{"k3s_control_node": false, "k3s_node_name": "n"}, twin.Node{Node: "n", Role: twin.Agent}},
		{"a", []string{"k3s"}, map[string]any{"k3s_role": "agent", "ansible_user": "me"}, twin.Node{Node: "a", Role: twin.Agent, User: "me"}},
		{"lb", []string{"proxies", "ubuntu"}, map[string]any{"ansible_host": "lb.example.org"}, twin.Node{Node: "lb", Role: twin.Alone}},
	} {
		c.want.Name = c.host
		c.want.Family, c.want.User = linux.Family(first(string(c.want.Family), "debian")), first(c.want.User, "ops")
		got := machineOf(c.host, asked{c.groups, func(name string) (any, bool) { v, ok := c.vars[name]; return v, ok }})
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s in %v with %v: %+v, want %+v", c.host, c.groups, c.vars, got, c.want)
		}
	}
}
