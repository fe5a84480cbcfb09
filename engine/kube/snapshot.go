package kube

// Snapshots of Longhorn volumes: which there are, taking one, removing one.

import (
	"cmp"
	"context"
	"slices"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"

	"github.com/drydock-dev/drydock/engine/value"
)

// TakenBy is the label that says who has taken a snapshot.
const TakenBy = "drydock.dev/taken-by"

// Snapshot is a snapshot of a volume.
type Snapshot struct {
	Name, Volume string
	Ready        bool   // it is taken and can be used
	Ending       bool   // it is being removed
	Error        string // why it was not taken
	Created      time.Time
	uid          string
}

var snapshots = Kind{Group: "longhorn.io", Version: "v1beta2", Name: "Snapshot", Plural: "snapshots", Namespaced: true}

// Snapshots lists the snapshots that an owner has taken, the newest first.
func Snapshots(ctx context.Context, r Reader, namespace, owner string) ([]Snapshot, error) {
	list, err := r.List(ctx, snapshots, Query{Namespace: namespace, Labels: TakenBy + "=" + owner})
	if err != nil {
		return nil, err
	}
	return snapshotsOf(list.Items)
}

func snapshotsOf(items []Object) ([]Snapshot, error) {
	out := make([]Snapshot, len(items))
	for i, o := range items {
		var s longhorn.Snapshot
		if err := o.Into(&s); err != nil {
			return nil, err
		}
		out[i] = Snapshot{
			Name: s.Name, Volume: s.Spec.Volume, Ready: s.Status.ReadyToUse, Ending: s.DeletionTimestamp != nil, Error: s.Status.Error,
			Created: s.CreationTimestamp.Time, uid: string(s.UID),
		}
	}
	slices.SortStableFunc(out, func(a, b Snapshot) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.Name, a.Name))
	})
	return out, nil
}

// TakeSnapshot asks Longhorn for a snapshot of a volume. It is taken when it is Ready.
func TakeSnapshot(ctx context.Context, c Cluster, namespace, owner, name, volume string) error {
	labels := value.NewMap(TakenBy, owner)
	_, err := c.Write(ctx, Write{
		Verb: Create, Kind: snapshots, Namespace: namespace, Name: name,
		Body: value.NewMap(
			"apiVersion", snapshots.APIVersion(), "kind", snapshots.Name,
			"metadata", value.NewMap("name", name, "namespace", namespace, "labels", labels),
			"spec", value.NewMap("volume", volume, "createSnapshot", true, "labels", labels),
		),
	})
	return err
}

// DropSnapshot asks Longhorn to remove a snapshot, this one and no later one of its name. It is gone when the volume's engine has let go of it.
func DropSnapshot(ctx context.Context, c Cluster, namespace string, s Snapshot) error {
	_, err := c.Write(ctx, Write{Verb: Delete, Kind: snapshots, Namespace: namespace, Name: s.Name, UID: s.uid})
	if NotFound(err) {
		return nil
	}
	return err
}

// AwaitSnapshots watches an owner's snapshots until enough says so of them, or the time is up: then reached is false.
func AwaitSnapshots(ctx context.Context, r Reader, namespace, owner string, timeout time.Duration, enough func([]Snapshot) bool) (reached bool, err error) {
	var odd error
	_, reached, err = Await(ctx, r, snapshots, Query{Namespace: namespace, Labels: TakenBy + "=" + owner}, timeout, func(items []Object) bool {
		list, err := snapshotsOf(items)
		odd = err
		return err != nil || enough(list)
	})
	return reached, cmp.Or(err, odd)
}

// Snapshotable tells whether a snapshot of a volume can be taken now, and if not, why.
func Snapshotable(v longhorn.Volume) (can bool, why string) {
	switch {
	case v.Status.State != longhorn.VolumeStateAttached:
		return false, "it is not attached"
	case v.Spec.Standby || v.Status.IsStandby:
		return false, "it stands by for disaster recovery"
	case v.Spec.CloneMode == longhorn.CloneModeLinkedClone:
		return false, "it is a linked clone"
	}
	return true, ""
}
