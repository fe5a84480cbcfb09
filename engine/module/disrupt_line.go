package module

// What a command line takes from a cluster. Only the program of each simple command and its own words are looked at: what is echoed, searched for
// or read about does no harm. A line that hides what it does (a script of the content's own, a variable) is not seen through.

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/words"
)

// LineDisrupts tells what a line of shell takes away: the most of its commands.
func LineDisrupts(line string) Disruption {
	var most Disruption
	for _, part := range commandsOf(line) {
		argv, err := words.Texts(part)
		if err != nil {
			argv = strings.Fields(part) // a quote that never ends: look all the same
		}
		most = worse(most, ArgvDisrupts(argv))
	}
	return most
}

// order is that of the manners, from the least to the most.
var order = []Disrupting{NoDisruption, Uncordon, Cordon, Upgrade, Drain, Restart, Stop, Reboot}

func worse(a, b Disruption) Disruption {
	if slices.Index(order, b.Kind) > slices.Index(order, a.Kind) {
		return b
	}
	return a
}

// commandsOf cuts a line at what stands between simple commands, outside of quotes. What is written to a here-document is read as commands too.
func commandsOf(line string) []string {
	var out []string
	begin, quote := 0, byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '#' && (i == 0 || strings.IndexByte(" \t\n;", line[i-1]) >= 0):
			end := strings.IndexByte(line[i:], '\n')
			out = append(out, line[begin:i])
			if end < 0 {
				return out
			}
			i += end
			begin = i
		case strings.IndexByte(";&|\n(){}`", c) >= 0:
			out = append(out, line[begin:i])
			begin = i + 1
		}
	}
	if begin < len(line) {
		out = append(out, line[begin:])
	}
	return out
}

// prefix is what may stand before a command: its options that take a word of their own, and how many plain words it takes.
type prefix struct {
	valued string
	takes  int
}

var prefixes = map[string]prefix{
	"then": {}, "do": {}, "else": {}, "if": {}, "elif": {}, "while": {}, "until": {}, "!": {}, "exec": {}, "nohup": {}, "setsid": {}, "time": {}, "busybox": {},
	"sudo": {valued: "-u -g -p -h -C -R -D"}, "doas": {valued: "-u -C"}, "env": {valued: "-u -C -S"}, "nice": {valued: "-n"}, "ionice": {valued: "-c -n"},
	"systemd-run": {valued: "--unit -u -p --property --on-active"}, "timeout": {valued: "-s -k", takes: 1}, "flock": {valued: "-w -E", takes: 1}, "chroot": {takes: 1},
}

// bare takes off what stands before the command: assignments, sudo, timeout and their like with their options.
func bare(argv []string) []string {
	for len(argv) > 0 {
		p, is := prefixes[path.Base(argv[0])]
		switch {
		case assignment(argv[0]):
			argv = argv[1:]
		case is:
			argv = p.after(argv[1:])
		default:
			return argv
		}
	}
	return argv
}

// after takes off the options and plain words that belong to a prefix.
func (p prefix) after(argv []string) []string {
	options := strings.Fields(p.valued)
	for len(argv) > 0 && strings.HasPrefix(argv[0], "-") {
		n := 1
		if slices.Contains(options, argv[0]) {
			n = 2
		}
		argv = argv[min(n, len(argv)):]
	}
	return argv[min(p.takes, len(argv)):]
}

func assignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// ArgvDisrupts tells what one command takes away.
func ArgvDisrupts(argv []string) Disruption {
	argv = bare(argv)
	if len(argv) == 0 {
		return Disruption{}
	}
	name, args := path.Base(argv[0]), argv[1:]
	has := func(any ...string) bool {
		return slices.ContainsFunc(args, func(a string) bool { return slices.Contains(any, a) })
	}
	switch name {
	case "sh", "bash", "dash", "ash", "ksh", "zsh":
		return ofShell(args)
	case "reboot", "halt", "poweroff", "shutdown", "kexec":
		return goingDown(name, has)
	case "init", "telinit":
		if has("0", "6") {
			return Disruption{Kind: Reboot, What: name + " " + args[0]}
		}
	case "k3s-killall.sh", "rke2-killall.sh", "k3s-uninstall.sh", "k3s-agent-uninstall.sh", "rke2-uninstall.sh":
		return Disruption{Kind: Stop, What: name}
	case "systemctl":
		return ofSystemctl(args)
	case "service", "rc-service":
		if len(args) > 1 {
			return UnitDisrupts(args[0], args[1])
		}
	case "kubectl":
		return ofKubectl(args)
	case "k3s", "rke2":
		if len(args) > 0 && args[0] == "kubectl" {
			return ofKubectl(args[1:])
		}
	case "curl", "wget":
		if slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, "get.k3s.io") }) {
			return Disruption{Kind: Restart, What: "installation of K3s"}
		}
	case "apt", "apt-get", "aptitude", "dnf", "dnf5", "microdnf", "yum", "zypper":
		return ofPackageTool(name, args)
	}
	if path.Base(path.Dir(argv[0])) == "init.d" && len(args) > 0 {
		return UnitDisrupts(name, args[0])
	}
	return Disruption{}
}

// ofShell looks into sh -c LINE and at sh FILE.
func ofShell(args []string) Disruption {
	for i, a := range args {
		switch {
		case strings.HasPrefix(a, "-") && strings.HasSuffix(a, "c") && i+1 < len(args):
			return LineDisrupts(args[i+1])
		case !strings.HasPrefix(a, "-"):
			return ArgvDisrupts(args[i:])
		}
	}
	return Disruption{}
}

// goingDown leaves out what only asks, notes or takes back.
func goingDown(name string, has func(...string) bool) Disruption {
	switch {
	case has("--help", "--version", "-w", "--wtmp-only", "--show"):
		return Disruption{}
	case name == "shutdown" && has("-c", "-k"):
		return Disruption{}
	case name == "kexec" && !has("-e", "--exec"):
		return Disruption{}
	}
	return Disruption{Kind: Reboot, What: name}
}

func ofSystemctl(args []string) Disruption {
	var plain []string
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			plain = append(plain, a)
		}
	}
	if len(plain) == 0 {
		return Disruption{}
	}
	verb := plain[0]
	switch verb {
	case "reboot", "poweroff", "halt", "kexec", "soft-reboot":
		return Disruption{Kind: Reboot, What: "systemctl " + verb}
	case "isolate", "start":
		if len(plain) > 1 && slices.Contains([]string{"reboot.target", "poweroff.target", "halt.target", "rescue.target", "emergency.target"}, plain[1]) {
			return Disruption{Kind: Reboot, What: "systemctl " + verb + " " + plain[1]}
		}
	case "disable", "mask":
		if !slices.Contains(args, "--now") {
			return Disruption{}
		}
		verb = "stop"
	}
	var most Disruption
	for _, unit := range plain[1:] {
		most = worse(most, UnitDisrupts(unit, verb))
	}
	return most
}

// valued are the options of kubectl whose value is a word of its own.
var valued = strings.Fields(`--timeout --grace-period --pod-selector -l --selector --kubeconfig --context -n --namespace -s --server --token --user
	--cluster -p --patch --type --field-manager --dry-run -o --output --skip-wait-for-delete-timeout --chunk-size`)

func ofKubectl(args []string) Disruption {
	var plain []string
	var kubeconfig string
	for i := 0; i < len(args); i++ {
		switch path, is := strings.CutPrefix(args[i], "--kubeconfig="); {
		case is:
			kubeconfig = path
		case slices.Contains(valued, args[i]):
			if args[i] == "--kubeconfig" && i+1 < len(args) {
				kubeconfig = args[i+1]
			}
			i++
		case !strings.HasPrefix(args[i], "-"):
			plain = append(plain, args[i])
		}
	}
	asks := slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--dry-run") && a != "--dry-run=none" })
	if len(plain) < 2 || asks {
		return Disruption{}
	}
	node := strings.TrimPrefix(strings.TrimPrefix(plain[1], "nodes/"), "node/")
	of := func(kind Disrupting, what string) Disruption {
		return Disruption{Kind: kind, Node: node, What: what + " of node " + node, Kubeconfig: kubeconfig}
	}
	switch plain[0] {
	case "drain":
		return of(Drain, "drain")
	case "cordon":
		return of(Cordon, "cordon")
	case "uncordon":
		return of(Uncordon, "uncordon")
	case "delete":
		isNode := slices.Contains([]string{"node", "nodes", "no"}, plain[1])
		if isNode && len(plain) > 2 {
			node = plain[2]
		}
		if isNode || node != plain[1] {
			return of(Drain, "deletion")
		}
	case "patch":
		isNode := slices.Contains([]string{"node", "nodes", "no"}, plain[1])
		if isNode && len(plain) > 2 {
			node = plain[2]
		}
		text := strings.Join(args, " ")
		if (isNode || node != plain[1]) && strings.Contains(text, "unschedulable") {
			if strings.Contains(text, "true") {
				return of(Cordon, "cordon")
			}
			return of(Uncordon, "uncordon")
		}
	}
	return Disruption{}
}
