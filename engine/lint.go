package engine

import (
	"path"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/source"
)

// Lint is what reading content has found, without an inventory and without a host.
type Lint struct {
	program.Survey
	Findings diag.List // errors and warnings, by place
	Lacks    []Lack    // what Ansible has and Drydock does not, the most frequent first
}

// Lack is one thing that Drydock does not have, and the tasks that want it.
type Lack struct {
	What  string // module NAME, argument MODULE: NAME, filter NAME, test NAME, lookup NAME, keyword NAME: VALUE
	Tasks []program.Sighting
}

// Supported counts the tasks in which nothing is wrong but, perhaps, a file or a role that is missing.
func (l *Lint) Supported() int {
	n := 0
	for _, t := range l.Tasks {
		if !t.Refused {
			n++
		}
	}
	return n
}

// Percent is the part of the tasks that is supported; 100 where there are none.
func (l *Lint) Percent() float64 {
	if len(l.Tasks) == 0 {
		return 100
	}
	return 100 * float64(l.Supported()) / float64(len(l.Tasks))
}

// LintContent reads playbooks, roles, files of tasks and folders, and goes on after mistakes. Of the options, Playbooks are the paths; without any it
// is the folder that the machine is in.
func LintContent(o Options) *Lint {
	j := &Job{Options: o, clients: kube.NewClients()}
	layers := []source.Layer{source.Disk()}
	if o.Embedded.FS != nil {
		layers = append(layers, o.Embedded)
	}
	j.tree = source.NewTree(o.Machine.Cwd, layers...).Unlock(o.Vault)
	j.own = j.ownModules()
	j.plugins = j.ownPlugins()
	defer j.plugins.Close()
	j.lang = j.language()
	c := program.NewCompiler(program.Options{
		Own: j.own, Tree: j.tree, Lang: j.lang, Registry: o.Registry, RolesPath: append([]string(nil), o.Config.RolesPath...),
		CollectionsPath: o.Config.CollectionsPath, PrivateRoles: o.Config.PrivateRoles(),
	})
	paths := []string{"."}
	if len(o.Playbooks) > 0 {
		paths = nil
	}
	for _, p := range o.Playbooks {
		paths = append(paths, path.Clean(p))
	}
	survey, findings := c.Lint(source.NewTree(o.Machine.Cwd, source.Disk()), paths)
	for i := range findings {
		if findings[i].Locked { // whoever has the password may run it
			findings[i].Severity = diag.Warning
		}
	}
	l := &Lint{Survey: *survey, Findings: findings}
	l.Lacks = lacks(survey.Tasks)
	return l
}

func lacks(tasks []program.Sighting) []Lack {
	by := map[string]*Lack{}
	var out []*Lack
	for _, t := range tasks {
		seen := map[string]bool{}
		for _, what := range t.Lacks {
			if by[what] == nil {
				by[what] = &Lack{What: what}
				out = append(out, by[what])
			}
			if !seen[what] {
				by[what].Tasks = append(by[what].Tasks, t)
			}
			seen[what] = true
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := kindOf(out[i].What), kindOf(out[j].What)
		if a != b {
			return a > b // modules first
		}
		return len(out[i].Tasks) > len(out[j].Tasks)
	})
	plain := make([]Lack, len(out))
	for i, l := range out {
		plain[i] = *l
	}
	return plain
}

// kindOf orders what is lacking: modules, arguments, then the rest.
func kindOf(what string) int {
	kind, _, _ := strings.Cut(what, " ")
	switch kind {
	case "module":
		return 2
	case "argument":
		return 1
	}
	return 0
}
