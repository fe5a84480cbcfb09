package ansible

import (
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters of set theory and combinatorics. A result keeps the order of what it was made of; Python's sets have none.

// maxCombined is how many results a combinatoric filter may make.
const maxCombined = 1_000_000

// maxChosen is how many items a permutation or combination may have.
const maxChosen = 2000

// maxCells is how many items all of these results may have together.
const maxCells = 4_000_000

func (a *extension) addSetFilters(l *jinja.Language) {
	l.Filters["union"] = twoLists(union)
	l.Filters["intersect"] = twoLists(intersection)
	l.Filters["difference"] = twoLists(difference)
	l.Filters["symmetric_difference"] = twoLists(symmetricDifference)
	l.Filters["zip"] = zipFilter
	l.Filters["zip_longest"] = zipLongestFilter
	l.Filters["product"] = productFilter
	l.Filters["permutations"] = permutationsFilter
	l.Filters["combinations"] = combinationsFilter
}

func union(x, y []any) []any               { return distinct(joined(x, y)) }
func intersection(x, y []any) []any        { return distinct(within(x, y)) }
func difference(x, y []any) []any          { return distinct(without(x, y)) }
func symmetricDifference(x, y []any) []any { return distinct(joined(without(x, y), without(y, x))) }

// manyLists applies an operation of two lists to the operand and all arguments in turn.
func manyLists(fn func(x, y []any) []any) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		if flat, ok := c.Kwargs.Get("flatten"); ok && value.Truth(flat) && len(c.Args) == 0 {
			items, err := jinja.Iterate(in)
			if err != nil || len(items) == 0 {
				return []any{}, err
			}
			c, in = c.With(items[1:]...), items[0]
		}
		all := append([]any{in}, c.Args...)
		var out []any
		for i, v := range all {
			items, ok := value.Items(v)
			if !ok {
				return nil, valueError("all arguments of %s must be lists, not %s", c.Name, value.TypeName(v))
			}
			if out = distinct(items); i > 0 {
				out = fn(all[0].([]any), items)
			}
			all[0] = out
		}
		return out, nil
	}
}

func twoLists(fn func(x, y []any) []any) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("b!")
		if err != nil {
			return nil, err
		}
		other := p.Any(0, nil)
		x, err := jinja.Iterate(in)
		if err != nil {
			return nil, err
		}
		y, err := jinja.Iterate(other)
		if err != nil {
			return nil, err
		}
		return fn(x, y), nil
	}
}

func distinct(items []any) []any {
	seen := jinja.NewSet()
	out := []any{}
	for _, it := range items {
		if seen.Add(it) {
			out = append(out, it)
		}
	}
	return out
}

func within(x, y []any) []any {
	keep := jinja.NewSet(y...)
	var out []any
	for _, it := range x {
		if keep.Has(it) {
			out = append(out, it)
		}
	}
	return out
}

// lists are the operand and the positional arguments as lists.
func lists(c *jinja.Call, in any) ([][]any, error) {
	out := make([][]any, 0, len(c.Args)+1)
	for _, v := range append([]any{in}, c.Args...) {
		items, err := jinja.Iterate(v)
		if err != nil {
			return nil, err
		}
		out = append(out, items)
	}
	return out, nil
}

func zipFilter(c *jinja.Call, in any) (any, error) {
	all, err := lists(c, in)
	if err != nil {
		return nil, err
	}
	shortest, longest := len(all[0]), len(all[0])
	for _, l := range all {
		shortest, longest = min(shortest, len(l)), max(longest, len(l))
	}
	if value.Truth(c.Kwargs.Value("strict")) && shortest != longest {
		return nil, valueError("zip() arguments have different lengths")
	}
	return zipped(all, shortest, nil), nil
}

func zipLongestFilter(c *jinja.Call, in any) (any, error) {
	all, err := lists(c, in)
	if err != nil {
		return nil, err
	}
	longest := 0
	for _, l := range all {
		longest = max(longest, len(l))
	}
	return zipped(all, longest, c.Kwargs.Value("fillvalue")), nil
}

func zipped(all [][]any, n int, fill any) []any {
	out := make([]any, n)
	for i := range out {
		row := make(value.Tuple, len(all))
		for j, l := range all {
			row[j] = fill
			if i < len(l) {
				row[j] = l[i]
			}
		}
		out[i] = row
	}
	return out
}

func productFilter(c *jinja.Call, in any) (any, error) {
	all, err := lists(c, in)
	if err != nil {
		return nil, err
	}
	repeat := 1
	if v, ok := c.Kwargs.Get("repeat"); ok {
		if repeat, ok = jinja.AsInt(v); !ok || repeat > 64 {
			return nil, typeError("the argument 'repeat' of product must be a small int")
		}
	}
	once := all
	for all = nil; repeat > 0; repeat-- {
		all = append(all, once...)
	}
	return cartesian(all)
}

// cartesian are the tuples of one item of each list.
func cartesian(all [][]any) (any, error) {
	rows := []value.Tuple{{}}
	for _, l := range all {
		if len(rows)*len(l) > maxCombined || len(rows)*len(l)*len(all) > maxCells {
			return nil, value.Errorf(value.Limit, "more than %d combinations", maxCombined)
		}
		next := make([]value.Tuple, 0, len(rows)*len(l))
		for _, r := range rows {
			for _, it := range l {
				next = append(next, append(r[:len(r):len(r)], it))
			}
		}
		rows = next
	}
	out := make([]any, len(rows))
	for i, r := range rows {
		out[i] = r
	}
	return out, nil
}

func permutationsFilter(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("r")
	if err != nil {
		return nil, err
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	n, err := p.OptInt(0, len(items))
	if err != nil {
		return nil, err
	}
	return choose(items, n, false)
}

func combinationsFilter(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("r")
	if err != nil {
		return nil, err
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	if _, err := p.Need(0); err != nil {
		return nil, err
	}
	n, err := p.Int(0, 0)
	if err != nil {
		return nil, err
	}
	return choose(items, n, true)
}

// choose are the ways to take n items in order; with ascending, only those in the order of the list.
func choose(items []any, n int, ascending bool) (any, error) {
	if n < 0 {
		return nil, valueError("r must be non-negative")
	}
	out := []any{}
	taken := make([]bool, len(items))
	var row value.Tuple
	var step func(from int) error
	step = func(from int) error {
		if len(row) == n {
			if out = append(out, append(value.Tuple{}, row...)); len(out) > maxCombined || len(out)*n > maxCells {
				return value.Errorf(value.Limit, "more than %d combinations", maxCombined)
			}
			return nil
		}
		for i := from; i < len(items); i++ {
			if taken[i] {
				continue
			}
			next := 0
			if ascending {
				next = i + 1
			}
			taken[i], row = true, append(row, items[i])
			err := step(next)
			taken[i], row = false, row[:len(row)-1]
			if err != nil {
				return err
			}
		}
		return nil
	}
	if n > len(items) {
		return out, nil
	}
	if n > maxChosen {
		return nil, value.Errorf(value.Limit, "permutations and combinations of more than %d items are too many", maxChosen)
	}
	return out, step(0)
}
