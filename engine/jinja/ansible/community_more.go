package ansible

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// More filters and tests of community.general, ansible.utils and kubernetes.core.

func (a *extension) addMoreFilters(l *jinja.Language) {
	l.Filters["community.general.accumulate"] = accumulate
	l.Filters["community.general.random_mac"] = a.randomMAC
	l.Filters["community.general.reveal_ansible_type"] = revealType
	l.Tests["community.general.ansible_type"] = typeTest
	l.Filters["ansible.utils.param_list_compare"] = paramListCompare
	l.Filters["ansible.utils.consolidate"] = consolidate
	l.Filters["kubernetes.core.k8s_config_resource_name"] = configResourceName
}

// accumulate are the sums of the first item, of the first two, and so on.
func accumulate(_ *jinja.Call, in any) (any, error) {
	_, isText := in.(string)
	if _, isList := value.Items(in); !isText && !isList {
		return nil, valueError("invalid value type (%s) for accumulate", value.TypeName(in))
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(items))
	for i, it := range items {
		if out[i] = it; i > 0 {
			if out[i], err = jinja.Add(out[i-1], it); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

var hexByte = regexp.MustCompile(`^[a-f0-9]{2}`)

// randomMAC completes the beginning of a hardware address.
func (a *extension) randomMAC(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("seed")
	if err != nil {
		return nil, err
	}
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	s = strings.ToLower(s)
	parts := strings.Split(s, ":")
	if len(parts) > 5 {
		return nil, valueError("invalid value (%s) for random_mac: 5 colon(:) separated items max", s)
	}
	for _, part := range parts {
		if !hexByte.MatchString(part) {
			return nil, valueError("invalid value (%s) for random_mac: %s not hexa byte", s, part)
		}
	}
	below, err := a.chance(p.Any(0, nil))
	if err != nil {
		return nil, err
	}
	const low, high = 68719476736, 1099511627775
	digits := fmt.Sprintf("%x", low+below(high-low+1))
	for i := range 6 - len(parts) {
		s += ":" + digits[2*i:2*i+2]
	}
	return s, nil
}

// typeOf names a type, with those of what is inside.
func typeOf(v any, alias *value.Map) string {
	name := func(v any) string {
		n := value.TypeName(v)
		if other, ok := alias.Get(n); ok {
			return value.Str(other)
		}
		return n
	}
	all := func(items []any) string {
		names := make([]string, len(items))
		for i, it := range items {
			names[i] = name(it)
		}
		sort.Strings(names)
		return strings.Join(slices.Compact(names), "|")
	}
	outer := name(v)
	if m, ok := jinja.AsMap(v); ok && m.Len() > 0 && outer == "dict" {
		return "dict[" + all(m.Keys()) + ", " + all(values(m)) + "]"
	}
	if items, ok := value.Items(v); ok && len(items) > 0 && outer == "list" {
		return "list[" + all(items) + "]"
	}
	return outer
}

func revealType(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("alias")
	if err != nil {
		return nil, err
	}
	alias, err := typeAliases(p.Any(0, nil))
	return typeOf(in, alias), err
}

func typeAliases(v any) (*value.Map, error) {
	if v == nil {
		return &value.Map{}, nil
	}
	m, ok := jinja.AsMap(v)
	if !ok {
		return &value.Map{}, valueError("the argument alias must be a dictionary, not %s", value.TypeName(v))
	}
	return m, nil
}

func typeTest(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("dtype!", "alias")
	if err != nil {
		return nil, err
	}
	alias, err := typeAliases(p.Any(1, nil))
	if err != nil {
		return nil, err
	}
	wanted := p.Any(0, nil)
	if items, ok := value.Items(wanted); ok {
		return jinja.NewSet(items...).Has(typeOf(in, alias)), nil
	}
	return wanted == typeOf(in, alias), nil
}

// paramListCompare says which of the names asked for are known: all means all of them, !name not that one.
func paramListCompare(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("target!")
	if err != nil {
		return nil, err
	}
	base, err1 := jinja.Iterate(in)
	target, err2 := jinja.Iterate(p.Any(0, nil))
	if err := firstError(err1, err2); err != nil {
		return nil, err
	}
	known := jinja.NewSet(base...)
	var chosen, banned []any
	unsupported := []any{}
	for _, t := range target {
		s := value.Str(t)
		switch {
		case s == "all":
			chosen = joined(base, chosen)
		case strings.HasPrefix(s, "!"):
			banned = append(banned, s[1:])
		case known.Has(t):
			chosen = append(chosen, t)
		default:
			unsupported = append(unsupported, t)
		}
	}
	actionable := distinct(without(chosen, banned))
	err = value.Sort(actionable, nil, false)
	return value.NewMap("actionable", actionable, "unsupported", unsupported), err
}

// consolidate brings together what several sources know of the same things.
func consolidate(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("fail_missing_match_key", "fail_missing_match_value", "fail_duplicate")
	if err != nil {
		return nil, err
	}
	sources, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	found := make([]*value.Map, len(sources)) // by value of the match key
	keys := jinja.NewSet()
	var ids []any
	for i, s := range sources {
		if found[i], err = consolidated(s, i+1, p.Bool(0, true), p.Bool(2, true)); err != nil {
			return nil, err
		}
		for _, id := range found[i].Keys() {
			if keys.Add(id) {
				ids = append(ids, id)
			}
		}
	}
	if err := value.Sort(ids, nil, false); err != nil {
		return nil, err
	}
	out := &value.Map{}
	for _, id := range ids {
		row := &value.Map{}
		for i, s := range sources {
			v, ok := found[i].Get(id)
			if !ok {
				if p.Bool(1, true) {
					return nil, valueError("missing match value %s in data source %d", value.Str(id), i+1)
				}
				v = &value.Map{}
			}
			name, err := c.Attr(s, "name")
			if err != nil {
				return nil, err
			}
			row.Set(name, v)
		}
		out.Set(id, row)
	}
	return out, nil
}

// consolidated are the entries of one source by their match key.
func consolidated(source any, number int, failMissing, failDuplicate bool) (*value.Map, error) {
	m, err := mapping(source, "consolidate")
	if err != nil {
		return nil, err
	}
	items, err := jinja.Iterate(m.Value("data"))
	if err != nil {
		return nil, err
	}
	out := &value.Map{}
	for i, it := range items {
		entry, err := mapping(it, "consolidate")
		if err != nil {
			return nil, err
		}
		id, ok := entry.Get(m.Value("match_key"))
		switch {
		case !ok && failMissing:
			return nil, valueError("missing match key '%s' in data source %d in list entry %d", value.Str(m.Value("match_key")), number, i+1)
		case !ok:
			continue
		case out.Has(id) && failDuplicate:
			return nil, valueError("duplicate values in data source %d", number)
		}
		out.Set(id, entry)
	}
	return out, nil
}

// configResourceName is the name of a ConfigMap or Secret with a hash of what is in it, as kubectl and kustomize append it.
func configResourceName(_ *jinja.Call, in any) (any, error) {
	m, err := mapping(in, "k8s_config_resource_name")
	if err != nil {
		return nil, err
	}
	meta, _ := jinja.AsMap(m.Value("metadata"))
	name, ok := meta.Get("name")
	if !ok {
		return nil, valueError("resource must have a metadata.name key to generate a resource name")
	}
	fields := []string{"data", "kind", "name"}
	switch m.Value("kind") {
	case "ConfigMap":
	case "Secret":
		fields = append(fields, "type")
	default:
		return nil, valueError("only a ConfigMap or a Secret has a name made of a hash")
	}
	hashed := &value.Map{}
	for _, f := range fields {
		v, ok := m.Get(f)
		if !ok {
			v = ""
		}
		if f == "name" {
			v = name
		}
		hashed.Set(f, v)
	}
	text, err := jinja.EncodeJSON(sortedDeep(hashed, 0), jinja.JSONOptions{ItemSep: ",", KeySep: ":"})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(text))
	digits := strings.NewReplacer("0", "g", "1", "h", "3", "k", "a", "m", "e", "t").Replace(hex.EncodeToString(sum[:])[:10])
	return value.Str(name) + "-" + digits, nil
}

// sortedDeep sorts the keys of the mappings inside a mapping; those of the outermost have their order.
func sortedDeep(m *value.Map, depth int) *value.Map {
	keys := m.Keys()
	if depth > 0 {
		_ = value.Sort(keys, nil, false) // keys that have no order keep their own
	}
	out := &value.Map{}
	for _, k := range keys {
		v := m.Value(k)
		if inner, ok := v.(*value.Map); ok && depth < 100 {
			v = sortedDeep(inner, depth+1)
		}
		out.Set(k, v)
	}
	return out
}
