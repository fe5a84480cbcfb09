package ansible

import (
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The filters of community.general and ansible.utils that maintenance content uses.

func (a *extension) addCommunityFilters(l *jinja.Language) {
	for name, fn := range map[string]jinja.Func{
		"dict": pairsFilter, "dict_kv": dictKV, "version_sort": versionSort, "counter": counter, "groupby_as_dict": groupByAsDict,
		"lists_union": l.Filters["union"], "lists_intersect": l.Filters["intersect"], "lists_difference": l.Filters["difference"],
		"lists_symmetric_difference": l.Filters["symmetric_difference"], "lists_mergeby": listsMergeBy, "crc32": crc32Filter,
		"json_query": jsonQuery, "keep_keys": a.keyFilter(true), "remove_keys": a.keyFilter(false), "replace_keys": a.replaceKeys,
	} {
		l.Filters["community.general."+name] = fn
	}
	for unit, seconds := range timeUnits {
		l.Filters["community.general.to_"+unit] = toTimeUnit(seconds)
	}
	for _, name := range []string{"json_query", "version_sort", "dict_kv"} {
		l.Filters[name] = l.Filters["community.general."+name]
	}
	l.Filters["ansible.utils.keep_keys"] = a.keyFilter(true)
	l.Filters["ansible.utils.remove_keys"] = a.keyFilter(false)
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
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	out := &value.Map{}
	for _, it := range items {
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

func (a *extension) randomString(c *jinja.Call, _ any) (any, error) {
	o := options{c: c}
	chars := ""
	for _, class := range []struct{ option, chars string }{
		{"upper", charClasses["ascii_uppercase"]}, {"lower", charClasses["ascii_lowercase"]}, {"numbers", charClasses["digits"]},
		{"special", o.text("override_special", `!"#$%&'()*+,-./:;<=>?@[\]^_`+"`"+`{|}~`)},
	} {
		if o.on(class.option, true) {
			chars += class.chars
		}
	}
	chars = o.text("override_all", chars)
	if o.on("ignore_similar_chars", false) {
		chars = strings.Map(func(r rune) rune {
			if strings.ContainsRune(o.text("similar_chars", "il1LoO0"), r) {
				return -1
			}
			return r
		}, chars)
	}
	length := o.number("length", 8)
	if o.err != nil || chars == "" || length > maxPassword {
		return nil, firstError(o.err, valueError("random_string needs characters and a sensible length"))
	}
	below, err := a.chance(c.Kwargs.Value("seed"))
	if err != nil {
		return nil, err
	}
	set := []rune(chars)
	out := make([]rune, max(length, 0))
	for i := range out {
		out[i] = set[below(len(set))]
	}
	return []any{string(out)}, nil
}
