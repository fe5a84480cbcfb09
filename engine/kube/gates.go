package kube

// Longhorn's gates around a disruption: before the cordon (Preflight), before the node goes down (InUse), and before the next node (Unsettled).
// They are pure functions over Storage and over what holds volumes to nodes (attachments.go).

import (
	"fmt"
	"slices"
	"strings"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

// Preflight checks all of Longhorn before a node is cordoned: volumes that are not well anywhere, and what would hold the drain of this node.
func (s Storage) Preflight(node string, a Attachments) []Finding {
	out := s.Ailing()
	out = append(out, s.Blockers(node)...)
	out = append(out, s.manual(node, a)...)
	out = append(out, s.orphans(node)...)
	out = append(out, s.otherPlaces(node)...)
	if len(out) == 0 {
		out = append(out, Finding{Check: CheckLonghorn, About: node, Grade: Sound, Found: s.allWell(node)})
	}
	return out
}

func (s Storage) allWell(node string) string {
	if len(s.Volumes) == 0 {
		return "Longhorn has no volumes"
	}
	return fmt.Sprintf("Longhorn's %s are whole; %d have to do with %s and can do without it", count(len(s.Volumes), "volume"), len(s.On(node)), node)
}

// Ailing are the volumes of the cluster that are not well.
func (s Storage) Ailing() []Finding {
	var out []Finding
	for _, h := range s.Health() {
		f := Finding{About: h.Volume, Also: []string{h.Claim}, Found: h.String()}
		switch {
		case h.Condition == Healthy || h.Condition == Resting:
			continue
		case h.Condition == Hopeless && s.robustness(h.Volume) == longhorn.VolumeRobustnessFaulted:
			f.Check, f.Grade, f.Mend = CheckFaulted, Broken, "salvage the volume in Longhorn, or remove it"
		case h.Condition == Hopeless:
			f.Check, f.Grade, f.Mend = CheckNoPlace, Broken, "give Longhorn a node or a disk for it, or want fewer replicas"
		case s.state(h.Volume) != longhorn.VolumeStateAttached:
			f.Check, f.Grade, f.Mend = CheckMoving, Passing, "look at the volume's events in Longhorn"
		default:
			f.Check, f.Grade, f.Mend = CheckDegraded, Passing, "let the rebuild end; if there is none, look at the volume's replicas in Longhorn"
		}
		out = append(out, f)
	}
	return out
}

func (s Storage) volume(name string) longhorn.Volume {
	for _, v := range s.Volumes {
		if v.Name == name {
			return v
		}
	}
	return longhorn.Volume{}
}

func (s Storage) robustness(name string) longhorn.VolumeRobustness {
	return s.volume(name).Status.Robustness
}
func (s Storage) state(name string) longhorn.VolumeState { return s.volume(name).Status.State }

func (s Storage) claimOf(name string) string {
	if k := s.volume(name).Status.KubernetesStatus; k.PVCName != "" {
		return k.Namespace + "/" + k.PVCName
	}
	return ""
}

// called names a volume for people: "volume pvc-1 (default/data)".
func (s Storage) called(name string) string {
	if c := s.claimOf(name); c != "" {
		return "volume " + name + " (" + c + ")"
	}
	return "volume " + name
}

// manual are the volumes that somebody has attached to the node by hand: no eviction moves them, unless Longhorn was told to detach them.
func (s Storage) manual(node string, a Attachments) []Finding {
	if a.DetachManual {
		return nil
	}
	var out []Finding
	for _, one := range a.Tickets {
		if one.Node == node && one.Type == string(longhorn.AttacherTypeLonghornAPI) {
			out = append(out, Finding{Check: CheckManual, About: one.Volume, Also: []string{s.claimOf(one.Volume)}, Grade: Broken,
				Found: s.called(one.Volume) + " is attached to " + node + " by hand (ticket longhorn-api): no drain will detach it",
				Mend:  "detach it in Longhorn, or set detach-manually-attached-volumes-when-cordoned"})
		}
	}
	return out
}

// orphans are engines that run on the node and of which Longhorn has no record: it would wait for their end for ever.
func (s Storage) orphans(node string) []Finding {
	known := map[string]bool{}
	for _, e := range s.Engines {
		known[e.Name] = true
	}
	var out []Finding
	for _, im := range s.InstanceManagers {
		if im.Spec.NodeID != node {
			continue
		}
		for _, name := range enginesIn(im) {
			if !known[name] {
				out = append(out, Finding{Check: CheckOrphan, About: name, Grade: Broken,
					Found: fmt.Sprintf("engine %s runs in instance manager %s on %s, and Longhorn has no record of it", name, im.Name, node),
					Mend:  "delete the orphaned instance in Longhorn, or, with its volumes detached, the pod " + im.Name})
			}
		}
	}
	return out
}

func enginesIn(im longhorn.InstanceManager) []string {
	var out []string
	for name := range im.Status.InstanceEngines {
		out = append(out, name)
	}
	for name := range im.Status.InstanceEngineFrontends {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// otherPlaces are Longhorn's other nodes that are not ready. Nodes that a person has closed to replicas are as they are wanted.
func (s Storage) otherPlaces(node string) []Finding {
	var out []Finding
	for _, n := range s.Nodes {
		c, told := condition(n.Status.Conditions, longhorn.NodeConditionTypeReady)
		if n.Name == node || !told || c.Status == longhorn.ConditionStatusTrue {
			continue
		}
		out = append(out, Finding{Check: CheckStorageNode, About: n.Name, Grade: Passing,
			Found: strings.TrimSpace(fmt.Sprintf("Longhorn's node %s is not ready: %s %s", n.Name, c.Reason, c.Message)),
			Mend:  "look at the longhorn-manager pod of " + n.Name})
	}
	return out
}

// InUse is what Longhorn still has on a node that is to go down.
func (s Storage) InUse(node string, a Attachments) []Finding {
	where := map[string][]string{}
	for _, v := range s.Attached(node) {
		where[v] = append(where[v], "attached")
	}
	for _, v := range a.Kubernetes[node] {
		where[v] = append(where[v], "held by a VolumeAttachment")
	}
	for _, im := range s.InstanceManagers {
		if im.Spec.NodeID != node {
			continue
		}
		for _, e := range enginesIn(im) {
			v := s.volumeOfEngine(e)
			where[v] = append(where[v], "served by engine "+e)
		}
	}
	grade, mend := Broken, "drain the node first"
	if s.Cordoned[node] {
		grade, mend = Passing, "see which pod still uses it: kubectl get pods -A -o wide --field-selector spec.nodeName="+node
	}
	var out []Finding
	for v, how := range where {
		out = append(out, Finding{Check: CheckAttached, About: v, Also: []string{s.claimOf(v)}, Grade: grade, Mend: mend,
			Found: s.called(v) + " is in use on " + node + " (" + strings.Join(how, ", ") + "): its data would be cut off"})
	}
	slices.SortFunc(out, func(a, b Finding) int { return strings.Compare(a.About, b.About) })
	return out
}

func (s Storage) volumeOfEngine(name string) string {
	for _, e := range s.Engines {
		if e.Name == name {
			return e.Spec.VolumeName
		}
	}
	return name
}

// Unsettled is what is not yet as before after a node was disrupted: volumes that are not whole, and replicas on it that have failed.
func (s Storage) Unsettled(node string) []Finding {
	out := s.Ailing()
	for _, r := range s.Replicas {
		if r.Spec.NodeID != node || r.Spec.FailedAt == "" || s.state(r.Spec.VolumeName) != longhorn.VolumeStateDetached {
			continue
		}
		out = append(out, Finding{Check: CheckSettled, About: r.Spec.VolumeName, Also: []string{s.claimOf(r.Spec.VolumeName)}, Grade: Passing,
			Found: fmt.Sprintf("replica %s of detached %s on %s has failed", r.Name, s.called(r.Spec.VolumeName), node),
			Mend:  "attach the volume for a while, so that Longhorn rebuilds the replica, or switch on offline-replica-rebuilding"})
	}
	return out
}
