// Which packages apt would change, by its simulation, and which it has changed, by what dpkg says.

package packages

import (
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// simStep is a line by which a simulation names a package, with the version that is installed and the one that comes.
var simStep = regexp.MustCompile(`(?m)^(Inst|Remv|Purg) (\S+)(?: \[([^]]*)\])?(?: \((\S+)(?:[^)]*\[([^]]+)\])?\))?`)

// packages are those that apt-get would change. Only a package of a foreign architecture has it in its name.
func (s aptSight) packages() []module.PackageChange {
	var out []module.PackageChange
	for _, m := range simStep.FindAllStringSubmatch(s.sim+"\n"+s.autoremove, -1) {
		name, arch, _ := strings.Cut(m[2], ":")
		p := module.PackageChange{Name: name, Arch: arch, From: m[3], To: m[4]}
		if arch == "" {
			p.Arch = m[5]
		}
		if m[1] != "Inst" {
			p.To = ""
		}
		out = append(out, p)
	}
	return out
}

// dpkgStep is a line by which dpkg says that the files of a package are there or gone. What fails later to be set up has its new version.
var dpkgStep = regexp.MustCompile(`(?m)^(Unpacking|Removing) (\S+) \(([^)]+)\)(?: over \(([^)]+)\))? \.\.\.`)

// aptUnpacked are the packages that dpkg has changed. Of their architecture it does not always speak: then the plan's is taken.
func aptUnpacked(said string, planned []module.PackageChange) []module.PackageChange {
	var out []module.PackageChange
	for _, m := range dpkgStep.FindAllStringSubmatch(said, -1) {
		name, arch, _ := strings.Cut(m[2], ":")
		p := module.PackageChange{Name: name, Arch: arch, From: m[4], To: m[3]}
		if m[1] == "Removing" {
			p.From, p.To = m[3], ""
		}
		i := slices.IndexFunc(planned, func(c module.PackageChange) bool {
			return c.Name == name && (arch == "" || c.Arch == "" || c.Arch == arch)
		})
		if i >= 0 && p.Arch == "" {
			p.Arch = planned[i].Arch
		}
		if p.From != p.To {
			out = append(out, p)
		}
	}
	return out
}
