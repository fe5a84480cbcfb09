package packages_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

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
func apply(t *testing.T, m module.Module, s *moduletest.Script, args *value.Map) module.Result {
	t.Helper()
	p := planOf(t, m, s.View(), args)
	if p.Kind() == module.KindDone {
		return p.Result()
	}
	r, err := p.Apply()(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// time1970 makes a directory an hour of 1970 old and returns that time as facts print it.
func time1970(t *testing.T, h *moduletest.Host, name string) int {
	t.Helper()
	at := time.Unix(7200, 0)
	if err := os.Chtimes(filepath.Join(h.Dir, name), at, at); err != nil {
		t.Fatal(err)
	}
	return 7200
}
