package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Limits on what a template can ask for with a few characters. Whoever reaches one made a mistake, or means harm: the evaluation ends in an error.

const (
	maxText   = 32 << 20  // bytes of a string
	maxItems  = 1_000_000 // of a list
	maxBits   = 1 << 18   // of a whole number
	maxWork   = 1_000_000 // statements carried out in one evaluation; calls and large values count as several
	maxInside = 1000      // values inside each other
	// callWork is what the call of a filter, test, method or function counts: together with maxWork it lets an evaluation that does
	// nothing but call end within about a second.
	callWork = 4
	// maxNodes is how many values inside another are looked at to print, copy or finish it. Values that share their parts can be
	// far bigger than the memory that they take.
	maxNodes = 1_000_000
)

// spend counts work of an evaluation.
func (r *run) spend(n int) error {
	if r.work += n; r.work > maxWork {
		return limitError("the template does more than %d steps", maxWork)
	}
	return nil
}

// charge counts a value that a call takes or gives by its size; small ones are free.
func (r *run) charge(v any) error {
	switch x := v.(type) {
	case string:
		if len(x) > 1<<12 {
			return r.spend(len(x) >> 6)
		}
	case []any:
		return r.chargeItems(len(x))
	case *value.List:
		return r.chargeItems(len(x.Items))
	case *value.Map:
		return r.chargeItems(x.Len())
	}
	return nil
}

func (r *run) chargeItems(n int) error {
	if n <= 1<<6 {
		return nil
	}
	return r.spend(n >> 1)
}

// called counts a call by what it takes.
func (r *run) called(in any) error {
	if err := r.spend(callWork); err != nil {
		return err
	}
	return r.charge(in)
}

// bounded is the error of a value that is too deep inside others or one of too many.
func bounded(depth, nodes int) error {
	switch {
	case depth > maxInside:
		return errTooDeep
	case nodes > maxNodes:
		return errTooBig
	}
	return nil
}

var errTooBig = value.Errorf(value.Limit, "the value is too big: it has more than %d parts", maxNodes)

var errTooDeep = value.Errorf(value.Recursion, "the value is nested too deeply: more than %d values are inside each other", maxInside)

// replaceText is strings.Replace, refused if the result would be too long.
func replaceText(s, old, to string, n int) (string, error) {
	hits := strings.Count(s, old)
	if n >= 0 {
		hits = min(hits, n)
	}
	if hits > 0 && len(to) > len(old) && (len(to)-len(old)) > (maxText-min(len(s), maxText))/hits {
		return "", limitError("a text of more than %d bytes is too long", maxText)
	}
	return strings.Replace(s, old, to, n), nil
}

// joinTexts is strings.Join, refused if the result would be too long.
func joinTexts(parts []string, sep string) (string, error) {
	size := 0
	for _, p := range parts {
		if size += len(p) + len(sep); size > maxText+len(sep) {
			return "", limitError("a text of more than %d bytes is too long", maxText)
		}
	}
	return strings.Join(parts, sep), nil
}

// holds tells whether a container that a template may change is, or is inside, a value: to put the value into it would make a ring.
func holds(v any, container any) bool {
	if v == container {
		return true
	}
	switch x := v.(type) {
	case *value.List:
		for _, it := range x.Items {
			if isContainer(it) && holds(it, container) {
				return true
			}
		}
	case *value.Map:
		for _, it := range x.All() {
			if isContainer(it) && holds(it, container) {
				return true
			}
		}
	case []any:
		for _, it := range x {
			if isContainer(it) && holds(it, container) {
				return true
			}
		}
	case value.Tuple:
		return holds([]any(x), container)
	case *namespace:
		return holds(x.fields, container)
	}
	return false
}

func isContainer(v any) bool {
	switch v.(type) {
	case *value.List, *value.Map, []any, value.Tuple, *namespace:
		return true
	}
	return false
}

var errRing = value.Errorf(value.Recursion, "a list or mapping cannot be put into itself")
