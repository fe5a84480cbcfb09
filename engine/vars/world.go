package vars

import (
	"maps"
	"sync"
)

// world is what was known about all hosts at one moment. Its states do not change once a snapshot has it; its views of other hosts are made
// when a template asks for them, by whichever goroutine asks first.
type world struct {
	hosts map[string]*state

	mu    sync.Mutex
	views map[place]*Snapshot
}

// newWorld makes a world that begins as a copy.
func newWorld(hosts map[string]*state) *world {
	w := &world{hosts: maps.Clone(hosts), views: map[place]*Snapshot{}}
	if w.hosts == nil {
		w.hosts = map[string]*state{}
	}
	return w
}

func (w *world) state(host string) *state {
	if st := w.hosts[host]; st != nil {
		return st
	}
	return nothing
}

// view returns the one view of a host in this world, so that templates that meet there are known to be the same.
func (w *world) view(p place, build func() *Snapshot) *Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.views[p]
	if v == nil {
		v = build()
		w.views[p] = v
	}
	return v
}
