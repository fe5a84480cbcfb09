package packages

// What pacman knows of packages, and what it would do with them.

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

const pacmanProbe = `
export LC_ALL=C
p=$1
command -v "$p" >/dev/null || { say ""; exit 0; }
say y
say "$("$p" --query)"
say "$("$p" --sync --list)"
say "$("$p" --sync --groups --groups)"
out=$("$p" --query --upgrades 2>/dev/null); rc=$?
say "$out"; say $rc
say "$("$p" --query --explicit)"
say "$("$p" --query --deps)"
exit 0`

// pacmanSight is what one look has found.
type pacmanSight struct {
	installed map[string]string // version by name
	available map[string]bool
	groups    map[string][]string
	upgrades  []pacmanUpgrade
	reasons   map[string]string
}

type pacmanUpgrade struct{ name, from, to string }

func (s pacmanSight) upgradable(name string) bool {
	return slices.ContainsFunc(s.upgrades, func(u pacmanUpgrade) bool { return u.name == name })
}

func (j *pacmanJob) look(ctx context.Context, ask run) (pacmanSight, *module.Result, error) {
	out, err := ask(ctx, onhost.Probe("look at packages of pacman", pacmanProbe, nil, j.args.Executable))
	if err != nil {
		return pacmanSight{}, nil, err
	}
	f := onhost.Read(out)
	if f.Next() == "" {
		missing := onhost.Missing(j.args.Executable).Result()
		return pacmanSight{}, &missing, f.Err()
	}
	s := pacmanSight{installed: map[string]string{}, available: map[string]bool{}, groups: map[string][]string{}, reasons: map[string]string{}}
	fields := func(n int, use func(w []string)) {
		for _, l := range f.Lines() {
			if w := strings.Fields(l); len(w) >= n {
				use(w)
			}
		}
	}
	fields(2, func(w []string) { s.installed[w[0]] = w[1] })
	fields(3, func(w []string) { s.available[w[1]] = true })
	fields(2, func(w []string) { s.groups[w[0]] = append(s.groups[w[0]], w[1]) })
	upgrades := f.Next()
	if rc := f.Next(); rc != "0" && !(rc == "1" && strings.TrimSpace(upgrades) == "") {
		bad := module.Fail("Couldn't get list of packages available for upgrade").With("stdout", upgrades)
		return s, &bad, f.Err()
	}
	for _, l := range module.Lines(upgrades) {
		if w := strings.Fields(l); len(w) == 4 && !strings.Contains(l, "[ignored]") {
			s.upgrades = append(s.upgrades, pacmanUpgrade{w[0], w[1], w[3]})
		}
	}
	fields(1, func(w []string) { s.reasons[w[0]] = "explicit" })
	fields(1, func(w []string) { s.reasons[w[0]] = "dependency" })
	return s, nil, f.Err()
}

// pacmanPackage is a package by its name, and as it was asked for.
type pacmanPackage struct {
	name, source string
	isURL        bool // a file or URL
}

// resolve finds out what the names mean: groups are their members, files and URLs are asked of pacman.
func (j *pacmanJob) resolve(ctx context.Context, ask run, s pacmanSight) ([]pacmanPackage, *module.Result, error) {
	var out []pacmanPackage
	for _, n := range j.args.Name {
		switch {
		case n == "":
		case s.groups[n] != nil:
			for _, member := range s.groups[n] {
				out = append(out, pacmanPackage{name: member, source: member})
			}
		case s.available[n] || s.installed[n] != "":
			out = append(out, pacmanPackage{name: n, source: n})
		default:
			p, bad, err := j.name(ctx, ask, n)
			if err != nil || bad != nil {
				return nil, bad, err
			}
			if p != nil {
				out = append(out, *p)
			}
		}
	}
	return out, nil, nil
}

// name asks pacman for the name of REPOSITORY/NAME, a file or a URL. nil: it knows none, and none is needed for a removal.
func (j *pacmanJob) name(ctx context.Context, ask run, source string) (*pacmanPackage, *module.Result, error) {
	for _, verb := range []string{"--sync", "--upgrade"} {
		argv := []string{j.args.Executable, verb, "--print-format", "%n", source}
		out, err := ask(ctx, module.Cmd{Argv: argv, Env: []string{"LC_ALL=C"}})
		if err != nil {
			return nil, nil, err
		}
		if out.Rc == 0 {
			return &pacmanPackage{lastLine(out.Stdout), source, verb == "--upgrade"}, nil, nil
		}
		if verb == "--upgrade" && !j.args.absent() {
			bad := j.failed("Failed to list package "+source, argv, out).With("rc", out.Rc)
			return nil, &bad, nil
		}
	}
	return nil, nil, nil
}

// removal asks pacman what would go.
func (j *pacmanJob) removal(ctx context.Context, ask run, s pacmanSight, pkgs []pacmanPackage) (pacmanTodo, error) {
	var names []string
	for _, p := range pkgs {
		if s.installed[p.name] != "" {
			names = append(names, p.name)
		}
	}
	t := pacmanTodo{counts: true}
	if len(names) == 0 {
		t.msg = "package(s) already absent"
		return t, nil
	}
	base := append([]string{j.args.Executable, "--remove", "--noconfirm", "--noprogressbar"}, words(j.args.ExtraArgs)...)
	if j.args.Force {
		base = append(base, "--nodeps", "--nodeps")
	}
	argv := slices.Concat(base, []string{"--print-format", "%n-%v"}, names)
	out, err := ask(ctx, module.Cmd{Argv: argv, Env: []string{"LC_ALL=C"}})
	if err != nil {
		return t, err
	}
	if out.Rc != 0 {
		bad := j.failed("failed to list package(s) to remove", argv, out)
		return pacmanTodo{bad: &bad}, nil
	}
	t.packages = strings.Fields(out.Stdout)
	t.diff.Before = strings.Join(t.packages, "\n") + "\n"
	t.msg = fmt.Sprintf("Would have removed %d packages", len(t.packages))
	t.done = fmt.Sprintf("Removed %d package(s)", len(t.packages))
	if j.args.RemoveNosave {
		base = append(base, "--nosave")
	}
	t.commands = []pacmanCommand{{slices.Concat(base, names), "failed to remove package(s)"}}
	return t, nil
}

// wanted sorts packages into those to install from repositories, from URLs, and those whose reason is to change.
func (a pacmanArgs) wanted(s pacmanSight, pkgs []pacmanPackage) (sync, urls, reasons []string) {
	for _, p := range pkgs {
		has, known := s.reasons[p.name]
		if a.Reason != "" && (!known || a.ReasonFor == "all" && has != a.Reason) {
			reasons = append(reasons, p.name)
		}
		switch {
		case p.isURL:
			urls = append(urls, p.source)
		case s.installed[p.name] == "" || a.State == "latest" && s.upgradable(p.name):
			sync = append(sync, p.source)
		}
	}
	return sync, urls, reasons
}

// installation asks pacman what would come.
func (j *pacmanJob) installation(ctx context.Context, ask run, s pacmanSight, pkgs []pacmanPackage) (pacmanTodo, error) {
	sync, urls, reasons := j.args.wanted(s, pkgs)
	t := pacmanTodo{counts: true}
	base := append([]string{j.args.Executable, "--noconfirm", "--noprogressbar", "--needed"}, words(j.args.ExtraArgs)...)
	var before, after, coming []string
	for _, part := range []struct {
		verb    string
		sources []string
	}{{"--sync", sync}, {"--upgrade", urls}} {
		if len(part.sources) == 0 {
			continue
		}
		argv := slices.Concat(base, []string{part.verb, "--print-format", "%n %v"}, part.sources)
		out, err := ask(ctx, module.Cmd{Argv: argv, Env: []string{"LC_ALL=C"}})
		if err != nil {
			return t, err
		}
		if out.Rc != 0 {
			bad := j.failed("Failed to list package(s) to install", argv, out)
			return pacmanTodo{bad: &bad}, nil
		}
		for _, l := range module.Lines(out.Stdout) {
			w := strings.Fields(l)
			if strings.Contains(l, "loading packages") || strings.Contains(l, "there is nothing to do") || strings.Contains(l, "Avoid running") || len(w) != 2 {
				continue
			}
			b, n := j.args.lines(s, reasons, w[0], w[1])
			before, after, coming = append(before, b...), append(after, n), append(coming, w[0])
		}
		t.commands = append(t.commands, pacmanCommand{slices.Concat(base, []string{part.verb}, part.sources), "Failed to install package(s)"})
	}
	if len(coming) == 0 && len(reasons) == 0 {
		return pacmanTodo{counts: true, msg: "package(s) already installed"}, nil
	}
	if len(reasons) > 0 {
		flag := map[string]string{"dependency": "--asdeps", "explicit": "--asexplicit"}[j.args.Reason]
		argv := append([]string{j.args.Executable, "--noconfirm", "--database", flag}, reasons...)
		t.commands = append(t.commands, pacmanCommand{argv, "Failed to install package(s)"})
	}
	for _, r := range reasons {
		if !slices.Contains(coming, r) {
			coming = append(coming, r)
		}
	}
	t.packages = slices.Sorted(slices.Values(coming))
	t.diff = module.Text(sortedLines(before), sortedLines(after))
	t.msg = fmt.Sprintf("Would have installed %d packages", len(coming))
	t.done = fmt.Sprintf("Installed %d package(s)", len(coming))
	return t, nil
}

// lines are a package's lines in the diff.
func (a pacmanArgs) lines(s pacmanSight, reasons []string, name, version string) (before []string, after string) {
	reason := s.reasons[name]
	if v := s.installed[name]; v != "" {
		before = []string{name + "-" + v + "-" + reason}
	}
	if slices.Contains(reasons, name) {
		reason = a.Reason
	}
	if reason == "" {
		return before, name + "-" + version
	}
	return before, name + "-" + version + "-" + reason
}
