package ansible

import (
	"fmt"
	"hash/crc32"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The filters of community.general and ansible.utils that maintenance content uses.

func (a *extension) addCommunityFilters(l *jinja.Language) {
	for name, fn := range map[string]jinja.Func{
		"dict": pairsFilter, "dict_kv": dictKV, "version_sort": versionSort, "counter": counter, "groupby_as_dict": groupByAsDict,
		"lists_union": manyLists(union), "lists_intersect": manyLists(intersection), "lists_difference": manyLists(difference),
		"lists_symmetric_difference": manyLists(symmetricDifference), "lists_mergeby": listsMergeBy, "crc32": crc32Filter,
		"json_query": jsonQuery, "keep_keys": a.keyFilter(true), "remove_keys": a.keyFilter(false), "replace_keys": a.replaceKeys,
	} {
		l.Filters["community.general."+name] = fn
	}
	a.addDurations(l)
	a.addCommunityText(l)
	a.addMoreFilters(l)
	a.addIPForms(l)
	a.addUtilsLookups(l)
	for _, name := range []string{"json_query", "version_sort", "dict_kv"} {
		l.Filters[name] = l.Filters["community.general."+name]
	}
	l.Filters["ansible.utils.keep_keys"] = a.deepKeyFilter(true)
	l.Filters["ansible.utils.remove_keys"] = a.deepKeyFilter(false)
	l.Filters["ansible.utils.replace_keys"] = a.deepReplaceKeys
	l.Filters["ansible.utils.get_path"] = getPath
	l.Filters["ansible.utils.to_paths"] = toPaths
	l.Filters["ansible.utils.index_of"] = indexOf
	l.Lookups["random_string"] = a.randomString
}

// pairsFilter makes a mapping of pairs.
func pairsFilter(c *jinja.Call, in any) (any, error) {
	return c.Lang.Globals["dict"].(jinja.Func)(c.With(in), nil)
}

func dictKV(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("key")
	if err != nil {
		return nil, err
	}
	return value.NewMap(p.Any(0, nil), in), nil
}

func versionSort(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("reverse")
	if err != nil {
		return nil, err
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	out := append([]any{}, items...)
	return out, value.Sort(out, func(v any) (any, error) { return looseVersion(value.Str(v)) }, p.Bool(0, false))
}

func counter(_ *jinja.Call, in any) (any, error) {
	if _, isMap := jinja.AsMap(in); isMap {
		return nil, valueError("the argument of counter must be a sequence, not a dict")
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	out := &value.Map{}
	for _, it := range items {
		if !value.Hashable(it) {
			return nil, typeError("counter needs a sequence with hashable elements, not %s", value.TypeName(it))
		}
		n, _ := out.Value(it).(int)
		out.Set(it, n+1)
	}
	return out, nil
}

func groupByAsDict(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("attribute")
	if err != nil {
		return nil, err
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	out := &value.Map{}
	for _, it := range items {
		m, err := mapping(it, "groupby_as_dict")
		if err != nil {
			return nil, err
		}
		key, ok := m.Get(p.Any(0, nil))
		switch {
		case !ok:
			return nil, valueError("attribute not contained in element %s", value.Repr(m))
		case out.Has(key):
			return nil, valueError("multiple sequence entries have attribute value %s", value.Repr(key))
		}
		out.Set(key, m)
	}
	return out, nil
}

// listsMergeBy merges the mappings of several lists that have the same value at a key.
func listsMergeBy(c *jinja.Call, in any) (any, error) {
	if len(c.Args) == 0 {
		return nil, typeError("lists_mergeby misses the name of the key")
	}
	key := c.Args[len(c.Args)-1]
	m := merger{recursive: value.Truth(c.Kwargs.Value("recursive")), lists: "replace"}
	if s, ok := c.Kwargs.Value("list_merge").(string); ok {
		m.lists = s
	}
	found := &value.Map{}
	for _, list := range append([]any{in}, c.Args[:len(c.Args)-1]...) {
		items, err := jinja.Iterate(list)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			item, err := mapping(it, "lists_mergeby")
			if err != nil {
				return nil, err
			}
			id, ok := item.Get(key)
			if !ok {
				continue
			}
			old, _ := found.Value(id).(*value.Map)
			found.Set(id, m.merge(old.Clone(), item))
		}
	}
	ids := found.Keys()
	if err := value.Sort(ids, nil, false); err != nil {
		return nil, err
	}
	out := []any{}
	for _, id := range ids {
		out = append(out, found.Value(id))
	}
	return out, nil
}

func crc32Filter(c *jinja.Call, in any) (any, error) {
	s, err := c.Str(in)
	return fmt.Sprintf("%x", crc32.ChecksumIEEE([]byte(s))), err
}
