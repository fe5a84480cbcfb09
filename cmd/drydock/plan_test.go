package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/disk"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// TestPlans runs testdata/plan/*.txtar against a cluster of the twin with three servers and three agents, each a Linux host of the twin
// behind SSH. After every script it is checked that nothing was asked of the API but to see, and that hosts were asked for nothing they do not know.
func TestPlans(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "plan"),
		Setup: func(env *testscript.Env) error { return setupSite(t, env) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"kube": kubeCommand, "host": hostCommand, "untouched": untouchedCommand, "looks": looksCommand,
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
	hosts    map[string]*linux.Host
	looks    map[string]int // commands and requests so far, by host
	was      string         // the files of the hosts when the script looked last
}

type planSiteKey struct{}

func setupSite(t *testing.T, env *testscript.Env) error {
	kinds := append(cluster.Longhorn(), cluster.Kind{Version: "v1", Name: "PersistentVolume", Plural: "persistentvolumes"},
		cluster.Kind{Group: "coordination.k8s.io", Version: "v1", Name: "Lease", Plural: "leases", Namespaced: true})
	c, err := cluster.Start(cluster.Config{Kinds: kinds})
	if err != nil {
		return err
	}
	env.Defer(c.Close)
	if err := c.Load(timely(planCluster)); err != nil {
		return err
	}
	c.Forget()
	s := &planSite{cluster: c, machines: map[string]*machine.Machine{}, hosts: map[string]*linux.Host{}, looks: map[string]int{}}
	env.Values[planSiteKey{}] = s
	var inventory strings.Builder
	for i, name := range planHosts {
		if i == 0 || i == 3 {
			fmt.Fprintf(&inventory, "[k3s_%ss]\n", strings.TrimSuffix(name, "-1"))
		}
		line, err := s.boot(env, name, i)
		if err != nil {
			return err
		}
		inventory.WriteString(line)
	}
	inventory.WriteString("[all:vars]\nansible_user=ops\n")
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("COLUMNS", "80")
	s.was = s.files()
	env.Defer(func() {
		for _, name := range planHosts {
			if unknown := s.hosts[name].Unknown(); len(unknown) > 0 {
				t.Errorf("%s was asked for what it does not know: %q", name, unknown)
			}
		}
		for _, r := range c.Requests() {
			if r.Method != http.MethodGet {
				t.Errorf("%s: the API was asked to %s %s", env.WorkDir, r.Method, r.Path)
			}
		}
	})
	return os.WriteFile(filepath.Join(env.WorkDir, "hosts.ini"), []byte(inventory.String()), 0o644)
}

// timely puts the time into objects: NOW, and NOWu where it must have microseconds.
func timely(text string) string {
	now := time.Now().UTC()
	return strings.NewReplacer("NOWu", now.Format("2006-01-02T15:04:05.000000Z07:00"), "NOW", now.Format(time.RFC3339)).Replace(text)
}

// boot starts a machine and returns its line of the inventory. worker-3 is of another family than the others.
func (s *planSite) boot(env *testscript.Env, name string, i int) (string, error) {
	c := linux.Config{Name: name, Addr: fmt.Sprintf("192.0.2.%d", 11+i), Files: map[string]string{}}
	if name == "worker-3" {
		c.Family = linux.RedHat
	}
	if strings.HasPrefix(name, "master") {
		c.Files["/etc/rancher/k3s/k3s.yaml"] = string(s.cluster.Kubeconfig())
	}
	c.Units = []linux.Unit{{Name: "k3s-agent"}}
	if c.Files["/etc/rancher/k3s/k3s.yaml"] != "" {
		c.Units[0].Name = "k3s"
	}
	h, err := linux.New(c)
	if err != nil {
		return "", err
	}
	m, err := h.Start(context.Background(), machine.Config{})
	if err != nil {
		return "", err
	}
	env.Defer(m.Close)
	s.hosts[name], s.machines[name] = h, m
	keys := filepath.Join(env.WorkDir, "keys", name)
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return "", err
	}
	f, err := m.WriteFiles(keys)
	return fmt.Sprintf("%s ansible_host=%s ansible_port=%d ansible_ssh_private_key_file=%s ansible_ssh_common_args='-o UserKnownHostsFile=%s'\n",
		name, m.Host(), m.Port(), f.Key, f.KnownHosts), err
}

// files is all that is on the disks of the hosts.
func (s *planSite) files() string {
	var b strings.Builder
	for _, name := range planHosts {
		b.WriteString(name + "\n")
		listDisk(&b, s.hosts[name].Root(), "/")
	}
	return b.String()
}

func listDisk(b *strings.Builder, v disk.View, dir string) {
	if slices.Contains([]string{"/proc", "/sys", "/dev"}, dir) {
		return
	}
	list, _ := v.ReadDir(dir)
	for _, f := range list {
		at := path.Join(dir, f.Base)
		if f.IsDir() {
			listDisk(b, v, at)
			continue
		}
		data, err := v.ReadFile(at)
		fmt.Fprintf(b, "%s %o %s %x %v\n", at, f.Mask, f.Mtime, sha256.Sum256(data), err)
	}
}

func siteOf(ts *testscript.TestScript) *planSite { return ts.Value(planSiteKey{}).(*planSite) }

// kubeCommand changes the cluster: kube set FILE, kube delete RESOURCE NAMESPACE NAME, kube forbid PATH.
func kubeCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := siteOf(ts)
	switch {
	case !neg && len(args) == 2 && args[0] == "set":
		ts.Check(s.cluster.Load(timely(ts.ReadFile(args[1]))))
	case !neg && len(args) == 4 && args[0] == "delete":
		s.cluster.Delete(args[1], args[2], args[3])
	case !neg && len(args) == 2 && args[0] == "forbid":
		s.cluster.Break(cluster.Fault{Times: -1, Status: http.StatusForbidden, Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, args[1]) }})
	default:
		ts.Fatalf("usage: kube set FILE | delete RESOURCE NAMESPACE NAME | forbid PATH")
	}
}

// hostCommand changes a host: host NAME off | package PACKAGE VERSION AVAILABLE | reboot PACKAGE | file PATH FILE | remove PATH.
func hostCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: host NAME WHAT ...")
	}
	s := siteOf(ts)
	h := s.hosts[args[0]]
	switch what, rest := args[1], args[2:]; {
	case what == "off":
		s.machines[args[0]].PowerOff()
	case what == "package" && len(rest) == 3:
		h.SetPackage(linux.Package{Name: rest[0], Version: rest[1], Available: rest[2]})
	case what == "updates":
		for _, p := range linux.Updates(h.Family()) {
			h.SetPackage(p)
		}
	case what == "reboot" && len(rest) == 1:
		h.RequireReboot(rest[0])
	case what == "file" && len(rest) == 2:
		ts.Check(h.Disk().Set(rest[0], ts.ReadFile(rest[1]), 0o644))
	case what == "remove" && len(rest) == 1:
		ts.Check(h.Root().RemoveAll(rest[0]))
	default:
		ts.Fatalf("host: no %q with %d words", what, len(rest))
	}
}

// untouchedCommand fails if a file of a host has changed since it was called last; `untouched anew` only looks.
func untouchedCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := siteOf(ts)
	if now := s.files(); len(args) == 0 && now != s.was {
		ts.Fatalf("files of the hosts have changed: was\n%s\nis\n%s", s.was, now)
	}
	s.was = s.files()
}

// looksCommand fails if a host has been given more commands than so many, or the API (host `api`) more requests, since the script looked last.
func looksCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: looks HOST|api N")
	}
	s := siteOf(ts)
	most, err := strconv.Atoi(args[1])
	ts.Check(err)
	var asked []string
	if args[0] == "api" {
		for _, r := range s.cluster.Requests() {
			asked = append(asked, r.Method+" "+r.Path+"?"+r.Query)
		}
	} else {
		for _, line := range s.hosts[args[0]].Lines() {
			asked = append(asked, strings.ReplaceAll(line[:min(len(line), 120)], "\n", " "))
		}
	}
	if n := len(asked) - s.looks[args[0]]; n > most {
		ts.Fatalf("%s was asked %d times, not %d:\n%s", args[0], n, most, strings.Join(asked[s.looks[args[0]]:], "\n"))
	}
	s.looks[args[0]] = len(asked)
}
