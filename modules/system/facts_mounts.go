// Facts about file systems: where they are mounted, how large they are.

package system

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// unescape reads the octal escapes of /proc/mounts: \040 is a space.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`, `\043`, "#").Replace(s)
}

// mounts lists the file systems that stand on a device or a server, with their sizes.
func mounts(s map[string]string) []any {
	sizes := map[string][]string{}
	for _, line := range module.Lines(s["statfs"]) {
		if f := strings.Fields(line); len(f) == 8 {
			sizes[f[7]] = f[:7]
		}
	}
	bound := map[string]bool{} // mount points whose root is not that of their file system
	for _, line := range module.Lines(s["mountinfo"]) {
		if f := strings.Fields(line); len(f) > 4 {
			bound[f[4]] = f[3] != "/"
		}
	}
	uuids := deviceUUIDs(s["uuids"])
	byPlace := &value.Map{} // a mount upon a mount hides it
	for _, line := range module.Lines(s["mounts"]) {
		f := strings.Fields(line)
		if len(f) < 6 || !strings.HasPrefix(f[0], "/") && !strings.Contains(f[0], ":/") || f[2] == "none" {
			continue
		}
		options, uuid := f[3], uuids[f[0]]
		if bound[f[1]] {
			options += ",bind"
		}
		if uuid == "" {
			uuid = "N/A"
		}
		m := dict("mount", unescape(f[1]), "device", unescape(f[0]), "fstype", f[2], "options", options, "dump", number(f[4]), "passno", number(f[5]))
		addSizes(m, sizes[f[1]])
		byPlace.Set(f[1], m.Set("uuid", uuid))
	}
	out := []any{}
	for _, m := range byPlace.All() {
		out = append(out, m)
	}
	return out
}

// addSizes adds what statfs said: fundamental size, block size, blocks, free, available, inodes, free inodes.
func addSizes(m *value.Map, f []string) {
	if len(f) < 7 {
		return
	}
	var n [7]int
	for i := range n {
		n[i] = number(f[i])
	}
	m.Set("size_total", n[0]*n[2]).Set("size_available", n[0]*n[4])
	m.Set("block_size", n[1]).Set("block_total", n[2]).Set("block_available", n[4]).Set("block_used", n[2]-n[4])
	m.Set("inode_total", n[5]).Set("inode_available", n[6]).Set("inode_used", n[5]-n[6])
}

// deviceUUIDs reads lsblk's NAME UUID lines, or blkid's NAME: UUID="..." ones.
func deviceUUIDs(text string) map[string]string {
	m := map[string]string{}
	for _, line := range module.Lines(text) {
		f := strings.Fields(line)
		if name, rest, ok := strings.Cut(line, ": "); ok {
			for _, w := range strings.Fields(rest) {
				if id, isID := strings.CutPrefix(w, "UUID="); isID {
					m[name] = strings.Trim(id, `"`)
				}
			}
		} else if len(f) == 2 {
			m[f[0]] = f[1]
		}
	}
	return m
}
