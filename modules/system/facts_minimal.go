// The facts that are always gathered: the platform, the user, the time, how the system is kept.

package system

import (
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

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

// dateTime reads the seconds since 1970 with the zone's offset and name, the nanoseconds, and the zone in January and July 2024, of which one
// may be summer time.
func dateTime(text string) *value.Map {
	now := strings.Fields(nth(text, 0))
	if len(now) < 3 {
		return dict()
	}
	epoch, _ := strconv.ParseInt(now[0], 10, 64)
	nanos, _ := strconv.ParseInt(nth(text, 1), 10, 64)
	zone, _ := time.Parse("-0700", now[1])
	_, offset := zone.Zone()
	utc := time.Unix(epoch, nanos).UTC()
	t := utc.In(time.FixedZone(now[2], offset))
	return dict(
		"year", t.Format("2006"), "month", t.Format("01"), "weekday", t.Format("Monday"), "weekday_number", strconv.Itoa(int(t.Weekday())),
		"weeknumber", weekOfYear(t), "day", t.Format("02"), "hour", t.Format("15"), "minute", t.Format("04"), "second", t.Format("05"),
		"epoch", now[0], "epoch_int", now[0], "date", t.Format("2006-01-02"), "time", t.Format("15:04:05"),
		"iso8601_micro", utc.Format("2006-01-02T15:04:05.000000Z"), "iso8601", utc.Format("2006-01-02T15:04:05Z"),
		"iso8601_basic", strings.Replace(t.Format("20060102T150405.000000"), ".", "", 1), "iso8601_basic_short", t.Format("20060102T150405"),
		"tz", now[2], "tz_dst", summerTime(text, now[2]), "tz_offset", now[1])
}

// weekOfYear counts weeks from the first Monday on, with two digits.
func weekOfYear(t time.Time) string {
	n := (t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7
	return string([]byte{byte('0' + n/10), byte('0' + n%10)})
}

// summerTime is the name of the zone when it is further from its standard time; the zone's own name where it has none.
func summerTime(text, tz string) string {
	jan, jul := strings.Fields(nth(text, 2)), strings.Fields(nth(text, 3))
	if len(jan) < 2 || len(jul) < 2 {
		return tz
	}
	if number(jan[0]) > number(jul[0]) {
		return jan[1]
	}
	return jul[1]
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

// cmdlineFacts reads the kernel's command line: the last word of a name counts, and proc_cmdline has all of them.
func cmdlineFacts(facts *value.Map, text string) {
	last, all := &value.Map{}, &value.Map{}
	for _, w := range shellWords(text) {
		name, val, ok := strings.Cut(w, "=")
		var v any = val
		if !ok {
			v = true
		}
		last.Set(name, v)
		switch have := all.Value(name).(type) {
		case nil:
			all.Set(name, v)
		case []any:
			all.Set(name, append(have, v))
		default:
			all.Set(name, []any{have, v})
		}
	}
	facts.Set("ansible_cmdline", last)
	facts.Set("ansible_proc_cmdline", all)
}

// shellWords splits at spaces outside of quotes and takes the quotes off.
func shellWords(text string) []string {
	var words []string
	var w strings.Builder
	quote, in := rune(0), false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, in = r, true
		case quote == 0 && (r == ' ' || r == '\n' || r == '\t'):
			if in {
				words = append(words, w.String())
			}
			w.Reset()
			in = false
		default:
			w.WriteRune(r)
			in = true
		}
	}
	if in {
		words = append(words, w.String())
	}
	return words
}

// resolver reads resolv.conf.
func resolver(text string) *value.Map {
	m := &value.Map{}
	for _, line := range module.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 || strings.HasPrefix(f[0], "#") || strings.HasPrefix(f[0], ";") {
			continue
		}
		switch f[0] {
		case "nameserver":
			list, _ := m.Value("nameservers").([]any)
			m.Set("nameservers", append(list, anys(f[1:])...))
		case "domain":
			m.Set("domain", f[1])
		case "search", "sortlist":
			m.Set(f[0], anys(f[1:]))
		case "options":
			options := &value.Map{}
			for _, o := range f[1:] {
				name, val, ok := strings.Cut(o, ":")
				options.Set(name, any(true))
				if ok {
					options.Set(name, val)
				}
			}
			m.Set("options", options)
		}
	}
	return m
}

// selinux reads /sys/fs/selinux and /etc/selinux/config, each line with its path before it.
func selinux(text string) *value.Map {
	enforce := ""
	m := dict("status", "disabled")
	for _, line := range module.Lines(text) {
		file, val, _ := strings.Cut(line, ":")
		switch {
		case strings.HasSuffix(file, "/enforce"):
			enforce = val
		case strings.HasSuffix(file, "/policyvers"):
			m.Set("policyvers", number(val))
		case strings.HasPrefix(val, "SELINUX="):
			m.Set("config_mode", strings.TrimPrefix(val, "SELINUX="))
		case strings.HasPrefix(val, "SELINUXTYPE="):
			m.Set("type", strings.TrimPrefix(val, "SELINUXTYPE="))
		}
	}
	if enforce == "" {
		return dict("status", "disabled")
	}
	m.Set("status", "enabled")
	m.Set("mode", word(enforce == "1", "enforcing", "permissive"))
	return m
}

// lsb is what lsb_release says, or the file it reads.
func lsb(s map[string]string) *value.Map {
	m := &value.Map{}
	set := func(key, val string) {
		if val != "" {
			m.Set(key, val)
		}
	}
	if text, ok := s["lsb"]; ok {
		keys := map[string]string{"Distributor ID": "id", "Release": "release", "Description": "description", "Codename": "codename"}
		for _, line := range module.Lines(text) {
			key, val, _ := strings.Cut(line, ":")
			if k, known := keys[key]; known {
				set(k, strings.TrimSpace(val))
			}
		}
	} else {
		a := assignments(s["lsb-release"])
		set("id", a["DISTRIB_ID"])
		set("release", a["DISTRIB_RELEASE"])
		set("description", a["DISTRIB_DESCRIPTION"])
		set("codename", a["DISTRIB_CODENAME"])
	}
	if release, ok := m.Value("release").(string); ok {
		major, _, _ := strings.Cut(release, ".")
		m.Set("major_release", major)
	}
	return m
}

// capabilities reads what capsh prints of the current set.
func capabilities(facts *value.Map, text string) {
	enforced, list := any("N/A"), any("N/A")
	for _, line := range module.Lines(text) {
		if set, ok := strings.CutPrefix(line, "Current: "); ok {
			enforced = "True"
			if set = strings.TrimPrefix(set, "="); set == "ep" {
				enforced = "False"
			}
			parts := []any{}
			for p := range strings.SplitSeq(set, ",") {
				if p = strings.TrimSpace(p); p != "" && set != "ep" {
					parts = append(parts, p)
				}
			}
			list = parts
		}
	}
	facts.Set("ansible_system_capabilities_enforced", enforced)
	facts.Set("ansible_system_capabilities", list)
}

// sshKeyFile is the path of a public host key.
var sshKeyFile = regexp.MustCompile(`ssh_host_(\w+)_key\.pub$`)

func sshKey(facts *value.Map, line string) {
	file, key, _ := strings.Cut(line, ":")
	m, f := sshKeyFile.FindStringSubmatch(file), strings.Fields(key)
	if m == nil || len(f) < 2 {
		return
	}
	facts.Set("ansible_ssh_host_key_"+m[1]+"_public", f[1])
	facts.Set("ansible_ssh_host_key_"+m[1]+"_public_keytype", f[0])
}

// localFacts reads the *.fact files: JSON, or sections of an INI file. A program that failed leaves a section "failed NAME".
func localFacts(s map[string]string) *value.Map {
	m := &value.Map{}
	var names []string
	for section := range s {
		if name, ok := strings.CutPrefix(section, "local "); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if rc, failed := s["failed "+name]; failed {
			m.Set(name, "error loading fact - the program ended with "+strings.TrimSpace(rc))
			continue
		}
		m.Set(name, localFact(s["local "+name]))
	}
	return m
}

func localFact(text string) any {
	if v, err := value.ParseJSON([]byte(strings.TrimSpace(text))); err == nil {
		return v
	}
	out, section := &value.Map{}, (*value.Map)(nil)
	for _, line := range module.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[' && strings.HasSuffix(line, "]"):
			section = &value.Map{}
			out.Set(line[1:len(line)-1], section)
		default:
			at := strings.IndexAny(line, "=:")
			if at < 0 || section == nil {
				return "error loading facts as JSON or ini - please check content"
			}
			section.Set(strings.ToLower(strings.TrimSpace(line[:at])), strings.TrimSpace(line[at+1:]))
		}
	}
	return out
}

// otherFacts are small ones of which none belongs to a group.
func otherFacts(facts *value.Map, s map[string]string) {
	load := &value.Map{}
	for i, key := range []string{"1m", "5m", "15m"} {
		if f := strings.Fields(s["loadavg"]); len(f) > i {
			n, _ := strconv.ParseFloat(f[i], 64)
			load.Set(key, n)
		}
	}
	facts.Set("ansible_loadavg", load)
	if f := strings.Fields(nth(s["systemd"], 0)); len(f) > 1 {
		facts.Set("ansible_systemd", dict("version", number(f[1]), "features", nth(s["systemd"], 1)))
	}
	facts.Set("ansible_iscsi_iqn", assignments(s["iscsi"])["InitiatorName"])
	facts.Set("ansible_hostnqn", strings.TrimSpace(s["hostnqn"]))
	wwn := []any{}
	for _, line := range module.Lines(s["fibre_channel"]) {
		_, port, _ := strings.Cut(line, ":")
		wwn = append(wwn, strings.TrimPrefix(port, "0x"))
	}
	facts.Set("ansible_fibre_channel_wwn", wwn)
	facts.Set("ansible_is_chroot", chrooted(module.Lines(s["chroot"])))
}

// chrooted compares device and inode of / with those of process 1's; without the right to see the latter, the inode of / tells: file systems
// number their roots 2, 128 or 256.
func chrooted(lines []string) bool {
	if slices.Contains(lines, "debian_chroot") {
		return true
	}
	switch len(lines) {
	case 0:
		return false
	case 1:
		_, inode, _ := strings.Cut(lines[0], ":")
		return !slices.Contains([]string{"2", "128", "256"}, inode)
	}
	return lines[0] != lines[1]
}

// mebibytes of kibibytes, rounded down.
func mebibytes(kib int) int { return int(math.Floor(float64(kib) / 1024)) }
