// Facts about network interfaces, addresses and routes.

package system

import (
	"net"
	"net/netip"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

func networkFacts(facts *value.Map, s map[string]string) {
	names := module.Lines(s["links"])
	links := interfaces(names, s)
	v4, v6 := []any{}, []any{}
	for _, line := range module.Lines(s["addr"]) {
		a, ok := readAddr(line)
		if !ok || links[a.device] == nil {
			continue
		}
		if a.v6 {
			addV6(links[a.device], a)
		} else {
			addV4(links[a.device], a)
		}
		switch ip := a.prefix.Addr(); {
		case ip.IsLoopback():
		case a.v6:
			v6 = append(v6, ip.String())
		default:
			v4 = append(v4, ip.String())
		}
	}
	facts.Set("ansible_interfaces", anys(names))
	facts.Set("ansible_all_ipv4_addresses", v4)
	facts.Set("ansible_all_ipv6_addresses", v6)
	facts.Set("ansible_default_ipv4", defaultRoute(s["route4"], links, false))
	facts.Set("ansible_default_ipv6", defaultRoute(s["route6"], links, true))
	facts.Set("ansible_locally_reachable_ips", dict("ipv4", localRoutes(s["local4"]), "ipv6", localRoutes(s["local6"])))
	for _, name := range names {
		facts.Set("ansible_"+strings.ReplaceAll(name, "-", "_"), links[name])
	}
}

// linkTypes are the hardware types of the kernel that have a name among facts.
var linkTypes = map[string]string{"1": "ether", "32": "infiniband", "512": "ppp", "772": "loopback", "65534": "tunnel"}

// flagPromisc is the interface flag IFF_PROMISC.
const flagPromisc = 0x100

func interfaces(names []string, s map[string]string) map[string]*value.Map {
	files := valuesOf(s["net"])
	links := map[string]*value.Map{}
	for _, name := range names {
		at := func(file string) string { return files["/sys/class/net/"+name+"/"+file] }
		d := dict("device", name, "active", at("operstate") != "down", "promisc", false)
		if mac := at("address"); mac != "" && mac != "00:00:00:00:00:00" {
			d.Set("macaddress", mac)
		}
		if mtu := at("mtu"); mtu != "" {
			d.Set("mtu", number(mtu))
		}
		d.Set("type", linkTypes[at("type")])
		if linkTypes[at("type")] == "" {
			d.Set("type", "unknown")
		}
		if flags, err := strconv.ParseInt(at("flags"), 0, 64); err == nil {
			d.Set("promisc", flags&flagPromisc != 0)
		}
		if speed := at("speed"); speed != "" {
			d.Set("speed", number(speed))
		}
		bundled(d, name, at, s["ports"])
		links[name] = d
	}
	for _, line := range module.Lines(s["modules"]) {
		file, target, _ := strings.Cut(line, " ")
		if d := links[strings.Split(strings.TrimPrefix(file, "/sys/class/net/"), "/")[0]]; d != nil {
			d.Set("module", path.Base(target))
		}
	}
	return links
}

// bundled adds what bridges and bonds have: the interfaces below them.
func bundled(d *value.Map, name string, at func(string) string, ports string) {
	if id := at("bridge/bridge_id"); id != "" {
		below := []any{}
		for _, port := range module.Lines(ports) {
			if p, ok := strings.CutPrefix(port, "/sys/class/net/"+name+"/brif/"); ok {
				below = append(below, p)
			}
		}
		d.Set("type", "bridge").Set("id", id).Set("interfaces", below).Set("stp", at("bridge/stp_state") == "1")
	}
	if mode := strings.Fields(at("bonding/mode")); len(mode) > 0 {
		d.Set("type", "bonding").Set("mode", mode[0]).Set("miimon", at("bonding/miimon")).Set("slaves", anys(strings.Fields(at("bonding/slaves"))))
	}
}

// address is a line of ip -o addr show.
type address struct {
	device, broadcast, scope string
	prefix                   netip.Prefix
	v6, secondary            bool
}

func readAddr(line string) (address, bool) {
	f := strings.Fields(strings.ReplaceAll(line, `\`, " "))
	if len(f) < 4 || f[2] != "inet" && f[2] != "inet6" {
		return address{}, false
	}
	a := address{v6: f[2] == "inet6"}
	a.device, _, _ = strings.Cut(strings.TrimSuffix(f[1], ":"), "@")
	text := f[3]
	for i := 4; i < len(f); i++ {
		switch f[i] {
		case "peer": // the address is this side's, the length stands with the other
			if _, bits, ok := strings.Cut(f[i+1], "/"); ok && !strings.Contains(text, "/") {
				text += "/" + bits
			}
		case "brd":
			a.broadcast = f[i+1]
		case "scope":
			a.scope = f[i+1]
		case "secondary":
			a.secondary = true
		}
	}
	if !strings.Contains(text, "/") {
		text += word(a.v6, "/128", "/32")
	}
	var err error
	a.prefix, err = netip.ParsePrefix(text)
	return a, err == nil
}

func addV4(link *value.Map, a address) {
	d := dict("address", a.prefix.Addr().String(), "broadcast", a.broadcast,
		"netmask", net.IP(net.CIDRMask(a.prefix.Bits(), 32)).String(), "network", a.prefix.Masked().Addr().String(),
		"prefix", strconv.Itoa(a.prefix.Bits()))
	if !a.secondary && !link.Has("ipv4") {
		link.Set("ipv4", d)
		return
	}
	list, _ := link.Value("ipv4_secondaries").([]any)
	link.Set("ipv4_secondaries", append(list, d))
}

func addV6(link *value.Map, a address) {
	list, _ := link.Value("ipv6").([]any)
	d := dict("address", a.prefix.Addr().String(), "prefix", strconv.Itoa(a.prefix.Bits()), "scope", a.scope)
	link.Set("ipv6", append(list, d))
}

// defaultRoute reads ip route get of an address outside: by which interface, gateway and own address it would be reached.
func defaultRoute(text string, links map[string]*value.Map, v6 bool) *value.Map {
	words := strings.Fields(nth(text, 0))
	after := func(key string) string {
		for i, w := range words {
			if w == key && i+1 < len(words) {
				return words[i+1]
			}
		}
		return ""
	}
	link := links[after("dev")]
	if link == nil || after("src") == "" {
		return dict()
	}
	d := dict("interface", after("dev"), "address", after("src"))
	if via := after("via"); via != "" {
		d.Set("gateway", via)
	}
	for _, key := range []string{"macaddress", "mtu", "type"} {
		if v, ok := link.Get(key); ok {
			d.Set(key, v)
		}
	}
	if v6 {
		copyFrom(d, link.Value("ipv6"), after("src"), "prefix", "scope")
		return d
	}
	d.Set("alias", after("dev"))
	all, _ := link.Value("ipv4_secondaries").([]any)
	copyFrom(d, append([]any{link.Value("ipv4")}, all...), after("src"), "broadcast", "netmask", "network", "prefix")
	return d
}

// copyFrom copies keys of the entry of a list that has an address.
func copyFrom(d *value.Map, list any, address string, keys ...string) {
	entries, _ := list.([]any)
	for _, e := range entries {
		m, _ := e.(*value.Map)
		if m.Value("address") != address {
			continue
		}
		for _, k := range keys {
			d.Set(k, m.Value(k))
		}
	}
}

// localRoutes are the destinations of the routes that end on the host itself.
func localRoutes(text string) []any {
	out := []any{}
	for _, line := range module.Lines(text) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "local" {
			out = append(out, f[1])
		}
	}
	return out
}
