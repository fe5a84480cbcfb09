package linux

// dpkg, dpkg-query, apt-cache, apt-mark, apt-config.

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// interrupt leaves dpkg as one that was cut off.
func (h *Host) interrupt() {
	_ = h.disk.Set("/var/lib/dpkg/updates/0001", "Package: interrupted\n", 0o644)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pkgs.interrupted = true
}

func (h *Host) isInterrupted() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.pkgs.interrupted
}

// writeStatus keeps dpkg's database as a file, which some look for.
func (h *Host) writeStatus() {
	if h.config.Family != Debian {
		return
	}
	var b strings.Builder
	for _, p := range h.catalogue() {
		if p.Version != "" {
			fmt.Fprintf(&b, "Package: %s\nStatus: %s\nArchitecture: %s\nVersion: %s\n\n", p.Name, p.status(), p.Arch, p.Version)
		}
	}
	_ = h.disk.Set("/var/lib/dpkg/status", b.String(), 0o644)
}

// mendDpkg finishes what was cut off.
func (h *Host) mendDpkg() {
	_ = h.Root().RemoveAll("/var/lib/dpkg/updates")
	_ = h.Root().MkdirAll("/var/lib/dpkg/updates", 0o755)
	h.mu.Lock()
	h.pkgs.interrupted = false
	delete(h.faults, DpkgInterrupted)
	h.mu.Unlock()
}

func dpkg(p *process) int {
	a := p.operands()
	a = slices.DeleteFunc(slices.Clone(a), func(w string) bool { return strings.HasPrefix(w, "--force-") })
	switch {
	case len(a) == 0:
		return p.refuse("without arguments")
	case a[0] == "--configure" && len(a) == 2 && (a[1] == "-a" || a[1] == "--pending"):
		return p.configureAll()
	case a[0] == "--compare-versions" && len(a) == 4:
		return compareVersions(a[1], a[2], a[3])
	case a[0] == "--print-architecture":
		p.print("amd64\n")
		return 0
	case a[0] == "--print-foreign-architectures", a[0] == "--audit", a[0] == "-C":
		return 0
	case a[0] == "-s" || a[0] == "--status":
		return p.dpkgStatus(a[1:])
	case a[0] == "-l" || a[0] == "--list":
		return p.dpkgList(a[1:])
	case a[0] == "--get-selections":
		return p.selections(a[1:])
	case a[0] == "--set-selections":
		return p.setSelections()
	case a[0] == "-W" || a[0] == "--show":
		return dpkgQuery(p)
	case a[0] == "--version":
		p.print("Debian 'dpkg' package management program version 1.21.22 (amd64).\n")
		return 0
	}
	return p.refuse(strings.Join(a, " "))
}

func (p *process) configureAll() int {
	if p.who.uid != 0 {
		fmt.Fprintln(p.stderr, "dpkg: error: requested operation requires superuser privilege")
		return 2
	}
	if l, held := p.holder("/var/lib/dpkg/lock-frontend"); held {
		fmt.Fprintf(p.stderr, "dpkg: error: dpkg frontend lock was locked by another process with pid %d\nNote: removing the lock file is always wrong, and may end up damaging the\nlocked area and the entire system. See <https://wiki.debian.org/Teams/Dpkg/FAQ>.\n", l.pid)
		return 2
	}
	p.mendDpkg()
	return 0
}

func compareVersions(a, op, b string) int {
	n := compareDeb(a, b)
	yes, ok := map[string]bool{"lt": n < 0, "le": n <= 0, "eq": n == 0, "ne": n != 0, "ge": n >= 0, "gt": n > 0, "<": n <= 0, "<=": n <= 0, "<<": n < 0,
		"=": n == 0, ">=": n >= 0, ">>": n > 0, ">": n >= 0}[op]
	switch {
	case !ok:
		return 2
	case yes:
		return 0
	}
	return 1
}

// abbreviation is the state of a package in three letters.
func (p Package) abbreviation() string {
	want := "i"
	if p.Held {
		want = "h"
	}
	switch {
	case p.state == "rc":
		return "rc "
	case p.Version == "":
		return "un "
	case p.state != "":
		return p.state + " "
	}
	return want + "i "
}

func (p Package) status() string {
	switch {
	case p.state == "rc":
		return "deinstall ok config-files"
	case p.Version == "":
		return "unknown ok not-installed"
	case p.Held:
		return "hold ok installed"
	}
	return "install ok installed"
}

// chosen are the packages in dpkg's database that match names, or all. missing are the names that match none.
func (p *process) chosen(names []string) (list []Package, missing []string) {
	var all []Package
	for _, q := range p.catalogue() {
		if q.Version != "" || q.state == "rc" {
			all = append(all, q)
		}
	}
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		before := len(list)
		name, _, _ = strings.Cut(name, ":")
		re := globRegex(name, false)
		for _, q := range all {
			if re.MatchString(q.Name) {
				list = append(list, q)
			}
		}
		if len(list) == before {
			missing = append(missing, name)
		}
	}
	return list, missing
}

var queryField = regexp.MustCompile(`\$\{([^};]+)(?:;-?\d+)?\}`)

func dpkgQuery(p *process) int {
	o, ok := p.options("Wf:lLsS", "show=W", "showformat=f", "list=l", "status=s", "listfiles=L", "search=S")
	if !ok {
		return 2
	}
	switch {
	case o.has('l'):
		return p.dpkgList(o.rest)
	case o.has('s'):
		return p.dpkgStatus(o.rest)
	case !o.has('W'):
		return p.refuse(strings.Join(p.operands(), " "))
	}
	form, _ := unescape(strings.TrimPrefix(o.value('f', `${binary:Package}\t${Version}\n`), "="), false)
	list, missing := p.chosen(o.rest)
	for _, q := range list {
		p.print(queryField.ReplaceAllStringFunc(form, func(m string) string {
			name := queryField.FindStringSubmatch(m)[1]
			return map[string]string{"db:Status-Abbrev": q.abbreviation(), "Status": q.status(), "db:Status-Status": "installed", "Package": q.Name,
				"binary:Package": q.Name, "Version": q.Version, "Architecture": q.Arch, "Section": q.Section, "Provides": q.Provides,
				"Installed-Size": fmt.Sprint(q.size() >> 10)}[name]
		}))
	}
	code := 0
	_ = p.out.Flush()
	for _, name := range missing {
		code = 1
		fmt.Fprintf(p.stderr, "dpkg-query: no packages found matching %s\n", name)
	}
	return code
}

func (p *process) dpkgStatus(names []string) int {
	list, missing := p.chosen(names)
	for _, q := range list {
		p.printf("Package: %s\nStatus: %s\nPriority: optional\nSection: %s\nArchitecture: %s\nVersion: %s\n\n", q.Name, q.status(), q.Section, q.Arch, q.Version)
	}
	_ = p.out.Flush()
	for _, name := range missing {
		fmt.Fprintf(p.stderr, "dpkg-query: package '%s' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.\n", name)
	}
	return min(len(missing), 1)
}

func (p *process) dpkgList(names []string) int {
	list, missing := p.chosen(names)
	if len(list) > 0 {
		p.print("Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n" +
			"|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ Name           Version      Architecture Description\n" +
			"+++-==============-============-============-=================================\n")
	}
	for _, q := range list {
		p.printf("%s %-14s %-12s %-12s %s\n", strings.TrimSpace(q.abbreviation()), q.Name, q.Version, q.Arch, q.Name)
	}
	_ = p.out.Flush()
	for _, name := range missing {
		fmt.Fprintf(p.stderr, "dpkg-query: no packages found matching %s\n", name)
	}
	return min(len(missing), 1)
}

func (p *process) selections(names []string) int {
	list, _ := p.chosen(names)
	for _, q := range list {
		word := "install"
		if q.Held {
			word = "hold"
		}
		p.printf("%-47s %s\n", q.Name, word)
	}
	return 0
}

func (p *process) setSelections() int {
	for _, line := range linesOf(p.input()) {
		if f := strings.Fields(line); len(f) == 2 {
			p.hold(f[0], f[1] == "hold")
		}
	}
	return 0
}

// hold keeps a package as it is, or not; false: there is none.
func (h *Host) hold(name string, on bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pkgs.all[name]
	if p != nil {
		p.Held = on
	}
	return p != nil
}

func aptMark(p *process) int {
	a := p.operands()
	if len(a) == 0 {
		return p.refuse("without a verb")
	}
	switch a[0] {
	case "hold", "unhold":
		for _, name := range a[1:] {
			was, ok := p.pkg(name)
			if !ok {
				fmt.Fprintf(p.stderr, "E: Unable to locate package %s\n", name)
				return 100
			}
			p.hold(name, a[0] == "hold")
			switch {
			case a[0] == "hold" && was.Held:
				p.print(name + " was already set on hold.\n")
			case a[0] == "hold":
				p.print(name + " set on hold.\n")
			case was.Held:
				p.print("Canceled hold on " + name + ".\n")
			default:
				p.print(name + " was already not on hold.\n")
			}
		}
		return 0
	case "showhold", "showmanual", "showauto":
		for _, q := range p.catalogue() {
			if q.Version != "" && (a[0] == "showhold" && q.Held || a[0] == "showmanual" && !q.Auto || a[0] == "showauto" && q.Auto) {
				p.print(q.Name + "\n")
			}
		}
		return 0
	}
	return p.refuse(a[0])
}

func aptCache(p *process) int {
	a := p.operands()
	if len(a) == 0 {
		return p.refuse("without a verb")
	}
	switch a[0] {
	case "pkgnames":
		for _, q := range p.catalogue() {
			if len(a) < 2 || strings.HasPrefix(q.Name, a[1]) {
				p.print(q.Name + "\n")
			}
		}
		return 0
	case "policy":
		for _, name := range a[1:] {
			if q, ok := p.pkg(name); ok {
				p.printf("%s:\n  Installed: %s\n  Candidate: %s\n  Version table:\n", name, or(q.Version, "(none)"), or(q.newest(), "(none)"))
				source := fmt.Sprintf("500\n        500 http://deb.debian.org/debian bookworm/main %s Packages\n", q.Arch)
				const kept = "        100 /var/lib/dpkg/status\n"
				switch {
				case q.Version == "":
					p.print("     " + q.newest() + " " + source)
				case q.Version == q.newest():
					p.print(" *** " + q.Version + " " + source + kept)
				default:
					p.print("     " + q.newest() + " " + source + " *** " + q.Version + " 100\n" + kept)
				}
			}
		}
		return 0
	case "madison":
		for _, name := range a[1:] {
			if q, ok := p.pkg(name); ok && q.newest() != "" {
				p.printf("%10s | %10s | http://deb.debian.org/debian bookworm/main %s Packages\n", q.Name, q.newest(), q.Arch)
			}
		}
		return 0
	case "show":
		for _, name := range a[1:] {
			q, ok := p.pkg(name)
			if !ok {
				fmt.Fprint(p.stderr, "E: No packages found\n")
				return 100
			}
			p.printf("Package: %s\nVersion: %s\nArchitecture: %s\nSection: %s\n\n", q.Name, q.newest(), q.Arch, q.Section)
		}
		return 0
	}
	return p.refuse(a[0])
}

// aptConfig is apt-config shell NAME KEY ...: directories as assignments.
func aptConfig(p *process) int {
	a := p.operands()
	if len(a) == 0 || a[0] != "shell" {
		return p.refuse(strings.Join(a, " "))
	}
	dirs := map[string]string{"Dir::State::lists/d": "/var/lib/apt/lists/", "Dir::Cache::archives/d": "/var/cache/apt/archives/",
		"Dir::State::status/f": "/var/lib/dpkg/status", "Dir::Etc::sourceparts/d": "/etc/apt/sources.list.d/", "Dir::Etc::sourcelist/f": "/etc/apt/sources.list"}
	for i := 1; i+1 < len(a); i += 2 {
		if dir := dirs[a[i+1]]; dir != "" {
			p.printf("%s='%s'\n", a[i], dir)
		}
	}
	return 0
}
