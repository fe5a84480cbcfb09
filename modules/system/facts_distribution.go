// Facts about the distribution, from the files that distributions name themselves in.

package system

import (
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// distro is what a reader found out about a distribution.
type distro struct{ name, version, release, path, variety string }

var families = map[string][]string{
	"RedHat": {"RedHat", "RHEL", "Fedora", "CentOS", "Scientific", "SLC", "Ascendos", "CloudLinux", "PSBM", "OracleLinux", "OVS", "OEL",
		"Amazon", "Amzn", "Virtuozzo", "XenServer", "Alibaba", "EulerOS", "openEuler", "AlmaLinux", "Rocky", "TencentOS", "EuroLinux", "Kylin Linux Advanced Server", "MIRACLE"},
	"Debian": {"Debian", "Ubuntu", "Raspbian", "Neon", "KDE neon", "Linux Mint", "SteamOS", "Devuan", "Kali", "Cumulus Linux", "Pop!_OS",
		"Parrot", "Pardus GNU/Linux", "Uos", "Deepin", "OSMC", "Linux Mint Debian Edition"},
	"Suse": {"SuSE", "SLES", "SLED", "openSUSE", "openSUSE Tumbleweed", "SLES_SAP", "SUSE_LINUX", "openSUSE Leap", "ALP-Dolomite", "SL-Micro",
		"openSUSE MicroOS"},
	"Archlinux":  {"Archlinux", "Antergos", "Manjaro"},
	"Alpine":     {"Alpine"},
	"Gentoo":     {"Gentoo", "Funtoo"},
	"Mandrake":   {"Mandrake", "Mandriva"},
	"Slackware":  {"Slackware"},
	"Altlinux":   {"Altlinux"},
	"Flatcar":    {"Flatcar"},
	"ClearLinux": {"Clear Linux OS", "Clear Linux Mix"},
	"NixOS":      {"NixOS"},
}

func familyOf(name string) string {
	for family, names := range families {
		if slices.Contains(names, name) {
			return family
		}
	}
	return name
}

func distributionFacts(facts *value.Map, s map[string]string) {
	d := readDistro(s)
	facts.Set("ansible_distribution", d.name)
	facts.Set("ansible_distribution_release", d.release)
	facts.Set("ansible_distribution_version", d.version)
	major, minor, _ := strings.Cut(d.version, ".")
	facts.Set("ansible_distribution_major_version", major)
	if d.name == "Debian" && minor != "" {
		facts.Set("ansible_distribution_minor_version", minor)
	}
	if d.path != "" {
		facts.Set("ansible_distribution_file_path", d.path)
		facts.Set("ansible_distribution_file_variety", d.variety)
		facts.Set("ansible_distribution_file_parsed", true)
	}
	facts.Set("ansible_os_family", familyOf(d.name))
}

// readDistro asks the files in the order in which they are trusted: those of derivatives before those of what they derive from.
func readDistro(s map[string]string) distro {
	os := assignments(s["os-release"])
	for _, read := range []func(s, os map[string]string) (distro, bool){
		oracleLinux, redHat, amazon, alpine, arch, gentoo, suse, debian, flatcar,
	} {
		if d, ok := read(s, os); ok {
			return d
		}
	}
	d := distro{name: os["NAME"], version: os["VERSION_ID"], release: os["VERSION_CODENAME"], path: "/etc/os-release", variety: os["NAME"]}
	for _, p := range []*string{&d.name, &d.version, &d.release} {
		if *p == "" {
			*p = "NA"
		}
	}
	if d.name == "NA" {
		d.name, d.path = "Linux", ""
	}
	return d
}

// releaseLine reads "Rocky Linux release 9.4 (Blue Onyx)".
var releaseLine = regexp.MustCompile(`^(.*?)(?: Linux| Stream)?(?: Server| Enterprise| Workstation)* release ([0-9.]+)?[^(]*(?:\(([^)]*)\))?`)

func oracleLinux(s, _ map[string]string) (distro, bool) {
	m := releaseLine.FindStringSubmatch(s["oracle-release"])
	if m == nil {
		return distro{}, false
	}
	return distro{"OracleLinux", m[2], naIfEmpty(m[3]), "/etc/oracle-release", "OracleLinux"}, true
}

func redHat(s, os map[string]string) (distro, bool) {
	text := strings.TrimSpace(s["redhat-release"])
	m := releaseLine.FindStringSubmatch(text)
	if m == nil || os["ID"] == "amzn" {
		return distro{}, false
	}
	d := distro{name: m[1], version: m[2], release: m[3], path: "/etc/redhat-release", variety: "RedHat"}
	switch {
	case strings.HasPrefix(text, "Red Hat"):
		d.name = "RedHat"
	case strings.HasPrefix(text, "CentOS Stream"):
		d.name, d.release = "CentOS", "Stream"
	case strings.HasPrefix(text, "CentOS"):
		d.name = "CentOS"
	case strings.HasPrefix(text, "Fedora"):
		d.release = os["VERSION_CODENAME"]
	default:
		d.name, _, _ = strings.Cut(m[1], " ")
	}
	return d, true
}

func amazon(_, os map[string]string) (distro, bool) {
	return distro{"Amazon", os["VERSION_ID"], "NA", "/etc/os-release", "Amazon"}, os["ID"] == "amzn"
}

func alpine(s, os map[string]string) (distro, bool) {
	version := strings.TrimSpace(s["alpine-release"])
	return distro{"Alpine", version, "NA", "/etc/alpine-release", "Alpine"}, version != "" && (os["ID"] == "alpine" || os["ID"] == "")
}

func arch(s, os map[string]string) (distro, bool) {
	_, there := s["arch-release"]
	d := distro{"Archlinux", "rolling", "NA", "/etc/arch-release", "Archlinux"}
	switch os["ID"] {
	case "manjaro":
		d.name = "Manjaro"
	case "arch", "archarm":
		there = true
	}
	return d, there
}

func gentoo(s, os map[string]string) (distro, bool) {
	text, there := s["gentoo-release"]
	fields := strings.Fields(text)
	if !there || len(fields) == 0 {
		return distro{}, false
	}
	return distro{"Gentoo", fields[len(fields)-1], naIfEmpty(os["VERSION_CODENAME"]), "/etc/gentoo-release", "Gentoo"}, true
}

func suse(_, os map[string]string) (distro, bool) {
	if !strings.Contains(os["ID_LIKE"]+" "+os["ID"], "suse") && !strings.HasPrefix(os["ID"], "sle") {
		return distro{}, false
	}
	d := distro{name: os["NAME"], version: os["VERSION_ID"], path: "/etc/os-release", variety: "SUSE"}
	switch os["ID"] {
	case "sles", "sle_hpc":
		d.name = "SLES"
	case "sled":
		d.name = "SLED"
	case "sles_sap":
		d.name = "SLES_SAP"
	}
	if d.release = "0"; strings.Contains(d.version, ".") {
		_, d.release, _ = strings.Cut(d.version, ".")
	}
	return d, true
}

// debianNames are the names of derivatives by the ID of os-release. Raspberry Pi OS calls itself Debian or Raspbian; both are Debian.
var debianNames = map[string]string{
	"debian": "Debian", "raspbian": "Debian", "ubuntu": "Ubuntu", "linuxmint": "Linux Mint", "kali": "Kali", "devuan": "Devuan",
	"pop": "Pop!_OS", "neon": "KDE neon", "steamos": "SteamOS", "parrot": "Parrot", "cumulus-linux": "Cumulus Linux", "uos": "Uos",
	"deepin": "Deepin", "pardus": "Pardus GNU/Linux", "osmc": "OSMC",
}

var codename = regexp.MustCompile(`\(([^)]*)\)`)

func debian(s, os map[string]string) (distro, bool) {
	name, known := debianNames[os["ID"]]
	if !known {
		return distro{}, false
	}
	d := distro{name: name, version: os["VERSION_ID"], release: os["VERSION_CODENAME"], path: "/etc/os-release", variety: "Debian"}
	if m := codename.FindStringSubmatch(os["VERSION"]); d.release == "" && m != nil {
		d.release = m[1]
	}
	point := strings.TrimSpace(s["debian_version"])
	if name == "Debian" && strings.HasPrefix(point, d.version+".") {
		d.version = point
	}
	if name == "Debian" && d.version == "" { // testing and unstable have no number: "trixie/sid"
		d.release, _, _ = strings.Cut(point, "/")
		d.version = d.release
	}
	d.release = naIfEmpty(d.release)
	return d, true
}

func flatcar(_, os map[string]string) (distro, bool) {
	return distro{"Flatcar", os["VERSION_ID"], "NA", "/etc/os-release", "Flatcar"}, os["ID"] == "flatcar"
}

func naIfEmpty(s string) string {
	if s == "" {
		return "NA"
	}
	return s
}

// assignments reads lines of KEY=value as the shell would, without expansion.
func assignments(text string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, val, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if n := len(val); n >= 2 && (val[0] == '"' || val[0] == '\'') && val[n-1] == val[0] {
			val = strings.NewReplacer(`\"`, `"`, `\$`, `$`, "\\`", "`", `\\`, `\`).Replace(val[1 : n-1])
		}
		m[key] = val
	}
	return m
}
