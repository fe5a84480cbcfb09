package ansible

import (
	"math/big"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters of ansible.utils that cut an address, write it in another form or make one of a hardware address, and tests of special addresses.

func (a *extension) addIPForms(l *jinja.Language) {
	for name, fn := range map[string]jinja.Func{"ipcut": ipCut, "ipv6form": ipv6Form, "slaac": slaac} {
		for _, prefix := range []string{"", "ansible.utils.", "ansible.netcommon."} {
			l.Filters[prefix+name] = fn
		}
	}
	for name, holds := range map[string]func(a netip.Addr) bool{
		"reserved":         isReserved,
		"ipv6_ipv4_mapped": func(a netip.Addr) bool { return a.Is4In6() },
		"ipv6_sixtofour":   within6("2002::/16"),
		"ipv6_teredo":      within6("2001::/32"),
	} {
		l.Tests["ansible.utils."+name] = addressTest(holds)
	}
	l.Tests["ansible.utils.ipv4_netmask"] = maskTest(network.netmask, 32)
	l.Tests["ansible.utils.ipv4_hostmask"] = maskTest(network.hostmask, 31)
	l.Tests["ansible.utils.mac"] = macTest
	l.Tests["ansible.utils.resolvable"] = a.resolvableTest
}

func addressTest(holds func(a netip.Addr) bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		if _, err := c.Bind(); err != nil {
			return nil, err
		}
		a, err := netip.ParseAddr(value.Str(in))
		return err == nil && holds(a), nil
	}
}

func within6(prefix string) func(netip.Addr) bool { return netip.MustParsePrefix(prefix).Contains }

// reservedNetworks are those that the IETF keeps back.
var reservedNetworks = []string{
	"240.0.0.0/4", "::/8", "100::/8", "200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3", "8000::/3", "a000::/3",
	"c000::/3", "e000::/4", "f000::/5", "f800::/6", "fe00::/9",
}

func isReserved(a netip.Addr) bool {
	if a.Is4In6() {
		a = a.Unmap()
	}
	for _, s := range reservedNetworks {
		if netip.MustParsePrefix(s).Contains(a) {
			return true
		}
	}
	return false
}

// maskTest tells whether a text is the mask of some network with a prefix from 1 to the longest.
func maskTest(mask func(n network) netip.Addr, longest int) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		if _, err := c.Bind(); err != nil {
			return nil, err
		}
		a, err := netip.ParseAddr(value.Str(in))
		if err != nil || !a.Is4() {
			return false, nil
		}
		for n := 1; n <= longest; n++ {
			if mask(network{netip.IPv4Unspecified(), n}) == a {
				return true, nil
			}
		}
		return false, nil
	}
}

var macWritten = regexp.MustCompile(`(?i)^(?:(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{12})$`)

func macTest(c *jinja.Call, in any) (any, error) {
	s, ok := in.(string)
	if !ok {
		return nil, typeError("mac needs a str, not %s", value.TypeName(in))
	}
	return macWritten.MatchString(s), nil
}

func (a *extension) resolvableTest(_ *jinja.Call, in any) (any, error) {
	name := value.Str(in)
	if _, err := netip.ParseAddr(name); err == nil || name == "localhost" {
		return true, nil
	}
	if a.Resolve == nil {
		return nil, valueError("names cannot be resolved here")
	}
	answers, err := a.Resolve(name, "A")
	return err == nil && len(answers) > 0, nil
}

// ipCut is the first bits of an address, or with a negative amount the last ones, written as numbers between marks.
func ipCut(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("amount!")
	if err != nil {
		return nil, err
	}
	a, err := netip.ParseAddr(value.Str(in))
	if err != nil {
		return nil, valueError("you must pass a valid IP address; %s is invalid", value.Str(in))
	}
	amount, ok := wholeOf(p.Any(0, nil))
	if !ok {
		return nil, valueError("you must pass an integer for arithmetic; %s is not a valid integer", value.Str(p.Any(0, nil)))
	}
	var b strings.Builder
	for _, octet := range a.AsSlice() {
		b.WriteString(strconv.FormatUint(uint64(octet)|1<<8, 2)[1:])
	}
	bits := b.String()
	if amount < 0 {
		bits = bits[max(0, len(bits)+amount):]
	} else {
		bits = bits[:min(amount, len(bits))]
	}
	size, base, mark := 16, 16, ":"
	if a.Is4() {
		size, base, mark = 8, 10, "."
	}
	var parts []string
	for i := 0; i < len(bits); i += size {
		n, _ := new(big.Int).SetString(bits[i:min(i+size, len(bits))], 2)
		parts = append(parts, n.Text(base))
	}
	return strings.Join(parts, mark), nil
}

func ipv6Form(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("format!")
	if err != nil {
		return nil, err
	}
	a, err := netip.ParseAddr(value.Str(in))
	if err != nil {
		return nil, valueError("you must pass a valid IP address; %s is invalid", value.Str(in))
	}
	switch p.Any(0, nil) {
	case "compress":
		return a.String(), nil
	case "expand":
		return a.StringExpanded(), nil
	case "x509":
		octets := a.AsSlice()
		if a.Is4() {
			return nil, valueError("you must pass a valid IP address; %s is invalid", value.Str(in))
		}
		parts := make([]string, len(octets)/2)
		for i := range parts {
			parts[i] = strconv.FormatUint(uint64(octets[2*i])<<8|uint64(octets[2*i+1]), 16)
		}
		return strings.Join(parts, ":"), nil
	}
	return nil, nil
}

// slaac is the address that a host with a hardware address gives itself in a network.
func slaac(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("query")
	if err != nil {
		return nil, err
	}
	n, ok := parseNetwork(value.Str(in))
	digits := strings.NewReplacer(":", "", "-", "", ".", "").Replace(strings.ToLower(value.Str(p.Any(0, ""))))
	if !ok || n.version() != 6 || !macForm.MatchString(digits) {
		return false, nil
	}
	mac, _ := strconv.ParseUint(digits, 16, 48)
	octets := n.first().As16()
	id := mac>>24<<40 | 0xfffe<<24 | mac&0xffffff
	id ^= 1 << 57 // the bit that says universal
	for i := range 8 {
		octets[8+i] |= byte(id >> (8 * (7 - i)))
	}
	return netip.AddrFrom16(octets).String(), nil
}
