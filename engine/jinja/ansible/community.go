package ansible

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"strconv"
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

// keyMatcher tells whether a key is one of the targets, by the way that matching_parameter names.
func (a *extension) keyMatcher(targets any, how string) (func(key string) (bool, error), error) {
	items, ok := value.Items(targets)
	if !ok {
		items = []any{targets}
	}
	return func(key string) (bool, error) {
		for _, it := range items {
			t := value.Str(it)
			var hit bool
			var err error
			switch how {
			case "equal", "equality":
				hit = key == t
			case "starts_with":
				hit = strings.HasPrefix(key, t)
			case "ends_with":
				hit = strings.HasSuffix(key, t)
			case "regex":
				re, compileErr := a.patterns.compile(`\A(?:`+t+`)`, false, false)
				if compileErr != nil {
					return false, compileErr
				}
				hit, err = re.MatchString(key)
			default:
				return false, valueError("invalid matching_parameter '%s'", how)
			}
			if hit || err != nil {
				return hit, err
			}
		}
		return false, nil
	}, nil
}

// overMaps applies fn to each mapping of a list, or to one.
func overMaps(in any, fn func(m *value.Map) (any, error)) (any, error) {
	items, ok := value.Items(in)
	if !ok {
		m, err := mapping(in, "this filter")
		if err != nil {
			return nil, err
		}
		return fn(m)
	}
	out := make([]any, len(items))
	for i, it := range items {
		m, err := mapping(it, "this filter")
		if err != nil {
			return nil, err
		}
		if out[i], err = fn(m); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *extension) keyFilter(keep bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("target", "matching_parameter")
		if err != nil {
			return nil, err
		}
		matches, err := a.keyMatcher(p.Any(0, nil), value.Str(p.Any(1, "equal")))
		if err != nil {
			return nil, err
		}
		return overMaps(in, func(m *value.Map) (any, error) {
			out := &value.Map{}
			for k, v := range m.All() {
				hit, err := matches(value.Str(k))
				if err != nil {
					return nil, err
				}
				if hit == keep {
					out.Set(k, v)
				}
			}
			return out, nil
		})
	}
}

func (a *extension) replaceKeys(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("target", "matching_parameter")
	if err != nil {
		return nil, err
	}
	rules, ok := value.Items(p.Any(0, nil))
	if !ok {
		return nil, typeError("the target of replace_keys must be a list")
	}
	return overMaps(in, func(m *value.Map) (any, error) {
		out := &value.Map{}
		for k, v := range m.All() {
			name, err := a.renamed(k, rules, value.Str(p.Any(1, "equal")))
			if err != nil {
				return nil, err
			}
			out.Set(name, v)
		}
		return out, nil
	})
}

func (a *extension) renamed(key any, rules []any, how string) (any, error) {
	for _, r := range rules {
		rule, err := mapping(r, "replace_keys")
		if err != nil {
			return nil, err
		}
		matches, err := a.keyMatcher(rule.Value("before"), how)
		if err != nil {
			return nil, err
		}
		if hit, err := matches(value.Str(key)); hit || err != nil {
			return rule.Value("after"), err
		}
	}
	return key, nil
}

// timeUnits are the units of durations, in seconds.
var timeUnits = map[string]float64{
	"milliseconds": 0.001, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 7 * 86400, "months": 30 * 86400, "years": 365 * 86400,
}

var (
	durationForm = regexp.MustCompile(`(-?[0-9.]+)\s*([a-zA-Z]+)`)
	unitAliases  = map[string]string{
		"ms": "milliseconds", "msec": "milliseconds", "s": "seconds", "sec": "seconds", "m": "minutes", "min": "minutes",
		"h": "hours", "hour": "hours", "d": "days", "day": "days", "w": "weeks", "week": "weeks", "mo": "months", "month": "months",
		"y": "years", "year": "years", "second": "seconds", "minute": "minutes", "millisecond": "milliseconds", "secs": "seconds", "mins": "minutes",
	}
)

func toTimeUnit(unit float64) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		if n, ok := number(in); ok && n == 0 {
			return 0, nil
		}
		s, err := c.Str(in)
		if err != nil {
			return nil, err
		}
		matches := durationForm.FindAllStringSubmatch(s, -1)
		if matches == nil {
			return nil, valueError("can not interpret %s as a duration", value.Repr(s))
		}
		total := 0.0
		for _, m := range matches {
			name := strings.ToLower(m[2])
			if long := unitAliases[name]; long != "" {
				name = long
			}
			size, known := timeUnits[name]
			n, err := strconv.ParseFloat(m[1], 64)
			if !known || err != nil {
				return nil, valueError("can not interpret %s as a duration", value.Repr(m[0]))
			}
			total += n * size
		}
		return total / unit, nil
	}
}

// splitPath parts a.b[1]['c'] into keys and indices.
func splitPath(s string) []any {
	var out []any
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		out = append(out, numeral(strings.Trim(part, `'"`)))
	}
	return out
}

func getPath(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("path", "wantlist")
	if err != nil {
		return nil, err
	}
	v := in
	for _, key := range splitPath(value.Str(p.Any(0, nil))) {
		if v, err = c.Attr(v, key); err != nil {
			return nil, err
		}
	}
	return v, nil
}

var plainKey = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// toPaths makes one flat mapping of a nested value.
func toPaths(_ *jinja.Call, in any) (any, error) {
	out := &value.Map{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if m, ok := v.(*value.Map); ok && m.Len() > 0 {
			for k, item := range m.All() {
				key := value.Str(k)
				switch {
				case !plainKey.MatchString(key):
					walk(path+"["+value.Repr(k)+"]", item)
				case path == "":
					walk(key, item)
				default:
					walk(path+"."+key, item)
				}
			}
			return
		}
		items, ok := value.Items(v)
		if !ok || len(items) == 0 {
			out.Set(path, v)
			return
		}
		for i, item := range items {
			walk(fmt.Sprintf("%s[%d]", path, i), item)
		}
	}
	walk("", in)
	return out, nil
}

// indexOf are the indices of the items that pass a test; a single one comes alone.
func indexOf(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("test", "value", "key", "fail_on_missing", "wantlist")
	if err != nil {
		return nil, err
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for i, it := range items {
		if key := p.Any(2, nil); key != nil {
			if it, err = c.Attr(it, key); err != nil {
				return nil, err
			}
		}
		yes, err := c.Test(value.Str(p.Any(0, "")), it, []any{p.Any(1, nil)}, nil)
		if err != nil {
			return nil, err
		}
		if yes == true {
			out = append(out, i)
		}
	}
	if len(out) == 1 && !p.Bool(4, false) {
		return out[0], nil
	}
	return out, nil
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
