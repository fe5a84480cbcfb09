package ansible

import (
	"fmt"
	"math/big"
	"net/netip"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// query asks one thing about an address or network.
type query struct {
	network
	isNetwork bool // it was written with a prefix
	given     any  // what is returned if the question is a yes
}

// ipaddr checks and asks about a value; a list is asked item by item, and what says no is left out. False is no.
func ipaddr(v any, question string, version int) (any, error) {
	if items, ok := value.Items(v); ok {
		out := []any{}
		for _, it := range items {
			r, err := ipaddr(it, question, version)
			if err != nil {
				return nil, err
			}
			if value.Truth(r) {
				out = append(out, r)
			}
		}
		return out, nil
	}
	if !value.Truth(v) || v == true {
		return false, nil
	}
	q, ok := parseQuery(value.Str(v), version)
	if !ok {
		return false, nil
	}
	if version != 0 && q.version() != version {
		return false, nil
	}
	return q.answer(question)
}

func parseQuery(s string, version int) (query, bool) {
	if n, ok := parseNetwork(s); ok {
		return query{n, strings.Contains(s, "/"), s}, true
	}
	n, isNetwork, ok := numbered(s, version)
	return query{n, isNetwork, n.String()}, ok
}

// text is an answer; none if there is not one.
func text(s fmt.Stringer, ok bool) any {
	if !ok {
		return nil
	}
	return s.String()
}

// yes is the value itself, or none.
func (q query) yes(ok bool) any {
	if !ok {
		return nil
	}
	return q.given
}

// answer answers a question by its name, by an index, or by a network that the value is to be in.
func (q query) answer(question string) (any, error) {
	if ask := questions[question]; ask != nil {
		return ask(q), nil
	}
	if ask := networkQuestions[question]; ask != nil {
		if !q.isNetwork {
			return nil, valueError("%s: not a network address", q)
		}
		return ask(q)
	}
	if in, ok := parseNetwork(question); ok && strings.Trim(question, "0123456789") != "" {
		return q.yes(in.contains(q.network)), nil
	}
	i, err := strconv.Atoi(question)
	if err != nil {
		return nil, valueError("ipaddr: unknown filter type: %s", question)
	}
	switch a, ok := q.at(i); {
	case q.few(1) && q.isNetwork:
		return q.String(), nil
	case q.few(1):
		return q.ip.String(), nil
	case ok:
		return network{a, q.prefix}.String(), nil
	}
	return false, nil
}

// questions have an answer for any address.
var questions = map[string]func(q query) any{
	"": func(q query) any {
		if q.isNetwork {
			return q.String()
		}
		return q.ip.String()
	},
	"address": query.address, "ip": query.address,
	"address/prefix": query.host, "gateway": query.host, "gw": query.host, "host/prefix": query.host, "hostnet": query.host, "router": query.host,
	"bool":      func(query) any { return true },
	"broadcast": func(q query) any { return text(q.last(), !q.few(2)) },
	"cidr":      func(q query) any { return q.String() },
	"host": func(q query) any {
		_, has := q.broadcast()
		return text(q.network, q.few(1) || q.ip != q.first() || !has)
	},
	"hostmask": func(q query) any { return q.hostmask().String() }, "wildcard": func(q query) any { return q.hostmask().String() },
	"int": func(q query) any {
		if q.isNetwork {
			return toNumber(q.ip).String() + "/" + strconv.Itoa(q.prefix)
		}
		return value.Whole(toNumber(q.ip))
	},
	"ip/prefix":  func(q query) any { return text(q.network, q.isHost()) },
	"ip_netmask": func(q query) any { return q.pair(q.ip, q.netmask(), q.isHost()) },
	"ipv4":       query.v4, "v4": query.v4, "ipv6": query.v6, "v6": query.v6,
	"link-local": func(q query) any { return q.yes(q.ip.IsLinkLocalUnicast()) },
	"lo":         func(q query) any { return q.yes(q.ip.IsLoopback()) }, "loopback": func(q query) any { return q.yes(q.ip.IsLoopback()) },
	"multicast":       func(q query) any { return q.yes(q.ip.IsMulticast()) },
	"unicast":         func(q query) any { return q.yes(!q.ip.IsMulticast()) },
	"net":             func(q query) any { return text(q.network, !q.few(1) && q.ip == q.first()) },
	"netmask":         func(q query) any { return q.netmask().String() },
	"network":         func(q query) any { return q.first().String() },
	"network_id":      func(q query) any { return q.first().String() },
	"network/prefix":  func(q query) any { return q.cidr().String() },
	"subnet":          func(q query) any { return q.cidr().String() },
	"network_netmask": func(q query) any { return q.pair(q.first(), q.netmask(), true) }, "network_wildcard": func(q query) any { return q.pair(q.first(), q.hostmask(), true) },
	"prefix":  func(q query) any { return q.prefix },
	"private": func(q query) any { return q.yes(!isGlobal(q.ip)) },
	"public": func(q query) any {
		return q.yes(!q.ip.IsMulticast() && isGlobal(q.ip) && !q.ip.IsLoopback() && !isMask(q.ip))
	},
	"revdns": func(q query) any { return reverseName(q.ip) },
	"size":   func(q query) any { return value.Whole(q.size()) },
	"size_usable": func(q query) any {
		switch {
		case q.few(1):
			return 0
		case q.few(2):
			return 2
		}
		return value.Whole(new(big.Int).Sub(q.size(), big.NewInt(2)))
	},
	"type": func(q query) any {
		if q.few(1) || q.ip != q.first() {
			return "address"
		}
		return "network"
	},
	"version": func(q query) any { return q.version() },
	"wrap":    query.wrap,
	"6to4":    query.sixToFour,
}

// networkQuestions make sense for a network only.
var networkQuestions = map[string]func(q query) (any, error){
	"first_usable": func(q query) (any, error) {
		first, _ := q.usable()
		return text(first, !q.few(1)), nil
	},
	"last_usable": func(q query) (any, error) {
		_, last := q.usable()
		return text(last, !q.few(1)), nil
	},
	"range_usable": func(q query) (any, error) {
		first, last := q.usable()
		if q.few(1) {
			return nil, nil
		}
		return first.String() + "-" + last.String(), nil
	},
	"next_usable":     func(q query) (any, error) { return q.neighbour(1), nil },
	"previous_usable": func(q query) (any, error) { return q.neighbour(-1), nil },
	"peer":            query.peer,
}

func (q query) address() any {
	_, has := q.broadcast()
	return text(q.ip, q.few(1) || q.ip != q.first() || !has || q.version() == 6)
}

// host is the address with its prefix; not for the network's own addresses.
func (q query) host() any {
	last, has := q.broadcast()
	if !q.few(2) && (q.ip == q.first() || has && q.ip == last) {
		return false
	}
	return q.String()
}

// isHost tells whether the address is one of a host in its network.
func (q query) isHost() bool {
	return !q.few(1) && (q.few(2) || q.ip != q.first())
}

func (q query) pair(a, b netip.Addr, ok bool) any {
	if !ok {
		return nil
	}
	return a.String() + " " + b.String()
}

func (q query) v4() any {
	switch {
	case q.version() == 4:
		return q.given
	case q.ip.Is4In6():
		return network{q.ip.Unmap(), q.prefix - 96}.String()
	case toNumber(q.ip).BitLen() <= 32:
		a, _ := toAddr(toNumber(q.ip), 32)
		return network{a, max(q.prefix-96, 0)}.String()
	}
	return false
}

func (q query) v6() any {
	if q.version() == 6 {
		return q.given
	}
	return network{netip.AddrFrom16(q.ip.As16()), q.prefix + 96}.String()
}

func (q query) wrap() any {
	switch {
	case q.version() == 4:
		return q.given
	case q.isNetwork:
		return "[" + q.ip.String() + "]/" + strconv.Itoa(q.prefix)
	}
	return "[" + q.ip.String() + "]"
}

func (q query) sixToFour() any {
	if q.version() == 6 {
		if !netip.MustParsePrefix("2002::/16").Contains(q.ip) {
			return false
		}
		return q.given
	}
	if !q.few(1) && q.ip == q.first() || q.ip.IsMulticast() {
		return false
	}
	b := q.ip.As4()
	return fmt.Sprintf("2002:%02x%02x:%02x%02x::1/48", b[0], b[1], b[2], b[3])
}

// neighbour is the usable address some steps away.
func (q query) neighbour(by int) any {
	first, last := q.usable()
	a, ok := moved(q.ip, by)
	return text(a, ok && !q.few(1) && !a.Less(first) && !last.Less(a))
}

// peer is the other end of a link between two.
func (q query) peer() (any, error) {
	offset := int(new(big.Int).Sub(toNumber(q.ip), toNumber(q.first())).Int64() & 3)
	switch {
	case !q.few(1) && q.few(2):
		a, _ := moved(q.ip, 1-2*offset)
		return a.String(), nil
	case !q.few(2) && q.few(4) && offset == 0:
		return nil, valueError("network address of /30 has no peer")
	case !q.few(2) && q.few(4) && offset == 3:
		return nil, valueError("broadcast address of /30 has no peer")
	case !q.few(2) && q.few(4):
		a, _ := moved(q.ip, 3-2*offset)
		return a.String(), nil
	}
	return nil, valueError("not a point-to-point network")
}

// reverseName is the name under which DNS keeps the name of an address.
func reverseName(a netip.Addr) string {
	var b strings.Builder
	octets := a.AsSlice()
	for i := len(octets) - 1; i >= 0; i-- {
		if a.Is4() {
			fmt.Fprintf(&b, "%d.", octets[i])
		} else {
			fmt.Fprintf(&b, "%x.%x.", octets[i]&15, octets[i]>>4)
		}
	}
	if a.Is4() {
		return b.String() + "in-addr.arpa."
	}
	return b.String() + "ip6.arpa."
}
