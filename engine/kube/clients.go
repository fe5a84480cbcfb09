package kube

// Clients: the one place that makes clients, and the doors through which modules come to them.

import (
	"context"
	"fmt"
	"net/url"
	"sync"

	"github.com/drydock-dev/drydock/engine/module"
)

// ServiceKey is the key under which the engine offers a *Clients to modules.
type ServiceKey struct{}

// Clients makes a client for each cluster and credentials when it is first needed, and keeps it. It is safe for concurrent use.
type Clients struct {
	// NoPrograms refuses kubeconfigs whose user signs in by a program on this machine.
	NoPrograms bool

	mu   sync.Mutex
	made map[string]*client
}

// NewClients makes an empty set. Nothing is connected to yet.
func NewClients() *Clients { return &Clients{made: map[string]*client{}} }

// Read gives the cluster of a task to look at. The kubeconfig is looked for on the task's host each time, as a task may have changed
// it; connections are kept. A host that cannot be asked is module.ErrUnreachable; that there is no cluster to be found is any other error.
func Read(ctx context.Context, v module.View, a Access) (Reader, error) { return open(ctx, v, a) }

// Open gives the cluster of a task to change.
func Open(ctx context.Context, h module.Host, a Access) (Cluster, error) { return open(ctx, h, a) }

func open(ctx context.Context, v module.View, a Access) (Cluster, error) {
	s, err := v.Controller().Service(ServiceKey{})
	if err != nil {
		return nil, err
	}
	clients, ok := s.(*Clients)
	if !ok {
		return nil, fmt.Errorf("the service of clusters is a %T", s)
	}
	c, err := clients.of(ctx, v, a)
	if err != nil {
		return nil, err
	}
	return told{c, v.Progress}, nil
}

func (cs *Clients) of(ctx context.Context, v module.View, a Access) (*client, error) {
	cfg, err := resolve(ctx, v, a)
	if err != nil {
		return nil, err
	}
	if cs.NoPrograms && cfg.ExecProvider != nil {
		return nil, fmt.Errorf("kubeconfig: its user signs in by a program (%s), which is not run here", cfg.ExecProvider.Command)
	}
	key := fingerprint(v.Name(), a, cfg)
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c, ok := cs.made[key]
	if !ok {
		if c, err = newClient(cfg); err != nil {
			return nil, fmt.Errorf("kubeconfig: %w", err)
		}
		cs.made[key] = c
	}
	dial := dialFunc(v.Dial)
	c.dial.Store(&dial)
	return c, nil
}

// Close drops the connections that no request uses.
func (cs *Clients) Close() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.made {
		c.kinds.http.CloseIdleConnections()
	}
}

// told is a client whose requests tell one task's watcher what they wait for.
type told struct {
	*client
	progress func(string)
}

func (t told) Find(ctx context.Context, apiVersion, kind string) (Kind, error) {
	return t.client.Find(withProgress(ctx, t.progress), apiVersion, kind)
}

func (t told) Get(ctx context.Context, k Kind, namespace, name string) (Object, error) {
	return t.client.Get(withProgress(ctx, t.progress), k, namespace, name)
}

func (t told) List(ctx context.Context, k Kind, q Query) (List, error) {
	return t.client.List(withProgress(ctx, t.progress), k, q)
}

func (t told) Watch(ctx context.Context, k Kind, q Query, from string) (<-chan Event, error) {
	return t.client.Watch(withProgress(ctx, t.progress), k, q, from)
}

func (t told) DryRun(ctx context.Context, w Write) (Written, error) {
	return t.client.DryRun(withProgress(ctx, t.progress), w)
}

func (t told) Write(ctx context.Context, w Write) (Written, error) {
	return t.client.Write(withProgress(ctx, t.progress), w)
}

func (t told) Raw(ctx context.Context, path string, query url.Values) ([]byte, error) {
	return t.client.Raw(withProgress(ctx, t.progress), path, query)
}

// Telling is the same cluster, with requests that tell somebody else what they wait for.
func Telling(c Cluster, progress func(string)) Cluster {
	if t, ok := c.(told); ok {
		return told{t.client, progress}
	}
	return c
}
