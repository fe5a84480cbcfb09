package run

import (
	"maps"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
)

// tally counts results per host, as the recap shows them.
type tally struct {
	hosts map[string]*event.HostTally
}

func newTally() *tally { return &tally{hosts: map[string]*event.HostTally{}} }

func (t *tally) of(host string) *event.HostTally {
	if t.hosts[host] == nil {
		t.hosts[host] = &event.HostTally{}
	}
	return t.hosts[host]
}

// stats is the closing event; hosts are ordered by name, as in Ansible's recap.
func (t *tally) stats() event.Stats {
	s := event.Stats{Hosts: map[string]event.HostTally{}, Order: slices.Sorted(maps.Keys(t.hosts))}
	for h, c := range t.hosts {
		s.Hosts[h] = *c
	}
	return s
}
