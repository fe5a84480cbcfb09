package linux

// The package database, of either family: what is installed, what there is, and what an upgrade would do.

import (
	"slices"
	"strings"
	"time"
)

// Package is a package that is installed, or could be.
type Package struct {
	Name      string
	Version   string // what is installed; empty: it is not. Of rpm: [EPOCH:]VERSION-RELEASE
	Available string // the newest in the repositories; empty: what is installed
	Arch      string // empty: that of the machine; all or noarch: of any
	Section   string
	Provides  string
	Needs     []string // packages that its newest version needs
	Security  bool     // the newest version comes from a repository of security updates
	Held      bool     // it is not to be upgraded
	Phased    bool     // the newest version is not yet for this host
	Reboot    bool     // a new version wants a reboot
	Kernel    string   // the release of the kernel that it holds; of rpm, where kernels stand side by side: any word
	Conffile  string   // a configuration file that comes with it
	Auto      bool     // installed only because another needs it
	Size      int64    // bytes; 0: 1 MB
	Older     []string // further versions that are installed: kernels of rpm

	state string   // of dpkg: empty is "ii"
	past  []string // what was installed before, which the repositories still have
}

// packageBase is what a host knows of packages.
type packageBase struct {
	all         map[string]*Package
	refreshed   time.Time
	interrupted bool     // dpkg was cut off
	wantReboot  []string // packages that want one since the last boot
}

func (p *Package) size() int64 {
	if p.Size == 0 {
		return 1 << 20
	}
	return p.Size
}

func (p *Package) newest() string { return or(p.Available, p.Version) }

// basePackages are those of a new host, and those of its Config instead or besides.
func basePackages(c Config) packageBase {
	base := packageBase{all: map[string]*Package{}, refreshed: c.Clock.Now().Add(-24 * time.Hour)}
	list := debianPackages()
	if c.Family == RedHat {
		list = redhatPackages()
	}
	for _, p := range append(list, c.Packages...) {
		if p.Arch == "" {
			p.Arch = map[Family]string{Debian: "amd64", RedHat: "x86_64"}[c.Family]
		}
		if p.Section == "" {
			p.Section = "admin"
		}
		base.all[p.Name] = &p
	}
	return base
}

func debianPackages() []Package {
	return []Package{
		{Name: "adduser", Version: "3.134", Arch: "all"}, {Name: "apt", Version: "2.6.1"}, {Name: "base-files", Version: "12.4+deb12u8"},
		{Name: "bash", Version: "5.2.15-2+b7"}, {Name: "ca-certificates", Version: "20230311", Arch: "all"}, {Name: "coreutils", Version: "9.1-1"},
		{Name: "curl", Version: "7.88.1-10+deb12u8"}, {Name: "dpkg", Version: "1.21.22"}, {Name: "libc6", Version: "2.36-9+deb12u8", Reboot: true, Section: "libs"},
		{Name: "libssl3", Version: "3.0.15-1~deb12u1", Section: "libs"}, {Name: "linux-image-amd64", Version: "6.1.115-1", Section: "kernel"},
		{Name: "linux-image-6.1.0-27-amd64", Version: "6.1.115-1", Kernel: "6.1.0-27-amd64", Section: "kernel", Size: 400 << 20, Auto: true},
		{Name: "open-iscsi", Version: "2.1.8-1", Conffile: "/etc/iscsi/iscsid.conf"}, {Name: "openssh-server", Version: "1:9.2p1-2+deb12u3", Provides: "ssh-server", Conffile: "/etc/ssh/sshd_config"},
		{Name: "openssl", Version: "3.0.15-1~deb12u1"}, {Name: "sudo", Version: "1.9.13p3-1+deb12u1", Conffile: "/etc/sudoers"},
		{Name: "systemd", Version: "252.31-1~deb12u1"}, {Name: "nfs-common", Available: "1:2.6.2-4"}, {Name: "vim", Available: "2:9.0.1378-2"},
		{Name: "htop", Available: "3.2.2-2"}, {Name: "jq", Available: "1.6-2.1"},
	}
}

func redhatPackages() []Package {
	return []Package{
		{Name: "bash", Version: "5.1.8-9.el9"}, {Name: "ca-certificates", Version: "2024.2.69_v8.0.303-91.4.el9_4", Arch: "noarch"},
		{Name: "coreutils", Version: "8.32-36.el9"}, {Name: "curl", Version: "7.76.1-31.el9"}, {Name: "dnf", Version: "4.14.0-17.el9", Arch: "noarch", Provides: "yum"},
		{Name: "dnf-plugins-core", Version: "4.3.0-16.el9", Arch: "noarch"}, {Name: "glibc", Version: "2.34-125.el9_5.1", Reboot: true},
		{Name: "iscsi-initiator-utils", Version: "6.2.1.9-1.gita65a472.el9"}, {Name: "kernel", Version: "5.14.0-503.11.1.el9_5", Kernel: "kernel", Reboot: true, Size: 300 << 20},
		{Name: "openssh-server", Version: "8.7p1-43.el9"}, {Name: "openssl-libs", Version: "1:3.2.2-6.el9_5", Reboot: true}, {Name: "sudo", Version: "1.9.5p2-10.el9_3"},
		{Name: "systemd", Version: "252-46.el9_5.2", Reboot: true}, {Name: "nfs-utils", Available: "1:2.5.4-27.el9"}, {Name: "vim-enhanced", Available: "2:8.2.2637-21.el9"},
		{Name: "jq", Available: "1.6-17.el9"},
	}
}

// Updates are newer versions of packages that every host of a family has, a kernel among them: for a Config that is to have something to do.
func Updates(f Family) []Package {
	if f == RedHat {
		return []Package{
			{Name: "kernel", Version: "5.14.0-503.11.1.el9_5", Available: "5.14.0-503.14.1.el9_5", Kernel: "kernel", Reboot: true, Security: true, Size: 300 << 20},
			{Name: "glibc", Version: "2.34-125.el9_5.1", Available: "2.34-125.el9_5.3", Reboot: true},
			{Name: "openssl-libs", Version: "1:3.2.2-6.el9_5", Available: "1:3.2.2-6.el9_5.1", Reboot: true, Security: true},
			{Name: "curl", Version: "7.76.1-31.el9", Available: "7.76.1-31.el9_5.1"},
		}
	}
	return []Package{
		{Name: "libssl3", Version: "3.0.15-1~deb12u1", Available: "3.0.16-1~deb12u1", Section: "libs", Security: true},
		{Name: "openssl", Version: "3.0.15-1~deb12u1", Available: "3.0.16-1~deb12u1", Security: true},
		{Name: "curl", Version: "7.88.1-10+deb12u8", Available: "7.88.1-10+deb12u12"},
		{Name: "linux-image-amd64", Version: "6.1.115-1", Available: "6.1.119-1", Section: "kernel", Security: true, Needs: []string{"linux-image-6.1.0-28-amd64"}},
		{Name: "linux-image-6.1.0-28-amd64", Available: "6.1.119-1", Kernel: "6.1.0-28-amd64", Section: "kernel", Security: true, Reboot: true, Size: 400 << 20, Auto: true},
	}
}

// SetPackage puts a package into the database, or another version into the repositories.
func (h *Host) SetPackage(p Package) {
	one := basePackages(Config{Family: h.config.Family, Clock: h.clock, Packages: []Package{p}}).all[p.Name]
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pkgs.all[p.Name] = one
}

// Installed is the version of a package that is installed; empty: none.
func (h *Host) Installed(name string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.pkgs.all[name]; p != nil {
		return p.Version
	}
	return ""
}

// catalogue is a copy of the database by name.
func (h *Host) catalogue() []Package {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]Package, 0, len(h.pkgs.all))
	for _, name := range sortedKeys(h.pkgs.all) {
		list = append(list, *h.pkgs.all[name])
	}
	return list
}

// pkg is a copy of a package.
func (h *Host) pkg(name string) (Package, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pkgs.all[name]
	if p == nil {
		return Package{}, false
	}
	return *p, true
}

// newestKernel is the release that the next boot takes.
func (h *Host) newestKernel() string {
	newest := Package{}
	for _, p := range h.catalogue() {
		if p.Kernel != "" && p.Version != "" && h.compare(p.Version, newest.Version) > 0 {
			newest = p
		}
	}
	if h.config.Family == RedHat {
		return newest.Version + "." + newest.Arch
	}
	return newest.Kernel
}

// compare orders versions as the family does.
func (h *Host) compare(a, b string) int { return Compare(h.config.Family, a, b) }

// packageLock is the lock that the package manager takes.
func (h *Host) packageLock() string {
	if h.config.Family == RedHat {
		return "/var/lib/rpm/.rpm.lock"
	}
	return "/var/lib/dpkg/lock-frontend"
}

// change is one package of a transaction.
type change struct {
	Package        // as it was
	to      string // empty: it goes
	purge   bool
}

func (c change) fresh() bool { return c.Version == "" }

// transaction is what a package manager is about to do.
type transaction struct {
	changes []change
	kept    []string // held, phased, or in need of something new
	asked   []string // what is to be said about packages that were named
	named   []string // packages that were named, and not only needed by others
}

func (t *transaction) has(name string) bool {
	return slices.ContainsFunc(t.changes, func(c change) bool { return c.Name == name })
}

// back tells whether a change goes to an older version.
func (h *Host) back(c change) bool { return c.to != "" && !c.fresh() && h.compare(c.to, c.Version) < 0 }

// count are the changes that upgrade, that install anew, that go back, and that remove.
func (h *Host) count(t *transaction) (upgraded, fresh, down, gone int) {
	for _, c := range t.changes {
		switch {
		case c.to == "":
			gone++
		case h.back(c):
			down++
		case c.fresh():
			fresh++
		default:
			upgraded++
		}
	}
	return upgraded, fresh, down, gone
}

// bytes is what is to be fetched.
func (t *transaction) bytes() int64 {
	n := int64(0)
	for _, c := range t.changes {
		if c.to != "" {
			n += c.size()
		}
	}
	return n
}

// add puts a package into the transaction with all that it needs.
func (h *Host) add(t *transaction, p Package, to string) {
	if t.has(p.Name) {
		return
	}
	for _, need := range p.Needs { // first, as package managers do
		if n, ok := h.pkg(need); ok && n.Name != p.Name && n.Version == "" {
			h.add(t, n, n.newest())
		}
	}
	t.changes = append(t.changes, change{Package: p, to: to})
}

// upgrades is a transaction that upgrades what pick accepts. fresh says whether new packages may come with it.
func (h *Host) upgrades(fresh bool, pick func(Package) bool) *transaction {
	t := &transaction{}
	for _, p := range h.catalogue() {
		if p.Version == "" || h.compare(p.newest(), p.Version) <= 0 || !pick(p) {
			continue
		}
		needs := slices.ContainsFunc(p.Needs, func(n string) bool { q, ok := h.pkg(n); return ok && q.Version == "" })
		if p.Held || p.Phased || needs && !fresh {
			t.kept = append(t.kept, p.Name)
			continue
		}
		h.add(t, p, p.newest())
	}
	return t
}

// commit makes one change true.
func (h *Host) commit(c change) {
	h.mu.Lock()
	p := h.pkgs.all[c.Name]
	before := p.Version
	switch {
	case c.to == "":
		p.Version, p.Older = "", nil
		if p.state = "rc"; c.purge {
			p.state = ""
		}
		if p.Available == "" {
			p.Available = before
		}
	case p.Kernel != "" && h.config.Family == RedHat && before != "":
		p.Older = append(p.Older, before)
		fallthrough
	default:
		if before != "" && before != c.to && !slices.Contains(p.past, before) {
			p.past = append(slices.Clip(p.past), before)
		}
		p.Version, p.state = c.to, ""
		if p.Available == "" {
			p.Available = c.to
		}
	}
	h.mu.Unlock()
	h.writeStatus()
	h.mu.Lock()
	wants := p.Reboot && c.to != "" && before != c.to
	if wants {
		h.pkgs.wantReboot = append(h.pkgs.wantReboot, c.Name)
	}
	h.mu.Unlock()
	if wants && h.config.Family == Debian {
		h.wantReboot(c.Name)
	}
	if f := h.config.Hooks.Upgraded; f != nil {
		f(h, c.Name, before, c.to)
	}
}

// wantReboot leaves the file that says so on Debian.
func (h *Host) wantReboot(name string) {
	_ = h.disk.Set("/run/reboot-required", "*** System restart required ***\n", 0o644)
	old, _ := h.Root().ReadFile("/run/reboot-required.pkgs")
	if !strings.Contains("\n"+string(old), "\n"+name+"\n") {
		_ = h.disk.Set("/run/reboot-required.pkgs", string(old)+name+"\n", 0o644)
	}
}

// RequireReboot makes the host ask for a reboot, as a package does.
func (h *Host) RequireReboot(name string) {
	h.mu.Lock()
	h.pkgs.wantReboot = append(h.pkgs.wantReboot, name)
	h.mu.Unlock()
	if h.config.Family == Debian {
		h.wantReboot(name)
	}
}
