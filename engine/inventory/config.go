package inventory

import (
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file is what the plugins that are configured in YAML share.

// scope is a set of variables for expressions of a plugin.
type scope struct{ vars *value.Map }

// Lookup finds a variable.
func (s *scope) Lookup(name string) (any, bool, error) {
	v, ok := s.vars.Get(name)
	return v, ok, nil
}

// pluginConfig reads a configuration: a mapping with plugin and options. Nil: there were mistakes.
func (r *reader) pluginConfig(f *file, name string, options []string) *source.Node {
	root, ds := source.One(f.name, f.data)
	r.diags.Add(ds...)
	if ds.HasErrors() {
		return nil
	}
	if root.Kind != source.Mapping {
		r.diags.Addf(root.Span(), "the configuration of the plugin %s is a mapping, this is %s", name, root.Kind)
		return nil
	}
	at := root.Get("plugin")
	if at == nil || at.Text != name && at.Text != "ansible.builtin."+name {
		r.diags.Addf(root.Span(), "this is no configuration of the plugin %s: that begins with plugin: %s", name, name)
		return nil
	}
	for _, p := range root.Pairs {
		if !contains(options, p.Key.Text) {
			d := diag.Diagnostic{Severity: diag.Warning, Summary: "the plugin " + name + " has no option " + p.Key.Text, Span: p.Key.Span()}
			if near := diag.Nearest(p.Key.Text, options); near != "" {
				d.Hint = "did you mean " + near + "?"
			}
			r.diags.Add(d)
		}
	}
	return root
}

// option is an option of a plugin as a value; texts are plain.
func option(root *source.Node, name string) any {
	n := root.Get(name)
	if n == nil {
		return nil
	}
	v, _ := n.Value(nil)
	return v
}

// truth is an option that is yes or no.
func truth(root *source.Node, name string, otherwise bool) bool {
	if n := root.Get(name); n != nil && !n.IsNull() {
		return value.Truth(option(root, name))
	}
	return otherwise
}

// parser is a Language that reads bare expressions.
type parser interface {
	ParseExpr(s jinja.Source) (*jinja.Template, diag.List)
}

// expression reads an option that is an expression. A constant of another type than text stands for itself.
func (r *reader) expression(n *source.Node) (*jinja.Template, error) {
	lang, ok := r.Lang.(parser)
	if !ok {
		return nil, errNoLanguage
	}
	t, ds := lang.ParseExpr(jinja.Source{Text: n.Text, At: n.At})
	return t, ds.Err()
}

// template evaluates a text of an option in a scope; other values are themselves.
func (r *reader) template(n *source.Node, s *scope) (any, error) {
	v, ds := n.Value(r.Lang)
	if err := ds.Err(); err != nil {
		return nil, err
	}
	if n.Kind != source.Scalar {
		return v, nil
	}
	return jinja.Resolve(v, s)
}
