package program

import (
	"slices"

	"github.com/drydock-dev/drydock/engine/value"
)

// inherited is what a node hands down: the keywords, and the handlers that all tasks notify.
type inherited struct {
	Keywords
	notify []any
}

// under returns the keywords of a node whose own are k, where outer are those of what surrounds it: single values of k win, lists grow.
func (k Keywords) under(outer Keywords) Keywords {
	k.When = join(outer.When, k.When)
	k.Tags = union(outer.Tags, k.Tags)
	k.Vars = join(outer.Vars, k.Vars)
	k.Params = join(outer.Params, k.Params)
	k.Environment = join(outer.Environment, k.Environment)
	k.ModuleDefaults = join(outer.ModuleDefaults, k.ModuleDefaults)
	if k.Collections == nil {
		k.Collections = outer.Collections
	}
	own, from := k.singles(), outer.singles()
	for i, v := range own {
		if *v == nil {
			*v = *from[i]
		}
	}
	return k
}

// singles are the keywords of which the innermost counts.
func (k *Keywords) singles() []*any {
	return []*any{
		&k.Become, &k.BecomeUser, &k.BecomeMethod, &k.BecomeFlags, &k.BecomeExe,
		&k.Connection, &k.RemoteUser, &k.Port,
		&k.DelegateTo, &k.DelegateFacts, &k.RunOnce,
		&k.IgnoreErrors, &k.IgnoreUnreachable, &k.AnyErrorsFatal,
		&k.NoLog, &k.CheckMode, &k.Diff, &k.Throttle, &k.Timeout, &k.Debugger,
	}
}

// join never shares the memory of its arguments' tails.
func join[T any](a, b []T) []T {
	if len(b) == 0 {
		return a
	}
	return append(slices.Clip(a), b...)
}

// union joins tags without repeating those that are text.
func union(a, b []any) []any {
	out := slices.Clip(a)
	for _, tag := range b {
		if s, ok := tag.(string); ok && slices.Contains(texts(out), s) {
			continue
		}
		out = append(out, tag)
	}
	return out
}

func texts(list []any) []string {
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// with adds variables at the level of blocks.
func (in inherited) with(vars *value.Map) inherited {
	if vars.Len() > 0 {
		in.Vars = join(in.Vars, []*value.Map{vars})
	}
	return in
}
