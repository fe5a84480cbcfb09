package run

import (
	"strconv"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what -vvv shows beside a result: the arguments that a module was called with. Registered results are without them.

// hiddenArgument stands for an argument that nobody is to see.
const hiddenArgument = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

// invoked adds to the result of a module how it was called, where that is to be seen. Modules that act on no host are not called, and one of
// the content's own tells itself.
func (w *worker) invoked(o *once, args *value.Map) *once {
	m := w.task.Module
	if spec := m.Spec(); w.r.Verbosity < 3 || o.result == nil || spec.Controller || spec.AnyArgs || o.result.Has("invocation") {
		return o
	}
	seen := &value.Map{}
	for _, p := range m.Params() {
		seen.Set(p.Name, argumentSeen(p, args))
	}
	o.result.Set("invocation", value.NewMap("module_args", seen))
	return o
}

// argumentSeen is an argument as it may be shown: as given, or what it is when it is not given.
func argumentSeen(p module.Param, args *value.Map) any {
	for _, name := range append([]string{p.Name}, p.Aliases...) {
		v, given := args.Get(name)
		switch {
		case !given:
			continue
		case p.Secret && v != nil:
			return hiddenArgument
		}
		return v
	}
	switch p.Type {
	case "bool":
		if b, err := module.ToBool(p.Default); err == nil {
			return b
		}
	case "int":
		if n, err := strconv.Atoi(p.Default); err == nil {
			return n
		}
	}
	if p.Default == "" {
		return nil
	}
	return p.Default
}
