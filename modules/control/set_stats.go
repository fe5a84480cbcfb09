package control

import (
	"context"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// SetStats keeps figures for the end of the run.
var SetStats = module.Define(module.Spec{
	Name:       "ansible.builtin.set_stats",
	Doc:        "Keep figures of the run, or of the host, that are shown at its end.",
	Controller: true,
}, planSetStats)

type setStatsArgs struct {
	Data      any  `arg:"data" doc:"The figures by name."`
	PerHost   bool `arg:"per_host,default=no" doc:"Keep them for the host, not for the run."`
	Aggregate bool `arg:"aggregate,default=yes" doc:"Add to earlier figures of the same name instead of replacing them."`
}

func planSetStats(_ context.Context, _ module.View, a setStatsArgs) (module.Plan, error) {
	data := &value.Map{}
	if a.Data != nil {
		given, ok := a.Data.(*value.Map)
		if !ok {
			return module.Done(module.Fail("The 'data' option needs to be a dictionary/hash")), nil
		}
		data = given
	}
	for _, k := range data.Keys() {
		if name := value.Str(k); !variableName.MatchString(name) || reserved(name) {
			return module.Done(module.Fail("Task failed: Invalid variable name '%s'.", name)), nil
		}
	}
	r := module.Result{}
	if data.Len() > 0 {
		r.Stats = &module.CustomStats{Data: data, PerHost: a.PerHost, Aggregate: a.Aggregate}
	}
	told := value.NewMap("data", data, "per_host", a.PerHost, "aggregate", a.Aggregate)
	return module.Done(r.With("ansible_stats", told)), nil
}
