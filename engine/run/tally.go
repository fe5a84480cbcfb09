package run

import (
	"maps"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// tally counts results per host, as the recap shows them.
type tally struct {
	hosts  map[string]*event.HostTally
	custom *value.Map // of set_stats: by host, and under _run those of the run
}

func newTally() *tally { return &tally{hosts: map[string]*event.HostTally{}, custom: &value.Map{}} }

// keep takes in figures of set_stats.
func (t *tally) keep(host string, s *module.CustomStats) {
	if !s.PerHost {
		host = "_run"
	}
	have, ok := t.custom.Value(host).(*value.Map)
	if !ok {
		have = &value.Map{}
		t.custom.Set(host, have)
	}
	for k, v := range s.Data.All() {
		if old, there := have.Get(k); there && s.Aggregate {
			v = together(old, v)
		}
		have.Set(k, v)
	}
}

// together adds a figure to an earlier one. Kinds that do not go together leave the earlier one.
func together(old, more any) any {
	switch x := old.(type) {
	case *value.Map:
		if y, ok := more.(*value.Map); ok {
			return mergedFigures(x, y)
		}
	case []any:
		if y, ok := more.([]any); ok {
			return append(slices.Clone(x), y...)
		}
	case string:
		if y, ok := more.(string); ok {
			return x + y
		}
	case int:
		if y, ok := more.(int); ok {
			return x + y
		}
	case float64:
		if y, ok := more.(float64); ok {
			return x + y
		}
	}
	return old
}

// mergedFigures lays a mapping over another, and so the mappings inside them; all else is replaced.
func mergedFigures(old, more *value.Map) *value.Map {
	out := old.Clone()
	for k, v := range more.All() {
		below, ok1 := out.Value(k).(*value.Map)
		above, ok2 := v.(*value.Map)
		if ok1 && ok2 {
			v = mergedFigures(below, above)
		}
		out.Set(k, v)
	}
	return out
}

func (t *tally) of(host string) *event.HostTally {
	if t.hosts[host] == nil {
		t.hosts[host] = &event.HostTally{}
	}
	return t.hosts[host]
}

// stats is the closing event; hosts are ordered by name, as in Ansible's recap.
func (t *tally) stats() event.Stats {
	s := event.Stats{Hosts: map[string]event.HostTally{}, Order: slices.Sorted(maps.Keys(t.hosts)), Custom: t.custom}
	for h, c := range t.hosts {
		s.Hosts[h] = *c
	}
	return s
}
