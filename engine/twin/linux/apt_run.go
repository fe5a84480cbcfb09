package linux

// apt-get: carrying out, and saying so.

import (
	"fmt"
	"slices"
	"strings"
)

// carry shows a transaction and, unless it is only simulated, carries it out.
func (a *aptCall) carry(t *transaction, upgrade bool) int {
	simulated := a.o.has('s')
	if !simulated {
		if code := a.locked("/var/lib/dpkg/lock-frontend", "Could not get lock /var/lib/dpkg/lock-frontend.",
			"Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?"); code != 0 {
			return code
		}
		if a.isInterrupted() {
			return a.e("dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. ")
		}
	} else if a.who.uid != 0 {
		a.print("NOTE: This is only a simulation!\n      apt-get needs root privileges for real execution.\n      Keep also in mind that locking is deactivated,\n" +
			"      so don't depend on the relevance to the real current situation!\n")
	}
	a.reading()
	if upgrade {
		a.print("Calculating upgrade...\n")
	}
	for _, line := range t.asked {
		a.print(line + "\n")
	}
	a.summary(t)
	if simulated {
		a.simulate(t)
		return 0
	}
	if len(t.changes) == 0 {
		return 0
	}
	if slices.ContainsFunc(t.changes, a.back) && a.o.has('y') && !a.o.has('D') {
		return a.e("Packages were downgraded and -y was used without --allow-downgrades.")
	}
	if !a.o.has('y') {
		a.print("Do you want to continue? [Y/n] ")
		if line, _ := a.readLine(); strings.HasPrefix(strings.ToLower(line), "n") || a.stdin == nil {
			a.print("Abort.\n")
			return 1
		}
	}
	return a.unpackAll(t)
}

// summary are the lists of packages and their counts.
func (a *aptCall) summary(t *transaction) {
	show := func(title string, pick func(change) bool) {
		var names []string
		for _, c := range t.changes {
			if pick(c) {
				name := c.Name
				if c.purge {
					name += "*"
				}
				names = append(names, name)
			}
		}
		a.listed(title, names)
	}
	if len(t.named) > 0 {
		var extra []string
		for _, c := range t.changes {
			if !slices.Contains(t.named, c.Name) {
				extra = append(extra, c.Name)
			}
		}
		a.listed("The following additional packages will be installed:", extra)
	}
	show("The following packages will be REMOVED:", func(c change) bool { return c.to == "" })
	show("The following NEW packages will be installed:", func(c change) bool { return c.to != "" && c.fresh() })
	a.listed("The following packages have been kept back:", t.kept)
	show("The following packages will be upgraded:", func(c change) bool { return c.to != "" && !c.fresh() && !a.back(c) })
	show("The following packages will be DOWNGRADED:", a.back)
	up, fresh, down, gone := a.count(t)
	a.printf("%d upgraded, %d newly installed, ", up, fresh)
	if down > 0 {
		a.printf("%d downgraded, ", down)
	}
	a.printf("%d to remove and %d not upgraded.\n", gone, len(a.pending(t)))
}

// listed prints names below a title, in lines that are not too long.
func (a *aptCall) listed(title string, names []string) {
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	a.print(title + "\n")
	line := " "
	for _, name := range names {
		if len(line)+len(name) >= 79 {
			a.print(line + "\n")
			line = " "
		}
		line += " " + name
	}
	a.print(line + "\n")
}

// pending are the packages that stay as they are though something newer is there.
func (a *aptCall) pending(t *transaction) []string {
	var names []string
	for _, p := range a.catalogue() {
		if p.Version != "" && a.compare(p.newest(), p.Version) > 0 && !t.has(p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// origin is where a version comes from, as Inst lines have it.
func origin(p Package) string {
	if p.Security {
		return fmt.Sprintf("Debian-Security:12/stable-security [%s]", p.Arch)
	}
	return fmt.Sprintf("Debian:12.8/stable [%s]", p.Arch)
}

func (a *aptCall) simulate(t *transaction) {
	for _, c := range t.changes {
		switch {
		case c.to == "" && c.purge:
			a.printf("Purg %s [%s]\n", c.Name, c.Version)
		case c.to == "":
			a.printf("Remv %s [%s]\n", c.Name, c.Version)
		case c.fresh():
			a.printf("Inst %s (%s %s)\n", c.Name, c.to, origin(c.Package))
		default:
			a.printf("Inst %s [%s] (%s %s)\n", c.Name, c.Version, c.to, origin(c.Package))
		}
	}
	for _, c := range t.changes {
		if c.to != "" {
			a.printf("Conf %s (%s %s)\n", c.Name, c.to, origin(c.Package))
		}
	}
}

// unpackAll fetches, unpacks and configures. When it is cut off in between, dpkg is interrupted.
func (a *aptCall) unpackAll(t *transaction) int {
	bytes := t.bytes()
	if a.full(bytes) {
		return a.e("You don't have enough free space in /var/cache/apt/archives/.")
	}
	if bytes > 0 {
		a.printf("Need to get %d kB of archives.\n", bytes/1000)
		for i, c := range t.changes {
			if c.to != "" {
				a.printf("Get:%d http://deb.debian.org/debian bookworm/main %s %s %s %s [%d kB]\n", i+1, c.Arch, c.Name, c.Arch, c.to, c.size()/1000)
			}
		}
		a.printf("Fetched %d kB in 1s (%d kB/s)\n", bytes/1000, bytes/1000)
	}
	if a.o.has('d') {
		return 0
	}
	a.print("(Reading database ... 31458 files and directories currently installed.)\n")
	for _, c := range t.changes {
		if !a.unpack(c) {
			a.interrupt()
			return killed
		}
	}
	for _, c := range t.changes {
		if c.to == "" {
			continue
		}
		if a.ctx.Err() != nil {
			a.interrupt()
			return killed
		}
		a.printf("Setting up %s (%s) ...\n", named(c), c.to)
		if code := a.configure(c); code != 0 {
			return code
		}
	}
	a.print("Processing triggers for libc-bin (2.36-9+deb12u8) ...\n")
	return a.needrestart()
}

// named is a package as dpkg prints it.
func named(c change) string {
	if c.Arch == "all" {
		return c.Name
	}
	return c.Name + ":" + c.Arch
}

func (a *aptCall) unpack(c change) bool {
	switch {
	case c.to == "":
		a.printf("Removing %s (%s) ...\n", named(c), c.Version)
		a.commit(c)
		return a.step(a.config.PackageTime)
	case c.fresh():
		a.printf("Preparing to unpack .../%s_%s_%s.deb ...\nUnpacking %s (%s) ...\n", c.Name, c.to, c.Arch, named(c), c.to)
	default:
		if a.back(c) {
			a.printf("dpkg: warning: downgrading %s from %s to %s\n", c.Name, c.Version, c.to)
		}
		a.printf("Preparing to unpack .../%s_%s_%s.deb ...\nUnpacking %s (%s) over (%s) ...\n", c.Name, c.to, c.Arch, named(c), c.to, c.Version)
	}
	return a.step(a.config.PackageTime)
}

// configure makes the new version the one that is installed, if the question about its configuration file is answered.
func (a *aptCall) configure(c change) int {
	if c.Conffile != "" || a.breaks(ConffilePrompt) {
		if !a.conffile(c) {
			fmt.Fprintf(a.stderr, "dpkg: error processing package %s (--configure):\n end of file on stdin at conffile prompt\nErrors were encountered while processing:\n %s\n", c.Name, c.Name)
			a.interrupt()
			return a.e("Sub-process /usr/bin/dpkg returned an error code (1)")
		}
	}
	a.commit(c)
	if err := a.disk.Reserve(c.size() / 16); err != nil {
		fmt.Fprintf(a.stderr, "dpkg: error processing archive (--unpack):\n cannot copy extracted data: failed to write (No space left on device)\n")
		return a.e("Sub-process /usr/bin/dpkg returned an error code (1)")
	}
	return 0
}

// conffile asks what becomes of a configuration file that was edited; false: nobody answers.
func (a *aptCall) conffile(c change) bool {
	if !a.breaks(ConffilePrompt) || c.fresh() {
		return true
	}
	file := or(c.Conffile, "/etc/"+c.Name+".conf")
	a.printf("\nConfiguration file '%s'\n ==> Modified (by you or by a script) since installation.\n ==> Package distributor has shipped an updated version.\n", file)
	options := a.conf["dpkg::options::"]
	switch {
	case strings.Contains(options, "force-confold"):
		a.print(" ==> Keeping old config file as default.\n")
		return true
	case strings.Contains(options, "force-confnew"), strings.Contains(options, "force-confdef"):
		a.print(" ==> Using new config file as default.\n")
		return true
	}
	a.printf("   What would you like to do about it ?  Your options are:\n    Y or I  : install the package maintainer's version\n"+
		"    N or O  : keep your currently-installed version\n*** %s (Y/I/N/O/D/Z) [default=N] ? ", file)
	_ = a.out.Flush()
	_, answered := a.readLine()
	return answered
}

// needrestart runs after dpkg, where it is installed: it waits for an answer unless it is told not to.
func (a *aptCall) needrestart() int {
	if !a.breaks(NeedrestartHangs) {
		return 0
	}
	mode := a.getenv("NEEDRESTART_MODE")
	if mode == "l" || mode == "a" || a.getenv("NEEDRESTART_SUSPEND") != "" || a.getenv("DEBIAN_FRONTEND") == "noninteractive" {
		a.print("Running kernel seems to be up-to-date.\nNo services need to be restarted.\n")
		return 0
	}
	a.print("Daemons using outdated libraries\n--------------------------------\n\n  1. ssh.service  2. none of the above\n\nWhich services should be restarted? ")
	_ = a.out.Flush()
	<-a.ctx.Done()
	return killed
}
