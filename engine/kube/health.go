package kube

// How a Longhorn volume is, whether to wait for it, and whether there is any use in waiting.

import (
	"fmt"
	"slices"
	"strings"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

// Condition of a volume, as far as waiting goes.
type Condition string

// The conditions.
const (
	Healthy  Condition = "healthy"  // attached, every replica there
	Resting  Condition = "detached" // not in use: not waited for
	Pending  Condition = "pending"  // on its way
	Hopeless Condition = "hopeless" // will not become healthy by waiting
)

// Health is the verdict on a volume.
type Health struct {
	Volume    string
	Claim     string // namespace/name of the claim bound to it; empty: none
	Condition Condition
	Why       string // of Pending and Hopeless
	Percent   int    // of the rebuild that is least far; -1: nothing is being rebuilt
}

// String says it in a line: `volume pvc-1 (default/data): rebuilding, 40 %`.
func (h Health) String() string {
	s := "volume " + h.Volume
	if h.Claim != "" {
		s += " (" + h.Claim + ")"
	}
	if h.Why == "" {
		return s + ": " + string(h.Condition)
	}
	return s + ": " + h.Why
}

// Health gives the verdict on every volume, by name.
func (s Storage) Health() []Health {
	out := make([]Health, 0, len(s.Volumes))
	for _, v := range s.Volumes {
		if v.Status.State != longhorn.VolumeStateDeleting {
			out = append(out, s.healthOf(v))
		}
	}
	slices.SortFunc(out, func(a, b Health) int { return strings.Compare(a.Volume, b.Volume) })
	return out
}

func (s Storage) healthOf(v longhorn.Volume) Health {
	h := Health{Volume: v.Name, Percent: -1}
	if k := v.Status.KubernetesStatus; k.PVCName != "" {
		h.Claim = k.Namespace + "/" + k.PVCName
	}
	h.Percent = s.rebuild(v.Name)
	switch {
	case v.Status.Robustness == longhorn.VolumeRobustnessFaulted:
		h.Condition, h.Why = Hopeless, "faulted, none of its replicas is usable"
	case v.Status.State == longhorn.VolumeStateDetached:
		h.Condition = Resting
	case v.Status.State != longhorn.VolumeStateAttached:
		h.Condition, h.Why = Pending, string(v.Status.State)
	case h.Percent >= 0:
		h.Condition, h.Why = Pending, fmt.Sprintf("rebuilding a replica, %d %%", h.Percent)
	case v.Status.Robustness == longhorn.VolumeRobustnessHealthy:
		h.Condition, h.Why = s.wholeness(v)
	default:
		h.Condition, h.Why = s.prospects(v)
	}
	return h
}

// rebuild returns how far the slowest rebuild of a volume is; -1: there is none.
func (s Storage) rebuild(volume string) int {
	slowest := -1
	for _, e := range s.Engines {
		for _, r := range e.Status.RebuildStatus {
			if e.Spec.VolumeName == volume && r != nil && r.IsRebuilding && (slowest < 0 || r.Progress < slowest) {
				slowest = r.Progress
			}
		}
	}
	return slowest
}

// wholeness checks a volume that is called healthy against its engine and its share: the word lags behind.
func (s Storage) wholeness(v longhorn.Volume) (Condition, string) {
	for _, e := range s.Engines {
		modes := e.Status.ReplicaModeMap
		if e.Spec.VolumeName != v.Name || len(modes) == 0 {
			continue
		}
		ready := 0
		for _, m := range modes {
			if m == longhorn.ReplicaModeRW {
				ready++
			}
		}
		if ready < v.Spec.NumberOfReplicas {
			return Pending, fmt.Sprintf("%d of %d replicas in use", ready, v.Spec.NumberOfReplicas)
		}
	}
	shared := v.Spec.AccessMode == longhorn.AccessModeReadWriteMany && !v.Spec.Migratable
	if shared && v.Status.ShareState != "" && v.Status.ShareState != longhorn.ShareManagerStateRunning {
		return Pending, "its share manager is " + string(v.Status.ShareState)
	}
	return Healthy, ""
}

// prospects says whether a volume in use that lacks replicas can get them.
func (s Storage) prospects(v longhorn.Volume) (Condition, string) {
	wanted := v.Spec.NumberOfReplicas
	word := string(v.Status.Robustness)
	if word == "" {
		word = string(longhorn.VolumeRobustnessUnknown)
	}
	open, shut := s.places()
	if !s.SoftAntiAffinity && len(s.Nodes) > 0 && wanted > len(open)+len(shut) {
		return Hopeless, fmt.Sprintf("%s, wants %d replicas on %s that may hold some", word, wanted, count(len(open)+len(shut), "node"))
	}
	if c, ok := condition(v.Status.Conditions, longhorn.VolumeConditionTypeScheduled); ok && c.Status == longhorn.ConditionStatusFalse {
		why := fmt.Sprintf("%s, a replica finds no place: %s", word, strings.TrimSpace(c.Reason+" "+c.Message))
		if len(shut) > 0 { // it may find one when these are back
			return Pending, why + "; waiting for " + strings.Join(shut, ", ")
		}
		return Hopeless, why
	}
	if len(shut) > 0 {
		return Pending, word + "; waiting for " + strings.Join(shut, ", ")
	}
	return Pending, word
}

// places names the nodes that take new replicas, and those that would but cannot at the moment, with the cause.
func (s Storage) places() (open, shut []string) {
	for _, n := range s.Nodes {
		switch c, ok := condition(n.Status.Conditions, longhorn.NodeConditionTypeReady); {
		case !n.Spec.AllowScheduling || n.Spec.EvictionRequested:
		case ok && c.Status != longhorn.ConditionStatusTrue:
			shut = append(shut, n.Name+" (not ready)")
		case s.Cordoned[n.Name]:
			shut = append(shut, n.Name+" (cordoned)")
		default:
			open = append(open, n.Name)
		}
	}
	return open, shut
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
