package guard

// Which node of which cluster a request is about. A cluster is looked for where a person would: in the kubeconfig that the inventory names, in that of
// the machine that Drydock runs on, in K3s' own on the host, and on the other hosts. The one that has a node for the host is it.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/kube"
)

// KubeconfigVariable names the variable by which an inventory says where the kubeconfig of a host's cluster is, on the machine that Drydock runs on.
const KubeconfigVariable = "drydock_kubeconfig"

const localhost = "localhost"

// place is what a host is. The zero place: of no cluster.
type place struct {
	cluster *cluster
	node    string
	host    string // that is the node; empty: the arguments of a task named the node, and nobody has seen its host
	server  bool   // by what the host shows

	shown shown // of a host of no cluster: it is looked for again when another cluster is met
	met   int   // how many were met so far
}

// locate finds the place that a request is about. A *Refusal says that it cannot be told.
func (g *Guard) locate(ctx context.Context, r Request) (*place, error) {
	key := r.On.Name()
	if r.Node != "" {
		key = "node " + r.Node + " of " + r.Host + " by " + door{r.On.Name(), accessOf(r)}.String() // clusters may have nodes of the same name
	}
	g.mu.Lock()
	known := g.places[key]
	for _, p := range g.places { // a drain has told which host its node is
		if known == nil && p.host == key && p.cluster != nil {
			known = p
		}
	}
	met := len(g.clusters)
	g.mu.Unlock()
	var p *place
	var err error
	switch {
	case known != nil && (known.cluster != nil || known.met == met):
		return known, nil
	case r.Node != "":
		p, err = g.placeOfNode(ctx, r)
	case known != nil:
		p, err = g.placeOfStranger(ctx, r, known.shown)
	default:
		p, err = g.placeOfHost(ctx, r)
	}
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.places[key] = p
	return p, nil
}

// placeOfNode finds the cluster that has a node which a task's arguments name.
func (g *Guard) placeOfNode(ctx context.Context, r Request) (*place, error) {
	has := func(c kube.Census) (string, error) {
		if !c.Has(r.Node) {
			return "", &kube.Unmapped{Host: r.Node, Why: "the cluster has no node of that name"}
		}
		return r.Node, nil
	}
	p, tried := g.search(ctx, r, r.Host, has)
	if p == nil && g.cfg.Mode != Require && !slices.ContainsFunc(tried, func(err error) bool { return !errors.Is(err, kube.ErrNoKubeconfig) }) {
		return &place{}, nil // nobody here speaks to a cluster: the command that names the node will say so itself
	}
	if p == nil {
		return nil, g.lost(r, r.Node, tried)
	}
	p.host = g.hostOf(ctx, r, p)
	return p, nil
}

// hostOf is the host of the inventory that is a node, where the host of the task is: that of a drain is delegated to wherever kubectl would run.
func (g *Guard) hostOf(ctx context.Context, r Request, p *place) string {
	if !slices.Contains(r.Site.Hosts(), r.Host) {
		return ""
	}
	view, err := r.Site.Reach(ctx, r.Host)
	if err != nil {
		return ""
	}
	s, err := lookAt(ctx, view)
	if err != nil {
		return ""
	}
	census, err := p.cluster.census(ctx, r)
	if err != nil {
		return ""
	}
	if node, err := census.Match(g.traits(r, r.Host, s)); err != nil || node != p.node {
		return ""
	}
	p.server = s.server
	return r.Host
}

// placeOfHost finds the node that the task's host is.
func (g *Guard) placeOfHost(ctx context.Context, r Request) (*place, error) {
	host := r.On.Name()
	s, err := lookAt(ctx, r.On)
	if err != nil {
		return nil, err
	}
	if len(s.trace) == 0 && g.variable(r, host, kube.NodeVariable) == "" && g.cfg.Mode != Require {
		return g.placeOfStranger(ctx, r, s)
	}
	p, tried := g.search(ctx, r, host, func(c kube.Census) (string, error) { return c.Match(g.traits(r, host, s)) })
	if p == nil {
		return nil, g.lost(r, host, tried, s.trace...)
	}
	p.host, p.server = host, s.server
	if s.server { // has a kubeconfig of its own, for when another server is away
		p.cluster.addDoor(door{host: host})
	}
	return p, nil
}

// placeOfStranger looks whether a host that shows nothing of K3s is a node all the same, of the clusters that are known and of the one that this
// machine speaks to. A name alone does not make it one: machine or address must be the node's.
func (g *Guard) placeOfStranger(ctx context.Context, r Request, s shown) (*place, error) {
	g.speak(ctx, r)
	host := r.On.Name()
	t := g.traits(r, host, s)
	addresses := append(slices.Clone(t.Addresses), append(t.Names, host)...)
	bare := kube.Traits{Inventory: host, Kubelet: t.Kubelet, MachineID: t.MachineID, UUID: t.UUID, Addresses: addresses}
	p, tried := g.among(ctx, r, func(c kube.Census) (string, error) { return c.MatchMachine(bare) })
	if p != nil {
		p.host, p.server = host, s.server
		return p, nil
	}
	if unclear := unclearOf(tried); unclear != nil {
		return nil, g.lost(r, host, []error{unclear})
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return &place{host: host, shown: s, met: len(g.clusters)}, nil
}

func (g *Guard) traits(r Request, host string, s shown) kube.Traits {
	return s.traits(host, g.variable(r, host, kube.NodeVariable), g.variable(r, host, "ansible_host"))
}

// variable is a variable of a host as text; empty: there is none.
func (g *Guard) variable(r Request, host, name string) string {
	v, ok := r.Site.Var(host, name)
	s, isText := v.(string)
	if !ok || !isText {
		return ""
	}
	return s
}

// among looks through the clusters that are known already.
func (g *Guard) among(ctx context.Context, r Request, match func(kube.Census) (string, error)) (*place, []error) {
	g.mu.Lock()
	all := slices.Clone(g.clusters)
	g.mu.Unlock()
	var tried []error
	for _, c := range all {
		census, err := c.census(ctx, r)
		if err == nil {
			var node string
			if node, err = match(census); err == nil {
				return &place{cluster: c, node: node}, nil
			}
		}
		tried = append(tried, fmt.Errorf("cluster %s: %w", c.name, err))
	}
	return nil, tried
}

// search goes through all ways to a cluster until one has the node. The errors say what the others came to.
func (g *Guard) search(ctx context.Context, r Request, host string, match func(kube.Census) (string, error)) (*place, []error) {
	if accessOf(r).IsZero() {
		if p, _ := g.among(ctx, r, match); p != nil {
			return p, nil
		}
	}
	var tried []error
	barren := 0 // other hosts that have no kubeconfig, as is usual
	for _, d := range g.doors(r, host) {
		var c *cluster
		err := g.hopelessDoor(d)
		if err == nil {
			c, err = g.enter(ctx, r, d)
		}
		if err != nil {
			g.giveUp(d, err)
			if d.host != localhost && d.host != host && errors.Is(err, kube.ErrNoKubeconfig) {
				barren++
			} else {
				tried = append(tried, fmt.Errorf("%s: %w", d, err))
			}
			continue
		}
		census, err := c.census(ctx, r)
		if err != nil {
			tried = append(tried, fmt.Errorf("%s: %w", d, err))
			continue
		}
		node, err := match(census)
		if err == nil {
			return &place{cluster: c, node: node}, nil
		}
		tried = append(tried, fmt.Errorf("%s: %w", d, err))
		if unclear := unclearOf(tried); unclear != nil {
			return nil, []error{unclear}
		}
	}
	if barren > 0 {
		tried = append(tried, fmt.Errorf("other hosts of the inventory: %d of them: %w", barren, kube.ErrNoKubeconfig))
	}
	return nil, tried
}

// unclearOf is the error that says of a cluster that it is the host's, and that the host is not clear in it.
func unclearOf(tried []error) error {
	for _, err := range tried {
		var no *kube.Unmapped
		if errors.As(err, &no) && len(no.Found) > 0 {
			return no
		}
	}
	return nil
}

// lost is the refusal of a host whose cluster or node is not found.
func (g *Guard) lost(r Request, what string, tried []error, trace ...string) error {
	found := fmt.Sprintf("%s runs K3s (%s), and its cluster cannot be looked at", what, strings.Join(trace, ", "))
	switch {
	case r.Node != "":
		found = fmt.Sprintf("no cluster with a node %s can be looked at", what)
	case len(trace) == 0:
		found = fmt.Sprintf("%s is a node of no cluster that can be looked at", what)
	}
	if unclear := unclearOf(tried); unclear != nil {
		found, tried = unclear.Error(), nil
	}
	silent := false
	for _, err := range tried {
		found += "; " + err.Error()
		silent = silent || away(err)
	}
	return &Refusal{Request: r, silent: silent, Broken: []Evidence{{
		Check: CheckCluster, About: what, Found: found, State: Breaks,
		Mend: fmt.Sprintf("name the kubeconfig of its cluster in the variable %s, and its node in %s where the names differ; without any guard: --guard off", KubeconfigVariable, kube.NodeVariable),
	}}}
}
