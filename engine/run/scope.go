package run

import (
	"path"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
)

// env is the environment of a task on a host: a snapshot of all variables as they are now.
func (p *playRun) env(host string, t *program.Task, local *value.Map) jinja.Env {
	s := vars.Scope{Host: host, PlaybookDir: p.Dir, PlayVars: p.playVars(host), Local: local, Magic: p.magic(t)}
	p.roleLayers(&s, t)
	if t != nil { // its host has an address, if only its name; hostvars has one where somebody wrote it
		s.Weakest = value.NewMap("ansible_host", host)
		s.BlockVars, s.TaskVars, s.IncludeVars = t.Vars, t.OwnVars, t.Params
	}
	return p.r.Vars.Snapshot(s)
}

// playEnv is the environment of the play's own keywords: no host's variables.
func (p *playRun) playEnv() jinja.Env { return p.env("", nil, nil) }

// roleLayers are the defaults and variables of the play's roles, then of the task's own with those that depend on it.
func (p *playRun) roleLayers(s *vars.Scope, t *program.Task) {
	chain := slices.Clone(p.roles)
	if t != nil && t.Role != nil {
		chain = append(append(chain, t.Role.Parents...), t.Role)
		for _, r := range append(slices.Clone(t.Role.Parents), t.Role) {
			s.RoleParams = append(s.RoleParams, r.Params)
		}
	}
	for _, r := range chain {
		s.RoleDefaults = append(s.RoleDefaults, r.Defaults)
		s.RoleVars = append(s.RoleVars, r.Vars)
	}
}

func (p *playRun) playVars(host string) []*value.Map {
	out := []*value.Map{p.PlayVars}
	if p.prompts != nil {
		out = append(out, p.prompts)
	}
	if m := p.files[host]; m != nil {
		out = append(out, m)
	}
	return out
}

// magic are the variables that tell a task where it is.
func (p *playRun) magic(t *program.Task) *value.Map {
	m := p.r.Magic.Clone()
	m.Set("playbook_dir", p.Dir)
	m.Set("ansible_play_name", p.name)
	m.Set("ansible_check_mode", p.r.Check)
	m.Set("ansible_diff_mode", p.r.Diff)
	m.Set("ansible_play_hosts_all", value.From(p.hosts))
	m.Set("ansible_play_hosts", p.left(p.hosts))
	m.Set("ansible_play_batch", p.left(p.batch))
	m.Set("play_hosts", p.left(p.batch))
	p.roleNames(m)
	if t == nil {
		return m
	}
	m.Set("ansible_search_path", value.From(p.searchPath(t)))
	if t.Role != nil {
		roleMagic(m, t.Role)
	}
	return m
}

// roleNames tells which roles the play has: of its own, as often as it uses them, and those that they depend on.
func (p *playRun) roleNames(m *value.Map) {
	own, below, all := []any{}, []any{}, []any{}
	for _, r := range p.used {
		if !slices.Contains(all, any(r.Name)) {
			all = append(all, r.Name)
		}
		switch {
		case !r.Dependency:
			own = append(own, r.Name)
		case !slices.Contains(below, any(r.Name)):
			below = append(below, r.Name)
		}
	}
	m.Set("role_names", own)
	m.Set("ansible_play_role_names", own)
	m.Set("ansible_dependent_role_names", below)
	m.Set("ansible_role_names", all)
}

func roleMagic(m *value.Map, r *program.Role) {
	m.Set("role_name", r.Short)
	m.Set("ansible_collection_name", nil)
	if r.Collection != "" {
		m.Set("ansible_collection_name", r.Collection)
	}
	m.Set("ansible_role_name", r.Name)
	m.Set("role_path", r.Path)
	var names, paths []any
	for _, parent := range slices.Backward(r.Callers) {
		names, paths = append(names, parent.Name), append(paths, parent.Path)
	}
	if len(names) > 0 {
		m.Set("ansible_parent_role_names", names)
		m.Set("ansible_parent_role_paths", paths)
	}
}

// left are those of some hosts that still take part.
func (p *playRun) left(hosts []string) []any {
	out := []any{}
	for _, h := range hosts {
		if !p.removed[h] {
			out = append(out, h)
		}
	}
	return out
}

// searchPath are the folders in which a task's files are looked for.
func (p *playRun) searchPath(t *program.Task) []string {
	var out []string
	add := func(dir string) {
		if dir != "" && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	if t.Role != nil {
		add(t.Role.Path)
		for _, r := range slices.Backward(t.Role.Parents) {
			add(r.Path)
		}
	}
	add(path.Dir(p.r.Content.Abs(t.Pos.File)))
	add(p.Dir)
	return out
}

// refOf names a task in events.
func (p *playRun) refOf(t *program.Task, env jinja.Env) event.TaskRef {
	return event.TaskRef{
		ID: t.ID, Name: p.nameOf(t, env), Action: t.Action, Pos: t.Pos, Handler: t.Handler,
		NoLog: env != nil && p.hides(t, env),
	}
}

// nameOf is a task's name with its role before it; what cannot be templated stays as written.
func (p *playRun) nameOf(t *program.Task, env jinja.Env) string {
	if t.Kind == program.KindIncludeRole {
		return p.bareName(t, env)
	}
	return rolePrefix(t) + p.bareName(t, env)
}

func (p *playRun) bareName(t *program.Task, env jinja.Env) string {
	switch x := t.Name.(type) {
	case nil:
		if t.Kind == program.KindIncludeRole {
			return t.Action + " : " + written(t.Include.Name)
		}
		return t.Action
	case *jinja.Template:
		if env == nil {
			return x.Text()
		}
		v, err := x.Eval(env)
		if err != nil {
			return x.Text()
		}
		return value.Str(v)
	}
	if !value.Truth(t.Name) {
		return t.Action // name: no
	}
	return value.Str(t.Name)
}

// written is a keyword as its author wrote it.
func written(v any) string {
	if t, ok := v.(*jinja.Template); ok {
		return t.Text()
	}
	return value.Str(v)
}

func rolePrefix(t *program.Task) string {
	if t.Role == nil {
		return ""
	}
	return t.Role.Name + " : "
}

// tagsOf are a task's tags, evaluated with what holds for the whole play.
func (p *playRun) tagsOf(t *program.Task) []string { return p.tags(t.Tags) }

func (p *playRun) tags(list []any) []string {
	var out []string
	for _, raw := range list {
		v, err := jinja.Resolve(raw, p.playEnv())
		if err != nil {
			continue
		}
		if l, ok := v.([]any); ok {
			for _, x := range l {
				out = append(out, tagName(x))
			}
			continue
		}
		out = append(out, tagName(v))
	}
	return out
}

// tagName is a tag as it is compared: one that is no text equals none that can be typed, as in Ansible.
func tagName(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return "\x00" + value.Str(v)
}
