package rollback

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// State is what a host has now, as drydock.core.package_versions tells it.
type State struct {
	Manager   string // apt or dnf
	Arch      string // the host's own architecture
	Kernel    string // the release that runs
	Installed []Version
	Available []Version // in the repositories
}

// Version is one of a package.
type Version struct{ Name, Version, Arch string }

// ReadState reads the answer of the module.
func ReadState(result *value.Map) State {
	text := func(m *value.Map, key string) string { s, _ := m.Value(key).(string); return s }
	rows := func(key string) (out []Version) {
		list, _ := result.Value(key).([]any)
		for _, one := range list {
			if m, ok := one.(*value.Map); ok {
				out = append(out, Version{text(m, "name"), text(m, "version"), text(m, "arch")})
			}
		}
		return out
	}
	return State{text(result, "manager"), text(result, "architecture"), text(result, "kernel"), rows("installed"), rows("available")}
}

// Names are what the module is to be asked about.
func Names(changes []event.Package) []string {
	var out []string
	for _, c := range changes {
		if !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

// Action is what is to be done about a package.
type Action string

// The actions.
const (
	Install  Action = "install"  // the version that it had
	Remove   Action = "remove"   // it was new
	Stay     Action = "stay"     // it was new, and nobody asked to remove what is
	Restored Action = "restored" // it is as it was
)

// Step is what is to be done about one package.
type Step struct {
	event.Package
	Now    []string // the versions that are installed
	Action Action
	Spec   string // how the package manager is told, as the role takes it
	// Blocked says why it cannot be done; empty: it can.
	Blocked string
}

// Way is the way back: a step for each package, in the order of the changes.
type Way []Step

// Decide compares the changes with what a host has. New packages are removed only on request.
func Decide(changes []event.Package, now State, removeNew bool) Way {
	var out Way
	for _, c := range changes {
		s := Step{Package: c, Now: now.versions(c)}
		if c.From != "" {
			s.reinstall(now)
		} else {
			s.discard(now, removeNew)
		}
		out = append(out, s)
	}
	return out
}

// reinstall decides about a package that had a version.
func (s *Step) reinstall(now State) {
	s.Action, s.Spec = Install, now.spec(s.Package, s.From)
	switch {
	case slices.Contains(s.Now, s.From):
		s.Action = Restored
	case !now.has(s.Package):
		s.Blocked = "no repository has this version any more"
	}
}

// discard decides about a package that was new.
func (s *Step) discard(now State, removeNew bool) {
	there := slices.Contains(s.Now, s.To) || now.Manager == "apt" && len(s.Now) > 0
	if removeNew {
		s.Spec = now.removal(s.Package)
	}
	switch {
	case !there:
		s.Action = Restored
	case !removeNew:
		s.Action = Stay
	default:
		s.Action = Remove
		if now.runs(s.Package) {
			s.Blocked = "it is the kernel that runs: boot another one first"
		}
	}
}

// Packages are the versions to install and the packages to remove. What is restored is among them: asking for it changes nothing, and a way that
// was gone in part is still the same way.
func (w Way) Packages() (install, remove []string) {
	for _, s := range w {
		switch {
		case s.Spec == "":
		case s.From != "":
			install = append(install, s.Spec)
		default:
			remove = append(remove, s.Spec)
		}
	}
	return install, remove
}

// Idle tells whether nothing is to be done.
func (w Way) Idle() bool {
	return !slices.ContainsFunc(w, func(s Step) bool { return s.Action == Install || s.Action == Remove })
}

// Blocked are the steps that cannot be taken.
func (w Way) Blocked() Way {
	var out Way
	for _, s := range w {
		if s.Blocked != "" {
			out = append(out, s)
		}
	}
	return out
}

// versions are the installed ones of a package.
func (s State) versions(c event.Package) []string {
	var out []string
	for _, v := range s.Installed {
		if v.Name == c.Name && s.fits(v, c) && !slices.Contains(out, v.Version) {
			out = append(out, v.Version)
		}
	}
	return out
}

// has tells whether a repository has the version that a package had.
func (s State) has(c event.Package) bool {
	return slices.ContainsFunc(s.Available, func(v Version) bool { return v.Name == c.Name && v.Version == c.From && s.fits(v, c) })
}

// fits tells whether a version is of the architecture of a change. apt does not name its own, and a package may turn from one to all of them.
func (s State) fits(v Version, c event.Package) bool {
	return v.Arch == c.Arch || c.Arch == "" || s.Manager == "apt" && !s.foreign(c) && (v.Arch == "" || v.Arch == "all" || v.Arch == s.Arch)
}

// spec names a version to the role: NAME[:ARCH]=VERSION for apt, NAME=VERSION.ARCH for dnf.
func (s State) spec(c event.Package, version string) string {
	switch {
	case s.Manager == "dnf" && c.Arch != "":
		return c.Name + "=" + version + "." + c.Arch
	case s.Manager == "apt" && s.foreign(c):
		return c.Name + ":" + c.Arch + "=" + version
	}
	return c.Name + "=" + version
}

// removal names what is to be removed: with dnf one version, as others may be beside it.
func (s State) removal(c event.Package) string {
	switch {
	case s.Manager == "dnf" && c.Arch != "":
		return c.Name + "-" + c.To + "." + c.Arch
	case s.Manager == "dnf":
		return c.Name + "-" + c.To
	case s.foreign(c):
		return c.Name + ":" + c.Arch
	}
	return c.Name
}

// foreign tells whether apt has to be told the architecture of a package.
func (s State) foreign(c event.Package) bool {
	return s.Manager == "apt" && c.Arch != "" && c.Arch != "all" && c.Arch != s.Arch
}

// runs tells whether a package is the kernel that runs.
func (s State) runs(c event.Package) bool {
	if s.Kernel == "" {
		return false
	}
	if s.Manager == "dnf" {
		_, version, epoch := strings.Cut(c.To, ":")
		if !epoch {
			version = c.To
		}
		return strings.HasPrefix(c.Name, "kernel") && version+"."+c.Arch == s.Kernel
	}
	return strings.HasPrefix(c.Name, "linux-") && strings.HasSuffix(c.Name, "-"+s.Kernel)
}
