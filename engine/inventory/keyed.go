package inventory

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// keyedGroup is one entry of keyed_groups: it makes the names of groups of the value of an expression.
type keyedGroup struct {
	*constructor
	entry *source.Node
	scope *scope
}

// add puts the host into the groups of the entry. Errors are those that strict or not does not matter for.
func (k *keyedGroup) add() error {
	var key any
	var err error = errNoKey
	if at := k.entry.Get("key"); at != nil {
		key, err = k.eval(at, k.scope)
	}
	if err != nil {
		k.fault(k.entry.Span(), "could not generate group for host %s: %v", k.host.Name, err)
		return nil
	}
	otherwise, trailing := option(k.entry, "default_value"), option(k.entry, "trailing_separator")
	if otherwise != nil && trailing != nil {
		return fmt.Errorf("default_value and trailing_separator exclude one another")
	}
	if !value.Truth(key) && (!blank(key) || otherwise == nil) {
		if !collection(key) {
			k.fault(k.entry.Span(), "the key of an entry is empty for host %s", k.host.Name)
		}
		return nil
	}
	parent, err := k.parent()
	if err != nil {
		k.fault(k.entry.Span(), "could not generate a parent group: %v", err)
		return nil
	}
	names, err := k.names(key, otherwise, trailing)
	for _, name := range names {
		k.join(name, parent)
	}
	return err
}

var errNoKey = fmt.Errorf("it has no key")

// blank tells whether a value is replaced by default_value.
func blank(v any) bool { return v == nil || v == "" }

// collection tells whether a value is a list or a mapping; an empty one makes no group, and that is no mistake.
func collection(v any) bool {
	_, isList := v.([]any)
	_, isMap := jinja.AsMap(v)
	return isList || isMap
}

// parent is the name of the group that the groups are put into, "" for none.
func (k *keyedGroup) parent() (string, error) {
	at := k.entry.Get("parent_group")
	if at == nil || at.IsNull() {
		return "", nil
	}
	v, err := k.template(at, k.scope)
	if _, omitted := v.(value.Omit); err != nil || omitted || v == nil {
		return "", err
	}
	return value.Str(v), nil
}

func (k *keyedGroup) separator() string {
	if at := k.entry.Get("separator"); at != nil {
		return value.Str(option(k.entry, "separator"))
	}
	return "_"
}

// names are the names that a key stands for, without the prefix.
func (k *keyedGroup) names(key, otherwise, trailing any) ([]string, error) {
	switch x := key.(type) {
	case nil:
		return []string{value.Str(otherwise)}, nil
	case string:
		if x == "" {
			x = value.Str(otherwise)
		}
		return []string{x}, nil
	case []any:
		var out []string
		for _, item := range x {
			if blank(item) && otherwise != nil {
				item = otherwise
			}
			out = append(out, value.Str(item))
		}
		return out, nil
	}
	m, ok := jinja.AsMap(key)
	if !ok {
		return nil, fmt.Errorf("the name of a group is a text, a list of them or a mapping, not %s", value.TypeName(key))
	}
	var out []string
	for name, v := range m.All() {
		switch {
		case blank(v) && otherwise != nil:
			v = otherwise
		case blank(v) && trailing == false:
			out = append(out, value.Str(name))
			continue
		}
		out = append(out, value.Str(name)+k.separator()+value.Str(v))
	}
	return out, nil
}

// join puts the host into a group, and the group into its parent.
func (k *keyedGroup) join(name, parent string) {
	prefix, sep := value.Str(option(k.entry, "prefix")), k.separator()
	if k.entry.Get("prefix") == nil {
		prefix = ""
	}
	if prefix == "" && !k.sep {
		sep = ""
	}
	g := k.inv.addGroup(safeName(prefix + sep + name))
	g.addHost(k.host)
	if parent == "" {
		return
	}
	if err := k.inv.tie(k.inv.addGroup(safeName(parent)), g); err != nil {
		k.diags.Addf(k.entry.Span(), "%v", err)
	}
}
