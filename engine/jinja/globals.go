package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

func addGlobals(l *Language) {
	l.Globals["range"] = Func(rangeGlobal)
	l.Globals["dict"] = Func(dictGlobal)
	l.Globals["namespace"] = Func(namespaceGlobal)
	l.Globals["cycler"] = Func(cyclerGlobal)
	l.Globals["joiner"] = Func(joinerGlobal)
	l.Globals["lipsum"] = Func(lipsumGlobal)
}

// rangeValue is Python's range: numbers that are not yet made.
type rangeValue struct{ start, stop, step int }

// TypeName is Python's name of the type.
func (rangeValue) TypeName() string { return "range" }

// Attr is a bound or the step.
func (r rangeValue) Attr(name string) (any, bool) {
	switch name {
	case "start":
		return r.start, true
	case "stop":
		return r.stop, true
	case "step":
		return r.step, true
	}
	return nil, false
}

// Len is how many numbers there are.
func (r rangeValue) Len() int {
	switch {
	case r.step > 0 && r.start < r.stop:
		return (r.stop-r.start-1)/r.step + 1
	case r.step < 0 && r.start > r.stop:
		return (r.start-r.stop-1)/-r.step + 1
	}
	return 0
}

func (r rangeValue) at(i int) int { return r.start + i*r.step }

// slice is a range of some of the numbers.
func (r rangeValue) slice(s sliceValue) (any, error) {
	if r.Len() > maxItems {
		return nil, limitError("a range of %d numbers is too long", r.Len())
	}
	indices, err := s.indices(r.Len())
	if err != nil || len(indices) == 0 {
		return rangeValue{0, 0, 1}, err
	}
	step := 1
	if len(indices) > 1 {
		step = indices[1] - indices[0]
	}
	return rangeValue{r.at(indices[0]), r.at(indices[len(indices)-1]) + step*r.step, step * r.step}, nil
}

func (r rangeValue) has(v any) bool {
	i, ok := AsInt(v)
	if f, isFloat := v.(float64); isFloat && f == float64(int(f)) {
		i, ok = int(f), true
	}
	n := r.Len()
	return ok && n > 0 && (i-r.start)%r.step == 0 && (i-r.start)/r.step >= 0 && (i-r.start)/r.step < n
}

// list makes the numbers.
func (r rangeValue) list() ([]any, error) {
	n := r.Len()
	if n > maxItems {
		return nil, limitError("a range of %d numbers is too long", n)
	}
	out := make([]any, n)
	for i := range out {
		out[i] = r.at(i)
	}
	return out, nil
}

// String prints the range as Python does.
func (r rangeValue) String() string {
	parts := []any{r.start, r.stop}
	if r.step != 1 {
		parts = append(parts, r.step)
	}
	return "range" + value.Repr(value.Tuple(parts))
}

// EqualTo compares with another value.
func (r rangeValue) EqualTo(other any) bool { return any(r) == other }

func rangeGlobal(c *Call, _ any) (any, error) {
	if n := len(c.Args); n < 1 || n > 3 || c.Kwargs.Len() > 0 {
		return nil, typeError("range expected 1 to 3 arguments, got %d", n)
	}
	bounds := [3]int{0, 0, 1}
	for i, a := range c.Args {
		n, ok := AsInt(a)
		if !ok {
			return nil, typeError("'%s' object cannot be interpreted as an integer", value.TypeName(a))
		}
		bounds[i] = n
	}
	if len(c.Args) == 1 {
		return rangeValue{0, bounds[0], 1}, nil
	}
	if bounds[2] == 0 {
		return nil, valueError("range() arg 3 must not be zero")
	}
	return rangeValue{bounds[0], bounds[1], bounds[2]}, nil
}

func dictGlobal(c *Call, _ any) (any, error) {
	m := &value.Map{}
	if len(c.Args) > 1 {
		return nil, typeError("dict expected at most 1 argument, got %d", len(c.Args))
	}
	if len(c.Args) == 1 {
		from, err := pairsOf(c.Args[0])
		if err != nil {
			return nil, err
		}
		m.Merge(from)
	}
	return m.Merge(c.Kwargs), nil
}

// namespace is an object whose fields a template may set from an inner scope.
type namespace struct{ fields *value.Map }

// TypeName is Python's name of the type.
func (*namespace) TypeName() string { return "Namespace" }

// Attr is a field.
func (n *namespace) Attr(name string) (any, bool) { return n.fields.Get(name) }

func namespaceGlobal(c *Call, _ any) (any, error) {
	m, err := dictGlobal(c, nil)
	if err != nil {
		return nil, err
	}
	ns := &namespace{&value.Map{}}
	for k, v := range m.(*value.Map).All() {
		ns.fields.Set(k, c.frame.ownCopy(v))
	}
	return ns, nil
}

// cycler gives one of its items after the other.
type cycler struct {
	items []any
	pos   int
}

// TypeName is Python's name of the type.
func (*cycler) TypeName() string { return "Cycler" }

// Attr is a method, or the current item.
func (y *cycler) Attr(name string) (any, bool) {
	switch name {
	case "next":
		return Func(func(*Call, any) (any, error) {
			v := y.items[y.pos]
			y.pos = (y.pos + 1) % len(y.items)
			return v, nil
		}), true
	case "reset":
		return Func(func(*Call, any) (any, error) {
			y.pos = 0
			return nil, nil
		}), true
	case "current":
		return y.items[y.pos], true
	}
	return nil, false
}

func cyclerGlobal(c *Call, _ any) (any, error) {
	if len(c.Args) == 0 {
		return nil, typeError("at least one item has to be provided")
	}
	return &cycler{items: append([]any{}, c.Args...)}, nil
}

func joinerGlobal(c *Call, _ any) (any, error) {
	p, err := c.Bind("sep")
	if err != nil {
		return nil, err
	}
	used := false
	return Func(func(*Call, any) (any, error) {
		if !used {
			used = true
			return "", nil
		}
		return p.Any(0, ", "), nil
	}), nil
}

// lipsumGlobal makes filler text; its words are fixed, so that a template renders the same twice.
func lipsumGlobal(c *Call, _ any) (any, error) {
	p, err := c.Bind("n", "html", "min", "max")
	if err != nil {
		return nil, err
	}
	n, err := p.Int(0, 5)
	if err != nil {
		return nil, err
	}
	if n > 1000 {
		return nil, limitError("%d paragraphs are too many", n)
	}
	words, err := p.Int(2, 20)
	if err != nil {
		return nil, err
	}
	const filler = "the quick brown fox jumps over a lazy dog and runs on "
	text := strings.TrimSpace(strings.Repeat(filler, min(words, 1000)/11+1))
	paragraphs := make([]string, max(n, 0))
	for i := range paragraphs {
		paragraphs[i] = capitalize(text) + "."
		if p.Bool(1, true) {
			paragraphs[i] = "<p>" + paragraphs[i] + "</p>"
		}
	}
	return strings.Join(paragraphs, "\n\n"), nil
}
