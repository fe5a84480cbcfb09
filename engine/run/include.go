package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// roleUse is what an include_role names, evaluated.
type roleUse struct {
	name string
	from program.RoleFrom
}

// inclusion evaluates what an include names for one host and item.
func (w *worker) inclusion(env jinja.Env) *once {
	inc := &inclusion{vars: &value.Map{}}
	in := w.task.Include
	var err error
	if w.task.Kind == program.KindIncludeTasks {
		inc.file, err = w.textIn(in.File, env)
	} else {
		inc.role, err = w.roleUse(in, env)
	}
	if err != nil {
		return failedWith("Task failed: %v", err).failed()
	}
	return &once{result: value.NewMap("changed", false), include: inc, status: event.OK}
}

func (o *once) failed() *once {
	o.status = event.Failed
	return o
}

func (w *worker) roleUse(in *program.Include, env jinja.Env) (u roleUse, err error) {
	for _, f := range []struct {
		into *string
		from any
	}{
		{&u.name, in.Name}, {&u.from.Tasks, in.TasksFrom}, {&u.from.Vars, in.VarsFrom},
		{&u.from.Defaults, in.DefaultsFrom}, {&u.from.Handlers, in.HandlersFrom},
	} {
		if *f.into, err = w.textIn(f.from, env); err != nil {
			return u, err
		}
	}
	u.from.Public = w.r.Compiler.PublicRole(false)
	if in.Public != nil {
		u.from.Public = w.truth(in.Public, env)
	}
	u.from.AllowDuplicates = in.AllowDuplicates == nil || w.truth(in.AllowDuplicates, env)
	return u, nil
}

// group is an inclusion that several hosts share.
type group struct {
	inclusion
	task    *program.Task
	first   *answer
	members []*answer
	blocks  []*program.Block
	failed  string
}

// include compiles what answers include, each file once for the hosts that include it alike, and returns each answer's
// blocks. Hosts for which it cannot be compiled fail.
func (b *batchRun) include(answers []*answer) (map[*answer][]*program.Block, error) {
	var groups []*group
	byKey := map[string][]*group{}
	for _, a := range answers {
		for _, inc := range a.includes {
			key := a.task.ID + "\x00" + inc.file + "\x00" + inc.role.name + inc.role.from.Tasks + "\x00" + value.Repr(inc.vars)
			g := without(byKey[key], a)
			if g == nil {
				g = &group{inclusion: inc, task: a.task, first: a}
				byKey[key] = append(byKey[key], g)
				groups = append(groups, g)
			}
			g.members = append(g.members, a)
		}
	}
	out := map[*answer][]*program.Block{}
	for _, g := range groups {
		if err := b.load(g); err != nil {
			return nil, err
		}
		for _, a := range g.members {
			if g.failed != "" && a.status == event.OK {
				if err := b.includeFailed(a, g.failed); err != nil {
					return nil, err
				}
			}
			out[a] = append(out[a], g.blocks...)
		}
	}
	return out, nil
}

// without returns the first group that a is no member of: a loop that includes the same twice makes two inclusions.
func without(groups []*group, a *answer) *group {
	for _, g := range groups {
		if !slices.Contains(g.members, a) {
			return g
		}
	}
	return nil
}

func (b *batchRun) includeFailed(a *answer, why string) error {
	a.status, a.includes, a.quiet = event.Failed, nil, false
	a.result = value.NewMap("changed", false, "failed", true, "msg", why)
	return b.report(a)
}

// load compiles a group's file or role and tells of it.
func (b *batchRun) load(g *group) error {
	t := *g.task
	if g.vars.Len() > 0 {
		t.OwnVars = t.OwnVars.Clone().Merge(g.vars)
	}
	name := g.file
	if t.Kind == program.KindIncludeRole {
		name = g.role.name
		if err := b.loadRole(g, &t); err != nil {
			return err
		}
	} else {
		blocks, mistakes := b.r.Compiler.IncludeTasks(&t, g.file)
		g.blocks = blocks
		for _, found := range strategy.Tasks(blocks) {
			name = b.r.Content.Abs(found.Pos.File)
			break
		}
		if err := b.heed(g, mistakes); err != nil {
			return err
		}
	}
	if g.failed != "" {
		return nil
	}
	var hosts []string
	for _, a := range g.members {
		if !a.quiet {
			hosts = append(hosts, a.host)
		}
	}
	if hosts == nil {
		return nil
	}
	return b.emit(event.Included{File: name, Hosts: hosts, Item: g.item})
}

// heed takes what the compiler found in what was to be included. What is not there is a failure of the hosts that include it; what cannot
// be read as tasks ends the run, as in Ansible.
func (b *batchRun) heed(g *group, mistakes diag.List) error {
	if !mistakes.HasErrors() {
		return nil
	}
	for _, d := range mistakes {
		if d.Severity == diag.Error && !d.Missing {
			return &contentError{list: mistakes, code: ExitParse}
		}
	}
	g.failed = b.notThere(mistakes.Sorted()[0])
	return nil
}

// notThere says in Ansible's words that what was to be included is not there.
func (b *batchRun) notThere(d diag.Diagnostic) string {
	var what, name string
	if _, err := fmt.Sscanf(d.Summary, "there is no %s %q", &what, &name); err != nil {
		return d.Error()
	}
	var searched []string
	for _, n := range d.Notes {
		if place, ok := strings.CutPrefix(n, "looked for "); ok {
			searched = append(searched, b.r.Content.Abs(place))
		}
	}
	if what == "role" {
		return fmt.Sprintf("the role '%s' was not found in %s", name, strings.Join(searched, ":"))
	}
	return fmt.Sprintf("Could not find or access '%s' on the Ansible Controller.", append(searched, name)[0])
}

func (b *batchRun) loadRole(g *group, t *program.Task) error {
	role, blocks, mistakes := b.r.Compiler.IncludeRole(t, g.role.name, g.role.from)
	if mistakes.HasErrors() {
		return b.heed(g, mistakes)
	}
	g.blocks = blocks
	b.control.AddHandlers(role.Handlers)
	b.used = append(b.used, role)
	if role.Public {
		b.roles = append(b.roles, role)
	}
	return nil
}
