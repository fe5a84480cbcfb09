package run

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the form in which answers are kept: all that settling one needs, without loss.

// pack writes an answer. The error says that it holds what cannot be written down.
func pack(a *answer) ([]byte, error) {
	effects, err := packEffects(a.effects)
	if err != nil {
		return nil, err
	}
	includes := []any{}
	for _, inc := range a.includes {
		f := inc.role.from
		includes = append(includes, value.NewMap("file", inc.file, "role", inc.role.name, "tasks", f.Tasks, "vars_from", f.Vars, "defaults", f.Defaults,
			"handlers", f.Handlers, "public", f.Public, "duplicates", f.AllowDuplicates, "unchecked", f.NoValidate, "vars", inc.vars, "item", inc.item))
	}
	return value.Pack(value.NewMap("status", string(a.status), "result", a.result, "loop", a.loop, "delegate", a.delegate,
		"name", a.ref.Name, "action", a.ref.Action, "effects", effects, "includes", includes))
}

func packEffects(effects []effect) ([]any, error) {
	out := []any{}
	for _, e := range effects {
		m := value.NewMap("host", e.host, "kind", int(e.kind), "vars", e.vars)
		switch {
		case e.kind == setInventory:
			return nil, fmt.Errorf("the growth of an inventory is not written down")
		case e.stats != nil:
			m.Set("stats", value.NewMap("data", e.stats.Data, "per_host", e.stats.PerHost, "aggregate", e.stats.Aggregate))
		}
		out = append(out, m)
	}
	return out, nil
}

// packed is pack of what surely can be.
func packed(m *value.Map) []byte {
	data, err := value.Pack(m)
	if err != nil {
		panic("run: " + err.Error()) // only values of ours are given
	}
	return data
}

// recollect reads what was kept of an errand. What cannot be read counts as not kept: the step is planned again.
func (b *batchRun) recollect(e *errand, data []byte) {
	m, ok := unpacked(data)
	switch {
	case !ok:
		e.begun.Begun = true
		return
	case isTruthy(m.Value("passed")):
		e.passed = true
		return
	case isTruthy(m.Value("again")):
		e.again = true
		return
	}
	env := b.env(e.Host, e.Task, nil)
	a := &answer{host: e.Host, task: e.Task, ref: b.refOf(e.Task, env), env: env, quiet: true}
	a.ref.Name, a.ref.Action = textOf(m, "name"), textOf(m, "action")
	a.status, a.loop, a.delegate = event.Status(textOf(m, "status")), isTruthy(m.Value("loop")), textOf(m, "delegate")
	a.result, _ = m.Value("result").(*value.Map)
	a.effects, a.includes = effectsOf(m), includesOf(m)
	e.past = a
}

func unpacked(data []byte) (*value.Map, bool) {
	v, err := value.Unpack(data)
	m, ok := v.(*value.Map)
	return m, ok && err == nil
}

func textOf(m *value.Map, key string) string {
	s, _ := m.Value(key).(string)
	return s
}

func mapsOf(m *value.Map, key string) []*value.Map {
	var out []*value.Map
	items, _ := m.Value(key).([]any)
	for _, item := range items {
		if x, ok := item.(*value.Map); ok {
			out = append(out, x)
		}
	}
	return out
}

func effectsOf(m *value.Map) []effect {
	var out []effect
	for _, x := range mapsOf(m, "effects") {
		kind, _ := x.Value("kind").(int)
		e := effect{host: textOf(x, "host"), kind: effectKind(kind)}
		e.vars, _ = x.Value("vars").(*value.Map)
		if s, ok := x.Value("stats").(*value.Map); ok {
			e.stats = &module.CustomStats{PerHost: isTruthy(s.Value("per_host")), Aggregate: isTruthy(s.Value("aggregate"))}
			e.stats.Data, _ = s.Value("data").(*value.Map)
		}
		out = append(out, e)
	}
	return out
}

func includesOf(m *value.Map) []inclusion {
	var out []inclusion
	for _, x := range mapsOf(m, "includes") {
		inc := inclusion{file: textOf(x, "file"), item: x.Value("item"), role: roleUse{name: textOf(x, "role"), from: program.RoleFrom{
			Tasks: textOf(x, "tasks"), Vars: textOf(x, "vars_from"), Defaults: textOf(x, "defaults"), Handlers: textOf(x, "handlers"),
			Public: isTruthy(x.Value("public")), AllowDuplicates: isTruthy(x.Value("duplicates")), NoValidate: isTruthy(x.Value("unchecked")),
		}}}
		inc.vars, _ = x.Value("vars").(*value.Map)
		out = append(out, inc)
	}
	return out
}

// packOnce writes what came of one item of a loop. It is an answer, too, of the item.
func packOnce(o *once, item any) ([]byte, error) {
	effects, err := packEffects(o.effects)
	if err != nil {
		return nil, err
	}
	return value.Pack(value.NewMap("item", item, "status", string(o.status), "result", o.result, "delegate", o.delegate,
		"name", o.ref.Name, "action", o.ref.Action, "effects", effects))
}

// onceOf is what was kept of an item; nil: nothing, or of another.
func onceOf(data []byte, item any) *once {
	m, ok := unpacked(data)
	if !ok || !value.Equal(m.Value("item"), item) {
		return nil
	}
	o := &once{status: event.Status(textOf(m, "status")), delegate: textOf(m, "delegate"), effects: effectsOf(m), past: true}
	o.ref.Name, o.ref.Action = textOf(m, "name"), textOf(m, "action")
	o.result, _ = m.Value("result").(*value.Map)
	return o
}
