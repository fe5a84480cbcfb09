package twin

// The inventory of a site, as a user would write it.

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// Inventory writes hosts.yml into a folder, with the key and the known_hosts that open the machines, and returns its path. Servers are in
// k3s_masters, agents in k3s_workers, families in os_debian and os_redhat.
func (s *Site) Inventory(dir string) (string, error) {
	known := ""
	key := filepath.Join(dir, "id_ed25519")
	for i, n := range s.spec.Nodes {
		known += s.Machines[n.Name].KnownHostsLine()
		if i > 0 {
			continue
		}
		text, err := s.Machines[n.Name].ClientKey("")
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(key, text, 0o600); err != nil {
			return "", err
		}
	}
	hosts := filepath.Join(dir, "known_hosts")
	if err := os.WriteFile(hosts, []byte(known), 0o600); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "hosts.yml")
	return path, os.WriteFile(path, []byte(s.inventory(key, hosts)), 0o600)
}

// inventory is the text of it. Servers of a site carry pods as agents do, so they are drained as well: said of each host, as the variables of the
// shipped groups are stronger than those of a group here.
func (s *Site) inventory(key, known string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "all:\n  vars:\n    ansible_ssh_private_key_file: %q\n    ansible_ssh_common_args: -o UserKnownHostsFile='%s'\n", key, known)
	if s.spec.SudoPassword != "" {
		fmt.Fprintf(&b, "    ansible_become_password: %q\n", s.spec.SudoPassword)
	}
	b.WriteString("k3s_cluster:\n  children:\n    k3s_masters:\n    k3s_workers:\n")
	for _, g := range []struct {
		name, more string
		of         func(Node) bool
	}{
		{"k3s_masters", ", k3s_node_maintenance_skip_drain: false", func(n Node) bool { return n.Role == Server }},
		{"k3s_workers", "", func(n Node) bool { return n.Role == Agent }},
		{"os_debian", "", func(n Node) bool { return n.Family == linux.Debian }},
		{"os_redhat", "", func(n Node) bool { return n.Family == linux.RedHat }},
	} {
		fmt.Fprintf(&b, "%s:\n  hosts:\n", g.name)
		for _, n := range s.spec.Nodes {
			if m := s.Machines[n.Name]; g.of(n) {
				fmt.Fprintf(&b, "    %s: {ansible_host: %s, ansible_port: %d, ansible_user: %s%s}\n", n.Name, m.Host(), m.Port(), n.User, g.more)
			}
		}
	}
	return b.String()
}
