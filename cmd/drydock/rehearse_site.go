package main

// What machines an inventory means: which of them are servers and agents of K3s, of which family, under which name and address.

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/value"
)

// asked answers what an inventory says of a host.
type asked struct {
	groups []string
	value  func(name string) (any, bool)
}

// likeness makes a site of the inventory of a job. Hosts that no group and no variable calls nodes are machines of their own.
func likeness(job *engine.Job) (twin.Spec, error) {
	var spec twin.Spec
	servers := 0
	for _, h := range job.Inventory.Hosts() {
		if h.Implicit || h.Name == "localhost" {
			continue
		}
		a := asked{value: func(name string) (any, bool) { return job.Var(h.Name, name) }}
		for _, g := range h.GroupNames() {
			a.groups = append(a.groups, value.Str(g))
		}
		n := machineOf(h.Name, a)
		if n.Role == twin.Server {
			servers++
		}
		spec.Nodes = append(spec.Nodes, n)
	}
	switch {
	case len(spec.Nodes) == 0:
		return spec, errors.New("the inventory has no hosts")
	case servers == 0:
		return spec, errors.New("no host of the inventory is known for a server of K3s: a group called server, k3s_masters or control_plane (or a variable k3s_role: server) says so")
	}
	return spec, nil
}

// machineOf is the machine of a host.
func machineOf(host string, a asked) twin.Node {
	n := twin.Node{Name: host, Node: nodeName(host, a), Role: roleOf(a), Family: familyOf(a)}
	for _, text := range []string{a.text("ansible_host"), host} {
		if ip := net.ParseIP(text); ip.To4() != nil && !ip.IsLoopback() {
			n.Address = text
			break
		}
	}
	n.User = first(a.text("ansible_user"), a.text("ansible_ssh_user"), "ops")
	if n.User == "root" {
		n.User = "ops"
	}
	return n
}

// nodeName is a host's name in the cluster: what a variable says, else its name in the inventory, where that can be one.
func nodeName(host string, a asked) string {
	for _, name := range []string{"k3s_node_maintenance_node_name", "k3s_node_name", "node_name"} {
		if text := a.text(name); text != "" {
			return text
		}
	}
	if net.ParseIP(host) != nil {
		return "node-" + strings.NewReplacer(".", "-", ":", "-").Replace(host)
	}
	return strings.ToLower(strings.ReplaceAll(host, "_", "-"))
}

// The words of groups, without k3s_ and the like before them and without an s at the end.
var (
	serverWords = []string{"server", "master", "control_plane", "controlplane", "controller", "control"}
	agentWords  = []string{"agent", "worker", "node", "compute"}
)

// roleOf is what a host does in the cluster, by its variables, else its groups: one that is in both kinds is a server.
func roleOf(a asked) twin.Role {
	for _, name := range []string{"k3s_role", "k3s_type", "k3s_node_type", "k3s_control_node"} {
		v, ok := a.value(name)
		if !ok {
			continue
		}
		switch text := plainGroup(value.Str(v)); {
		case slices.Contains(serverWords, text) || name == "k3s_control_node" && value.Truth(v):
			return twin.Server
		case slices.Contains(agentWords, text) || name == "k3s_control_node":
			return twin.Agent
		}
	}
	role := twin.Alone
	for _, g := range a.groups {
		switch word := plainGroup(g); {
		case slices.Contains(serverWords, word):
			return twin.Server
		case slices.Contains(agentWords, word):
			role = twin.Agent
		}
	}
	return role
}

// plainGroup is the word in a group's name: worker of k3s_workers.
func plainGroup(name string) string {
	word := strings.ReplaceAll(strings.ToLower(name), "-", "_")
	for _, prefix := range []string{"k3s_", "kube_", "kubernetes_", "k8s_", "rke2_"} {
		word = strings.TrimPrefix(word, prefix)
	}
	for _, suffix := range []string{"_group", "_nodes", "_node", "_hosts"} {
		word = strings.TrimSuffix(word, suffix)
	}
	return strings.TrimSuffix(word, "s")
}

// familyOf is the family of a host's system, by facts that are known, else by its groups, else Debian.
func familyOf(a asked) linux.Family {
	words := []string{a.text("ansible_os_family"), a.text("ansible_distribution"), a.text("os_family")}
	if facts, ok := a.value("ansible_facts"); ok {
		if m, ok := facts.(*value.Map); ok {
			words = append(words, value.Str(m.Value("os_family")))
		}
	}
	for _, g := range a.groups {
		words = append(words, strings.TrimPrefix(strings.ToLower(g), "os_"))
	}
	for _, w := range words {
		for _, red := range []string{"redhat", "red_hat", "rhel", "rocky", "alma", "almalinux", "centos", "fedora", "oracle", "oraclelinux", "el8", "el9"} {
			if strings.EqualFold(w, red) {
				return linux.RedHat
			}
		}
		for _, deb := range []string{"debian", "ubuntu", "raspbian"} {
			if strings.EqualFold(w, deb) {
				return linux.Debian
			}
		}
	}
	return linux.Debian
}

func (a asked) text(name string) string {
	v, ok := a.value(name)
	if !ok || v == nil {
		return ""
	}
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}
