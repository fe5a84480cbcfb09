package guard

// What a host shows of itself, in one round trip: whether it may be a node, which machine and boot it is, what of Longhorn it has mounted.

import (
	"context"
	"crypto/x509"
	_ "embed"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

//go:embed probe.sh
var probe string

// shown is what a host has shown.
type shown struct {
	heard    bool     // it has answered
	trace    []string // of K3s or another kubelet; empty: it is of no cluster
	server   bool
	names    []string
	machine  string
	uuid     string
	boot     kube.Boot
	kubelet  string // the node that its kubelet's certificate names
	addrs    []string
	mounts   []string // of Longhorn's volumes
	sessions []string // iSCSI targets of Longhorn
}

// lookAt asks a host. One without a shell shows nothing.
func lookAt(ctx context.Context, v module.View) (shown, error) {
	out, err := v.Query(ctx, module.Cmd{Script: probe})
	if err != nil {
		return shown{}, err
	}
	if !strings.Contains(out.Stdout, "@@ end") {
		return shown{}, nil // it has no shell: no kubelet runs there
	}
	return readShown(out.Stdout), nil
}

func readShown(text string) shown {
	parts := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n@@ ") {
		name, body, _ := strings.Cut(part, "\n")
		parts[strings.TrimSpace(name)] = body
	}
	first := func(name string) string {
		s, _, _ := strings.Cut(strings.TrimSpace(parts[name]), "\n")
		return strings.TrimSpace(s)
	}
	s := shown{
		heard: true, trace: strings.Fields(parts["trace"]), server: first("server") != "", machine: first("machine"), uuid: first("uuid"),
		kubelet: nodeOfCertificate(parts["kubelet"]), addrs: append(localAddresses(parts["routes"]), localAddresses6(parts["inet6"])...),
		mounts: strings.Fields(parts["mounts"]),
	}
	for _, n := range []string{first("hostname"), first("name")} {
		if n != "" && n != "localhost" {
			s.names = append(s.names, n)
		}
	}
	s.boot.ID = first("boot")
	if n, err := strconv.ParseInt(first("btime"), 10, 64); err == nil {
		s.boot.At = time.Unix(n, 0)
	}
	for _, target := range strings.Fields(parts["sessions"]) {
		if strings.HasPrefix(target, "iqn.2019-10.io.longhorn") {
			s.sessions = append(s.sessions, target)
		}
	}
	return s
}

// nodeOfCertificate reads the name of the node off the certificate with which its kubelet speaks to the API: system:node:NAME.
func nodeOfCertificate(text string) string {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return ""
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return ""
	}
	name, ok := strings.CutPrefix(c.Subject.CommonName, "system:node:")
	if !ok {
		return ""
	}
	return name
}

// localAddresses reads a host's own IPv4 addresses off the kernel's table: each stands above a line "/32 host LOCAL".
func localAddresses(table string) []string {
	seen := map[string]bool{}
	var out []string
	last := ""
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if a, ok := strings.CutPrefix(line, "|-- "); ok {
			last = a
		}
		if line == "/32 host LOCAL" && last != "" && !seen[last] && !strings.HasPrefix(last, "127.") {
			seen[last] = true
			out = append(out, last)
		}
	}
	return out
}

// localAddresses6 reads those of IPv6: 32 hexadecimal digits in the first column.
func localAddresses6(table string) []string {
	var out []string
	for line := range strings.Lines(table) {
		word, _, _ := strings.Cut(line, " ")
		raw, err := hex.DecodeString(word)
		if err != nil {
			continue
		}
		if ip, ok := netip.AddrFromSlice(raw); ok && ip.Is6() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() {
			out = append(out, ip.String())
		}
	}
	return out
}

// traits are what tells which node the host is.
func (s shown) traits(host, variable, address string) kube.Traits {
	t := kube.Traits{Inventory: host, Variable: variable, Kubelet: s.kubelet, Names: s.names, MachineID: s.machine, UUID: s.uuid, Addresses: s.addrs}
	if address != "" {
		t.Names = append([]string{address}, t.Names...)
	}
	return t
}

// mounted is what Longhorn still has on the host itself.
func (s shown) mounted(node string, cordoned bool) []kube.Finding {
	if !s.heard {
		return []kube.Finding{{Check: kube.CheckMounted, About: node, Grade: kube.Broken, Mend: "see that commands can be run there",
			Found: "the host of " + node + " does not say what of Longhorn it has mounted"}}
	}
	var what []string
	for _, m := range s.mounts {
		what = append(what, "mount "+m)
	}
	for _, t := range s.sessions {
		what = append(what, "iSCSI session "+t)
	}
	if len(what) == 0 {
		return nil
	}
	f := kube.Finding{Check: kube.CheckMounted, About: node, Grade: kube.Broken, Mend: "drain the node first",
		Found: fmt.Sprintf("the host of %s still has %s of Longhorn: data that is not written yet would be lost", node, few(what))}
	if cordoned {
		f.Grade, f.Mend = kube.Passing, "see which pod still uses it; an iSCSI session without an engine is logged out of by hand: iscsiadm -m session"
	}
	return []kube.Finding{f}
}

// few names the first ones of many.
func few(all []string) string {
	const n = 3
	if len(all) <= n {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:n], ", "), len(all)-n)
}
