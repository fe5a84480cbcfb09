package program

import (
	"path"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// importing is what an import_playbook gives to the plays of its file.
type importing struct {
	when []any
	tags []any
	vars *value.Map
	over []string // files that are being imported
	from diag.Pos
	in   string // the collection of the playbook; empty: it is in none
}

// playbook compiles the plays of a file and of the files it imports.
func (p *pass) playbook(name string, namedAt diag.Span, im importing) []*Play {
	n, ds := p.read(name, namedAt)
	p.ds.Add(ds...)
	if n == nil || ds.HasErrors() {
		return nil
	}
	im.over = append(im.over[:len(im.over):len(im.over)], p.Tree.Abs(name))
	p.addContent(path.Dir(p.Tree.Abs(name)))
	entries, more := p.parserIn(path.Dir(name)).Playbook(n)
	p.ds.Add(more...)
	var out []*Play
	for _, e := range entries {
		switch x := e.(type) {
		case *playbook.ImportPlaybook:
			out = append(out, p.importPlaybook(name, x, im)...)
		case *playbook.Play:
			out = append(out, p.compilePlay(name, x, im))
		}
	}
	return out
}

func (p *pass) importPlaybook(from string, x *playbook.ImportPlaybook, im importing) []*Play {
	lw := &lowering{pass: p, dir: path.Dir(from)}
	vars := lw.maps(x.Keys, "vars")
	file := lw.value(x.File)
	inner := importing{when: join(im.when, lw.conditions(x.Keys, "when")), tags: union(im.tags, lw.tags(x.Keys)), over: im.over, from: x.Pos}
	inner.vars = (&value.Map{}).Merge(vars).Merge(im.vars)
	sc := scope{file: from, dir: path.Dir(p.Tree.Abs(from)), from: im.from}.knowing(inner.vars)
	p.report(x, lw.mistakes, sc)
	name, ok := p.known(file, "playbook", x.File.Span(), sc)
	if !ok {
		return nil
	}
	if found, collection := p.collectionPlaybook(name, sc.dir); found != "" {
		name, inner.in = found, collection
	} else if !path.IsAbs(name) {
		name = path.Join(path.Dir(from), name)
	}
	for _, seen := range im.over {
		if seen == p.Tree.Abs(name) {
			p.ds.Addf(x.File.Span(), "%s imports itself", name)
			return nil
		}
	}
	return p.playbook(name, x.File.Span(), inner)
}

// compilePlay lowers the keywords of a play and places its roles, tasks and handlers.
func (p *pass) compilePlay(file string, x *playbook.Play, im importing) *Play {
	lw := &lowering{pass: p, dir: path.Dir(file)}
	play := lw.play(file, x)
	play.Dir = path.Dir(p.Tree.Abs(file))
	play.Tags = union(im.tags, play.Tags)
	if im.in != "" {
		play.Collections = append([]string{im.in}, play.Collections...)
	}
	play.PlayVars = play.PlayVars.Clone().Merge(im.vars)
	for _, r := range x.Roles { // whose modules the play's own tasks may use
		around := scope{dir: play.Dir}
		around.Collections = play.Collections
		if at := p.locate(r.Name.Text, around); at.dir != "" && !r.Name.IsNull() {
			p.addContent(at.dir)
		}
	}
	pre, tasks, post, handlers := lw.nodes(x.PreTasks), lw.nodes(x.Tasks), lw.nodes(x.PostTasks), lw.nodes(x.Handlers)
	var uses []roleUse
	sc := scope{file: file, dir: play.Dir, from: im.from, play: play, over: im.over}.knowing(play.PlayVars)
	sc.Keywords = play.Keywords
	for _, r := range x.Roles {
		if u, ok := p.named(lw.lowerRole(r), r.Name, sc); ok {
			uses = append(uses, u)
		}
	}
	p.report(x, lw.mistakes, sc)
	play.Setup = p.setup(play)

	conditional := sc
	conditional.When = join(im.when, sc.When)
	play.Blocks = p.section(play, x.Pos, "pre_tasks", p.place(pre, conditional))
	roleBlocks := p.playRoles(play, uses, conditional)
	play.Blocks = append(play.Blocks, roleBlocks...)
	play.Blocks = append(play.Blocks, p.section(play, x.Pos, "tasks", p.place(tasks, conditional))...)
	play.Blocks = append(play.Blocks, p.section(play, x.Pos, "post_tasks", p.place(post, conditional))...)
	if nodes := p.place(handlers, sc); len(nodes) > 0 {
		play.Handlers = append(play.Handlers, &Block{Pos: x.Pos, Keywords: sc.Keywords, Tasks: nodes})
	}
	return play
}

// playRoles compiles the roles of a play; a use that equals one before it adds no handlers.
func (p *pass) playRoles(play *Play, uses []roleUse, sc scope) []*Block {
	var blocks []*Block
	seen := map[string]bool{}
	for _, u := range uses {
		used := p.useRole(u, sc)
		for _, r := range used.roles {
			if !seen[r.Key] {
				play.Handlers = append(play.Handlers, r.Handlers...)
			}
			seen[r.Key] = true
		}
		for _, r := range used.roles {
			if r.Public {
				play.Roles = append(play.Roles, r)
			}
		}
		play.Used = append(play.Used, used.roles...)
		blocks = append(blocks, used.blocks...)
	}
	return blocks
}

// section is the block of a list of tasks with the implicit flush of handlers after it.
func (p *pass) section(play *Play, pos diag.Pos, name string, nodes []Node) []*Block {
	always := Keywords{Tags: []any{"always"}}
	flush := &Task{ID: p.implicitID(pos, name+":flush_handlers"), Pos: pos, Action: "meta", Kind: KindMeta, Meta: "flush_handlers", Implicit: true,
		Args: &value.Map{}, Keywords: always}
	end := &Block{Pos: pos, Tasks: []Node{flush}, Keywords: always}
	if len(nodes) == 0 {
		return []*Block{end}
	}
	return []*Block{{Pos: pos, Tasks: nodes, Keywords: play.Keywords}, end}
}

// play lowers a play's own keywords.
func (lw *lowering) play(file string, x *playbook.Play) *Play {
	k := x.Keys
	lw.sees(x.Pos, "")
	play := &Play{
		Pos: x.Pos, File: file, Name: lw.single(k, "name"), Hosts: lw.single(k, "hosts"), Keywords: lw.keywords(k),
		GatherFacts: lw.single(k, "gather_facts"), GatherSubset: lw.single(k, "gather_subset"), GatherTimeout: lw.single(k, "gather_timeout"),
		FactPath: lw.single(k, "fact_path"), Serial: lw.single(k, "serial"), MaxFailPercent: lw.single(k, "max_fail_percentage"),
		Strategy: lw.single(k, "strategy"), Order: lw.single(k, "order"), ForceHandlers: lw.single(k, "force_handlers"),
		PlayVars: lw.maps(k, "vars"),
	}
	if play.PlayVars == nil {
		play.PlayVars = &value.Map{}
	}
	switch v := lw.single(k, "vars_files").(type) {
	case []any:
		play.VarsFiles = v
	case nil:
	default:
		play.VarsFiles = []any{v}
	}
	lw.varsFiles(k.Get("vars_files"))
	play.VarsPrompt = lw.prompts(k.Get("vars_prompt"))
	return play
}

// varsFiles checks the shape of vars_files: names, or lists of names.
func (lw *lowering) varsFiles(n *source.Node) {
	if n == nil {
		return
	}
	for _, item := range append(n.Items[:len(n.Items):len(n.Items)], n) {
		if item.Kind == source.Mapping {
			lw.errorf(item.Span(), "variables themselves stand under vars", "vars_files wants names of files, this is a mapping")
		}
	}
}

func (lw *lowering) prompts(n *source.Node) []Prompt {
	if n == nil {
		return nil
	}
	var out []Prompt
	for _, item := range n.Items {
		name := item.Get("name")
		if item.Kind != source.Mapping || name.IsNull() {
			lw.errorf(item.Span(), "", "a prompt is a mapping with a name and a prompt")
			continue
		}
		pr := Prompt{Pos: item.Pos, Name: lw.name(name)}
		fields := map[string]*any{"prompt": &pr.Text, "default": &pr.Default, "private": &pr.Private, "confirm": &pr.Confirm,
			"encrypt": &pr.Encrypt, "salt": &pr.Salt, "salt_size": &pr.SaltSize}
		for _, p := range item.Pairs {
			switch key := p.Key.Text; {
			case fields[key] != nil:
				*fields[key] = lw.value(p.Value)
			case key != "name" && key != "unsafe": // what is typed is never a template here
				lw.unknownKey("vars_prompt", p.Key, []string{"name", "prompt", "default", "private", "confirm", "encrypt", "salt", "salt_size", "unsafe"})
			}
		}
		out = append(out, pr)
	}
	return out
}

// setup is the implicit gathering of facts. It is tagged as the play is, or always.
func (p *pass) setup(play *Play) *Task {
	mod, ok := p.Registry.Lookup("ansible.builtin.gather_facts")
	action := "gather_facts"
	if !ok {
		if mod, ok = p.Registry.Lookup("ansible.builtin.setup"); !ok {
			return nil
		}
	}
	args := &value.Map{}
	for name, v := range map[string]any{"gather_subset": play.GatherSubset, "gather_timeout": play.GatherTimeout, "fact_path": play.FactPath} {
		if _, takes := module.ParamOf(mod, name); v != nil && takes {
			args.Set(name, v)
		}
	}
	t := &Task{ID: p.implicitID(play.Pos, "setup"), Pos: play.Pos, Name: "Gathering Facts", Action: action, Module: mod, Implicit: true, Args: args,
		Keywords: play.Keywords}
	if len(play.Tags) == 0 {
		t.Tags = []any{"always"}
	}
	return t
}
