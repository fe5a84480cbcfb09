package preview

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds how clusters are found and read. The way to a cluster is that of the run's own drains; a host that is not drained is looked for in
// the clusters that others have shown, and asked itself where it has a kubeconfig.

// field is one cluster, as it was seen.
type field struct {
	id, asked string
	reader    kube.Reader
	census    kube.Census
	storage   *kube.Storage // nil: no Longhorn
	ties      kube.Attachments
	pins      kube.Pins
	etcd      map[string]kube.EtcdSeen // what members say of themselves, by node
	found     []kube.Finding           // about the cluster as a whole
	blockers  []Blocker
	notes     []string
}

// survey finds the clusters of all subjects, reads each once, and finds the subjects in them.
func (l *looker) survey(ctx context.Context) {
	for _, s := range l.subjects {
		s.drains, s.drainErr = drainsOf(ctx, s)
	}
	l.each(func(s *subject) {
		for _, way := range s.ways() {
			if f, err := enter(ctx, way); err != nil {
				s.blind = append(s.blind, err)
			} else {
				s.fields = append(s.fields, f)
			}
		}
	})
	for _, s := range l.subjects { // in their order, so that the same look gives the same answer
		for i, f := range s.fields {
			s.fields[i] = l.known(f)
		}
	}
	l.search(ctx)
	for _, f := range l.fields {
		f.read(ctx)
	}
	l.each(func(s *subject) { l.settle(ctx, s) })
}

// search looks for a cluster elsewhere, where a host has shown none by itself (an agent has no kubeconfig): by the kubeconfig that drydock.yml names,
// on the other hosts of the inventory, and on the machine that Drydock runs on.
func (l *looker) search(ctx context.Context) {
	lost := slices.IndexFunc(l.subjects, func(s *subject) bool { return len(s.fields) == 0 && s.met == nil })
	if lost < 0 {
		return
	}
	site := l.subjects[lost].Site
	at := func(host string, a kube.Access) way {
		return way{a, func() (module.Host, error) { return site.Reach(ctx, host) }}
	}
	if l.Kubeconfig != "" {
		if f, err := enter(ctx, at(localhost, kube.Access{Kubeconfig: l.Kubeconfig})); err == nil {
			l.known(f)
			return
		}
	}
	var hosts []string
	for _, h := range l.Hosts {
		if !slices.ContainsFunc(l.subjects, func(s *subject) bool { return s.Host == h }) {
			hosts = append(hosts, h)
		}
	}
	found := make([]*field, len(hosts))
	l.atOnce(len(hosts), func(i int) { found[i], _ = enter(ctx, at(hosts[i], kube.Access{})) }) // most hosts have none
	for _, f := range found {
		if f != nil {
			l.known(f)
		}
	}
	if len(l.fields) == 0 {
		if f, err := enter(ctx, at(localhost, kube.Access{})); err == nil {
			l.known(f)
		}
	}
}

// localhost is the machine that Drydock runs on.
const localhost = "localhost"

// known is the field that stands for a cluster: the first that was entered.
func (l *looker) known(f *field) *field {
	for _, other := range l.fields {
		if other.id == f.id {
			return other
		}
	}
	l.fields = append(l.fields, f)
	return f
}

// way is one way to a cluster.
type way struct {
	access kube.Access
	open   func() (module.Host, error)
}

// ways are those of a host's drains, else its own kubeconfig.
func (s *subject) ways() []way {
	var out []way
	for _, d := range s.drains {
		out = append(out, way{d.Access, d.task.Open})
	}
	if len(out) == 0 && s.met == nil {
		out = append(out, way{open: func() (module.Host, error) { return s.view, nil }})
	}
	return out
}

// enter opens a cluster and asks which one it is.
func enter(ctx context.Context, w way) (*field, error) {
	host, err := w.open()
	if err != nil {
		return nil, err
	}
	r, err := kube.Read(ctx, host, w.access)
	if err != nil {
		return nil, err
	}
	r = kube.Remember(r)
	id, err := kube.ClusterID(ctx, r)
	if err != nil {
		return nil, err
	}
	return &field{id: id, asked: host.Name(), reader: r}, nil
}

// read reads what concerns all nodes of a cluster.
func (f *field) read(ctx context.Context) {
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
	if !lease.Free("", f.census.Now) {
		f.blockers = append(f.blockers, Blocker{
			Check: CheckLease, About: "run " + lease.Run, Found: "the cluster is held by " + lease.Holder + " since " + lease.Age(f.census.Now),
			Mend: "let that run end",
		})
	}
}

// cluster is the field as the preview has it.
func (f *field) cluster() Cluster {
	c := Cluster{ID: f.id, Asked: f.asked, Storage: f.storage != nil}
	for _, n := range f.census.States() {
		m := Member{Node: n.Name, Role: Agent, Etcd: n.Etcd, Ready: n.Unready == "", Cordoned: n.Cordoned}
		if n.Server {
			m.Role = Server
		}
		c.Members = append(c.Members, m)
	}
	return c
}

// settle finds a host among the nodes of the clusters, and what a drain would do there.
func (l *looker) settle(ctx context.Context, s *subject) {
	fields := s.fields
	if len(fields) == 0 {
		fields = l.fields
	}
	traits := s.traits()
	var found []place
	for _, f := range fields {
		node, err := f.census.Match(traits)
		if err != nil {
			s.lost = err
			continue
		}
		found = append(found, place{f, node})
	}
	switch len(found) {
	case 0:
		return
	case 1:
		s.place, s.blind, s.lost = found[0], nil, nil
		s.emptied(ctx)
	default:
		s.blind, s.lost = nil, fmt.Errorf("host %s has its node in %s", s.Host, count(len(found), "cluster"))
	}
}

// traits are what is known of a host, by which its node is found.
func (s *subject) traits() kube.Traits {
	t := kube.Traits{Inventory: s.Host}
	said := func(name string) string {
		v, _ := s.Site.Var(s.Host, name)
		text, _ := v.(string)
		return text
	}
	t.Variable = said(kube.NodeVariable)
	t.Names = append(t.Names, said("ansible_host"))
	for _, key := range []string{"hostname", "fqdn", "nodename"} {
		t.Names = append(t.Names, s.fact(key))
	}
	t.MachineID = s.fact("machine_id")
	for _, key := range []string{"all_ipv4_addresses", "all_ipv6_addresses"} {
		list, _ := s.factOf(key).([]any)
		for _, a := range list {
			t.Addresses = append(t.Addresses, value.Str(a))
		}
	}
	return t
}

func (s *subject) fact(key string) string {
	text, _ := s.factOf(key).(string)
	return text
}

func (s *subject) factOf(key string) any {
	if s.facts == nil {
		return nil
	}
	if v := s.facts.Value("ansible_" + key); v != nil {
		return v
	}
	return s.facts.Value(key)
}

// situate says what a host is in its cluster, and what speaks against disrupting it there.
func (s *subject) situate(n *Node) {
	block := func(check, about, found, mend string) {
		n.Blockers = append(n.Blockers, Blocker{Check: check, About: about, Found: found, Mend: mend})
	}
	if s.drainErr != nil {
		block(CheckContent, s.Host, s.drainErr.Error(), "give the drain's arguments so that they are known before the run")
	}
	for _, err := range s.blind {
		block(CheckCluster, s.Host, err.Error(), "give the run a kubeconfig by which it can read the cluster")
	}
	switch {
	case len(s.blind) > 0:
		return
	case s.lost != nil:
		block(kube.CheckNode, s.Host, s.lost.Error(), "set the variable "+kube.NodeVariable+" of the host, or leave it out with --limit")
		return
	case s.place.field == nil:
		block(CheckCluster, s.Host, "no cluster was found for it", "give a kubeconfig in drydock.yml, or the hosts of a control plane in the inventory")
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
	s.weigh(n)
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
