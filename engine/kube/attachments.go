package kube

// What holds Longhorn's volumes to nodes: its own tickets, and Kubernetes' VolumeAttachments.

import (
	"context"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	storagev1 "k8s.io/api/storage/v1"
)

// LonghornDriver is the name of Longhorn's CSI driver.
const LonghornDriver = "driver.longhorn.io"

var (
	volumeAttachments = Kind{Group: "storage.k8s.io", Version: "v1", Name: "VolumeAttachment", Plural: "volumeattachments"}
	ticketHolders     = Kind{Group: "longhorn.io", Version: "v1beta2", Name: "VolumeAttachment", Plural: "volumeattachments", Namespaced: true}
	settings          = Kind{Group: "longhorn.io", Version: "v1beta2", Name: "Setting", Plural: "settings", Namespaced: true}
)

// Attachments are the ties between volumes and nodes.
type Attachments struct {
	Tickets      []Ticket
	Kubernetes   map[string][]string // volumes that Kubernetes has attached, by node
	DetachManual bool                // setting detach-manually-attached-volumes-when-cordoned
}

// Ticket is one wish that a volume be attached to a node.
type Ticket struct {
	Volume, Node string
	Type         string // csi-attacher, longhorn-api, ...
}

// ReadAttachments reads them. A cluster that has none of a kind has no such ties.
func ReadAttachments(ctx context.Context, r Reader, namespace string) (Attachments, error) {
	a := Attachments{Kubernetes: map[string][]string{}}
	holders, err := listOf[longhorn.VolumeAttachment](ctx, r, ticketHolders, namespace)
	if err != nil {
		return a, err
	}
	for _, h := range holders {
		for _, t := range h.Spec.AttachmentTickets {
			if t != nil {
				a.Tickets = append(a.Tickets, Ticket{Volume: h.Spec.Volume, Node: t.NodeID, Type: string(t.Type)})
			}
		}
	}
	ties, err := listOf[storagev1.VolumeAttachment](ctx, r, volumeAttachments, "")
	if err != nil {
		return a, err
	}
	for _, t := range ties {
		if name := t.Spec.Source.PersistentVolumeName; t.Spec.Attacher == LonghornDriver && name != nil {
			a.Kubernetes[t.Spec.NodeName] = append(a.Kubernetes[t.Spec.NodeName], *name) // Longhorn names its volumes as their PersistentVolumes
		}
	}
	detach, err := r.Get(ctx, settings, namespace, "detach-manually-attached-volumes-when-cordoned")
	if err != nil && !NotFound(err) {
		return a, err
	}
	a.DetachManual = detach.text("value") == "true"
	return a, nil
}
