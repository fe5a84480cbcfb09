package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
)

// Lists says which of --list-hosts, --list-tasks and --list-tags are wanted.
type Lists struct{ Hosts, Tasks, Tags bool }

// Listing is what ansible-playbook prints for the lists, without running anything; without any, only the playbooks' names
// (--syntax-check). What a play says of its hosts and its name is evaluated; where that fails, the mistakes are returned.
func (j *Job) Listing(l Lists) (string, diag.List) {
	var b strings.Builder
	var ds diag.List
	for _, pb := range j.Program.Playbooks {
		fmt.Fprintf(&b, "\nplaybook: %s\n", pb.File)
		for i, p := range pb.Plays {
			h, err := j.heading(p)
			if err != nil {
				ds.Addf(diag.Span{Pos: p.Pos}, "%v", err)
				continue
			}
			if l != (Lists{}) {
				j.listPlay(&b, l, i+1, h)
			}
		}
	}
	return b.String(), ds
}

// heading is a play with what it says of itself evaluated.
type heading struct {
	*program.Play
	env      jinja.Env
	patterns []string
	name     string
}

func (j *Job) heading(p *program.Play) (heading, error) {
	h := heading{Play: p, env: j.playEnv(p)}
	v, err := jinja.Resolve(p.Hosts, h.env)
	if err != nil {
		return h, fmt.Errorf("hosts: %w", err)
	}
	h.patterns = texts(v)
	h.name = strings.Join(h.patterns, ",")
	if p.Name != nil {
		name, err := jinja.Resolve(p.Name, h.env)
		if err != nil {
			return h, fmt.Errorf("name: %w", err)
		}
		h.name = value.Str(name)
	}
	return h, nil
}

// playEnv holds the variables that a play's own keywords see: no host's.
func (j *Job) playEnv(p *program.Play) jinja.Env {
	magic := j.magic.Clone()
	magic.Set("playbook_dir", p.Dir)
	s := vars.Scope{PlaybookDir: p.Dir, PlayVars: []*value.Map{p.PlayVars}, Magic: magic}
	for _, r := range p.Roles {
		s.RoleDefaults = append(s.RoleDefaults, r.Defaults)
		s.RoleVars = append(s.RoleVars, r.Vars)
	}
	return j.store.Snapshot(s)
}

func (j *Job) listPlay(b *strings.Builder, l Lists, n int, h heading) {
	pattern := strings.Join(h.patterns, ",")
	fmt.Fprintf(b, "\n  play #%d (%s): %s\tTAGS: [%s]\n", n, pattern, h.name, strings.Join(tagsOf(h.Keywords.Tags, h.env), ","))
	if l.Hosts {
		j.listHosts(b, h.patterns)
	}
	all := map[string]bool{}
	var tasks strings.Builder
	for _, blk := range h.Blocks {
		j.listBlock(&tasks, l, blk, h.env, all)
	}
	if l.Tasks {
		fmt.Fprintf(b, "    tasks:\n%s", tasks.String())
	}
	if l.Tags {
		fmt.Fprintf(b, "      TASK TAGS: [%s]\n", strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
}

func (j *Job) listHosts(b *strings.Builder, patterns []string) {
	names, _, err := j.Inventory.Match(patterns...)
	if err != nil {
		names = nil
	}
	var left []string
	for _, h := range names {
		if j.limit == nil || j.limit[h] {
			left = append(left, h)
		}
	}
	fmt.Fprintf(b, "    pattern: %s\n    hosts (%d):\n", value.Repr(value.From(patterns)), len(left))
	for _, h := range left {
		fmt.Fprintf(b, "      %s\n", h)
	}
}

func (j *Job) listBlock(b *strings.Builder, l Lists, blk *program.Block, env jinja.Env, all map[string]bool) {
	for _, n := range blk.Tasks {
		switch x := n.(type) {
		case *program.Block:
			j.listBlock(b, l, x, env, all)
		case *program.Task:
			tags := tagsOf(x.Tags, env)
			chosen := program.Selected(tags, j.Tags, j.SkipTags)
			if x.Implicit || !chosen && len(j.Tags)+len(j.SkipTags) > 0 {
				continue
			}
			for _, t := range tags {
				all[t] = true // --list-tags names those of never as well
			}
			if !chosen && !l.Tags {
				continue
			}
			slices.Sort(tags)
			fmt.Fprintf(b, "      %s\tTAGS: [%s]\n", listName(x), strings.Join(tags, ", "))
		}
	}
}

// listName is how a task stands in a list: by its name, behind that of its role; without a name by its action alone.
func listName(t *program.Task) string {
	if t.Name == nil || t.Name == "" {
		return t.Action
	}
	name := written(t.Name)
	if t.Role != nil {
		return t.Role.Name + " : " + name
	}
	return name
}

// written is a keyword as its author wrote it.
func written(v any) string {
	if t, ok := v.(*jinja.Template); ok {
		return t.Text()
	}
	return value.Str(v)
}

// texts is a value as a list of texts; a single one is a list of one.
func texts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		return []string{value.Str(v)}
	}
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = value.Str(x)
	}
	return out
}

// tagsOf are tags, each once; one that needs a host's variables stays as written.
func tagsOf(list []any, env jinja.Env) []string {
	out := []string{}
	for _, raw := range list {
		tags := []string{written(raw)}
		if v, err := jinja.Resolve(raw, env); err == nil {
			tags = texts(v)
		}
		for _, t := range tags {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}
