// What the arguments of firewalld name.

package network

import (
	"errors"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// items are the things that a task names: one at the most, which check sees to.
func (a firewalldArgs) items() ([]zoneItem, error) {
	var out []zoneItem
	wanted := a.State == "enabled"
	text := func(name, flag, label string, v *string, timeout bool, on, off string) {
		if v == nil {
			return
		}
		item := zoneItem{name: name, flag: flag, value: *v, wanted: wanted, timeout: timeout, on: on, off: off}
		if label != "" {
			item.msg = "Changed " + label + " " + *v + " to " + a.State
		}
		out = append(out, item)
	}
	between := func(verb, preposition string, v *string) string {
		if v == nil {
			return ""
		}
		return verb + " " + *v + " " + preposition + " zone ZONE"
	}
	switchable := func(name, flag string, v *bool, on, off string) {
		if v == nil {
			return
		}
		item := zoneItem{name: name, flag: flag, wanted: wanted == *v, on: on, off: off}
		if name == "icmp_block_inversion" {
			item.msg = "Changed icmp-block-inversion " + value.Str(*v) + " to " + a.State
		}
		out = append(out, item)
	}
	text("icmp_block", "icmp-block", "icmp-block", a.ICMPBlock, true, "", "")
	switchable("icmp_block_inversion", "icmp-block-inversion", a.ICMPBlockInversion, "", "")
	text("service", "service", "service", a.Service, true, "", "")
	text("protocol", "protocol", "protocol", a.Protocol, true, "", "")
	if a.Port != nil {
		port, protocol, ok := strings.Cut(strings.TrimSpace(*a.Port), "/")
		if !ok || protocol == "" || port == "" {
			return nil, errors.New("improper port format (missing protocol?)")
		}
	}
	text("port", "port", "port", a.Port, true, "", "")
	forward, err := a.forwarded()
	if err != nil {
		return nil, err
	}
	if forward != nil {
		out = append(out, *forward)
	}
	text("rich_rule", "rich-rule", "rich_rule", a.RichRule, true, "", "")
	text("interface", "interface", "", a.Interface, false, between("Changed", "to", a.Interface), between("Removed", "from", a.Interface))
	switchable("forward", "forward", a.Forward, "Added forward to zone ZONE", "Removed forward from zone ZONE")
	switchable("masquerade", "masquerade", a.Masquerade, "Added masquerade to zone ZONE", "Removed masquerade from zone ZONE")
	text("source", "source", "", a.Source, false, between("Added", "to", a.Source), between("Removed", "from", a.Source))
	if a.Target != nil {
		out = append(out, zoneItem{name: "target", flag: "target", value: *a.Target, wanted: wanted || a.State == "present",
			on: "Set zone ZONE target to " + *a.Target, off: "Reset zone ZONE target to default"})
	}
	return out, nil
}

// forwarded reads the one port that may be passed on.
func (a firewalldArgs) forwarded() (*zoneItem, error) {
	if a.PortForward == nil {
		return nil, nil
	}
	if len(a.PortForward) != 1 {
		return nil, errors.New("Only one port forward supported at a time") //nolint:staticcheck // Ansible's words
	}
	m, _ := a.PortForward[0].(*value.Map)
	for _, one := range []struct{ key, missing string }{{"port", "port"}, {"proto", "proto udp/tcp"}, {"toport", "toport"}} {
		if !m.Has(one.key) {
			return nil, fmt.Errorf("%s must be specified for port forward", one.missing)
		}
	}
	to := ""
	if m.Has("toaddr") {
		to = value.Str(m.Value("toaddr"))
	}
	text := fmt.Sprintf("port=%s:proto=%s:toport=%s:toaddr=%s", value.Str(m.Value("port")), value.Str(m.Value("proto")), value.Str(m.Value("toport")), to)
	return &zoneItem{name: "port_forward", flag: "forward-port", value: text, wanted: a.State == "enabled", timeout: true,
		msg: "Changed port_forward " + text + " to " + a.State}, nil
}

func (a firewalldArgs) check(items []zoneItem) error {
	switch {
	case len(items) > 1:
		return errors.New("parameters are mutually exclusive: icmp_block|icmp_block_inversion|service|protocol|port|port_forward|rich_rule|interface|forward|masquerade|source|target")
	case (a.Interface != nil || a.Target != nil) && a.Zone == "":
		return fmt.Errorf("missing parameter(s) required by '%s': zone", items[0].name)
	case len(items) == 1 && a.Target == nil && (a.State == "absent" || a.State == "present"):
		return errors.New("absent and present state can only be used in zone level operations")
	}
	return nil
}
