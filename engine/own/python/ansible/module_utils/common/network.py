"""Addresses and masks of networks."""

import ipaddress
import re


def is_netmask(val):
    """Whether it is a mask such as 255.255.255.0."""
    try:
        return to_netmask(to_masklen(val)) == str(val)
    except (ValueError, AttributeError):
        return False


def is_masklen(val):
    """Whether it is a length of a mask."""
    try:
        return 0 <= int(val) <= 32
    except ValueError:
        return False


def to_netmask(val):
    """24 as 255.255.255.0."""
    if not is_masklen(val):
        raise ValueError('invalid value for masklen')
    return str(ipaddress.IPv4Network('0.0.0.0/%d' % int(val)).netmask)


def to_masklen(val):
    """255.255.255.0 as 24."""
    try:
        return ipaddress.IPv4Network('0.0.0.0/%s' % val).prefixlen
    except ValueError:
        raise ValueError('invalid value for netmask: %s' % val)


def to_subnet(addr, mask, dotted_notation=False):
    """The network of an address."""
    net = ipaddress.ip_network('%s/%s' % (addr, mask), strict=False)
    return '%s %s' % (net.network_address, net.netmask) if dotted_notation else str(net)


def to_ipv6_network(addr):
    """The first 48 bits of an address."""
    return str(ipaddress.ip_network('%s/48' % addr, strict=False).network_address)


def to_ipv6_subnet(addr):
    """The first 64 bits of an address."""
    return str(ipaddress.ip_network('%s/64' % addr, strict=False).network_address)


def to_bits(val):
    """A mask in ones and zeros."""
    return ''.join('{0:08b}'.format(int(octet)) for octet in val.split('.'))


def is_mac(mac_address):
    """Whether it is a hardware address."""
    return bool(re.match('[0-9a-f]{2}([-:])[0-9a-f]{2}(\\1[0-9a-f]{2}){4}$', mac_address.lower()))
