package packages

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// PackageFacts reads which packages are installed.
var PackageFacts = module.Define(module.Spec{
	Name: "ansible.builtin.package_facts",
	Doc:  "Read the installed packages and their versions as facts.",
}, planPackageFacts)

type packageFactsArgs struct {
	Manager  []string `arg:"manager,default=auto,choices=auto|apk|apt|dnf|dnf5|pacman|rpm|yum|zypper" doc:"Whose packages to read; auto tries all."`
	Strategy string   `arg:"strategy,default=first,choices=first|all" doc:"Read the first of the managers that is there, or all."`
}

// installedProbe prints the packages of each manager, one section each.
const installedProbe = `# installed packages
export LC_ALL=C
if command -v apk >/dev/null 2>&1; then echo '@@ apk'; apk info -v 2>/dev/null; fi
if command -v dpkg-query >/dev/null 2>&1 && [ -s /var/lib/dpkg/status ]; then
	echo '@@ apt'
	dpkg-query -W -f='${db:Status-Abbrev}|${Package}|${Version}|${Architecture}|${Section}\n' | grep '^.i'
fi
if command -v pacman >/dev/null 2>&1; then echo '@@ pacman'; pacman -Q 2>/dev/null; fi
if command -v rpm >/dev/null 2>&1; then
	echo '@@ rpm'
	rpm -qa --qf '%{NAME}|%{VERSION}|%{RELEASE}|%{EPOCH}|%{ARCH}\n' 2>/dev/null
fi
exit 0`

// readers of a line of each manager's section, in the order in which auto tries them; false: the line is no package.
var factReaders = []struct {
	manager string
	read    func(line string) (*value.Map, bool)
}{
	{"apk", apkFact}, {"apt", aptFact}, {"pacman", pacmanFact}, {"rpm", rpmFact},
}

func planPackageFacts(ctx context.Context, v module.View, a packageFactsArgs) (module.Plan, error) {
	out, err := v.Query(ctx, module.Cmd{Script: installedProbe})
	if err != nil {
		return module.Plan{}, err
	}
	sections := module.Sections(out.Stdout)
	packages, found := &value.Map{}, false
	for _, r := range factReaders {
		text, there := sections[r.manager]
		if !there || !wantsManager(a.Manager, r.manager) || found && a.Strategy == "first" {
			continue
		}
		before := packages.Len()
		for _, line := range module.Lines(text) {
			if fact, ok := r.read(line); ok {
				fact.Set("source", r.manager)
				addFact(packages, fact)
			}
		}
		found = found || packages.Len() > before
	}
	if !found {
		return module.Done(module.Fail("Could not detect a supported package manager from the following list: %s", value.Repr(texts(a.Manager)))), nil
	}
	return module.Done(module.Result{Facts: dict("packages", packages)}), nil
}

func wantsManager(asked []string, manager string) bool {
	for _, m := range asked {
		if m == "auto" || m == manager || manager == "rpm" && slices.Contains([]string{"dnf", "dnf5", "yum", "zypper"}, m) {
			return true
		}
	}
	return false
}

// addFact files a package under its name; several versions of one package stand side by side.
func addFact(packages, fact *value.Map) {
	name := fact.Value("name")
	list, _ := packages.Value(name).([]any)
	packages.Set(name, append(list, fact))
}

func aptFact(line string) (*value.Map, bool) {
	f := strings.Split(line, "|")
	if len(f) != 5 {
		return nil, false
	}
	return dict("arch", f[3], "category", f[4], "name", f[1], "origin", "", "version", f[2]), true
}

func rpmFact(line string) (*value.Map, bool) {
	f := strings.Split(line, "|")
	if len(f) != 5 {
		return nil, false
	}
	var epoch, arch any
	if n, err := strconv.Atoi(f[3]); err == nil {
		epoch = n
	}
	if f[4] != "(none)" {
		arch = f[4]
	}
	return dict("arch", arch, "epoch", epoch, "name", f[0], "release", f[2], "version", f[1]), true
}

// apkFact reads musl-1.2.4-r2: the last two dashes part name, version and release.
func apkFact(line string) (*value.Map, bool) {
	r := strings.LastIndex(line, "-")
	if r < 0 {
		return nil, false
	}
	n := strings.LastIndex(line[:r], "-")
	if n < 0 {
		return nil, false
	}
	return dict("name", line[:n], "release", line[r+1:], "version", line[n+1:r]), true
}

func pacmanFact(line string) (*value.Map, bool) {
	name, version, ok := strings.Cut(line, " ")
	return dict("name", name, "version", version), ok
}
