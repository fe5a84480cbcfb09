package main

// A twin like the live cluster: its nodes, workloads, budgets and volumes, as they are read from it. Reading is all that is done there.

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/value"
)

// likeCluster makes the spec like the cluster that the hosts of the inventory are.
func (r *rehearsal) likeCluster(ctx context.Context, o engine.Options) error {
	live := &liveCluster{app: r.app, options: o, from: r.asking()}
	if err := live.read(ctx); err != nil {
		return &exit{exitError, fmt.Errorf("--like-cluster: %w", err)}
	}
	for _, note := range live.shape(&r.spec) {
		fmt.Fprintln(r.err, "[WARNING]: "+note)
	}
	return nil
}

// asking is the host whose kubeconfig leads to the cluster: this machine where its environment names one, else the first server.
func (r *rehearsal) asking() string {
	for _, name := range []string{"KUBECONFIG", "K8S_AUTH_KUBECONFIG"} {
		if v, _ := r.getenv(name); v != "" {
			return "localhost"
		}
	}
	i := slices.IndexFunc(r.spec.Nodes, func(n twin.Node) bool { return n.Role == twin.Server })
	return r.spec.Nodes[i].Name
}

// liveCluster is what was read.
type liveCluster struct {
	*app
	options engine.Options
	from    string

	nodes, workloads, budgets, claims, volumes, replicas, settings []*value.Map
	longhorn                                                       bool
}

// read lists what is wanted of the cluster.
func (l *liveCluster) read(ctx context.Context) error {
	const storage = "longhorn.io/v1beta2"
	for _, k := range []struct {
		api, kind string
		to        *[]*value.Map
	}{
		{"v1", "Node", &l.nodes}, {"apps/v1", "Deployment", &l.workloads}, {"apps/v1", "StatefulSet", &l.workloads}, {"apps/v1", "DaemonSet", &l.workloads},
		{"policy/v1", "PodDisruptionBudget", &l.budgets}, {"v1", "PersistentVolumeClaim", &l.claims},
		{storage, "Volume", &l.volumes}, {storage, "Replica", &l.replicas}, {storage, "Setting", &l.settings},
	} {
		found, known, err := l.list(ctx, k.api, k.kind)
		if err != nil {
			return err
		}
		*k.to = append(*k.to, found...)
		l.longhorn = l.longhorn || k.kind == "Volume" && known
	}
	return nil
}

// list asks for all objects of a kind, by the module that content uses, on the host that leads to the cluster. known says that there is such a kind.
func (l *liveCluster) list(ctx context.Context, api, kind string) (out []*value.Map, known bool, err error) {
	args, err := json.Marshal(map[string]string{"api_version": api, "kind": kind})
	if err != nil {
		return nil, false, err
	}
	o := l.options
	o.Limit, o.Tags, o.SkipTags, o.Check = "", nil, nil, true
	o.Conn.Become = o.Conn.Become || l.from != "localhost"
	job, ds := engine.LoadAdHoc(o, engine.AdHoc{Pattern: l.from, Module: "kubernetes.core.k8s_info", Args: string(args)})
	if err := ds.Err(); err != nil {
		return nil, false, err
	}
	answer := &lastAnswer{}
	if _, err := job.Run(ctx, answer, nil); err != nil {
		return nil, false, err
	}
	if answer.Status != event.OK {
		msg, _ := answer.Result.Get("msg")
		return nil, false, fmt.Errorf("%s cannot list %s: %s", l.from, kind, value.Str(msg))
	}
	items, _ := answer.Result.Value("resources").([]any)
	for _, one := range items {
		if m, ok := one.(*value.Map); ok {
			out = append(out, m)
		}
	}
	return out, value.Truth(answer.Result.Value("api_found")), nil
}

// lastAnswer keeps the last result.
type lastAnswer struct{ event.HostResult }

// Emit keeps a result.
func (k *lastAnswer) Emit(e event.Event) error {
	if r, ok := e.(event.HostResult); ok {
		k.HostResult = r
	}
	return nil
}

// shape makes a spec like the cluster. The notes say what could not be made so.
func (l *liveCluster) shape(spec *twin.Spec) (notes []string) {
	spec.SQLite, spec.NoLonghorn = true, !l.longhorn
	taken := map[string]bool{}
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		live := l.nodeOf(*n)
		if live == nil {
			if n.Role != twin.Alone {
				notes = append(notes, n.Name+" is none of the cluster's nodes by name or address; it is left out of it")
			}
			n.Role = twin.Alone
			continue
		}
		taken[at(live, "metadata", "name")] = true
		fitNode(n, live)
	}
	for _, live := range l.nodes {
		name := at(live, "metadata", "name")
		spec.SQLite = spec.SQLite && at(live, "metadata", "labels", "node-role.kubernetes.io/etcd") != "true"
		if !taken[name] {
			n := twin.Node{Name: name}
			fitNode(&n, live)
			spec.Nodes = append(spec.Nodes, n)
			notes = append(notes, "node "+name+" of the cluster is no host of the inventory; it is there, and nothing is done to it")
		}
	}
	l.settingsOf(spec)
	spec.Apps = []cluster.AppSpec{}
	for _, w := range l.workloads {
		if app, mine := l.appOf(w); mine {
			spec.Apps = append(spec.Apps, app)
		}
	}
	for _, v := range l.volumes {
		if state := at(v, "status", "robustness"); state == "degraded" || state == "faulted" {
			notes = append(notes, fmt.Sprintf("volume %s is %s; in the rehearsal it is healthy (see --fault volume-%s)", at(v, "metadata", "name"), state, state))
		}
	}
	return notes
}

// settingsOf takes Longhorn's settings over.
func (l *liveCluster) settingsOf(spec *twin.Spec) {
	spec.Settings = map[string]string{}
	for _, s := range l.settings {
		if text := at(s, "value"); text != "" {
			spec.Settings[at(s, "metadata", "name")] = text
		}
	}
}

// nodeOf finds the node of a machine by its name or its address.
func (l *liveCluster) nodeOf(n twin.Node) *value.Map {
	short, _, _ := strings.Cut(n.Name, ".")
	for _, live := range l.nodes {
		names := []string{at(live, "metadata", "name")}
		addresses, _ := dig(live, "status", "addresses").([]any)
		for _, one := range addresses {
			names = append(names, at(one, "address"))
		}
		for _, name := range names {
			if name != "" && (strings.EqualFold(name, n.Node) || strings.EqualFold(name, n.Name) || strings.EqualFold(name, short) || name == n.Address) {
				return live
			}
		}
	}
	return nil
}

// fitNode makes a machine like a node.
func fitNode(n *twin.Node, live *value.Map) {
	n.Node, n.Role = at(live, "metadata", "name"), twin.Agent
	if at(live, "metadata", "labels", "node-role.kubernetes.io/control-plane") == "true" {
		n.Role = twin.Server
	}
	n.Cordoned = value.Truth(dig(live, "spec", "unschedulable"))
	addresses, _ := dig(live, "status", "addresses").([]any)
	for _, one := range addresses {
		if at(one, "type") == "InternalIP" {
			n.Address = at(one, "address")
		}
	}
	image := strings.ToLower(at(live, "status", "nodeInfo", "osImage"))
	for _, word := range []string{"rocky", "red hat", "alma", "centos", "fedora", "oracle"} {
		if strings.Contains(image, word) {
			n.Family = linux.RedHat
		}
	}
}

// appOf describes a workload. Those that K3s and Longhorn bring are there anyway.
func (l *liveCluster) appOf(w *value.Map) (cluster.AppSpec, bool) {
	a := cluster.AppSpec{Kind: at(w, "kind"), Namespace: at(w, "metadata", "namespace"), Name: at(w, "metadata", "name"), Labels: map[string]string{}}
	brought := []string{"coredns", "local-path-provisioner", "metrics-server", "traefik"}
	replicas := int(number64(dig(w, "spec", "replicas")))
	if a.Namespace == "longhorn-system" || a.Namespace == "kube-system" && (slices.Contains(brought, a.Name) || strings.HasPrefix(a.Name, "svclb-")) || replicas == 0 && a.Kind != "DaemonSet" {
		return a, false
	}
	a.Replicas = replicas
	labels, _ := dig(w, "spec", "template", "metadata", "labels").(*value.Map)
	for k, v := range labels.All() {
		if k != "app" {
			a.Labels[value.Str(k)] = value.Str(v)
		}
	}
	for _, b := range l.budgets {
		wanted, _ := dig(b, "spec", "selector", "matchLabels").(*value.Map)
		if at(b, "metadata", "namespace") == a.Namespace && wanted.Len() > 0 && holds(labels, wanted) {
			a.MinAvailable, a.MaxUnavailable = at(b, "spec", "minAvailable"), at(b, "spec", "maxUnavailable")
		}
	}
	volumes, _ := dig(w, "spec", "template", "spec", "volumes").([]any)
	for _, v := range volumes {
		a.EmptyDir = a.EmptyDir || dig(v, "emptyDir") != nil
		if claim := at(v, "persistentVolumeClaim", "claimName"); claim != "" {
			a.Volume = l.volumeOf(a.Namespace, claim)
		}
	}
	l.claimedBy(&a, w)
	return a, true
}

// claimedBy gives a StatefulSet the volumes of its pods.
func (l *liveCluster) claimedBy(a *cluster.AppSpec, w *value.Map) {
	templates, _ := dig(w, "spec", "volumeClaimTemplates").([]any)
	if len(templates) == 0 {
		return
	}
	var names []string
	for i := range a.Replicas {
		v := l.volumeOf(a.Namespace, fmt.Sprintf("%s-%s-%d", at(templates[0], "metadata", "name"), a.Name, i))
		if v == nil {
			return
		}
		names = append(names, v.Name)
		a.Volume = v
	}
	a.Volume.Name, a.Volume.Names, a.Volume.On = "", names, nil
}

// volumeOf is the Longhorn volume of a claim; nil: it has none.
func (l *liveCluster) volumeOf(namespace, claim string) *cluster.VolumeSpec {
	for _, c := range l.claims {
		if at(c, "metadata", "namespace") != namespace || at(c, "metadata", "name") != claim {
			continue
		}
		for _, v := range l.volumes {
			if at(v, "metadata", "name") == at(c, "spec", "volumeName") {
				return l.described(v)
			}
		}
	}
	return nil
}

func (l *liveCluster) described(v *value.Map) *cluster.VolumeSpec {
	s := &cluster.VolumeSpec{
		Name: at(v, "metadata", "name"), Replicas: int(number64(dig(v, "spec", "numberOfReplicas"))), Shared: at(v, "spec", "accessMode") == "rwx",
	}
	fmt.Sscan(at(v, "spec", "size"), &s.Size) // one that is no number is the usual one
	for _, r := range l.replicas {
		if at(r, "spec", "volumeName") == s.Name && at(r, "spec", "failedAt") == "" && len(s.On) < s.Replicas {
			s.On = append(s.On, at(r, "spec", "nodeID"))
		}
	}
	return s
}

// holds tells whether labels are there.
func holds(labels, wanted *value.Map) bool {
	for k, v := range wanted.All() {
		if have, ok := labels.Get(k); !ok || !value.Equal(have, v) {
			return false
		}
	}
	return true
}

// dig is what stands in a document at a path; nil: nothing.
func dig(v any, path ...string) any {
	for _, key := range path {
		m, ok := v.(*value.Map)
		if !ok {
			return nil
		}
		v = m.Value(key)
	}
	return v
}

// at is a text or a number in a document; empty: nothing.
func at(v any, path ...string) string {
	if v = dig(v, path...); v == nil {
		return ""
	}
	return value.Str(v)
}

func number64(v any) int64 {
	var n int64
	fmt.Sscan(value.Str(v), &n) // what is no number counts as none
	return n
}
