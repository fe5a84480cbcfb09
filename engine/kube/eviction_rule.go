package kube

// Longhorn's rule for letting an instance manager go, foretold: what would hold the drain of a node.

import (
	"fmt"
	"slices"
	"strings"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

// The settings of node-drain-policy that change the rule; without one of them Longhorn blocks when the last replica is on the node.
const (
	alwaysAllow   = "always-allow"
	blockEviction = "block-for-eviction"
	allowStopped  = "allow-if-replica-is-stopped"
)

// Attached names the volumes in use on a node: none may be there when it reboots.
func (s Storage) Attached(node string) []string {
	var out []string
	for _, v := range s.Volumes {
		if v.Status.CurrentNodeID == node {
			out = append(out, v.Name)
		}
	}
	slices.Sort(out)
	return out
}

// Holds says what keeps Longhorn from removing the budgets of a node's instance managers once the node is cordoned and its volumes
// are detached. Nothing means that the drain will get through.
func (s Storage) Holds(node string) []string {
	if s.DrainPolicy == alwaysAllow {
		return nil
	}
	var out []string
	for _, r := range s.Replicas {
		if r.Spec.NodeID != node {
			continue
		}
		if why := s.hold(r); why != "" {
			out = append(out, why)
		}
	}
	slices.Sort(out)
	return out
}

// hold says why a replica keeps its node from being drained, empty if it does not.
func (s Storage) hold(r longhorn.Replica) string {
	name := fmt.Sprintf("replica %s of volume %s", r.Name, r.Spec.VolumeName)
	switch {
	case s.DrainPolicy == blockEviction:
		return name + " must leave the node first (node-drain-policy block-for-eviction)"
	case s.DrainPolicy == allowStopped && r.Spec.DesireState == longhorn.InstanceStateStopped && r.Status.CurrentState == longhorn.InstanceStateStopped:
		return ""
	case r.Spec.HealthyAt == "" && r.Spec.FailedAt == "": // never used
		return ""
	}
	var others []string
	for _, twin := range s.Replicas {
		if twin.Spec.VolumeName != r.Spec.VolumeName || twin.Spec.NodeID == r.Spec.NodeID {
			continue
		}
		flaw := s.flaw(twin)
		if flaw == "" {
			return ""
		}
		others = append(others, twin.Name+" "+flaw)
	}
	if len(others) == 0 {
		return name + " is the only one"
	}
	return name + " has no safe twin: " + strings.Join(others, ", ")
}

// flaw says why a replica on another node does not count as safe.
func (s Storage) flaw(r longhorn.Replica) string {
	switch {
	case !usable(r):
		return "is not usable"
	case s.Cordoned[r.Spec.NodeID]:
		return "is on cordoned node " + r.Spec.NodeID
	}
	for _, im := range s.InstanceManagers {
		if im.Spec.NodeID == r.Spec.NodeID && im.Spec.DataEngine == r.Spec.DataEngine &&
			im.Status.CurrentState == longhorn.InstanceManagerStateRunning && s.Guarded[im.Name] {
			return ""
		}
	}
	return "is on node " + r.Spec.NodeID + ", which has no running instance manager with a budget"
}

// On names the volumes that are in use on a node or have a replica there.
func (s Storage) On(node string) []string {
	out := s.Attached(node)
	for _, r := range s.Replicas {
		if r.Spec.NodeID == node && !slices.Contains(out, r.Spec.VolumeName) {
			out = append(out, r.Spec.VolumeName)
		}
	}
	slices.Sort(out)
	return out
}

// Ready tells whether Longhorn says that a node is ready.
func (s Storage) Ready(node string) bool {
	for _, n := range s.Nodes {
		if c, ok := condition(n.Status.Conditions, longhorn.NodeConditionTypeReady); n.Name == node && ok {
			return c.Status == longhorn.ConditionStatusTrue
		}
	}
	return false
}
