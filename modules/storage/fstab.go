// The lines of fstab, and the mounts that the kernel knows.

package storage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/modules/onhost"
)

// fstabEscapes writes what cannot stand in a field.
var fstabEscapes = strings.NewReplacer(`\`, `\134`, " ", `\040`, "&", `\046`)

// fields are those of the line that is wanted.
func (m *mount) fields() []string {
	fstype := ""
	if m.args.FSType != nil {
		fstype = *m.args.FSType
	}
	f := []string{m.src, m.path, fstype, m.opts, m.args.Dump, m.args.PassNo}
	for i := range f {
		f[i] = fstabEscapes.Replace(f[i])
	}
	return f
}

// is tells whether fields of a line are about the mount; swap is known by its source.
func (m *mount) is(f []string) bool {
	if f[1] != fstabEscapes.Replace(m.path) {
		return false
	}
	return m.args.Src == nil || f[1] != "none" || f[2] != "swap" || f[0] == m.src
}

// set is fstab with the line that is wanted; nil if it has it.
func (m *mount) set() *string {
	want := m.fields()
	var b strings.Builder
	exists, changed := false, false
	for _, line := range onhost.Lines(m.file.Text) {
		if !strings.HasSuffix(line, "\n") {
			line += "\n"
		}
		bare, _, _ := strings.Cut(line, "#")
		f := strings.Fields(bare)
		if n := len(f); strings.HasPrefix(strings.TrimSpace(line), "#") || n < 4 || n > 6 {
			b.WriteString(line)
			continue
		}
		for len(f) < 6 {
			f = append(f, "") // not written: another than any
		}
		if !m.is(f) {
			b.WriteString(line)
			continue
		}
		exists = true
		if !slices.Equal(f, want) {
			changed = true
		}
		if changed {
			line = strings.Join(want, " ") + "\n"
		}
		b.WriteString(line)
	}
	if !exists {
		changed = true
		b.WriteString(strings.Join(want, " ") + "\n")
	}
	if !changed {
		return nil
	}
	text := b.String()
	return &text
}

// unset is fstab without the lines of the mount; nil if it has none.
func (m *mount) unset() *string {
	var b strings.Builder
	changed := false
	for _, line := range onhost.Lines(m.file.Text) {
		f := strings.Fields(line)
		if strings.HasPrefix(strings.TrimSpace(line), "#") || len(f) != 6 || !m.is(f) {
			b.WriteString(line)
			continue
		}
		changed = true
	}
	if !changed {
		return nil
	}
	text := b.String()
	return &text
}

// mounted is what is mounted somewhere: the device, or for a bind mount the folder that it shows.
type mounted struct{ src, device string }

// parseMounts reads /proc/self/mountinfo, by the place of each mount.
func parseMounts(text string) map[string]mounted {
	type entry struct{ parent, root, at, src string }
	all, order := map[string]*entry{}, []string{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 9 {
			continue
		}
		all[f[0]] = &entry{parent: f[1], root: f[3], at: f[4], src: f[len(f)-2]}
		order = append(order, f[0])
	}
	out := map[string]mounted{}
	for _, id := range order {
		e := all[id]
		src := e.src
		if above, ok := all[e.parent]; ok && e.parent != "1" {
			if len(above.root) > 1 && strings.HasPrefix(e.root, above.root+"/") {
				e.root = e.root[len(above.root):]
			}
			if above.at != "/" {
				e.root = above.at + e.root
			}
			src = e.root
		}
		out[e.at] = mounted{src, e.src}
	}
	return out
}
