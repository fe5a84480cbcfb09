// Which packages dnf would change, by its table, and which it has changed, by the database of rpm before and after.

package packages

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// rpm is a package in the database of rpm; its version is [EPOCH:]VERSION-RELEASE.
type rpm struct{ name, version, arch string }

// readHad reads lines of name|version|architecture.
func readHad(text string) []rpm {
	var out []rpm
	for _, line := range module.Lines(text) {
		if f := strings.Split(line, "|"); len(f) == 3 {
			out = append(out, rpm{f[0], f[1], f[2]})
		}
	}
	return out
}

// packages are those that dnf would change. What is installed beside what is there already, as kernels are, comes from nothing.
func (s dnfSight) packages() []module.PackageChange {
	var out []module.PackageChange
	for _, step := range readDnfTable(s.sim) {
		p := module.PackageChange{Name: step.name, Arch: step.arch, To: step.version}
		switch step.section {
		case "Removing":
			p.From, p.To = step.version, ""
		case "Upgrading", "Downgrading":
			p.From = s.version(step)
		case "Reinstalling":
			continue
		}
		out = append(out, p)
	}
	return out
}

// beside tells whether a package is installed, not instead of a version that is there.
func (s dnfSight) beside(p rpm) bool {
	return slices.Contains(readDnfTable(s.sim), dnfStep{"Installing", p.name, p.arch, p.version})
}

// version is the installed version of a package in the table; empty: not known. Its architecture may change, unless it is there in several.
func (s dnfSight) version(step dnfStep) string {
	found := ""
	for _, p := range s.had {
		if p.name == step.name && (p.arch == step.arch || found == "") {
			found = p.version
		}
	}
	return found
}

// dnfChanged pairs what came with what went, of a name and an architecture; the text has lines "+ NEW" and "- OLD". What came beside the others
// took nothing's place: an old kernel may go because there are too many.
func dnfChanged(text string, beside func(rpm) bool) []module.PackageChange {
	var came, gone []rpm
	for _, line := range module.Lines(text) {
		if p, ok := readNEVRA(strings.TrimPrefix(line, "+ ")); ok && strings.HasPrefix(line, "+ ") {
			came = append(came, p)
		} else if p, ok := readNEVRA(strings.TrimPrefix(line, "- ")); ok && strings.HasPrefix(line, "- ") {
			gone = append(gone, p)
		}
	}
	var out []module.PackageChange
	for _, p := range came {
		c := module.PackageChange{Name: p.name, Arch: p.arch, To: p.version}
		if i := slices.IndexFunc(gone, func(g rpm) bool { return g.name == p.name && g.arch == p.arch }); i >= 0 && !beside(p) {
			c.From = gone[i].version
			gone = slices.Delete(gone, i, i+1)
		}
		out = append(out, c)
	}
	for _, p := range gone {
		out = append(out, module.PackageChange{Name: p.name, Arch: p.arch, From: p.version})
	}
	return out
}

// readNEVRA reads NAME-[EPOCH:]VERSION-RELEASE.ARCH.
func readNEVRA(s string) (p rpm, ok bool) {
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 {
		return p, false
	}
	rest, arch := s[:dot], s[dot+1:]
	release := strings.LastIndexByte(rest, '-')
	if release <= 0 {
		return p, false
	}
	version := strings.LastIndexByte(rest[:release], '-')
	if version <= 0 {
		return p, false
	}
	return rpm{rest[:version], rest[version+1:], arch}, true
}
