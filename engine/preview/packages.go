package preview

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// This file holds the packages that a run would change: its own tasks are asked, as check mode asks them.

// managers are the modules that change packages of a system.
var managers = map[string]bool{
	"ansible.builtin.apt": true, "ansible.builtin.dnf": true, "ansible.builtin.package": true, "ansible.builtin.yum": true,
	"community.general.pacman": true,
}

func changesPackages(m module.Module) bool { return managers[m.Spec().Name] }

// subjectsOf are the arguments of these modules that name what is to change; a task without any refreshes an index.
var subjectsOf = []string{"name", "package", "pkg", "upgrade", "deb", "autoremove", "state"}

// installs tells whether a task may change packages.
func installs(p Prospect) bool {
	return changesPackages(p.Module) && slices.ContainsFunc(subjectsOf, func(arg string) bool {
		return p.Args.Has(arg) || slices.Contains(p.Unknown, arg)
	})
}

// packageLook is what the tasks of one host would do to its packages.
type packageLook struct {
	now      time.Time
	changes  []Package
	blockers []Blocker
	notes    []string
}

// ask asks a task for its plan. What cannot be asked is a reason not to begin: nobody would know what the run installs.
func (l *packageLook) ask(ctx context.Context, p Prospect) {
	unseen := func(format string, args ...any) {
		l.blockers = append(l.blockers, Blocker{Check: CheckPackages, About: p.Task, Found: fmt.Sprintf(format, args...)})
	}
	if len(p.Unknown) > 0 {
		unseen("its %s is only found out by the run itself", shortened(p.Unknown, 2))
		return
	}
	host, err := p.Open()
	if err != nil {
		unseen("%v", err)
		return
	}
	plan, err := p.Module.Plan(ctx, host, p.Args)
	switch res := plan.Result(); {
	case err != nil:
		unseen("%v", err)
	case res.Failed:
		unseen("%s", res.Msg)
	case plan.Kind() == module.KindOpaque:
		unseen("%s", plan.Why())
	default:
		l.take(plan.Packages())
		l.age(res)
	}
}

// take adds what a task would change; two tasks may speak of one package.
func (l *packageLook) take(changes []module.PackageChange) {
	for _, c := range changes {
		p := Package{Name: c.Name, Arch: c.Arch, From: c.From, To: c.To, Kernel: isKernel(c.Name)}
		known := false
		for i := range l.changes {
			if l.changes[i].Name == p.Name && l.changes[i].Arch == p.Arch {
				l.changes[i], known = p, true
			}
		}
		if !known {
			l.changes = append(l.changes, p)
		}
	}
}

// staleAfter is the age from which on an index of packages says little about what a run that refreshes it will find.
const staleAfter = 24 * time.Hour

// age notes that the index of packages is old: the run may refresh it and find more.
func (l *packageLook) age(res module.Result) {
	if res.Data == nil {
		return
	}
	at, _ := res.Data.Value("cache_update_time").(int)
	if old := l.now.Sub(time.Unix(int64(at), 0)); at > 0 && old > staleAfter {
		l.notes = append(l.notes, fmt.Sprintf("its index of packages is %s old; a run that refreshes it may find more", roughly(old)))
	}
}
