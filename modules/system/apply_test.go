package system_test

import (
	"context"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

func planOf(t *testing.T, m module.Module, v module.View, args *value.Map) module.Plan {
	t.Helper()
	p, err := m.Plan(context.Background(), v, args)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// apply plans and carries out; a plan that has nothing to do answers its result.
func apply(t *testing.T, m module.Module, s *moduletest.Script, args *value.Map) (module.Result, error) {
	t.Helper()
	p := planOf(t, m, s.View(), args)
	if p.Kind() == module.KindDone {
		return p.Result(), nil
	}
	if wait := p.StandBy(); wait != nil {
		if r, err := wait(context.Background(), s); err != nil || r.Failed {
			return r, err
		}
	}
	return p.Apply()(context.Background(), s)
}

// applied is apply where no error is expected.
func applied(t *testing.T, m module.Module, s *moduletest.Script, args *value.Map) module.Result {
	t.Helper()
	r, err := apply(t, m, s, args)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// show prints a result for messages and comparisons.
func show(r module.Result) string { return value.Repr(moduletest.Flat(r)) }
