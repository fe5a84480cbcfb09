package kube

// Which node a host is. Inventories name hosts as people do, clusters as kubelets do: a wrong guess would drain one machine and reboot another, so
// what is not certain is refused with the variable that settles it.

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// NodeVariable names the variable by which an inventory says which node a host is.
const NodeVariable = "drydock_node"

// Traits are what is known of a host.
type Traits struct {
	Inventory string   // its name there
	Variable  string   // drydock_node; empty: not given
	Kubelet   string   // the node that its kubelet's certificate names; empty: not known
	Names     []string // host names that it has itself, and its address in the inventory
	MachineID string
	UUID      string // of the system's firmware
	Addresses []string
}

// Unmapped says that a host is no node of a cluster, or that it cannot be told which.
type Unmapped struct {
	Host  string
	Found []string // the nodes that it might be
	Why   string
	Wrong bool // the variable names what is not there, or two signs contradict each other: looking elsewhere will not help
}

// Error says it with the remedy.
func (u *Unmapped) Error() string {
	s := fmt.Sprintf("host %s: %s", u.Host, u.Why)
	if u.Wrong {
		return s
	}
	return s + fmt.Sprintf("; say which with the variable %s of the host", NodeVariable)
}

// sign is one way to tell a node.
type sign struct {
	what  string
	means func(t Traits, n corev1.Node) bool
}

// The signs, the surest first.
var signs = []sign{
	{"its kubelet's certificate", func(t Traits, n corev1.Node) bool { return t.Kubelet != "" && t.Kubelet == n.Name }},
	{"its name", func(t Traits, n corev1.Node) bool { return sameName(t, n, strings.ToLower) }},
	{"its short name", func(t Traits, n corev1.Node) bool { return sameName(t, n, shortName) }},
	{"its machine id", func(t Traits, n corev1.Node) bool {
		return t.MachineID != "" && strings.EqualFold(t.MachineID, n.Status.NodeInfo.MachineID)
	}},
	{"its system UUID", func(t Traits, n corev1.Node) bool {
		return t.UUID != "" && strings.EqualFold(t.UUID, n.Status.NodeInfo.SystemUUID)
	}},
	{"its addresses", sameAddress},
}

// Match finds the node that a host is. The error is an *Unmapped.
func (c Census) Match(t Traits) (string, error) {
	if t.Variable != "" {
		if !c.Has(t.Variable) {
			return "", &Unmapped{Host: t.Inventory, Wrong: true, Why: fmt.Sprintf("%s says that it is node %s, and the cluster has no such node; it has %s", NodeVariable, t.Variable, strings.Join(c.Names(), ", "))}
		}
		return t.Variable, nil
	}
	return c.match(t, signs)
}

// MatchMachine is Match without names: by what only the machine itself has.
func (c Census) MatchMachine(t Traits) (string, error) {
	return c.match(t, slices.DeleteFunc(slices.Clone(signs), func(s sign) bool { return strings.HasSuffix(s.what, "name") }))
}

func (c Census) match(t Traits, signs []sign) (string, error) {
	node, by := "", ""
	for _, s := range signs {
		found := c.bearing(t, s)
		switch {
		case len(found) == 0:
		case node == "" && len(found) > 1:
			return "", &Unmapped{Host: t.Inventory, Found: found, Why: fmt.Sprintf("by %s it may be any of the nodes %s", s.what, strings.Join(found, ", "))}
		case node == "":
			node, by = found[0], s.what
		case !slices.Contains(found, node) && len(found) == 1:
			return "", &Unmapped{Host: t.Inventory, Found: []string{node, found[0]}, Why: fmt.Sprintf("by %s it is node %s, by %s node %s", by, node, s.what, found[0])}
		}
	}
	if node == "" {
		return "", &Unmapped{Host: t.Inventory, Why: "no node of the cluster has its name, machine id or addresses; it has " + strings.Join(c.Names(), ", ")}
	}
	return node, nil
}

func (c Census) bearing(t Traits, s sign) []string {
	var out []string
	for _, n := range c.Nodes {
		if s.means(t, n) {
			out = append(out, n.Name)
		}
	}
	return out
}

func sameName(t Traits, n corev1.Node, as func(string) string) bool {
	theirs := []string{n.Name}
	for _, a := range n.Status.Addresses {
		if a.Type == corev1.NodeHostName || a.Type == corev1.NodeInternalDNS {
			theirs = append(theirs, a.Address)
		}
	}
	for _, mine := range append([]string{t.Inventory}, t.Names...) {
		if isAddress(mine) || mine == "" {
			continue
		}
		for _, their := range theirs {
			if as(mine) == as(their) && !isAddress(their) {
				return true
			}
		}
	}
	return false
}

// shortName is a name without its domain.
func shortName(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(s), ".")
	return s
}

func sameAddress(t Traits, n corev1.Node) bool {
	var mine []netip.Addr
	for _, a := range append([]string{t.Inventory}, append(t.Names, t.Addresses...)...) {
		if ip, err := netip.ParseAddr(a); err == nil && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() {
			mine = append(mine, ip)
		}
	}
	for _, a := range n.Status.Addresses {
		if ip, err := netip.ParseAddr(a.Address); err == nil && slices.Contains(mine, ip) {
			return true
		}
	}
	return false
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}
