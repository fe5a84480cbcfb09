package linux

// dnf 4.

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// dnfCall is one call of dnf.
type dnfCall struct {
	*process
	o     *options
	verb  string
	specs []string
}

const dnfLong = "assumeyes=y assumeno=N quiet=q setopt=o security=S bugfix=B exclude=x excludepkgs=x refresh=r best=b nobest=b allowerasing=b skip-broken=b nogpgcheck=b " +
	"cacheonly=C downloadonly=d disableexcludes=D enablerepo=D disablerepo=D enableplugin=D disableplugin=D releasever=D config=D destdir=D installroot=D " +
	"version=v qf=Q queryformat=Q upgrades=u available=a installed=I enabled=E noautoremove=b reboothint=R all=A verbose=V"

func dnf(p *process) int {
	o, ok := p.options("yNqo:SBx:rbCdD:vQ:uaIERAVe:", strings.Fields(dnfLong)...)
	if !ok {
		return 1
	}
	d := &dnfCall{process: p, o: o}
	if len(o.rest) > 0 {
		d.verb, d.specs = o.rest[0], o.rest[1:]
	}
	switch {
	case o.has('v'):
		p.print("4.14.0\n")
		return 0
	case d.verb == "needs-restarting":
		argv := []string{"needs-restarting"}
		if o.has('r') || o.has('R') {
			argv = append(argv, "-r")
		}
		return p.run(argv, nil)
	}
	if code := d.locked(); code != 0 {
		return code
	}
	return d.do()
}

func (d *dnfCall) do() int {
	switch d.verb {
	case "makecache", "check", "clean":
		if d.full(4 << 20) {
			fmt.Fprintln(d.stderr, "Error: Failed to download metadata for repo 'baseos': [Errno 28] No space left on device")
			return 1
		}
		d.say("Metadata cache created.\n")
		return 0
	case "check-update":
		return d.checkUpdate()
	case "repoquery":
		return d.repoquery()
	case "repolist":
		d.print("repo id                           repo name\nappstream                         Rocky Linux 9 - AppStream\nbaseos                            Rocky Linux 9 - BaseOS\n")
		return 0
	case "list":
		return d.listAll()
	case "autoremove":
		return d.carry(&transaction{})
	case "upgrade", "update":
		return d.carry(d.upgradePlan())
	case "install", "downgrade":
		t, code := d.installPlan()
		if code != 0 {
			return code
		}
		return d.carry(t)
	case "remove", "erase":
		return d.carry(d.removePlan())
	}
	return d.refuse(d.verb)
}

// say is for people: -q leaves it out.
func (d *dnfCall) say(text string) {
	if !d.o.has('q') {
		d.print(text)
	}
}

// locked tells of another process that has the lock, and waits for it unless exit_on_lock is set.
func (d *dnfCall) locked() int {
	for {
		l, held := d.holder("/var/lib/rpm/.rpm.lock")
		if !held || d.who.uid != 0 {
			return 0
		}
		name := strings.Fields(l.command)[0]
		name = name[strings.LastIndexByte(name, '/')+1:]
		fmt.Fprintf(d.stderr, "Waiting for process with pid %d to finish.\n", l.pid)
		if slices.Contains(d.o.all('o'), "exit_on_lock=True") {
			d.printf("metadata already locked by %d\n  The application with PID %d is: %s\n", l.pid, l.pid, name)
			return 200
		}
		if !d.sleep(time.Second) {
			return killed
		}
	}
}

// allows tells whether the options let a newer version in.
func (d *dnfCall) allows(p Package) bool {
	for _, list := range d.o.all('x') {
		for _, glob := range strings.Split(list, ",") {
			if globRegex(glob, false).MatchString(p.Name) {
				return false
			}
		}
	}
	return !d.o.has('S') || p.Security
}

func (d *dnfCall) upgradePlan() *transaction {
	return d.upgrades(true, func(p Package) bool {
		if !d.allows(p) {
			return false
		}
		return len(d.specs) == 0 || slices.ContainsFunc(d.specs, func(s string) bool { return s == "*" || matchesRPM(s, p, p.Version) || matchesRPM(s, p, p.newest()) })
	})
}

func (d *dnfCall) installPlan() (*transaction, int) {
	t := &transaction{}
	var missing []string
	for _, spec := range d.specs {
		found := false
		for _, p := range d.catalogue() {
			if to := p.older(spec); to != "" {
				found = true
				d.add(t, p, to)
				continue
			}
			if p.newest() == "" || !matchesRPM(spec, p, p.newest()) && !slices.Contains(words(p.Provides), spec) && !(p.Version != "" && matchesRPM(spec, p, p.Version)) {
				continue
			}
			found = true
			switch {
			case p.Version == "":
				d.add(t, p, p.newest())
			case matchesRPM(spec, p, p.newest()) && d.compare(p.newest(), p.Version) > 0 && d.allows(p) && !p.Held:
				d.add(t, p, p.newest())
			default:
				t.asked = append(t.asked, "Package "+p.fullName(p.Version)+" is already installed.")
			}
		}
		if !found {
			missing = append(missing, spec)
		}
	}
	if len(missing) > 0 {
		for _, spec := range missing {
			d.print("No match for argument: " + spec + "\n")
		}
		_ = d.out.Flush()
		fmt.Fprintf(d.stderr, "Error: Unable to find a match: %s\n", strings.Join(missing, " "))
		return nil, 1
	}
	return t, 0
}

// older is the version of before that a specification names in full, unless it is that which is installed.
func (p Package) older(spec string) string {
	for _, v := range p.past {
		if p.Version != "" && v != p.Version && spec != p.Name && spec != p.Name+"."+p.Arch && matchesRPM(spec, p, v) && !matchesRPM(spec, p, p.Version) {
			return v
		}
	}
	return ""
}

func (d *dnfCall) removePlan() *transaction {
	t := &transaction{}
	for _, spec := range d.specs {
		before := len(t.changes)
		for _, p := range d.catalogue() {
			if p.Version != "" && matchesRPM(spec, p, p.Version) && !t.has(p.Name) {
				t.changes = append(t.changes, change{Package: p})
			}
		}
		if len(t.changes) == before {
			d.print("No match for argument: " + spec + "\n")
		}
	}
	return t
}

func (d *dnfCall) checkUpdate() int {
	t := d.upgradePlan()
	if len(t.changes) == 0 {
		return 0
	}
	d.print("\n")
	for _, c := range t.changes {
		d.printf("%-40s %-30s %s\n", c.Name+"."+c.Arch, c.to, repoOf(c.Package))
	}
	return 100
}

func repoOf(p Package) string {
	if p.Security {
		return "baseos-security"
	}
	return "baseos"
}

func (d *dnfCall) repoquery() int {
	form := d.o.value('Q', "%{name}-%{evr}.%{arch}\n")
	if !strings.HasSuffix(form, "\n") && !strings.HasSuffix(form, `\n`) {
		form += "\n"
	}
	for _, p := range d.catalogue() {
		version := p.newest()
		newer := p.Version != "" && d.compare(version, p.Version) > 0
		match := len(d.specs) == 0 || slices.ContainsFunc(d.specs, func(s string) bool { return matchesRPM(s, p, version) })
		if version == "" || !match || d.o.has('u') && !newer || !d.allows(p) {
			continue
		}
		e, _, _ := evr(version)
		text := rpmFormat(form, p, version)
		if e == "" {
			text = strings.Replace(text, "(none)", "0", 1)
		}
		d.print(text)
	}
	return 0
}

func (d *dnfCall) listAll() int {
	show := func(title string, pick func(Package) string) {
		first := true
		for _, p := range d.catalogue() {
			match := len(d.specs) == 0 || slices.ContainsFunc(d.specs, func(s string) bool { return matchesRPM(s, p, p.newest()) })
			version := pick(p)
			if version == "" || !match {
				continue
			}
			if first {
				d.say(title + "\n")
			}
			first = false
			d.printf("%-40s %-30s %s\n", p.Name+"."+p.Arch, version, repoOf(p))
		}
	}
	word := ""
	if len(d.specs) > 0 && slices.Contains([]string{"updates", "installed", "available"}, d.specs[0]) {
		word, d.specs = d.specs[0], d.specs[1:]
	}
	updates := func(p Package) string {
		if p.Version != "" && d.compare(p.newest(), p.Version) > 0 {
			return p.newest()
		}
		return ""
	}
	switch {
	case d.o.has('u'), word == "updates":
		show("Available Upgrades", updates)
	case d.o.has('I'), word == "installed":
		show("Installed Packages", func(p Package) string { return p.Version })
	default:
		show("Installed Packages", func(p Package) string { return p.Version })
		show("Available Packages", func(p Package) string {
			if p.Version == "" {
				return p.Available
			}
			return updates(p)
		})
	}
	return 0
}
