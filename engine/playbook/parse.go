package playbook

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
)

// Parser reads the AST off source nodes. Its methods return all that could be read and a list of what is wrong.
type Parser struct {
	// IsModule tells whether a word is the name of a module. It decides which of two unknown words in a task is the action.
	IsModule func(name string) bool
	// Late leaves values that do not fit the keywords of a task to the run.
	Late bool
}

// Playbook reads the plays of a playbook file.
func (p Parser) Playbook(n *source.Node) ([]Entry, diag.List) {
	r := &reader{Parser: p}
	switch {
	case n.IsNull():
		r.ds.Addf(diag.Span{Pos: n.Pos}, "a playbook must contain at least one play, this file is empty")
		return nil, r.ds
	case n.Kind == source.Sequence && len(n.Items) == 0:
		r.ds.Addf(n.Span(), "a playbook must contain at least one play, this list is empty")
		return nil, r.ds
	case n.Kind != source.Sequence:
		r.add(n.Span(), "begin each play with a dash: - hosts: ...", "a playbook is a list of plays, this is %s", n.Kind)
		return nil, r.ds
	}
	var out []Entry
	for _, item := range n.Items {
		if e := r.entry(item); e != nil {
			out = append(out, e)
		}
	}
	return out, r.ds
}

// Tasks reads a file of tasks or handlers.
func (p Parser) Tasks(n *source.Node, handlers bool) ([]Node, diag.List) {
	r := &reader{Parser: p}
	nodes := r.nodes("a file of tasks", n, handlers)
	return nodes, r.ds
}

// Roles reads a list of roles: a play's, or the dependencies of a role.
func (p Parser) Roles(n *source.Node) ([]*Role, diag.List) {
	r := &reader{Parser: p}
	out := r.roles(n)
	return out, r.ds
}

// BlockKeywords reads a mapping of keywords that may stand on a block: what include_tasks applies.
func BlockKeywords(n *source.Node) (Keywords, diag.List) {
	r := &reader{}
	var keys Keywords
	for _, p := range n.Pairs {
		r.keyword(&keys, p, inBlock, "a block")
	}
	return keys, r.ds
}

// reader collects what is wrong while it reads.
type reader struct {
	Parser
	ds diag.List
}

func (r *reader) add(at diag.Span, hint, format string, args ...any) {
	r.ds.Add(diag.Diagnostic{Summary: fmt.Sprintf(format, args...), Span: at, Hint: hint})
}

func (r *reader) entry(n *source.Node) Entry {
	if n.Kind != source.Mapping {
		r.ds.Addf(n.Span(), "a play is a mapping, this is %s", n.Kind)
		return nil
	}
	for _, pair := range n.Pairs {
		switch Directive(pair.Key.Text) {
		case "import_playbook":
			return r.importPlaybook(n, pair)
		case "include":
			r.add(pair.Key.Span(), "write import_playbook", "include no longer exists")
			return nil
		}
	}
	if n.Get("hosts") == nil && !hasPlayKeyword(n) {
		r.add(diag.Span{Pos: n.Pos}, "is this a file of tasks? they stand under tasks: of a play", "this is no play: it has no hosts")
		return nil
	}
	return r.play(n)
}

// hasPlayKeyword tells whether a mapping has a keyword that stands on plays only.
func hasPlayKeyword(n *source.Node) bool {
	for _, p := range n.Pairs {
		if keywords[p.Key.Text].where == inPlay {
			return true
		}
	}
	return false
}

func (r *reader) importPlaybook(n *source.Node, file source.Pair) Entry {
	imp := &ImportPlaybook{Pos: n.Pos, File: file.Value}
	if file.Value.Kind != source.Scalar || file.Value.IsNull() {
		r.ds.Addf(file.Value.Span(), "import_playbook wants the name of a file")
		return nil
	}
	for _, p := range n.Pairs {
		if p.Key != file.Key {
			r.keyword(&imp.Keys, p, inImport, "import_playbook")
		}
	}
	return imp
}

func (r *reader) play(n *source.Node) Entry {
	play := &Play{Pos: n.Pos}
	for _, p := range n.Pairs {
		switch p.Key.Text {
		case "tasks":
			play.Tasks = r.nodes("tasks", p.Value, false)
		case "pre_tasks":
			play.PreTasks = r.nodes("pre_tasks", p.Value, false)
		case "post_tasks":
			play.PostTasks = r.nodes("post_tasks", p.Value, false)
		case "handlers":
			play.Handlers = r.nodes("handlers", p.Value, true)
		case "roles":
			play.Roles = r.roles(p.Value)
		case "user":
			key := *p.Key
			key.Text = "remote_user"
			r.keyword(&play.Keys, source.Pair{Key: &key, Value: p.Value}, inPlay, "a play")
		default:
			r.keyword(&play.Keys, p, inPlay, "a play")
		}
	}
	r.hosts(play)
	return play
}

// hosts checks that a play says where it runs.
func (r *reader) hosts(play *Play) {
	h := play.Keys.Get("hosts")
	switch {
	case h == nil:
		r.add(diag.Span{Pos: play.Pos}, "add hosts: and a pattern, such as all", "the play has no hosts")
	case h.IsNull() || h.Kind == source.Sequence && len(h.Items) == 0 || h.Kind == source.Scalar && strings.TrimSpace(h.Text) == "":
		r.ds.Addf(play.Keys.Span("hosts"), "hosts is empty")
	}
}

// keyword adds a keyword to those of a play, block, task or role, or reports why it may not stand there.
func (r *reader) keyword(keys *Keywords, p source.Pair, where place, what string) {
	name := p.Key.Text
	k, known := keywords[name]
	if known && k.where&where != 0 {
		if !r.Late || where&(onNodes|inInclude) == 0 || !k.kind.late() {
			checkKind(name, k.kind, p.Value, &r.ds)
		}
		if name == "register" && !p.Value.IsNull() && !IsTemplate(p.Value) {
			checkName(p.Value, &r.ds)
		}
		*keys = append(*keys, Keyword{Name: name, Key: p.Key, Value: p.Value})
		return
	}
	hint := ""
	if now, ok := removed[name]; ok {
		hint = now
	} else if near := diag.Nearest(name, named(where)); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if known {
		hint = "it may stand on " + places(k.where)
	}
	r.add(p.Key.Span(), hint, "%q is not a keyword of %s", name, what)
}

func places(where place) string {
	var out []string
	for _, p := range []struct {
		where place
		name  string
	}{{inPlay, "a play"}, {inRole, "a role"}, {inBlock, "a block"}, {inTask, "a task"}, {inHandler, "a handler"}} {
		if where&p.where != 0 {
			out = append(out, p.name)
		}
	}
	if len(out) > 1 {
		return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
	}
	return out[0]
}

func (r *reader) roles(n *source.Node) []*Role {
	if n.IsNull() {
		return nil
	}
	if n.Kind != source.Sequence {
		r.add(n.Span(), "write - role: NAME", "roles is a list, this is %s", n.Kind)
		return nil
	}
	var out []*Role
	for _, item := range n.Items {
		if role := r.role(item); role != nil {
			out = append(out, role)
		}
	}
	return out
}

// role reads a name, or a mapping with role (or name) and with keywords; what is no keyword is a parameter.
func (r *reader) role(n *source.Node) *Role {
	role := &Role{Pos: n.Pos}
	if n.Kind == source.Scalar && !n.IsNull() {
		role.Name = n
		return role
	}
	if n.Kind != source.Mapping {
		r.ds.Addf(n.Span(), "a role is a name or a mapping with role, this is %s", n.Kind)
		return nil
	}
	role.Name = n.Get("role")
	if role.Name == nil {
		role.Name = n.Get("name")
	}
	if role.Name == nil || role.Name.Kind != source.Scalar || role.Name.IsNull() {
		r.add(n.Span(), "add role: NAME", "the role has no name")
		return nil
	}
	for _, p := range n.Pairs {
		switch k, known := keywords[p.Key.Text]; {
		case p.Key.Text == "role" || p.Key.Text == "name" || p.Key.Text == "src" || p.Key.Text == "version" || p.Key.Text == "scm":
		case known && k.where&inRole != 0:
			r.keyword(&role.Keys, p, inRole, "a role")
		default:
			role.Params = append(role.Params, p)
		}
	}
	return role
}
