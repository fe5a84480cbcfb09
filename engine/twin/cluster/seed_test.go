package cluster

import (
	"encoding/json"
	"testing"
	"time"
)

// history maintains a node in a cluster with a seed and returns everything that was there in the end, times and identities included.
func history(t *testing.T, seed uint64) string {
	b := k3s(t, Sized(3, 3), func(c *Config) { c.Seed = seed })
	b.cordon("worker-2", true)
	b.drain("worker-2", 120)
	b.reboot("worker-2")
	b.cordon("worker-2", false)
	b.pass(10 * time.Minute)
	var out []any
	for _, resource := range []string{"nodes", "pods", volumes, engines, replicas, managers, shares, "poddisruptionbudgets", "volumeattachments"} {
		out = append(out, b.List(resource))
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestASeedMakesARun runs the same seed twice and another one once.
func TestASeedMakesARun(t *testing.T) {
	first := history(t, 7)
	if second := history(t, 7); first != second {
		at := 0
		for at < min(len(first), len(second)) && first[at] == second[at] {
			at++
		}
		t.Errorf("two runs of a seed differ: ...%.200s... and ...%.200s...", first[max(0, at-80):], second[max(0, at-80):])
	}
	if history(t, 8) == first {
		t.Error("another seed makes no difference")
	}
}
