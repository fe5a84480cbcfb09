// The facts that are always gathered: the platform, the user, the environment, how packages and services are kept.

package system

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// nth is a line of a text, empty if there is none.
func nth(text string, n int) string {
	lines := strings.Split(text, "\n")
	if n >= len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[n])
}

func number(s string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(s))
	return n
}

// oldPC are the names of 32-bit PCs, which count as one architecture.
var oldPC = regexp.MustCompile(`^i([3456]86|86pc)$`)

func platformFacts(facts *value.Map, s map[string]string) {
	u := s["uname"]
	node, machine, bits := nth(u, 1), nth(u, 4), nth(s["bits"], 0)
	names := nameFacts(node, nth(s["fqdn"], 0), node)
	facts.Set("ansible_system", nth(u, 0))
	facts.Set("ansible_kernel", nth(u, 2))
	facts.Set("ansible_kernel_version", nth(u, 3))
	facts.Set("ansible_machine", machine)
	facts.Merge(names)
	if bits != "" {
		facts.Set("ansible_userspace_bits", bits)
	}
	facts.Set("ansible_architecture", machine)
	if oldPC.MatchString(machine) {
		facts.Set("ansible_architecture", "i386")
	}
	if machine == "x86_64" || oldPC.MatchString(machine) {
		switch bits {
		case "64":
			facts.Set("ansible_userspace_architecture", "x86_64")
		case "32":
			facts.Set("ansible_userspace_architecture", "i386")
		}
	}
	if id := strings.TrimSpace(s["machine_id"]); id != "" {
		facts.Set("ansible_machine_id", id)
	}
}

func minimalFacts(facts *value.Map, s map[string]string) {
	userFacts(facts, s)
	facts.Set("ansible_env", environment(s["env"]))
	facts.Set("ansible_date_time", dateTime(s["date"]))
	facts.Set("ansible_pkg_mgr", packageManager(facts, module.Lines(s["managers"])))
	facts.Set("ansible_service_mgr", serviceManager(module.Lines(s["init"])))
	cmdlineFacts(facts, strings.TrimSpace(s["cmdline"]))
	facts.Set("ansible_dns", resolver(s["dns"]))
	facts.Set("ansible_fips", strings.TrimSpace(s["fips"]) == "1")
	_, apparmor := s["apparmor"]
	facts.Set("ansible_apparmor", dict("status", word(apparmor, "enabled", "disabled")))
	facts.Set("ansible_selinux", selinux(s["selinux"]))
	facts.Set("ansible_lsb", lsb(s))
	pythonFacts(facts, module.Lines(s["python"]))
	capabilities(facts, s["capabilities"])
	for _, line := range module.Lines(s["ssh_keys"]) {
		sshKey(facts, line)
	}
	facts.Set("ansible_local", localFacts(s))
}

func userFacts(facts *value.Map, s map[string]string) {
	id := s["id"]
	facts.Set("ansible_user_id", nth(id, 4))
	facts.Set("ansible_effective_user_id", number(nth(id, 0)))
	facts.Set("ansible_real_user_id", number(nth(id, 1)))
	facts.Set("ansible_effective_group_id", number(nth(id, 2)))
	facts.Set("ansible_real_group_id", number(nth(id, 3)))
	f := strings.Split(nth(s["passwd"], 0), ":")
	if len(f) < 7 {
		return
	}
	facts.Set("ansible_user_uid", number(f[2]))
	facts.Set("ansible_user_gid", number(f[3]))
	facts.Set("ansible_user_gecos", f[4])
	facts.Set("ansible_user_dir", f[5])
	facts.Set("ansible_user_shell", f[6])
}

// environment reads NAME=value lines, in which the character 1 stands for the line ends inside of values.
func environment(text string) *value.Map {
	m := &value.Map{}
	for _, line := range module.Lines(text) {
		if name, val, ok := strings.Cut(line, "="); ok {
			m.Set(name, strings.ReplaceAll(val, "\x01", "\n"))
		}
	}
	return m
}

// packageManager chooses among the ones that are there by the family of the distribution, which a host may have others besides.
func packageManager(facts *value.Map, there []string) string {
	has := func(m string) bool { return slices.Contains(there, m) }
	if has("ostree-booted") && has("rpm-ostree") {
		return "atomic_container"
	}
	preferred := map[string][]string{
		"RedHat": {"dnf5", "dnf", "yum", "microdnf"}, "Debian": {"apt-get"}, "Suse": {"zypper"}, "Alpine": {"apk"}, "Archlinux": {"pacman"},
		"Gentoo": {"emerge"}, "Altlinux": {"apt-get"},
	}[value.Str(facts.Value("ansible_os_family"))]
	for _, m := range append(preferred, "apt-get", "dnf5", "dnf", "yum", "zypper", "apk", "pacman", "emerge", "xbps-install", "opkg", "swupd", "pkg") {
		if !has(m) {
			continue
		}
		switch m {
		case "apt-get":
			return word(facts.Value("ansible_os_family") == "Altlinux", "apt_rpm", "apt")
		case "dnf5": // dnf and dnf5 may be one program or two; dnf is the one that is meant
			return word(has("dnf") && value.Str(facts.Value("ansible_distribution")) != "Fedora", "dnf", "dnf5")
		case "emerge":
			return "portage"
		case "xbps-install":
			return "xbps"
		}
		return m
	}
	return "unknown"
}

// serviceManager reads the name of process 1 and which marks of service managers are there.
func serviceManager(lines []string) string {
	first := ""
	if len(lines) > 0 && !strings.HasPrefix(lines[0], "/") {
		first = strings.TrimSpace(lines[0])
	}
	switch {
	case first == "runit-init":
		return "runit"
	case first == "s6-svscan":
		return "s6"
	case first == "openrc-init":
		return "openrc"
	case first != "" && first != "init" && !strings.HasSuffix(first, "sh"):
		return path.Base(first)
	case slices.Contains(lines, "/run/systemd/system"):
		return "systemd"
	case slices.Contains(lines, "/sbin/openrc"):
		return "openrc"
	case first == "init" && slices.Contains(lines, "/etc/init.d"):
		return "sysvinit"
	}
	return "service"
}
