package kube

// The Lease by which one run holds a cluster. Whether it is held is decided by the API server's clock alone: the holder writes the server's time into
// it, the next one compares the server's time with that. What other machines think the time is does not matter.

import (
	"context"
	"fmt"
	"time"

	coordination "k8s.io/api/coordination/v1"

	"github.com/drydock-dev/drydock/engine/value"
)

var leases = Kind{Group: "coordination.k8s.io", Version: "v1", Name: "Lease", Plural: "leases", Namespaced: true}

// Where the Lease is, and how long it holds without being renewed.
const (
	LeaseName      = "drydock"
	LeaseNamespace = "kube-system"
	LeaseTime      = 60 * time.Second
)

// The annotations of the Lease.
const (
	leaseRun   = "drydock.dev/run"
	leaseStart = "drydock.dev/started"
	leaseLast  = "drydock.dev/last-disrupted"
	leaseWhen  = "drydock.dev/last-disrupted-at"
)

// Lease is who holds a cluster. The zero Lease: nobody ever did.
type Lease struct {
	Holder  string // a person or machine, in words; empty: nobody
	Run     string
	Start   time.Time // of the run
	Renewed time.Time // by the API server's clock
	Time    time.Duration
	// Last is the node that was disrupted last by a holder, and when: the next one looks longer whether it has settled.
	Last   string
	LastAt time.Time

	version string // of the object; empty: there is none
}

// ReadLease reads it.
func ReadLease(ctx context.Context, r Reader) (Lease, error) {
	o, err := r.Get(ctx, leases, LeaseNamespace, LeaseName)
	if NotFound(err) {
		return Lease{}, nil
	}
	if err != nil {
		return Lease{}, err
	}
	return leaseOf(o)
}

func leaseOf(o Object) (Lease, error) {
	var l coordination.Lease
	if err := o.Into(&l); err != nil {
		return Lease{}, err
	}
	out := Lease{Run: l.Annotations[leaseRun], Last: l.Annotations[leaseLast], version: l.ResourceVersion, Time: LeaseTime}
	out.Start, _ = time.Parse(time.RFC3339, l.Annotations[leaseStart])
	out.LastAt, _ = time.Parse(time.RFC3339, l.Annotations[leaseWhen])
	if l.Spec.HolderIdentity != nil {
		out.Holder = *l.Spec.HolderIdentity
	}
	if l.Spec.RenewTime != nil {
		out.Renewed = l.Spec.RenewTime.Time
	}
	if l.Spec.LeaseDurationSeconds != nil {
		out.Time = time.Duration(*l.Spec.LeaseDurationSeconds) * time.Second
	}
	return out, nil
}

// Expired tells whether the holder has not renewed it in time.
func (l Lease) Expired(now time.Time) bool { return now.Sub(l.Renewed) >= l.Time }

// HeldBy tells whether a run holds it, in time or not.
func (l Lease) HeldBy(run string) bool { return l.Holder != "" && l.Run == run }

// Free tells whether a run may take it: nobody holds it, the run itself does, or its holder has fallen silent.
func (l Lease) Free(run string, now time.Time) bool {
	return l.Holder == "" || l.Run == run || l.Expired(now)
}

// Age says since when it is held, for people.
func (l Lease) Age(now time.Time) string {
	if l.Start.IsZero() {
		return "an unknown time"
	}
	return fmt.Sprintf("%s (%s ago)", l.Start.UTC().Format("2006-01-02 15:04:05 MST"), ago(now.Sub(l.Start)))
}

// Put writes it over the state that l was read at. A Conflict or AlreadyExists says that somebody else was faster. What is returned is what is
// written.
func (l Lease) Put(ctx context.Context, c Cluster) (Lease, error) {
	const micro = "2006-01-02T15:04:05.000000Z07:00"
	spec := value.NewMap("holderIdentity", l.Holder, "leaseDurationSeconds", int(l.Time/time.Second), "renewTime", l.Renewed.UTC().Format(micro))
	if !l.Start.IsZero() {
		spec.Set("acquireTime", l.Start.UTC().Format(micro))
	}
	notes := value.NewMap(leaseRun, l.Run, leaseStart, l.Start.UTC().Format(time.RFC3339))
	if l.Last != "" {
		notes.Set(leaseLast, l.Last).Set(leaseWhen, l.LastAt.UTC().Format(time.RFC3339))
	}
	meta := value.NewMap("name", LeaseName, "namespace", LeaseNamespace, "annotations", notes)
	w := Write{Verb: Create, Kind: leases, Namespace: LeaseNamespace, Name: LeaseName}
	if l.version != "" {
		meta.Set("resourceVersion", l.version)
		w.Verb = Replace
	}
	w.Body = value.NewMap("apiVersion", leases.APIVersion(), "kind", leases.Name, "metadata", meta, "spec", spec)
	done, err := c.Write(ctx, w)
	if err != nil {
		return Lease{}, err
	}
	return leaseOf(done.Object)
}
