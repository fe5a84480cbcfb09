package preview

import (
	"context"
	"errors"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// This file holds how clusters are read. Where a host's cluster is, the guard says: a plan must not speak of another one.

// field is one cluster, as it was seen.
type field struct {
	id, name string
	door     string
	reader   kube.Reader
	census   kube.Census
	storage  *kube.Storage // nil: no Longhorn
	ties     kube.Attachments
	pins     kube.Pins
	etcd     map[string]kube.EtcdSeen // what members say of themselves, by node
	found    []kube.Finding           // about the cluster as a whole
	blockers []Blocker
	notes    []string
}

// survey finds the node of each subject, reads each cluster once, and plans the drains.
func (l *looker) survey(ctx context.Context) {
	locate := func(s *subject) {
		if s.met == nil && s.spot.Cluster == "" {
			s.spot, s.lost = l.Guard.Locate(ctx, s.request())
		}
	}
	for _, s := range l.subjects { // the first shows the way: most of the others are found in the same cluster
		if locate(s); s.spot.Cluster != "" {
			break
		}
	}
	l.each(locate)
	for _, s := range l.subjects { // in their order, so that the same look gives the same answer
		locate(s) // others have shown clusters meanwhile
		s.place = place{l.field(s.spot), s.spot.Node}
		s.drains, s.drainErr = drainsOf(ctx, s)
	}
	l.atOnce(len(l.fields), func(i int) { l.fields[i].read(ctx, l.Guard) })
	l.each(func(s *subject) {
		if s.place.field != nil {
			s.emptied(ctx)
		}
	})
}

// request is what the guard is asked about a subject.
func (s *subject) request() guard.Request {
	return guard.Request{Host: s.Host, Task: "plan", On: s.view, Site: s.Site, Disruption: module.Disruption{Kind: module.Cordon, What: "the run"}}
}

// field is the one that stands for a cluster; nil: there is none.
func (l *looker) field(at guard.Spot) *field {
	if at.Cluster == "" {
		return nil
	}
	for _, f := range l.fields {
		if f.id == at.Cluster {
			return f
		}
	}
	f := &field{id: at.Cluster, name: at.Name, door: at.Door, reader: kube.Remember(at.Reader)}
	l.fields = append(l.fields, f)
	return f
}

// read reads what concerns all nodes of a cluster.
func (f *field) read(ctx context.Context, g *guard.Guard) {
	unseen := func(what string, err error) {
		f.blockers = append(f.blockers, Blocker{
			Check: CheckCluster, About: what, Found: err.Error(), Mend: "give the kubeconfig that the run uses the right to read it",
		})
	}
	var err error
	if f.census, err = kube.ReadCensus(ctx, f.reader); err != nil {
		unseen("nodes", err)
	}
	switch s, err := kube.ReadStorage(ctx, f.reader, kube.LonghornNamespace); {
	case err == nil:
		f.storage = &s
		if f.ties, err = kube.ReadAttachments(ctx, f.reader, kube.LonghornNamespace); err != nil {
			unseen("attachments", err)
		}
	case !errors.Is(err, kube.ErrNoLonghorn):
		unseen("longhorn", err)
	}
	if f.pins, err = kube.ReadPins(ctx, f.reader); err != nil {
		f.notes = append(f.notes, "persistent volumes could not be read, so that nothing is known of those that exist on one node only: "+err.Error())
	}
	foreign, err := kube.ReadForeign(ctx, f.reader)
	if err != nil {
		unseen("kured and upgrade plans", err)
	}
	f.found = append(f.found, foreign.Findings(f.census)...)
	lease, err := kube.ReadLease(ctx, f.reader)
	if err != nil {
		unseen("lease", err)
	}
	switch {
	case g.Inherits(lease):
		f.notes = append(f.notes, "run "+lease.Run+", which was begun here, has died; drydock resume "+lease.Run+" goes on with it")
	case !lease.Free("", f.census.Now):
		f.blockers = append(f.blockers, Blocker{
			Check: CheckLease, About: "run " + lease.Run, Found: "the cluster is held by " + lease.Holder + " since " + lease.Age(f.census.Now),
			Mend: "let that run end",
		})
	}
}

// cluster is the field as the preview has it.
func (f *field) cluster() Cluster {
	c := Cluster{ID: f.id, Server: f.name, Asked: f.door, Storage: f.storage != nil}
	for _, n := range f.census.States() {
		m := Member{Node: n.Name, Role: Agent, Etcd: n.Etcd, Ready: n.Unready == "", Cordoned: n.Cordoned}
		if n.Server {
			m.Role = Server
		}
		c.Members = append(c.Members, m)
	}
	return c
}

// situate says what a host is in its cluster, and what speaks against disrupting it there.
func (s *subject) situate(g *guard.Guard, n *Node) {
	block := func(check, about, found, mend string) {
		n.Blockers = append(n.Blockers, Blocker{Check: check, About: about, Found: found, Mend: mend})
	}
	if s.drainErr != nil {
		block(CheckContent, s.Host, s.drainErr.Error(), "give the drain's arguments so that they are known before the run")
	}
	for _, err := range s.blind {
		block(CheckCluster, s.Host, err.Error(), "give the kubeconfig that the run uses the right to read it")
	}
	var no *guard.Refusal
	switch {
	case errors.As(s.lost, &no):
		for _, e := range no.Broken {
			block(e.Check, e.About, e.Found, e.Mend)
		}
		return
	case s.lost != nil:
		block(CheckCluster, s.Host, s.lost.Error(), "see that its cluster can be reached")
		return
	case s.place.field == nil:
		n.Notes = append(n.Notes, "no K3s is to be seen on it, and no cluster knows it: no guard stands before what is done to it")
		return
	}
	n.Node, n.Cluster = s.place.node, s.place.id
	for _, m := range s.place.cluster().Members {
		if m.Node == n.Node {
			n.Role, n.Etcd, n.Cordoned = m.Role, m.Etcd, m.Cordoned
		}
	}
	var blockers []Blocker
	n.Drained = len(s.drains) > 0
	n.Pods, blockers = s.podsOf()
	n.Blockers = append(n.Blockers, blockers...)
	if s.place.storage != nil {
		n.Volumes = volumesOf(*s.place.storage, n.Node)
	}
	s.weigh(g, n)
}

func volumesOf(s kube.Storage, node string) []Volume {
	var out []Volume
	for _, e := range s.Exposed(node) {
		health := string(e.Condition)
		if e.Why != "" {
			health = e.Why
		}
		out = append(out, Volume{Name: e.Volume, Claim: e.Claim, Attached: e.Attached, Replica: e.Here, Elsewhere: e.Elsewhere, Health: health})
	}
	return out
}
