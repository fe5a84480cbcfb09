package kube

// Which pods of a node a drain moves, leaves or refuses to touch. The verdicts are those of kubectl drain.

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Action is what a drain does with a pod.
type Action int

// The actions.
const (
	Move   Action = iota // evict or delete it
	Leave                // it stays on the node through the maintenance
	Refuse               // it must not be touched without an option that allows it
)

// wave orders the pods that move: one wave is gone from the node before the next is asked to go.
type wave int

const (
	workloads        wave = iota
	shareManagers         // Longhorn serves its RWX volumes from these: their users go first
	instanceManagers      // Longhorn holds these by a budget until nothing on the node needs them
)

// reason is why a pod gets its verdict; its text makes one warning or error for all pods that share it.
type reason string

const (
	isDaemon    reason = "DaemonSet-managed"
	isStray     reason = "of a DaemonSet that is gone"
	isMirror    reason = "mirror"
	hasLocal    reason = "with local storage"
	isUnmanaged reason = "not managed by a controller"
)

// PodVerdict is a pod and what a drain does with it.
type PodVerdict struct {
	Namespace, Name, UID string
	Action               Action
	// Why explains anything but a plain Move: "with local storage".
	Why string
	// Waits says what stands in the way at the moment, before it is tried: "PDB default/web allows 0 disruptions: ...".
	Waits string
	// Never says of Waits that it will not pass by itself: the budget can allow no disruption at all.
	Never  bool
	Claims []string // that its volumes use, as namespace/name
	wave   wave
}

// Longhorns tells whether the pod is one of Longhorn's instance managers, whose budget goes away by itself once the node is cordoned and nothing
// needs it.
func (v PodVerdict) Longhorns() bool { return v.wave == instanceManagers }

// Ref is namespace/name.
func (v PodVerdict) Ref() string { return v.Namespace + "/" + v.Name }

// judge gives the verdict on a pod. hasDaemonSet tells whether the DaemonSet that controls it still exists; it is not asked about others.
func judge(p *corev1.Pod, o DrainOptions, hasDaemonSet bool) (Action, reason) {
	if _, mirror := p.Annotations[corev1.MirrorPodAnnotationKey]; mirror && !daemonHolds(p) {
		return Leave, isMirror
	}
	if finished(p) {
		return Move, ""
	}
	owner := metav1.GetControllerOf(p)
	var why reason
	switch {
	case ofDaemonSet(owner) && hasDaemonSet:
		return allow(o.IgnoreDaemonSets, Leave), isDaemon
	case ofDaemonSet(owner) && !o.Force:
		return Refuse, isStray
	case ofDaemonSet(owner):
		why = isStray
	}
	if _, mirror := p.Annotations[corev1.MirrorPodAnnotationKey]; mirror {
		return Leave, isMirror
	}
	if hasEmptyDir(p) {
		if !o.DeleteEmptyDir {
			return Refuse, hasLocal
		}
		why = hasLocal
	}
	if owner == nil {
		return allow(o.Force, Move), isUnmanaged
	}
	return Move, why
}

func allow(ok bool, then Action) Action {
	if ok {
		return then
	}
	return Refuse
}

// daemonHolds tells whether a DaemonSet answers for an unfinished pod, which counts before the mirror annotation.
func daemonHolds(p *corev1.Pod) bool { return ofDaemonSet(metav1.GetControllerOf(p)) && !finished(p) }

func ofDaemonSet(owner *metav1.OwnerReference) bool {
	return owner != nil && owner.Kind == daemonSets.Name && owner.APIVersion == daemonSets.APIVersion()
}

func finished(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
}

func hasEmptyDir(p *corev1.Pod) bool {
	for _, v := range p.Spec.Volumes {
		if v.EmptyDir != nil {
			return true
		}
	}
	return false
}

// claimsOf are the claims that a pod's volumes use, those that it brings itself included.
func claimsOf(p *corev1.Pod) []string {
	var out []string
	for _, v := range p.Spec.Volumes {
		switch {
		case v.PersistentVolumeClaim != nil:
			out = append(out, p.Namespace+"/"+v.PersistentVolumeClaim.ClaimName)
		case v.Ephemeral != nil:
			out = append(out, p.Namespace+"/"+p.Name+"-"+v.Name)
		}
	}
	return out
}

// waveOf tells Longhorn's own pods by their label.
func waveOf(p *corev1.Pod) wave {
	switch p.Labels["longhorn.io/component"] {
	case "share-manager":
		return shareManagers
	case "instance-manager":
		return instanceManagers
	}
	return workloads
}
