package ansible

import (
	"math/big"
	"net/netip"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters that merge networks, list their addresses, or write addresses in another form.

func usableRange(_ *jinja.Call, in any) (any, error) {
	q, ok := subnetOf(in)
	if !ok {
		return nil, valueError("%s is not a network", value.Str(in))
	}
	if !q.few(1 << 16) {
		return nil, value.Errorf(value.Limit, "the network %s has too many addresses", q.network)
	}
	addresses := []any{}
	for a := q.first(); ; a = a.Next() {
		addresses = append(addresses, a.String())
		if a == q.last() {
			break
		}
	}
	return value.NewMap("usable_ips", addresses, "number_of_ips", len(addresses)), nil
}

func ip4Hex(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("delimiter")
	if err != nil {
		return nil, err
	}
	a, err := netip.ParseAddr(value.Str(in))
	if err != nil || !a.Is4() {
		return nil, valueError("you must pass a valid IP address; %s is invalid", value.Str(in))
	}
	sep := value.Str(p.Any(0, ""))
	parts := make([]string, 4)
	for i, b := range a.As4() {
		parts[i] = strconv.FormatInt(int64(b)|0x100, 16)[1:]
	}
	return strings.Join(parts, sep), nil
}

func cidrMerge(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("action")
	if err != nil {
		return nil, err
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	var all []network
	for _, it := range items {
		n, ok := parseNetwork(value.Str(it))
		if !ok {
			return nil, valueError("cidr_merge: invalid network %s", value.Str(it))
		}
		all = append(all, n.cidr())
	}
	switch p.Any(0, "merge") {
	case "merge":
		out := []any{}
		for _, n := range merged(all) {
			out = append(out, n.String())
		}
		return out, nil
	case "span":
		if len(all) == 0 {
			return nil, nil
		}
		return spanning(all).String(), nil
	}
	return nil, valueError("cidr_merge: invalid action '%s'", value.Str(p.Any(0, nil)))
}

// merged are the fewest networks that have the same addresses.
func merged(all []network) []network {
	sort.Slice(all, func(i, j int) bool {
		if all[i].ip != all[j].ip {
			return all[i].ip.Less(all[j].ip)
		}
		return all[i].prefix < all[j].prefix
	})
	var out []network
	for _, n := range all {
		if k := len(out); k > 0 && out[k-1].contains(n) {
			continue
		}
		out = append(out, n)
		for k := len(out); k > 1 && out[k-1].prefix == out[k-2].prefix && out[k-1].prefix > 0; k = len(out) {
			up := network{out[k-2].ip, out[k-2].prefix - 1}.cidr()
			if up.ip != out[k-2].ip || !up.contains(out[k-1]) {
				break
			}
			out = append(out[:k-2], up)
		}
	}
	return out
}

// spanning is the smallest network around all.
func spanning(all []network) network {
	n := all[0]
	for _, o := range all[1:] {
		for n.prefix > 0 && !n.contains(o) {
			n = network{n.ip, n.prefix - 1}.cidr()
		}
	}
	return n
}

var macForm = regexp.MustCompile(`^[0-9a-f]{12}$`)

// hwaddr checks a hardware address and writes it in another form.
func hwaddr(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("query")
	if err != nil {
		return nil, err
	}
	question := value.Str(p.Any(0, ""))
	digits := strings.NewReplacer(":", "", "-", "", ".", "").Replace(strings.ToLower(value.Str(in)))
	if !macForm.MatchString(digits) {
		if question != "" && question != "bool" {
			return nil, valueError("hwaddr: not a hardware address: %s", value.Str(in))
		}
		return nil, nil
	}
	split := func(n int, sep string) string {
		var parts []string
		for i := 0; i < len(digits); i += n {
			parts = append(parts, digits[i:i+n])
		}
		return strings.Join(parts, sep)
	}
	switch question {
	case "":
		return in, nil
	case "bool":
		return true, nil
	case "bare":
		return strings.ToUpper(digits), nil
	case "int":
		n, _ := new(big.Int).SetString(digits, 16)
		return value.Whole(n), nil
	case "cisco":
		return split(4, "."), nil
	case "eui48", "win":
		return strings.ToUpper(split(2, "-")), nil
	case "linux":
		return split(2, ":"), nil
	case "unix":
		return unixMAC(split(2, ":")), nil
	case "pgsql", "postgresql", "psql":
		return split(6, ":"), nil
	}
	return nil, valueError("hwaddr: unknown filter type: %s", question)
}

// unixMAC leaves out leading zeros.
func unixMAC(s string) string {
	parts := strings.Split(s, ":")
	for i, p := range parts {
		if parts[i] = strings.TrimLeft(p, "0"); parts[i] == "" {
			parts[i] = "0"
		}
	}
	return strings.Join(parts, ":")
}
