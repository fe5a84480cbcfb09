package module_test

import (
	"context"
	"errors"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

func TestThreePlans(t *testing.T) {
	apply := func(context.Context, module.Host) (module.Result, error) { return module.Result{Changed: true}, nil }
	done := module.Done(module.Result{Msg: "as it is"})
	if done.Kind() != module.KindDone || done.Apply() != nil || done.Result().Msg != "as it is" {
		t.Errorf("Done is %+v", done)
	}
	change := module.Change(module.Text("a", "b"), apply).Predicting(module.Result{}.With("dest", "/x"))
	if change.Kind() != module.KindChange || change.Diff() != module.Text("a", "b") || change.Apply() == nil || change.Result().Data.Value("dest") != "/x" {
		t.Errorf("Change is %+v", change)
	}
	opaque := module.Opaque("a command", apply)
	if opaque.Kind() != module.KindOpaque || opaque.Why() != "a command" || opaque.Apply() == nil {
		t.Errorf("Opaque is %+v", opaque)
	}
}

func TestRanTurnsAnExitIntoAResult(t *testing.T) {
	r, err := module.Ran(module.Output{Stdout: "out", Stderr: "err"}, nil)
	if err != nil || !r.Changed || r.Failed || value.Repr(r.Data) != "{'rc': 0, 'stdout': 'out', 'stderr': 'err'}" {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = module.Ran(module.Output{Rc: 2}, nil)
	if err != nil || r.Changed || !r.Failed || r.Msg != "non-zero return code" || r.Data.Value("rc") != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	gone := errors.New("gone")
	if _, err = module.Ran(module.Output{}, gone); !errors.Is(err, gone) {
		t.Errorf("error is %v", err)
	}
}

func TestLineIsTheFirst(t *testing.T) {
	for out, want := range map[string]string{"a\nb\n": "a", "a\r\n": "a", "a": "a", "": "", "\nb": ""} {
		if got := (module.Output{Stdout: out}).Line(); got != want {
			t.Errorf("first line of %q is %q", out, got)
		}
	}
}
