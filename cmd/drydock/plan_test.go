package main

import (
	"context"
	_ "embed"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// TestPlans runs testdata/plan/*.txtar against a cluster of the twin with three servers and three agents, each an SSH machine of its own, whose
// package manager and kernels are files that a script may change: hosts/worker-1/apt, hosts/worker-1/boot/... After every script it is checked
// that nothing was asked of the API but to see, and that no file of a host has changed which the script has not changed itself.
func TestPlans(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "plan"),
		Setup: func(env *testscript.Env) error { return setupSite(t, env) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"kube": kubeCommand, "power": powerCommand, "untouched": untouchedCommand,
		},
	})
}

//go:embed testdata/plan/cluster.yml
var planCluster string

var planHosts = []string{"master-1", "master-2", "master-3", "worker-1", "worker-2", "worker-3"}

// planSite is what a script runs against.
type planSite struct {
	cluster  *cluster.Cluster
	machines map[string]*machine.Machine
	dir      string
	was      string // the files of the hosts when the script looked last
}

type planSiteKey struct{}

func setupSite(t *testing.T, env *testscript.Env) error {
	kinds := append(cluster.Longhorn(), cluster.Kind{Version: "v1", Name: "PersistentVolume", Plural: "persistentvolumes"})
	c, err := cluster.Start(cluster.Config{Kinds: kinds})
	if err != nil {
		return err
	}
	env.Defer(c.Close)
	if err := c.Load(planCluster); err != nil {
		return err
	}
	c.Forget()
	s := &planSite{cluster: c, machines: map[string]*machine.Machine{}, dir: filepath.Join(env.WorkDir, "hosts")}
	env.Values[planSiteKey{}] = s
	var inventory strings.Builder
	for i, name := range planHosts {
		if i == 0 || i == 3 {
			fmt.Fprintf(&inventory, "[k3s_%ss]\n", strings.TrimSuffix(name, "-1"))
		}
		line, err := s.boot(env, name)
		if err != nil {
			return err
		}
		inventory.WriteString(line)
	}
	inventory.WriteString("[all:vars]\nansible_user=tester\n")
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("COLUMNS", "80")
	s.was = s.files()
	env.Defer(func() {
		for _, r := range c.Requests() {
			if r.Method != http.MethodGet {
				t.Errorf("%s: the API was asked to %s %s", env.WorkDir, r.Method, r.Path)
			}
		}
	})
	return os.WriteFile(filepath.Join(env.WorkDir, "hosts.ini"), []byte(inventory.String()), 0o644)
}

// boot starts a machine and returns its line of the inventory.
func (s *planSite) boot(env *testscript.Env, name string) (string, error) {
	dir := filepath.Join(s.dir, name)
	files := map[string]string{
		"bin/uname":    "#!/bin/sh\ncase $1 in -n) echo " + name + " ;; -r) cat '" + dir + "/kernel' ;; *) exec /bin/uname \"$@\" ;; esac\n",
		"bin/hostname": "#!/bin/sh\necho " + name + "\n", "bin/apt-get": "#!/bin/sh\ncase \" $* \" in *' -s '*) cat '" + dir + "/apt' ;; *) exit 1 ;; esac\n",
		"bin/apt-config": "#!/bin/sh\n", "bin/dpkg-query": "#!/bin/sh\n", "apt": "Reading package lists...\n", "kernel": "6.1.0-26-amd64\n", "boot_id": "boot of " + name + "\n",
		"boot/vmlinuz-6.1.0-26-amd64": "", "os-release": "ID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n", "debian_version": "12.8\n",
	}
	if strings.HasPrefix(name, "master") {
		files["k3s.yaml"] = string(s.cluster.Kubeconfig())
	}
	for file, text := range files {
		at := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(at, []byte(text), 0o755); err != nil {
			return "", err
		}
	}
	if err := machine.InstallBecome(filepath.Join(dir, "bin"), ""); err != nil {
		return "", err
	}
	m, err := machine.Start(context.Background(), machine.Config{Exec: machine.Shell(machine.Sandbox{
		Home: dir, Path: filepath.Join(dir, "bin"), Replace: map[string]string{
			"/etc/rancher/k3s/k3s.yaml": dir + "/k3s.yaml", "/var/run/reboot-required": dir + "/reboot-required", "/boot/vmlinuz-": dir + "/boot/vmlinuz-",
			"/proc/sys/kernel/random/boot_id": dir + "/boot_id",
			"/lib/modules/":                   dir + "/modules/", "/etc/os-release": dir + "/os-release", "/usr/lib/os-release": dir + "/os-release",
			"\"/etc/$f\"": "\"" + dir + "/$f\"",
		},
	})})
	if err != nil {
		return "", err
	}
	env.Defer(m.Close)
	s.machines[name] = m
	keys := filepath.Join(env.WorkDir, "keys", name)
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return "", err
	}
	f, err := m.WriteFiles(keys)
	return fmt.Sprintf("%s ansible_host=%s ansible_port=%d ansible_ssh_private_key_file=%s ansible_ssh_common_args='-o UserKnownHostsFile=%s'\n",
		name, m.Host(), m.Port(), f.Key, f.KnownHosts), err
}

// files is all that is on the hosts.
func (s *planSite) files() string {
	var b strings.Builder
	_ = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, _ := os.ReadFile(path)
			fmt.Fprintf(&b, "%s %q\n", path, data)
		}
		return err
	})
	return b.String()
}

func siteOf(ts *testscript.TestScript) *planSite { return ts.Value(planSiteKey{}).(*planSite) }

// kubeCommand changes the cluster: kube set FILE, kube delete RESOURCE NAMESPACE NAME, kube forbid PATH.
func kubeCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := siteOf(ts)
	switch {
	case !neg && len(args) == 2 && args[0] == "set":
		ts.Check(s.cluster.Load(ts.ReadFile(args[1])))
	case !neg && len(args) == 4 && args[0] == "delete":
		s.cluster.Delete(args[1], args[2], args[3])
	case !neg && len(args) == 2 && args[0] == "forbid":
		s.cluster.Break(cluster.Fault{Times: -1, Status: http.StatusForbidden, Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, args[1]) }})
	default:
		ts.Fatalf("usage: kube set FILE | delete RESOURCE NAMESPACE NAME | forbid PATH")
	}
}

// powerCommand turns a machine off.
func powerCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 || args[0] != "off" {
		ts.Fatalf("usage: power off HOST")
	}
	siteOf(ts).machines[args[1]].PowerOff()
}

// untouchedCommand fails if a file of a host has changed since it was called last; `untouched anew` only looks.
func untouchedCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := siteOf(ts)
	if now := s.files(); len(args) == 0 && now != s.was {
		ts.Fatalf("files of the hosts have changed: was\n%s\nis\n%s", s.was, now)
	}
	s.was = s.files()
}
