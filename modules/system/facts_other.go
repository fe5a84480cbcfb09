// Small facts of which none belongs to a group: load, systemd, storage names, chroot.

package system

import (
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// otherFacts are small ones of which none belongs to a group.
func otherFacts(facts *value.Map, s map[string]string) {
	load := &value.Map{}
	for i, key := range []string{"1m", "5m", "15m"} {
		if f := strings.Fields(s["loadavg"]); len(f) > i {
			n, _ := strconv.ParseFloat(f[i], 64)
			load.Set(key, n)
		}
	}
	facts.Set("ansible_loadavg", load)
	if f := strings.Fields(nth(s["systemd"], 0)); len(f) > 1 {
		facts.Set("ansible_systemd", dict("version", number(f[1]), "features", nth(s["systemd"], 1)))
	}
	facts.Set("ansible_iscsi_iqn", assignments(s["iscsi"])["InitiatorName"])
	facts.Set("ansible_hostnqn", strings.TrimSpace(s["hostnqn"]))
	wwn := []any{}
	for _, line := range module.Lines(s["fibre_channel"]) {
		_, port, _ := strings.Cut(line, ":")
		wwn = append(wwn, strings.TrimPrefix(port, "0x"))
	}
	facts.Set("ansible_fibre_channel_wwn", wwn)
	facts.Set("ansible_is_chroot", chrooted(module.Lines(s["chroot"])))
}

// chrooted compares device and inode of / with those of process 1's; without the right to see the latter, the inode of / tells: file systems
// number their roots 2, 128 or 256.
func chrooted(lines []string) bool {
	if slices.Contains(lines, "debian_chroot") {
		return true
	}
	switch len(lines) {
	case 0:
		return false
	case 1:
		_, inode, _ := strings.Cut(lines[0], ":")
		return !slices.Contains([]string{"2", "128", "256"}, inode)
	}
	return lines[0] != lines[1]
}
