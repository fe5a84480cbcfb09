package ansible

import (
	"math/big"
	"net/netip"
	"strconv"
	"strings"
)

// network is an address with the prefix of the network it is in.
type network struct {
	ip     netip.Addr
	prefix int
}

func (n network) bits() int { return n.ip.BitLen() }

func (n network) version() int {
	if n.ip.Is4() {
		return 4
	}
	return 6
}

// String is address/prefix.
func (n network) String() string { return n.ip.String() + "/" + strconv.Itoa(n.prefix) }

// size is how many addresses the network has.
func (n network) size() *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n.bits()-n.prefix)) }

// few tells whether the network has at most so many addresses.
func (n network) few(most int64) bool { return n.size().Cmp(big.NewInt(most)) <= 0 }

func (n network) first() netip.Addr {
	p, _ := n.ip.Prefix(n.prefix)
	return p.Addr()
}

func (n network) last() netip.Addr {
	end := new(big.Int).Add(toNumber(n.first()), n.size())
	a, _ := toAddr(end.Sub(end, big.NewInt(1)), n.bits())
	return a
}

// broadcast is the last address; small IPv4 networks have none.
func (n network) broadcast() (netip.Addr, bool) {
	return n.last(), n.version() == 6 || n.bits()-n.prefix > 1
}

// usable are the first and the last address for a host.
func (n network) usable() (first, last netip.Addr) {
	if n.few(2) {
		return n.first(), n.last()
	}
	return n.first().Next(), n.last().Prev()
}

func (n network) netmask() netip.Addr {
	ones := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(n.bits())), n.size())
	a, _ := toAddr(ones, n.bits())
	return a
}

func (n network) hostmask() netip.Addr {
	a, _ := toAddr(new(big.Int).Sub(n.size(), big.NewInt(1)), n.bits())
	return a
}

// cidr is the network with its first address.
func (n network) cidr() network { return network{n.first(), n.prefix} }

// contains tells whether all of another network is in this one.
func (n network) contains(o network) bool {
	return n.bits() == o.bits() && !o.first().Less(n.first()) && !n.last().Less(o.last())
}

// at is the address at an offset from the first, or from the end if it is negative.
func (n network) at(i int) (netip.Addr, bool) {
	offset := big.NewInt(int64(i))
	if i < 0 {
		offset.Add(offset, n.size())
	}
	if offset.Sign() < 0 || offset.Cmp(n.size()) >= 0 {
		return netip.Addr{}, false
	}
	return toAddr(offset.Add(offset, toNumber(n.first())), n.bits())
}

func toNumber(a netip.Addr) *big.Int { return new(big.Int).SetBytes(a.AsSlice()) }

// toAddr is the address that a number stands for.
func toAddr(n *big.Int, bits int) (netip.Addr, bool) {
	if n.Sign() < 0 || n.BitLen() > bits {
		return netip.Addr{}, false
	}
	return netip.AddrFromSlice(n.FillBytes(make([]byte, bits/8)))
}

// moved is an address some steps away.
func moved(a netip.Addr, by int) (netip.Addr, bool) {
	n := toNumber(a)
	return toAddr(n.Add(n, big.NewInt(int64(by))), a.BitLen())
}

// parseNetwork reads an address, with or without a prefix or netmask.
func parseNetwork(s string) (network, bool) {
	address, prefix, hasPrefix := strings.Cut(s, "/")
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Zone() != "" {
		return network{}, false
	}
	if !hasPrefix {
		return network{ip, ip.BitLen()}, true
	}
	if n, err := strconv.Atoi(prefix); err == nil && n >= 0 && n <= ip.BitLen() {
		return network{ip, n}, true
	}
	mask, err := netip.ParseAddr(prefix)
	if err != nil || mask.BitLen() != ip.BitLen() {
		return network{}, false
	}
	for n := 0; n <= ip.BitLen(); n++ {
		if try := (network{ip, n}); try.netmask() == mask || try.hostmask() == mask {
			return try, true
		}
	}
	return network{}, false
}

// numbered is the address or network that decimal numbers stand for: 167772161, 167772161/8.
func numbered(s string, version int) (n network, isNetwork, ok bool) {
	digits, prefix, hasPrefix := strings.Cut(s, "/")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return network{}, false, false
	}
	for _, bits := range []int{32, 128} {
		if version == 6 && bits == 32 {
			continue
		}
		ip, ok := toAddr(bigOf(digits), bits)
		if !ok {
			continue
		}
		length := bits
		if hasPrefix {
			var err error
			if length, err = strconv.Atoi(prefix); err != nil || length < 0 || length > bits {
				continue
			}
		}
		return network{ip, length}, hasPrefix, true
	}
	return network{}, false, false
}

// special are the networks that are not reached from everywhere, and the exceptions inside them.
var special = map[bool][]string{
	true: {
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::1/128", "::/128", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10",
	},
	false: {"192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28"},
}

func isGlobal(a netip.Addr) bool {
	for _, s := range special[false] {
		if netip.MustParsePrefix(s).Contains(a) {
			return true
		}
	}
	for _, s := range special[true] {
		if netip.MustParsePrefix(s).Contains(a) {
			return false
		}
	}
	return true
}

// isMask tells whether an address looks like a netmask.
func isMask(a netip.Addr) bool {
	n := toNumber(a)
	inverted := new(big.Int).Xor(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(a.BitLen())), big.NewInt(1)))
	next := new(big.Int).Add(inverted, big.NewInt(1))
	return next.And(next, inverted).Sign() == 0
}
