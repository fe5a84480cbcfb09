package linux

// apt-get: what it is asked, and what it would do.

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// aptCall is one call of apt-get or apt.
type aptCall struct {
	*process
	o     *options
	verb  string
	names []string
	conf  map[string]string // of -o, and Dpkg::Options::s joined
}

const aptLong = "simulate=s dry-run=s just-print=s yes=y assume-yes=y quiet=q option=o fix-broken=f only-upgrade=U no-install-recommends=R install-recommends=R " +
	"allow-unauthenticated=N allow-downgrades=D allow-change-held-packages=H allow-remove-essential=N no-remove=M auto-remove=A autoremove=A purge=P " +
	"download-only=d target-release=t default-release=t with-new-pkgs=W reinstall=I version=v upgradable=u installed=i no-upgrade=n force-yes=N allow-releaseinfo-change=N"

func aptGet(p *process) int {
	o, ok := p.options("syqo:fURNHMAPdt:WIvuinVc:hmD", strings.Fields(aptLong)...)
	if !ok {
		return 100
	}
	if o.has('v') {
		p.print("apt 2.6.1 (amd64)\n")
		return 0
	}
	if p.name() == "apt" {
		fmt.Fprint(p.stderr, "\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n")
	}
	a := &aptCall{process: p, o: o, conf: map[string]string{}}
	for _, set := range o.all('o') {
		name, value, _ := strings.Cut(set, "=")
		a.conf[strings.ToLower(name)] += value + " "
	}
	if len(o.rest) > 0 {
		a.verb, a.names = o.rest[0], o.rest[1:]
	}
	return a.do()
}

func (a *aptCall) do() int {
	switch a.verb {
	case "update":
		return a.update()
	case "upgrade", "dist-upgrade", "full-upgrade":
		pick := func(Package) bool { return true }
		fresh := a.verb != "upgrade" || a.o.has('W') || a.name() == "apt"
		return a.carry(a.upgrades(fresh, pick), true)
	case "install":
		t, code := a.install()
		if code != 0 {
			return code
		}
		return a.carry(t, false)
	case "remove", "purge":
		t, code := a.remove(a.verb == "purge" || a.o.has('P'))
		if code != 0 {
			return code
		}
		return a.carry(t, false)
	case "autoremove", "auto-remove":
		return a.carry(&transaction{}, false)
	case "autoclean":
		a.reading()
		return 0
	case "clean":
		return a.clean()
	case "check":
		a.reading()
		return 0
	case "list":
		return a.list()
	case "":
		a.print("apt 2.6.1 (amd64)\nUsage: apt-get [options] command\n")
		return 0
	}
	return a.refuse(a.verb)
}

func (a *aptCall) reading() {
	if !a.o.has('q') {
		a.print("Reading package lists...\nBuilding dependency tree...\nReading state information...\n")
	}
}

// update reads the lists of the repositories anew.
func (a *aptCall) update() int {
	if code := a.locked("/var/lib/apt/lists/lock", "Could not get lock /var/lib/apt/lists/lock.", "Unable to lock directory /var/lib/apt/lists/"); code != 0 {
		return code
	}
	if a.full(4 << 20) {
		return a.e("Write error - write (28: No space left on device)")
	}
	a.print("Hit:1 http://deb.debian.org/debian bookworm InRelease\nHit:2 http://security.debian.org/debian-security bookworm-security InRelease\nReading package lists...\n")
	now := a.clock.Now()
	_ = a.disk.Age("/var/lib/apt/lists", now) // it is there
	_ = a.disk.Set("/var/lib/apt/periodic/update-success-stamp", "", 0o644)
	a.mu.Lock()
	a.pkgs.refreshed = now
	a.mu.Unlock()
	return 0
}

// e prints an error as apt does and is its exit status.
func (a *aptCall) e(format string, args ...any) int {
	_ = a.out.Flush()
	fmt.Fprintf(a.stderr, "E: "+format+"\n", args...)
	return 100
}

// locked waits for a lock as long as DPkg::Lock::Timeout says, and tells of who holds it then.
func (a *aptCall) locked(file, first, second string) int {
	if a.who.uid != 0 {
		fmt.Fprintf(a.stderr, "E: Could not open lock file %s - open (13: Permission denied)\n", file)
		return a.e("Unable to acquire the dpkg frontend lock (%s), are you root?", file)
	}
	timeout := 0
	fmt.Sscan(a.conf["dpkg::lock::timeout"], &timeout)
	for waited := 0; ; waited++ {
		l, held := a.holder(file)
		if !held {
			return 0
		}
		if timeout >= 0 && waited >= timeout {
			words := strings.Fields(l.command)
			name := words[len(words)-1]
			name = name[strings.LastIndexByte(name, '/')+1:]
			fmt.Fprintf(a.stderr, "E: %s It is held by process %d (%s)\n", first, l.pid, name[:min(15, len(name))])
			fmt.Fprint(a.stderr, "N: Be aware that removing the lock file is not a solution and may break your system.\n")
			return a.e("%s", second)
		}
		if !a.sleep(time.Second) {
			return killed
		}
	}
}

// install makes a transaction of specifications: NAME, NAME=VERSION, NAME/RELEASE, NAME:ARCH.
func (a *aptCall) install() (*transaction, int) {
	t := &transaction{}
	for _, spec := range a.names {
		name, version, pinned := strings.Cut(spec, "=")
		name, _, _ = strings.Cut(name, "/")
		name, _, _ = strings.Cut(name, ":")
		p, ok := a.pkg(name)
		switch {
		case strings.HasSuffix(spec, ".deb"):
			return nil, a.refuse("install " + spec)
		case !ok || p.newest() == "":
			if ok = a.provided(name); ok {
				continue
			}
			a.reading()
			return nil, a.e("Unable to locate package %s", name)
		case pinned && p.pinned(version) == "":
			a.reading()
			return nil, a.e("Version '%s' for '%s' was not found", version, name)
		case p.Version == "" && a.o.has('U'):
			t.asked = append(t.asked, "Skipping "+name+", it is not installed and only upgrades are requested.")
			continue
		}
		want := p.newest()
		if pinned {
			want = p.pinned(version)
		}
		switch {
		case p.Version == want && p.state == "" && !a.o.has('I'):
			t.asked = append(t.asked, fmt.Sprintf("%s is already the newest version (%s).", name, want))
		case p.Held && !a.o.has('H') && p.Version != "":
			t.kept = append(t.kept, name)
		default:
			t.named = append(t.named, name)
			a.add(t, p, want)
		}
	}
	return t, 0
}

// pinned is the version that a pattern means: what is installed, what is newest, or what was before.
func (p Package) pinned(pattern string) string {
	re := globRegex(pattern, false)
	for _, v := range append([]string{p.Version, p.Available}, p.past...) {
		if v != "" && re.MatchString(v) {
			return v
		}
	}
	return ""
}

func (a *aptCall) provided(name string) bool {
	return slices.ContainsFunc(a.catalogue(), func(p Package) bool { return p.Version != "" && slices.Contains(words(p.Provides), name) })
}

// words are the names in Provides.
func words(provides string) []string {
	return strings.FieldsFunc(provides, func(r rune) bool { return r == ',' || r == ' ' })
}

func (a *aptCall) remove(purge bool) (*transaction, int) {
	t := &transaction{}
	for _, name := range a.names {
		p, ok := a.pkg(name)
		switch {
		case !ok:
			a.reading()
			return nil, a.e("Unable to locate package %s", name)
		case p.Version == "" && !(purge && p.state == "rc"):
			t.asked = append(t.asked, fmt.Sprintf("Package '%s' is not installed, so not removed", name))
		default:
			t.changes = append(t.changes, change{Package: p, purge: purge})
		}
	}
	return t, 0
}

func (a *aptCall) clean() int {
	list, _ := a.view().ReadDir("/var/cache/apt/archives")
	for _, i := range list {
		if strings.HasSuffix(i.Base, ".deb") {
			_ = a.view().Remove("/var/cache/apt/archives/" + i.Base)
		}
	}
	return 0
}

// list is apt list --upgradable and --installed.
func (a *aptCall) list() int {
	a.print("Listing...\n")
	for _, p := range a.catalogue() {
		newer := p.Version != "" && a.compare(p.newest(), p.Version) > 0
		match := len(a.names) == 0 || slices.ContainsFunc(a.names, func(n string) bool { return globRegex(n, false).MatchString(p.Name) })
		if !match || a.o.has('u') && !newer || a.o.has('i') && p.Version == "" || p.newest() == "" {
			continue
		}
		a.printf("%s/%s %s %s", p.Name, suite(p), p.newest(), p.Arch)
		switch {
		case newer:
			a.printf(" [upgradable from: %s]", p.Version)
		case p.Version != "" && p.Auto:
			a.print(" [installed,automatic]")
		case p.Version != "":
			a.print(" [installed]")
		}
		a.print("\n")
	}
	return 0
}

// suite is where the newest version comes from.
func suite(p Package) string {
	if p.Security {
		return "stable-security"
	}
	return "stable"
}

// full tells whether there is no space for so many bytes.
func (h *Host) full(bytes int64) bool {
	_, free := h.disk.Space()
	return free < bytes
}
