package ansible

import (
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// jsonQuery is the filter json_query.
func jsonQuery(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("expr")
	if err != nil {
		return nil, err
	}
	text, err := p.Text(0, "")
	if err != nil {
		return nil, err
	}
	node, err := compileJMES(text)
	if err != nil {
		return nil, err
	}
	return node(in)
}

func jmesTruth(v any) bool {
	switch x := v.(type) {
	case int, float64:
		return true
	default:
		return value.Truth(x)
	}
}

func chain(left, right jmesNode) jmesNode {
	return func(v any) (any, error) {
		l, err := left(v)
		if err != nil {
			return nil, err
		}
		return right(l)
	}
}

func jmesField(name string) jmesNode {
	return func(v any) (any, error) {
		m, ok := jinja.AsMap(v)
		if !ok {
			return nil, nil
		}
		item := m.Value(name)
		return item, jinja.Use(item)
	}
}

func jmesIndex(left jmesNode, index any) jmesNode {
	return func(v any) (any, error) {
		l, err := left(v)
		items, ok := value.Items(l)
		i, isInt := index.(int)
		if err != nil || !ok || !isInt {
			return nil, err
		}
		if i < 0 {
			i += len(items)
		}
		if i < 0 || i >= len(items) {
			return nil, nil
		}
		return items[i], nil
	}
}

func jmesSlice(left jmesNode, parts [3]any) jmesNode {
	return func(v any) (any, error) {
		l, err := left(v)
		items, ok := value.Items(l)
		if err != nil || !ok {
			return nil, err
		}
		return jinja.Slice(items, parts[0], parts[1], parts[2])
	}
}

// listOnly is nothing for a value that is no list.
func listOnly(left jmesNode) jmesNode {
	return func(v any) (any, error) {
		l, err := left(v)
		if items, ok := value.Items(l); ok {
			return items, err
		}
		return nil, err
	}
}

func jmesValues(left jmesNode) jmesNode {
	return func(v any) (any, error) {
		l, err := left(v)
		m, ok := jinja.AsMap(l)
		if err != nil || !ok {
			return nil, err
		}
		return values(m), nil
	}
}

// flattened opens the lists inside a list once.
func flattened(left jmesNode) jmesNode {
	return func(v any) (any, error) {
		l, err := left(v)
		items, ok := value.Items(l)
		if err != nil || !ok {
			return nil, err
		}
		return flatten(items, 1, false)
	}
}

// project applies an expression to each item of a list and leaves out nothing.
func project(items, each jmesNode) jmesNode {
	return func(v any) (any, error) {
		l, err := items(v)
		list, ok := value.Items(l)
		if err != nil || !ok {
			return nil, err
		}
		out := []any{}
		for _, it := range list {
			r, err := each(it)
			if err != nil {
				return nil, err
			}
			if r != nil {
				out = append(out, r)
			}
		}
		return out, nil
	}
}

func jmesComparison(op string, left, right jmesNode) jmesNode {
	return func(v any) (any, error) {
		l, err := left(v)
		if err != nil {
			return nil, err
		}
		r, err := right(v)
		if err != nil {
			return nil, err
		}
		same := value.TypeName(l) == value.TypeName(r) || isNumeric(l) && isNumeric(r)
		switch op {
		case "==":
			return same && value.Equal(l, r), nil
		case "!=":
			return !(same && value.Equal(l, r)), nil
		}
		if !isNumeric(l) || !isNumeric(r) {
			return nil, nil
		}
		cmp, err := value.Compare(l, r)
		return operatorOf(op)(cmp), err
	}
}

func isNumeric(v any) bool {
	_, isBool := v.(bool)
	_, ok := number(v)
	return ok && !isBool
}
