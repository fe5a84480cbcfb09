package kube

// Volumes that exist on one node only: a pod that uses one cannot run anywhere else.

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

var persistentVolumes = Kind{Version: "v1", Name: "PersistentVolume", Plural: "persistentvolumes"}

// Pins are the claims, by namespace/name, whose volume is held to nodes by affinity, with the volume.
type Pins map[string]Pin

// Pin is a volume that only some nodes have.
type Pin struct {
	Volume string
	Kind   string   // local, hostPath, or another driver
	Nodes  []string // by the host name label
}

// ReadPins lists the volumes that are held to nodes.
func ReadPins(ctx context.Context, r Reader) (Pins, error) {
	volumes, err := listOf[corev1.PersistentVolume](ctx, r, persistentVolumes, "")
	if err != nil {
		return nil, err
	}
	out := Pins{}
	for _, v := range volumes {
		hosts := affinityHosts(v)
		if v.Spec.ClaimRef == nil || len(hosts) == 0 {
			continue
		}
		out[v.Spec.ClaimRef.Namespace+"/"+v.Spec.ClaimRef.Name] = Pin{Volume: v.Name, Kind: kindOf(v), Nodes: hosts}
	}
	return out, nil
}

// affinityHosts are the nodes to which a volume's affinity holds it by the label of host names, as those of local-path do.
func affinityHosts(v corev1.PersistentVolume) []string {
	if v.Spec.NodeAffinity == nil || v.Spec.NodeAffinity.Required == nil {
		return nil
	}
	var out []string
	for _, term := range v.Spec.NodeAffinity.Required.NodeSelectorTerms {
		for _, x := range term.MatchExpressions {
			if x.Key == corev1.LabelHostname && x.Operator == corev1.NodeSelectorOpIn {
				out = append(out, x.Values...)
			}
		}
		for _, x := range term.MatchFields {
			if x.Key == "metadata.name" && x.Operator == corev1.NodeSelectorOpIn {
				out = append(out, x.Values...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func kindOf(v corev1.PersistentVolume) string {
	switch {
	case v.Spec.Local != nil:
		return "local"
	case v.Spec.HostPath != nil:
		return "hostPath"
	case v.Spec.CSI != nil:
		return v.Spec.CSI.Driver
	}
	return "local"
}

// On names the claims of a list that exist on a node only.
func (p Pins) On(node string, claims []string) []string {
	var out []string
	for _, c := range claims {
		if pin, ok := p[c]; ok && len(pin.Nodes) == 1 && pin.Nodes[0] == node {
			out = append(out, c)
		}
	}
	return out
}
