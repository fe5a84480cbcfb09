// Package packages holds the modules that install, update and list packages (apt, dnf, package, package_facts, dpkg_selections), and those for
// the repositories and keys that they come from.
//
// Each plan asks the host's package manager by one probe script what it would do (apt-get -s, dnf --assumeno), so that what check mode
// foretells is its own word. The scripts are POSIX sh and need nothing but the package manager itself.
package packages

import (
	"context"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// unattended is the environment in which package managers ask nothing, wherever they would: debconf, dpkg, needrestart,
// apt-listchanges. needrestart only lists: what a reboot is about to restart anyway must not be restarted under a cluster before.
var unattended = []string{
	"LC_ALL=C", "LANG=C", "DEBIAN_FRONTEND=noninteractive", "DEBIAN_PRIORITY=critical", "UCF_FORCE_CONFFOLD=1",
	"NEEDRESTART_MODE=l", "NEEDRESTART_SUSPEND=1", "APT_LISTCHANGES_FRONTEND=none", "APT_LISTBUGS_FRONTEND=none",
}

// output adds what a command has printed to a result.
func output(r module.Result, out module.Output) module.Result {
	return r.With("stdout", out.Stdout).With("stderr", out.Stderr)
}

// noise are lines on the standard error of package managers that explain no failure.
var noise = regexp.MustCompile(`(?m)^(debconf: |N: |WARNING: apt does not).*\n?`)

// blame are the lines on the standard output that name the package that failed.
var blame = regexp.MustCompile(`(?m)^dpkg: error .*\n.*$`)

// refused makes the failure of a command as Ansible words it, and adds what dpkg said of the package at fault.
func refused(argv []string, out module.Output) module.Result {
	why := strings.TrimSpace(noise.ReplaceAllString(out.Stderr, ""))
	for _, said := range blame.FindAllString(out.Stdout, -1) {
		why += "\n" + said
	}
	if why == "" {
		why = lastLine(out.Stdout)
	}
	return output(module.Fail("'%s' failed: %s", strings.Join(argv, " "), why).With("rc", out.Rc), out)
}

func lastLine(text string) string {
	lines := module.Lines(text)
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

// texts turns names into a list value.
func texts(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}

// run is how a module asks: View.Query or Host.Exec.
type run func(ctx context.Context, c module.Cmd) (module.Output, error)

// flagged joins the words whose flag is set.
func flagged(words ...flagWord) string {
	var set []string
	for _, w := range words {
		if w.on {
			set = append(set, w.word)
		}
	}
	return strings.Join(set, " ")
}

type flagWord struct {
	word string
	on   bool
}

// dict is short for a mapping of a result.
func dict(pairs ...any) *value.Map { return value.NewMap(pairs...) }
