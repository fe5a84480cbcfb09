package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// Lists says which of --list-hosts, --list-tasks and --list-tags are wanted.
type Lists struct{ Hosts, Tasks, Tags bool }

// Listing is what ansible-playbook prints for the lists, without running anything; without any, only the playbooks' names
// (--syntax-check).
func (j *Job) Listing(l Lists) string {
	var b strings.Builder
	for _, pb := range j.Program.Playbooks {
		fmt.Fprintf(&b, "\nplaybook: %s\n", pb.File)
		if l == (Lists{}) {
			continue
		}
		for i, p := range pb.Plays {
			j.listPlay(&b, l, i+1, p)
		}
	}
	return b.String()
}

func (j *Job) listPlay(b *strings.Builder, l Lists, n int, p *program.Play) {
	pattern := written(p.Hosts)
	name := pattern
	if p.Name != nil {
		name = written(p.Name)
	}
	fmt.Fprintf(b, "\n  play #%d (%s): %s\tTAGS: [%s]\n", n, pattern, name, strings.Join(tagsOf(p.Keywords.Tags), ","))
	if l.Hosts {
		j.listHosts(b, pattern)
	}
	all := map[string]bool{}
	var tasks strings.Builder
	for _, blk := range p.Blocks {
		j.listBlock(&tasks, blk, all)
	}
	if l.Tasks {
		fmt.Fprintf(b, "    tasks:\n%s", tasks.String())
	}
	if l.Tags {
		fmt.Fprintf(b, "      TASK TAGS: [%s]\n", strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
}

func (j *Job) listHosts(b *strings.Builder, pattern string) {
	names, _, err := j.Inventory.Match(pattern)
	if err != nil {
		names = nil
	}
	var left []string
	for _, h := range names {
		if j.limit == nil || j.limit[h] {
			left = append(left, h)
		}
	}
	fmt.Fprintf(b, "    pattern: ['%s']\n    hosts (%d):\n", pattern, len(left))
	for _, h := range left {
		fmt.Fprintf(b, "      %s\n", h)
	}
}

func (j *Job) listBlock(b *strings.Builder, blk *program.Block, all map[string]bool) {
	for _, n := range blk.Tasks {
		switch x := n.(type) {
		case *program.Block:
			j.listBlock(b, x, all)
		case *program.Task:
			tags := tagsOf(x.Tags)
			chosen := program.Selected(tags, j.Tags, j.SkipTags)
			if x.Implicit || !chosen && len(j.Tags) > 0 {
				continue
			}
			for _, t := range tags {
				all[t] = true // --list-tags names those of never as well
			}
			if !chosen {
				continue
			}
			slices.Sort(tags)
			fmt.Fprintf(b, "      %s\tTAGS: [%s]\n", listName(x), strings.Join(tags, ", "))
		}
	}
}

func listName(t *program.Task) string {
	name := t.Action
	if t.Name != nil {
		name = written(t.Name)
	}
	if t.Role != nil {
		return t.Role.Name + " : " + name
	}
	return name
}

// written is a keyword as its author wrote it.
func written(v any) string {
	switch x := v.(type) {
	case *jinja.Template:
		return x.Text()
	case []any:
		parts := make([]string, len(x))
		for i, p := range x {
			parts[i] = written(p)
		}
		return strings.Join(parts, ",")
	}
	return value.Str(v)
}

func tagsOf(list []any) []string {
	out := []string{}
	for _, t := range list {
		if s := written(t); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
