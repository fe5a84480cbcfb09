package export

import (
	"unsafe"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// cleaner makes values fit for writing: templates become their text. What is shared stays shared, so that YAML can say so.
type cleaner struct {
	maps  map[*value.Map]*value.Map
	lists map[*any][]any
}

func newCleaner() *cleaner {
	return &cleaner{maps: map[*value.Map]*value.Map{}, lists: map[*any][]any{}}
}

func (c *cleaner) clean(v any) any {
	switch x := v.(type) {
	case *jinja.Template:
		return x.Text()
	case *value.Map:
		if out, ok := c.maps[x]; ok {
			return out
		}
		out := &value.Map{}
		c.maps[x] = out
		for k, item := range x.All() {
			out.Set(k, c.clean(item))
		}
		return out
	case []any:
		return c.list(x)
	}
	return v
}

func (c *cleaner) list(list []any) []any {
	id := unsafe.SliceData(list) // of an empty list, too, if the reader gave it room
	if out, ok := c.lists[id]; ok && len(out) == len(list) && cap(list) > 0 {
		return out
	}
	out := make([]any, len(list), max(len(list), 1))
	for i, item := range list {
		out[i] = c.clean(item)
	}
	c.lists[id] = out
	return out
}

// markUnsafe names, for the readers of JSON, the texts that look like templates and are none.
func markUnsafe(m *value.Map) *value.Map {
	return replace(m, func(v any) any {
		if s, ok := v.(string); ok && jinja.HasTemplate(s) {
			return value.NewMap("__ansible_unsafe", s)
		}
		return v
	}).(*value.Map)
}

// spellSealed writes encrypted texts the way that scripts hand them over.
func spellSealed(v any) any {
	return replace(v, func(v any) any {
		if sealed, ok := v.(value.Vault); ok {
			return value.NewMap("__ansible_vault", sealed.Cipher)
		}
		return v
	})
}

// replace copies a value with its leaves replaced.
func replace(v any, leaf func(any) any) any {
	switch x := v.(type) {
	case *value.Map:
		out := &value.Map{}
		for k, item := range x.All() {
			out.Set(k, replace(item, leaf))
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = replace(item, leaf)
		}
		return out
	}
	return leaf(v)
}

// OneLine writes a value as JSON on one line. Templates are their text; of an encrypted text only that it is one is said.
func OneLine(v any) string {
	plain := replace(newCleaner().clean(v), func(v any) any {
		if _, ok := v.(value.Vault); ok {
			return "(encrypted)"
		}
		return v
	})
	text, err := jinja.EncodeJSON(plain, jinja.JSONOptions{Unicode: true})
	if err != nil {
		return value.Repr(plain)
	}
	return text
}
