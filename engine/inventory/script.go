package inventory

import (
	"fmt"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// script reads an executable inventory: --list answers with groups, and with the variables of all hosts in _meta.hostvars; without that,
// --host NAME is asked for each host.
func (r *reader) script(file string) bool {
	if r.Script == nil {
		r.diags.Addf(diag.Span{Pos: diag.Pos{File: file}}, "executable inventories cannot be run here")
		return true
	}
	answer, ok := r.ask(file, "--list")
	if !ok {
		return true
	}
	p := &scriptReader{reader: r, file: file, dir: path.Dir(file)}
	hostVars, haveVars := p.meta(answer)
	for name, body := range answer.All() {
		if name != "_meta" {
			p.group(value.Str(name), body)
		}
	}
	for _, h := range p.hosts {
		vars := &value.Map{}
		if haveVars {
			vars, _ = plainMap(hostVars.Value(h.Name))
		} else if v, ok := r.ask(file, "--host", h.Name); ok {
			vars = v
		}
		for k, v := range vars.All() {
			h.vars.set(value.Str(k), p.value(v), diag.Pos{File: file})
		}
	}
	return true
}

// ask runs the script and reads its answer, a JSON object.
func (r *reader) ask(file string, args ...string) (*value.Map, bool) {
	at := diag.Span{Pos: diag.Pos{File: file}}
	what := "the inventory script with " + strings.Join(args, " ")
	stdout, stderr, err := r.Script(file, args...)
	said := strings.TrimSpace(string(stderr))
	if err != nil {
		d := diag.Diagnostic{Summary: fmt.Sprintf("%s failed: %v", what, err), Span: at}
		if said != "" {
			d.Notes = []string{"it said: " + said}
		}
		r.diags.Add(d)
		return nil, false
	}
	if said != "" && r.Config.ScriptStderr {
		r.diags.Warnf(at, "%s said: %s", what, said)
	}
	if len(args) > 1 && strings.TrimSpace(string(stdout)) == "" {
		return &value.Map{}, true
	}
	v, err := value.ParseJSON(stdout)
	if err != nil {
		r.diags.Addf(at, "%s did not print JSON: %v", what, err)
		return nil, false
	}
	m, ok := v.(*value.Map)
	if !ok {
		r.diags.Addf(at, "%s printed %s where an object was expected", what, value.TypeName(v))
	}
	return m, ok
}

type scriptReader struct {
	*reader
	file, dir string
	hosts     []*Host
}

func (p *scriptReader) errorf(format string, args ...any) {
	p.diags.Addf(diag.Span{Pos: diag.Pos{File: p.file}}, format, args...)
}

// meta returns _meta.hostvars, and whether the script gave it.
func (p *scriptReader) meta(answer *value.Map) (*value.Map, bool) {
	meta, ok := answer.Get("_meta")
	if !ok {
		return nil, false
	}
	m, ok := meta.(*value.Map)
	if !ok {
		p.errorf("_meta of the script's answer is an object, not %s", value.TypeName(meta))
		return nil, false
	}
	vars, ok := m.Get("hostvars")
	if !ok {
		return nil, false
	}
	hostVars, ok := vars.(*value.Map)
	if !ok {
		p.errorf("_meta.hostvars of the script's answer is an object, not %s", value.TypeName(vars))
	}
	return hostVars, ok
}

// group reads a group: an object with hosts, vars and children; the old form is a list of hosts.
func (p *scriptReader) group(name string, body any) {
	name = p.groupName(name, diag.Span{Pos: diag.Pos{File: p.file}})
	g := p.inv.addGroup(name)
	m, ok := body.(*value.Map)
	switch {
	case !ok:
		m = value.NewMap("hosts", body)
	case !m.Has("hosts") && !m.Has("vars") && !m.Has("children"):
		m = value.NewMap("hosts", []any{name}, "vars", body)
	}
	for _, h := range p.list(name, m, "hosts") {
		p.hosts = append(p.hosts, p.inv.addHost(h, g, 0, p.file, p.dir))
	}
	vars, ok := plainMap(m.Value("vars"))
	if !ok {
		p.errorf("vars of group %s are an object, not %s", name, value.TypeName(m.Value("vars")))
	}
	for k, v := range vars.All() {
		if err := g.setVar(value.Str(k), p.value(v), diag.Pos{File: p.file}); err != nil {
			p.errorf("group %s: %v", name, err)
		}
	}
	for _, child := range p.list(name, m, "children") {
		if err := p.inv.tie(g, p.inv.addGroup(child)); err != nil {
			p.errorf("%v", err)
		}
	}
}

// list returns the names under a key of a group.
func (p *scriptReader) list(group string, m *value.Map, key string) []string {
	v, ok := m.Get(key)
	if !ok {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		p.errorf("%s of group %s is a list, not %s", key, group, value.TypeName(v))
		return nil
	}
	var out []string
	for _, item := range items {
		s, ok := item.(string)
		if !ok || s == "" {
			p.errorf("%s of group %s are names, not %s", key, group, value.Repr(item))
			continue
		}
		out = append(out, s)
	}
	return out
}

// value makes a variable of what the script printed. {"__ansible_unsafe": text} is a text that is never a template.
func (p *scriptReader) value(v any) any {
	m, ok := v.(*value.Map)
	if ok && m.Len() == 1 {
		if text, ok := m.Value("__ansible_unsafe").(string); ok {
			return text
		}
		if text, ok := m.Value("__ansible_vault").(string); ok {
			by, _ := p.Lang.(value.Opener)
			return value.Vault{Cipher: text, Where: p.file, By: by}
		}
	}
	if ok {
		out := &value.Map{}
		for k, item := range m.All() {
			out.Set(k, p.value(item))
		}
		return out
	}
	if list, ok := v.([]any); ok {
		out := make([]any, len(list))
		for i, item := range list {
			out[i] = p.value(item)
		}
		return out
	}
	return p.templates(v, nil)
}
