package kube

// What a node means for each Longhorn volume: what would be left of it while the node is away.

import (
	"slices"
	"strings"
)

// Exposure is a volume that is in use on a node, or has a replica there.
type Exposure struct {
	Health
	Attached  bool // in use on the node
	Here      bool // a usable replica of it is on the node
	Elsewhere int  // usable replicas on other nodes
}

// Exposed names the volumes that a node has to do with, by name.
func (s Storage) Exposed(node string) []Exposure {
	var out []Exposure
	for _, h := range s.Health() {
		e := Exposure{Health: h, Attached: s.attachedTo(h.Volume, node)}
		concerned := e.Attached
		for _, r := range s.Replicas {
			switch {
			case r.Spec.VolumeName != h.Volume:
			case r.Spec.NodeID == node:
				concerned = true
				e.Here = e.Here || usable(r)
			case usable(r):
				e.Elsewhere++
			}
		}
		if concerned {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b Exposure) int { return strings.Compare(a.Volume, b.Volume) })
	return out
}

func (s Storage) attachedTo(volume, node string) bool {
	for _, v := range s.Volumes {
		if v.Name == volume {
			return v.Status.CurrentNodeID == node
		}
	}
	return false
}
