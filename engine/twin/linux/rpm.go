package linux

// rpm and needs-restarting.

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// nevra are the parts of a package's full name.
func (p Package) nevra(version string) map[string]string {
	e, v, r := evr(version)
	return map[string]string{"name": p.Name, "epoch": or(e, "(none)"), "version": v, "release": r, "arch": p.Arch,
		"nevra": p.Name + "-" + version + "." + p.Arch, "evr": version, "size": fmt.Sprint(p.size()), "vendor": "Rocky Enterprise Software Foundation"}
}

// fullName is NAME-VERSION-RELEASE.ARCH without the epoch, as rpm -q says it.
func (p Package) fullName(version string) string {
	m := p.nevra(version)
	return m["name"] + "-" + m["version"] + "-" + m["release"] + "." + m["arch"]
}

// installedRPM is every package that is installed, each version for itself.
func (h *Host) installedRPM() []Package {
	var out []Package
	for _, p := range h.catalogue() {
		for _, v := range p.Older {
			old := p
			old.Version = v
			out = append(out, old)
		}
		if p.Version != "" {
			out = append(out, p)
		}
	}
	return out
}

// matchesRPM tells whether a specification of rpm or dnf means a package: NAME, NAME.ARCH, NAME-VERSION, NAME-VERSION-RELEASE(.ARCH), with globs.
func matchesRPM(spec string, p Package, version string) bool {
	m := p.nevra(version)
	re := globRegex(spec, false)
	for _, form := range []string{m["name"], m["name"] + "." + m["arch"], m["name"] + "-" + m["version"], m["name"] + "-" + m["version"] + "-" + m["release"],
		p.fullName(version), m["nevra"], m["name"] + "-" + version} {
		if re.MatchString(form) {
			return true
		}
	}
	return false
}

var (
	rpmTag   = regexp.MustCompile(`%-?\d*\{([A-Za-z:]+)\}`)
	rpmMaybe = regexp.MustCompile(`%\|EPOCH\?\{([^|]*)\}:\{([^|]*)\}\|`)
)

// rpmFormat fills a --qf.
func rpmFormat(form string, p Package, version string) string {
	form, _ = unescape(form, false)
	m := p.nevra(version)
	form = rpmMaybe.ReplaceAllStringFunc(form, func(s string) string {
		parts := rpmMaybe.FindStringSubmatch(s)
		if m["epoch"] != "(none)" {
			return parts[1]
		}
		return parts[2]
	})
	return rpmTag.ReplaceAllStringFunc(form, func(s string) string {
		name := strings.ToLower(rpmTag.FindStringSubmatch(s)[1])
		if v, ok := m[name]; ok {
			return v
		}
		if name == "repoid" {
			return repoOf(p)
		}
		return "(none)"
	})
}

func rpm(p *process) int {
	o, ok := p.options("qaR:Q:veiVP:lE:", "root=R", "qf=Q", "queryformat=Q", "query=q", "all=a", "whatprovides=W", "eval=E", "version=v", "import=P")
	if !ok {
		return 1
	}
	switch {
	case o.has('v'):
		p.print("RPM version 4.16.1.3\n")
		return 0
	case o.has('E'):
		p.print(map[string]string{"%rhel": "9", "%{rhel}": "9", "%fedora": "%fedora"}[o.value('E', "")] + "\n")
		return 0
	case !o.has('q') || o.has('e') || o.has('i') || o.has('V') || o.has('l') || o.has('P'):
		return p.refuse(strings.Join(p.operands(), " "))
	}
	form := o.value('Q', "")
	show := func(q Package) {
		if form == "" {
			p.print(q.fullName(q.Version) + "\n")
			return
		}
		p.print(rpmFormat(form, q, q.Version))
	}
	all := p.installedRPM()
	if o.has('a') {
		for _, q := range all {
			if len(o.rest) == 0 || slices.ContainsFunc(o.rest, func(s string) bool { return matchesRPM(s, q, q.Version) }) {
				show(q)
			}
		}
		return 0
	}
	code := 0
	for _, spec := range o.rest {
		hit := false
		for _, q := range all {
			if o.has('W') && (q.Name == spec || slices.Contains(words(q.Provides), spec)) || !o.has('W') && matchesRPM(spec, q, q.Version) {
				show(q)
				hit = true
			}
		}
		if !hit {
			code++
			if o.has('W') {
				p.print("no package provides " + spec + "\n")
			} else {
				p.print("package " + spec + " is not installed\n")
			}
		}
	}
	return code
}

// needsRestarting is needs-restarting -r, of dnf-utils and of dnf: 1 when something that runs since the boot has a new version.
func needsRestarting(p *process) int {
	o, ok := p.options("rsu", "reboothint=r", "services=s")
	if !ok {
		return 1
	}
	if !o.has('r') {
		return 0
	}
	p.mu.Lock()
	names := slices.Compact(slices.Sorted(slices.Values(p.pkgs.wantReboot)))
	p.mu.Unlock()
	if len(names) == 0 {
		p.print("No core libraries or services have been updated since boot-up.\nReboot should not be necessary.\n")
		return 0
	}
	p.print("Core libraries or services have been updated since boot-up:\n")
	for _, name := range names {
		p.print("  * " + name + "\n")
	}
	p.print("\nReboot is required to fully utilize these updates.\nMore information: https://access.redhat.com/solutions/27943\n")
	return 1
}
