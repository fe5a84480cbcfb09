package program

import (
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// checkHandlers warns of tasks that notify what no handler of their play answers to. Ansible notices only when such a task changes something.
// Plays whose handlers are not all known before the run are left alone.
func (p *pass) checkHandlers(prog *Program) {
	for _, pb := range prog.Playbooks {
		for _, play := range pb.Plays {
			names, known := handlerNames(play)
			if known {
				p.checkNotify(asNodes(play.Blocks), names)
			}
		}
	}
}

// handlerNames are the names and topics that handlers of a play answer to. False: some come only at run time.
func handlerNames(play *Play) (names []string, known bool) {
	known = true
	each(asNodes(play.Handlers), func(t *Task) {
		if t.Kind == KindIncludeTasks || t.Kind == KindIncludeRole {
			known = false
		}
		for _, v := range append(slices.Clone(t.Listen), t.Name) {
			if _, template := v.(*jinja.Template); template {
				known = false
			}
			names = append(names, value.Str(v))
		}
		if t.Role != nil {
			names = append(names, t.Role.Name+" : "+value.Str(t.Name), t.Role.Short+" : "+value.Str(t.Name))
		}
	})
	each(asNodes(play.Blocks), func(t *Task) {
		if t.Kind == KindIncludeRole {
			known = false
		}
	})
	return names, known
}

func (p *pass) checkNotify(nodes []Node, names []string) {
	each(nodes, func(t *Task) {
		for _, v := range t.Notify {
			name, ok := v.(string)
			if !ok || slices.Contains(names, name) {
				continue
			}
			d := diag.Diagnostic{Severity: diag.Warning, Summary: fmt.Sprintf("no handler is called %q", name), Span: diag.Span{Pos: t.Pos}}
			if near := diag.Nearest(name, names); near != "" {
				d.Hint = fmt.Sprintf("did you mean %q?", near)
			}
			p.ds.Add(d)
		}
	})
}

// each calls f with every task of some nodes.
func each(nodes []Node, f func(t *Task)) {
	for _, n := range nodes {
		switch x := n.(type) {
		case *Task:
			f(x)
		case *Block:
			each(x.Tasks, f)
			each(x.Rescue, f)
			each(x.Always, f)
		}
	}
}
