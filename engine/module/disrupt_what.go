package module

// Which units and packages a node of a cluster lives on.

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/words"
)

// UnitDisrupts tells what an act on a unit takes away. Acts are those of systemctl, or the states of Ansible's modules.
func UnitDisrupts(unit, act string) Disruption {
	name := strings.TrimSuffix(strings.TrimSuffix(unit, ".service"), ".socket")
	if !slices.Contains(strings.Fields("stop restart try-restart reload-or-restart condrestart force-reload kill stopped restarted"), act) {
		return Disruption{}
	}
	word := "restart"
	if act == "stop" || act == "stopped" || act == "kill" {
		word = "stop"
	}
	switch {
	case name == "k3s" || strings.HasPrefix(name, "k3s-") || strings.HasPrefix(name, "k3s@") || strings.HasPrefix(name, "rke2") || name == "kubelet":
		return Disruption{Kind: Restart, What: word + " of " + name}
	case slices.Contains(strings.Fields("containerd docker crio iscsid open-iscsi iscsi multipathd"), name):
		return Disruption{Kind: Stop, What: word + " of " + name}
	}
	return Disruption{}
}

// vital are the packages whose upgrade a node notices: by the beginning of their names.
var vital = strings.Fields(`k3s rke2 kubelet linux-image linux-modules linux-generic linux-virtual linux-aws linux-azure linux-gcp linux-kvm linux-raspi kernel
	containerd docker-ce docker.io moby-engine runc cri-o open-iscsi iscsi-initiator-utils libiscsi multipath-tools device-mapper-multipath systemd`)

// PackagesDisrupt tells what installing or upgrading packages by name takes away. * and all mean every package.
func PackagesDisrupt(names []string) Disruption {
	for _, n := range names {
		if n == "*" || n == "all" {
			return Disruption{Kind: Upgrade, What: "upgrade of all packages"}
		}
	}
	for _, n := range names {
		for _, v := range vital {
			rest, ok := strings.CutPrefix(n, v)
			if ok && (rest == "" || strings.IndexByte("-=.<>* :_0123456789", rest[0]) >= 0) {
				return Disruption{Kind: Upgrade, What: "upgrade of " + n}
			}
		}
	}
	return Disruption{}
}

// PackageArgs is PackagesDisrupt for the arguments of a module of packages: name under any of its names, state, and upgrade where it has one.
func PackageArgs(args Args) Disruption {
	if u := strings.ToLower(strings.TrimSpace(textOf(args.Value("upgrade")))); u != "" && !slices.Contains([]string{"no", "false", "none"}, u) {
		return Disruption{Kind: Upgrade, What: "upgrade of all packages"}
	}
	var names []string
	for _, key := range []string{"name", "pkg", "package", "deb"} {
		names = append(names, TextsOf(args.Value(key))...)
	}
	switch state := textOf(args.Value("state")); {
	case state == "absent" || state == "removed":
		return removal(names)
	case state != "latest":
		names = slices.DeleteFunc(names, func(n string) bool { return n == "*" || n == "all" })
	}
	return PackagesDisrupt(names)
}

// removal of what a node lives on stops it.
func removal(names []string) Disruption {
	d := PackagesDisrupt(slices.DeleteFunc(names, func(n string) bool {
		return n == "*" || strings.HasPrefix(n, "linux-") || strings.HasPrefix(n, "kernel")
	}))
	if d.Kind == Upgrade {
		d.What = "removal" + strings.TrimPrefix(d.What, "upgrade")
	}
	return d
}

// UnitArgs is UnitDisrupts for the arguments of service and systemd.
func UnitArgs(args Args) Disruption {
	name := textOf(args.Value("name"))
	for _, key := range []string{"service", "unit"} {
		if name == "" {
			name = textOf(args.Value(key))
		}
	}
	return UnitDisrupts(name, textOf(args.Value("state")))
}

// CommandArgs is for command: argv, or a line that no shell reads.
func CommandArgs(args Args) Disruption {
	if argv := TextsOf(args.Value("argv")); len(argv) > 0 {
		return ArgvDisrupts(argv)
	}
	argv, err := words.Texts(lineOf(args))
	if err != nil {
		return Disruption{} // the module refuses it
	}
	return ArgvDisrupts(argv)
}

// ShellArgs is for shell, raw and script.
func ShellArgs(args Args) Disruption { return LineDisrupts(lineOf(args)) }

func lineOf(args Args) string {
	if s := textOf(args.Value("_raw_params")); s != "" {
		return s
	}
	return textOf(args.Value("cmd"))
}

// textOf is a value as text; nothing, and what is no scalar, is empty.
func textOf(v any) string {
	switch v.(type) {
	case string, bool, int, float64:
		return value.Str(v)
	}
	return ""
}

// TextsOf is a list of texts as a module takes it: a list, or one text with commas.
func TextsOf(v any) []string {
	var out []string
	switch x := v.(type) {
	case []any:
		for _, item := range x {
			out = append(out, TextsOf(item)...)
		}
	case string:
		for _, s := range strings.Split(x, ",") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// ofPackageTool reads a line of apt, dnf and their kin.
func ofPackageTool(tool string, args []string) Disruption {
	var plain []string
	for _, a := range args {
		switch {
		case slices.Contains([]string{"--download-only", "-d", "--dry-run", "-s", "--simulate", "--just-print", "--assumeno", "--downloadonly"}, a):
			return Disruption{}
		case !strings.HasPrefix(a, "-"):
			plain = append(plain, a)
		}
	}
	if len(plain) == 0 {
		return Disruption{}
	}
	all := Disruption{Kind: Upgrade, What: "upgrade of all packages"}
	switch verb, names := plain[0], plain[1:]; verb {
	case "dist-upgrade", "full-upgrade", "safe-upgrade", "distro-sync", "dup", "patch":
		return all
	case "upgrade", "update", "upgrade-minimal":
		if verb == "update" && strings.HasPrefix(tool, "apt") { // refreshes the index
			return Disruption{}
		}
		if len(names) == 0 {
			return all
		}
		return PackagesDisrupt(names)
	case "install", "reinstall", "downgrade", "in":
		return PackagesDisrupt(names)
	}
	return Disruption{}
}
