package ansible

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters of ansible.utils that go down paths into nested values.

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
	if p.Bool(1, false) {
		return []any{v}, nil
	}
	return v, nil
}

var plainKey = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// toPaths makes one flat mapping of a nested value.
func toPaths(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("prepend", "wantlist")
	if err != nil {
		return nil, err
	}
	prepend, _, err := p.OptText(0)
	if err != nil {
		return nil, err
	}
	out := &value.Map{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if m, ok := v.(*value.Map); ok && m.Len() > 0 {
			for k, item := range m.All() {
				key := value.Str(k)
				switch {
				case path == "":
					walk(key, item)
				case !plainKey.MatchString(key):
					walk(path+"["+value.Repr(k)+"]", item)
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
	walk(prepend, in)
	if p.Bool(1, false) {
		return []any{out}, nil
	}
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
			m, isMap := jinja.AsMap(it)
			if !isMap {
				return nil, valueError("when a key name is provided, all list entries are required to be dictionaries, got %s", value.TypeName(it))
			}
			v, has := m.Get(key)
			switch {
			case has:
				it = v
			case p.Bool(3, false):
				return nil, valueError("%s was not found in %s at index %d", value.Repr(key), value.Repr(m), i)
			default:
				continue
			}
		}
		yes, err := c.Test(value.Str(p.Any(0, "")), it, []any{p.Any(1, nil)}, nil)
		if err != nil {
			return nil, err
		}
		if err := jinja.Use(yes); err != nil {
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
