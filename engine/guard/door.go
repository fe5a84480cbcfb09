package guard

// The ways to clusters: where a kubeconfig may be, and from which machine it is used.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// door is one way to a cluster.
type door struct {
	host   string // as which it is reached: localhost, or a host of the inventory
	access kube.Access
}

func (d door) String() string {
	if path, ok := d.access.Kubeconfig.(string); ok && path != "" {
		return strings.TrimSpace("kubeconfig " + path + " on " + d.host + " " + d.access.Context)
	}
	if !d.access.IsZero() {
		return fmt.Sprintf("what the task says of its cluster (on %s: %s %s)", d.host, d.access.Host, d.access.Context)
	}
	if d.host == localhost {
		return "the kubeconfig of this machine"
	}
	return "the kubeconfig of host " + d.host
}

// speakTime is how long that may take: most often the host has nothing to do with it.
const speakTime = 5 * time.Second

// speak opens, once, the cluster that this machine speaks to, if there is one that answers.
func (g *Guard) speak(ctx context.Context, r Request) {
	g.mu.Lock()
	spoken := g.spoken
	g.spoken = true
	g.mu.Unlock()
	if !spoken {
		ctx, cancel := module.Timeout(ctx, speakTime, nil)
		defer cancel()
		_, _ = g.enter(ctx, r, door{localhost, kube.Access{Kubeconfig: g.kubeconfig(r, r.Host)}})
	}
}

// doors are the ways to the cluster of a host, in the order in which they are tried.
func (g *Guard) doors(r Request, host string) []door {
	if a := accessOf(r); !a.IsZero() {
		return []door{{r.On.Name(), a}}
	}
	if path := g.kubeconfig(r, host); path != "" {
		return []door{{localhost, kube.Access{Kubeconfig: path}}}
	}
	out := []door{{host: localhost}}
	if host != localhost && slices.Contains(r.Site.Hosts(), host) {
		out = append(out, door{host: host})
	}
	for _, h := range r.Site.Hosts() {
		if h != host && h != localhost {
			out = append(out, door{host: h})
		}
	}
	return out
}

// accessOf is how the task itself reaches the cluster, where it says so.
func accessOf(r Request) kube.Access {
	switch {
	case r.Access != nil:
		return kube.AccessOf(r.Access)
	case r.Kubeconfig != "":
		return kube.Access{Kubeconfig: r.Kubeconfig}
	}
	return kube.Access{}
}

// kubeconfig is the path of the kubeconfig that inventory or configuration name; empty: neither does.
func (g *Guard) kubeconfig(r Request, host string) string {
	return cmp.Or(g.variable(r, host, KubeconfigVariable), g.cfg.Kubeconfig)
}

func (g *Guard) hopelessDoor(d door) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.hopeless[d.String()]
}

// giveUp remembers a host that has no kubeconfig: it is not asked again for every other host. One that is away for the moment is.
func (g *Guard) giveUp(d door, err error) {
	if kube.Transient(err) || errors.Is(err, module.ErrUnreachable) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hopeless[d.String()] = err
}

// enter opens a cluster by a door, and finds out which one it is.
func (g *Guard) enter(ctx context.Context, r Request, d door) (*cluster, error) {
	client, err := d.open(ctx, r)
	if err != nil {
		return nil, err
	}
	id, err := kube.ClusterID(ctx, client)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.clusters {
		if c.id == id {
			c.addDoor(d)
			return c, nil
		}
	}
	c := newCluster(id, kube.ServerOf(client), d)
	g.clusters = append(g.clusters, c)
	return c, nil
}

// open makes a client of a door whose requests tell the request's task what they wait for.
func (d door) open(ctx context.Context, r Request) (kube.Cluster, error) {
	host, err := r.Site.Reach(ctx, d.host)
	if err != nil {
		return nil, err
	}
	c, err := kube.Open(ctx, host, d.access)
	if err != nil {
		return nil, err
	}
	return kube.Telling(c, r.On.Progress), nil
}
