//go:build e2e

package e2e

// Plays Longhorn's controller, of which the testbed has only the API types: volumes follow their workload off a drained node, are
// degraded while a machine with a replica is dark, and healthy again when it is back.

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"
)

// replicas says on which workers each volume has its two.
var replicas = map[string][]string{"pvc-a": {deb1, deb2}, "pvc-b": {deb2, rhel1}}

type storage struct {
	mu    sync.Mutex
	nodes map[string]object
	at    map[string]string // node that each volume is attached to
	told  map[string]string // robustness last written
	moves int
}

// playLonghorn attaches the volumes to the first of their nodes and moves them until the test ends.
func playLonghorn(t *testing.T) *storage {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s := &storage{nodes: map[string]object{}, at: map[string]string{}, told: map[string]string{}}
	for v, on := range replicas {
		s.at[v] = on[0]
		patch(t, volumesPath, v, "/status", status(map[string]any{"currentNodeID": on[0]}))
	}
	var done sync.WaitGroup
	done.Go(func() { bed.cluster.watch(ctx, nodesPath, s.seen) })
	done.Go(func() { s.tend(ctx, t) })
	t.Cleanup(func() { stop(); done.Wait() })
	return s
}

func status(m map[string]any) map[string]any { return map[string]any{"status": m} }

func (s *storage) seen(o object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nodes[o.Metadata.Name] = o
}

// tend looks after the volumes at a controller's pace.
func (s *storage) tend(ctx context.Context, t *testing.T) {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for v, change := range s.changes() {
			if err := bed.cluster.patch(ctx, volumesPath, v, "/status", status(change)); err != nil && ctx.Err() == nil {
				t.Errorf("play Longhorn: %v", err)
			}
		}
	}
}

// changes decides what is to be written to which volume.
func (s *storage) changes() map[string]map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]map[string]any{}
	for _, v := range slices.Sorted(maps.Keys(replicas)) {
		change := map[string]any{}
		if s.nodes[s.at[v]].Spec.Unschedulable {
			if to := s.open(); to != "" {
				s.at[v] = to
				s.moves++
				change["currentNodeID"] = to
			}
		}
		if health := s.health(v); s.told[v] != health {
			s.told[v], change["robustness"] = health, health
		}
		if len(change) > 0 {
			out[v] = change
		}
	}
	return out
}

// open is a worker that takes workload; "": none.
func (s *storage) open() string {
	for _, n := range workers {
		if o, ok := s.nodes[n]; ok && !o.Spec.Unschedulable && o.ready() {
			return n
		}
	}
	return ""
}

func (s *storage) health(volume string) string {
	for _, n := range replicas[volume] {
		if o, ok := s.nodes[n]; ok && !o.ready() {
			return "degraded"
		}
	}
	return "healthy"
}
