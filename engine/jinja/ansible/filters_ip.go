package ansible

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The address filters and tests of ansible.utils, also under their old names.

func (a *extension) addIPFilters(l *jinja.Language) {
	for name, fn := range map[string]jinja.Func{
		"ipaddr": ipFilter(0), "ipv4": ipFilter(4), "ipv6": ipFilter(6),
		"ipwrap": ipWrap, "ipsubnet": ipSubnet, "ipmath": ipMath, "nthhost": nthHost, "cidr_merge": cidrMerge, "ip4_hex": ip4Hex,
		"network_in_usable": inNetwork(true), "network_in_network": inNetwork(false), "reduce_on_network": reduceOnNetwork,
		"next_nth_usable": nthUsable(1), "previous_nth_usable": nthUsable(-1), "usable_range": usableRange,
		"hwaddr": hwaddr, "macaddr": hwaddr,
	} {
		for _, prefix := range []string{"", "ansible.utils.", "ansible.netcommon."} {
			l.Filters[prefix+name] = fn
		}
	}
	for name, holds := range map[string]func(n network, isNetwork bool) bool{
		"ip": func(network, bool) bool { return true }, "ip_address": func(_ network, isNetwork bool) bool { return !isNetwork },
		"ipv4":         func(n network, _ bool) bool { return n.version() == 4 },
		"ipv6":         func(n network, _ bool) bool { return n.version() == 6 },
		"ipv4_address": func(n network, isNetwork bool) bool { return n.version() == 4 && !isNetwork },
		"ipv6_address": func(n network, isNetwork bool) bool { return n.version() == 6 && !isNetwork },
		"loopback":     func(n network, _ bool) bool { return n.ip.IsLoopback() },
		"multicast":    func(n network, _ bool) bool { return n.ip.IsMulticast() },
		"private":      func(n network, isNetwork bool) bool { return !isNetwork && !isGlobal(n.ip.Unmap()) },
		"public":       func(n network, isNetwork bool) bool { return !isNetwork && isGlobal(n.ip.Unmap()) },
		"unspecified":  func(n network, _ bool) bool { return n.ip.IsUnspecified() },
	} {
		l.Tests["ansible.utils."+name] = ipTest(holds)
	}
	l.Tests["ansible.utils.in_network"] = inNetworkTest(func(v, other network) bool { return other.contains(v) })
	l.Tests["ansible.utils.subnet_of"] = l.Tests["ansible.utils.in_network"]
	l.Tests["ansible.utils.supernet_of"] = inNetworkTest(func(v, other network) bool { return v.contains(other) })
	l.Tests["ansible.utils.in_any_network"] = inAnyNetwork
	l.Tests["ansible.utils.in_one_network"] = inOneNetwork
}

func ipFilter(version int) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("query", "version", "alias")
		if err != nil {
			return nil, err
		}
		v := version
		if n, ok := wholeOf(p.Any(1, nil)); ok && v == 0 {
			v = n
		}
		question := value.Str(p.Any(0, ""))
		return ipaddr(in, question, v)
	}
}

func ipWrap(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("query")
	if err != nil {
		return nil, err
	}
	question := value.Str(p.Any(0, ""))
	if items, ok := value.Items(in); ok {
		out := make([]any, len(items))
		for i, it := range items {
			out[i] = wrapped(it, question)
		}
		return out, nil
	}
	return wrapped(in, question), nil
}

// wrapped puts an IPv6 address in brackets; anything else stays as it is.
func wrapped(v any, question string) any {
	r, err := ipaddr(v, question, 0)
	if err != nil || !value.Truth(r) {
		return v
	}
	if w, err := ipaddr(r, "wrap", 0); err == nil && value.Truth(w) {
		return w
	}
	return v
}

// subnetOf reads the network that a value is or is in.
func subnetOf(v any) (query, bool) {
	q, ok := parseQuery(value.Str(v), 0)
	if !ok || !value.Truth(v) || v == true {
		return q, false
	}
	q.network = q.cidr()
	return q, true
}

func ipSubnet(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("query", "index")
	if err != nil {
		return nil, err
	}
	q, ok := parseQuery(value.Str(in), 0)
	if !ok || !value.Truth(in) {
		return false, nil
	}
	isAddress := q.few(1) || q.ip != q.first()
	n := q.cidr()
	if isAddress && q.isNetwork && n.prefix < n.bits() {
		isAddress = false // the network that the address is in
	}
	question := value.Str(p.Any(0, ""))
	if question == "" {
		return n.String(), nil
	}
	size, err := strconv.Atoi(question)
	if err != nil {
		return rankIn(n, question)
	}
	if size < 0 || size > n.bits() {
		return false, nil
	}
	index, hasIndex := wholeOf(p.Any(1, nil))
	if isAddress {
		return supernet(n, size, index)
	}
	return subnet(n, size, index, hasIndex)
}

// supernet is one of the networks around an address, the biggest first.
func supernet(n network, size, index int) (any, error) {
	count := n.prefix - size
	if index < 0 {
		index += count
	}
	if index < 0 || index >= count {
		return false, nil
	}
	return network{n.ip, size + index}.cidr().String(), nil
}

// subnet is how many networks of a size are in one, or one of them.
func subnet(n network, size, index int, hasIndex bool) (any, error) {
	if size < n.prefix {
		return nil, valueError("requested subnet size of %d is invalid", size)
	}
	count := new(big.Int).Lsh(big.NewInt(1), uint(size-n.prefix))
	if !hasIndex {
		return count.String(), nil
	}
	i := big.NewInt(int64(index))
	if index < 0 {
		i.Add(i, count)
	}
	if i.Sign() < 0 || i.Cmp(count) >= 0 {
		return false, nil
	}
	i.Lsh(i, uint(n.bits()-size))
	a, _ := toAddr(i.Add(i, toNumber(n.first())), n.bits())
	return network{a, size}.String(), nil
}

// rankIn is the place of a network among those of its size in a bigger one, from one.
func rankIn(n network, outer string) (any, error) {
	o, ok := parseNetwork(outer)
	if !ok {
		return nil, valueError("you must pass a valid subnet or IP address; %s is invalid", outer)
	}
	if !o.contains(network{n.ip, n.bits()}) || n.prefix < o.prefix {
		return nil, valueError("%s is not in the subnet %s", n, o.cidr())
	}
	rank := new(big.Int).Sub(toNumber(n.first()), toNumber(o.first()))
	rank.Rsh(rank, uint(n.bits()-n.prefix))
	return rank.Add(rank, big.NewInt(1)).String(), nil
}

func ipMath(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("amount")
	if err != nil {
		return nil, err
	}
	n, ok := parseNetwork(value.Str(in))
	if !ok {
		return nil, valueError("you must pass a valid IP address; %s is invalid", value.Str(in))
	}
	amount, ok := wholeOf(p.Any(0, nil))
	if !ok {
		return nil, valueError("you must pass an integer for arithmetic; %s is not a valid integer", value.Str(p.Any(0, nil)))
	}
	a, ok := moved(n.ip, amount)
	if !ok {
		return nil, value.Errorf(value.IndexError, "result outside valid IP address boundary")
	}
	return a.String(), nil
}

func nthHost(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("query")
	if err != nil {
		return nil, err
	}
	q, ok := subnetOf(in)
	i, isNumber := wholeOf(p.Any(0, nil))
	if !ok || !isNumber {
		return false, nil
	}
	a, ok := q.at(i)
	if !ok {
		return false, nil
	}
	return a.String(), nil
}

func nthUsable(sign int) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("offset!")
		if err != nil {
			return nil, err
		}
		n, isNumber := wholeOf(p.Any(0, nil))
		if !isNumber {
			return nil, valueError("must pass in an integer, not %s", value.TypeName(p.Any(0, nil)))
		}
		q, ok := parseQuery(value.Str(in), 0)
		if !ok {
			return false, nil
		}
		return q.neighbour(sign * n), nil
	}
}

func inNetwork(usable bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("test")
		if err != nil {
			return nil, err
		}
		outer, ok1 := subnetOf(in)
		inner, ok2 := parseQuery(value.Str(p.Any(0, nil)), 0)
		if !ok1 || !ok2 || outer.bits() != inner.bits() {
			return false, nil
		}
		first, last := outer.first(), outer.last()
		if usable {
			first, last = outer.usable()
		}
		low, high := inner.first(), inner.last()
		if inner.few(1) || inner.ip != inner.first() {
			low, high = inner.ip, inner.ip
		}
		return !low.Less(first) && !last.Less(high), nil
	}
}

func reduceOnNetwork(c *jinja.Call, in any) (any, error) {
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	p, err := c.Bind("network")
	if err != nil {
		return nil, err
	}
	out := []any{}
	outer, ok := subnetOf(p.Any(0, nil))
	for _, it := range items {
		if q, valid := subnetOf(it); ok && valid && outer.contains(q.network) {
			out = append(out, it)
		}
	}
	return out, nil
}

func ipTest(holds func(n network, isNetwork bool) bool) jinja.Func {
	return func(_ *jinja.Call, in any) (any, error) {
		s, ok := in.(string)
		if !ok {
			return false, nil
		}
		n, ok := strictNetwork(s)
		return ok && holds(n, strings.Contains(s, "/")), nil
	}
}

func inNetworkTest(holds func(v, other network) bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("network!")
		if err != nil {
			return nil, err
		}
		v, ok1 := strictNetwork(value.Str(in))
		other, ok2 := strictNetwork(value.Str(p.Any(0, nil)))
		return ok1 && ok2 && holds(v, other), nil
	}
}

// networksWith is how many of the networks an address is in.
func networksWith(c *jinja.Call, in any) (int, error) {
	p, err := c.Bind("networks!")
	if err != nil {
		return 0, err
	}
	items, err := jinja.Iterate(p.Any(0, nil))
	if err != nil {
		return 0, err
	}
	found := 0
	v, ok := strictNetwork(value.Str(in))
	for _, it := range items {
		if n, valid := strictNetwork(value.Str(it)); ok && valid && n.contains(v) {
			found++
		}
	}
	return found, nil
}

func inAnyNetwork(c *jinja.Call, in any) (any, error) {
	n, err := networksWith(c, in)
	return n > 0, err
}

func inOneNetwork(c *jinja.Call, in any) (any, error) {
	n, err := networksWith(c, in)
	return n == 1, err
}

// strictNetwork is an address, or a network without the bits of a host.
func strictNetwork(s string) (network, bool) {
	n, ok := parseNetwork(s)
	return n, ok && (n.ip == n.first() || n.prefix == n.bits())
}
