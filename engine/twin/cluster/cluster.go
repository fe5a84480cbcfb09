// Package cluster is a Kubernetes cluster in a process: the API over HTTPS on loopback, and just enough of controllers, scheduler and
// kubelets that a drain means something. Pods that are evicted come back elsewhere, budgets are counted and enforced, watches tell it.
//
// K3s makes a whole cluster of a Spec: servers with etcd, agents, K3s' own workloads, and Longhorn, whose controllers attach volumes
// where pods use them, fail and rebuild replicas, and take their budgets away by Longhorn's own rule. Machines come and go by NodeDown
// and NodeUp, faults by Inject, and what no maintenance may cause is written down in Incidents. Time is Config's Now and After: a
// cluster that nobody asks costs nothing, however much of it passes.
//
//	c, err := cluster.K3s(cluster.Realistic(), cluster.Sized(3, 3))
//	os.WriteFile("kubeconfig", c.Kubeconfig(), 0o600) // and kubectl works with it
//
// It is the one double of an API server in Drydock: tests run against it, and what it claims is checked against a real API server by
// the same assertions (reality_test.go). Like the real one it refuses what it does not know, by name.
package cluster

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Config says how a cluster is to be. The zero Config is a cluster without nodes in which everything happens at once.
type Config struct {
	Listener net.Listener // nil: a free port on loopback
	Kinds    []Kind       // besides the built-in ones
	// PodStart and PodStop are how long a pod takes to become ready and to end.
	PodStart, PodStop time.Duration
	// Attach is how long a volume takes to attach or detach, Rebuild how long a replica is rebuilt, and Lag by how much Longhorn is late
	// in telling how robust a volume is.
	Attach, Rebuild, Lag time.Duration
	// Grace is how long a kubelet may be silent before its node is not ready (0: 50 s), Toleration how long its pods are left alone
	// then (0: 300 s; below 0: for ever).
	Grace, Toleration time.Duration
	// Seed makes times a little longer or shorter by chance, the same for the same seed; 0: they are exact.
	Seed uint64
	// After runs f later; nil: time.AfterFunc. A simulation with a clock of its own puts it here.
	After func(d time.Duration, f func())
	// Now is the clock of timestamps; nil: the real one.
	Now func() time.Time
	// Watch is told of every change of an object before the controllers act on it; before or after is nil where it comes or goes. The objects are
	// to be read only, and the cluster's lock is held. nil: nobody.
	Watch func(resource string, before, after map[string]any)
	// Controllers act after every write, together with the built-in ones. They may use the cluster's Get, List, Set and Delete.
	Controllers []func(*World)
	// Logs answers what a container has logged, Exec what a command in it does; nil: no log, every command succeeds without a word.
	Logs func(pod map[string]any, container string) string
	Exec func(pod map[string]any, container string, argv []string) (stdout, stderr string, rc int)
}

// Cluster is a running double. Its methods are safe for concurrent use.
type Cluster struct {
	config Config
	server *http.Server
	listen net.Listener
	cert   certificate
	token  string

	mu     sync.Mutex
	world  World
	faults []*Fault
	log    []Request

	gitVersion string

	machines  map[string]*machine
	etcd      etcd
	storage   *storage // nil: what there is of Longhorn is played by nobody
	incidents []Incident
	halted    map[string]bool // UIDs of pods whose containers ended with their node
	parked    []func()        // what waits until the cluster can be written to
	chance    *rand.Rand
	skew      atomic.Int64   // how far the cluster's clock is ahead
	refusals  map[string]int // the fault: how many evictions a budget refuses yet
	leased    *struct{}      // the fault: who renews a foreign lease at the moment
}

// Request is one request that the cluster has received.
type Request struct {
	Method, Path, Query string
	DryRun              bool
}

// Changes tells whether the request may change something.
func (r Request) Changes() bool { return r.Method != http.MethodGet && !r.DryRun }

// Start starts a cluster; Close ends it.
func Start(config Config) (*Cluster, error) {
	c := &Cluster{
		config: config.filled(), listen: config.Listener, token: "twin-token", gitVersion: "v1.37.2+k3s1", machines: map[string]*machine{}, halted: map[string]bool{},
	}
	if config.Seed != 0 {
		c.chance = rand.New(rand.NewPCG(config.Seed, 0)) //nolint:gosec // a simulation's chance
	}
	now := c.config.Now
	c.config.Now = func() time.Time { return now().Add(time.Duration(c.skew.Load())) }
	var err error
	if c.listen == nil {
		if c.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("twin cluster: %w", err)
		}
	}
	if c.cert, err = makeCertificate(c.config.Now()); err != nil {
		return nil, fmt.Errorf("twin cluster: %w", err)
	}
	c.world = newWorld(append(builtin(), config.Kinds...), c.config.Now)
	c.world.watch = config.Watch
	c.world.deleted = c.deleted
	c.world.controllers = c.controllers()
	for _, act := range config.Controllers {
		c.world.controllers = append(c.world.controllers, controller{act: act})
	}
	c.server = &http.Server{
		Handler: c, TLSConfig: &tls.Config{Certificates: []tls.Certificate{c.cert.pair}},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // connections that end with their machine are no news
	}
	go c.server.ServeTLS(c.listen, "", "") // ends with Close
	for _, ns := range []string{"default", "kube-system"} {
		c.Set(map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": ns}})
	}
	return c, nil
}

// filled is the config with what was left out.
func (config Config) filled() Config {
	if config.After == nil {
		config.After = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Grace == 0 {
		config.Grace = 50 * time.Second
	}
	if config.Toleration == 0 {
		config.Toleration = 300 * time.Second
	}
	return config
}

// Close ends the server and breaks every connection.
func (c *Cluster) Close() {
	c.server.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.world.closeWatches()
}

// Load sets every object of a text of YAML documents, status included.
func (c *Cluster) Load(text string) error {
	for _, doc := range splitDocs(text) {
		data, err := yaml.ToJSON([]byte(doc))
		if err != nil {
			return err
		}
		var object map[string]any
		if err := json.Unmarshal(data, &object); err != nil {
			return err
		}
		if len(object) > 0 {
			if err := c.Set(object); err != nil {
				return err
			}
		}
	}
	return nil
}

// Set creates or replaces an object with all its fields, past every check of the API.
func (c *Cluster) Set(object map[string]any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.world.Set(object); err != nil {
		return err
	}
	c.world.reconcile()
	return nil
}

// Get returns a copy of an object; resource is its plural, with the group if it has one: pods, volumes.longhorn.io.
func (c *Cluster) Get(resource, namespace, name string) (map[string]any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.world.Get(resource, namespace, name)
	if !ok {
		return nil, false
	}
	return c.shown(c.world.mustKind(text(o, "apiVersion"), text(o, "kind")), o), true
}

// List returns copies of all objects of a resource.
func (c *Cluster) List(resource string) []map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.world.List(resource)
	for i, o := range out {
		out[i] = c.shown(c.world.mustKind(text(o, "apiVersion"), text(o, "kind")), o)
	}
	return out
}

// Change edits an object in place: f gets it and may change everything.
func (c *Cluster) Change(resource, namespace, name string, f func(object map[string]any)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	object, ok := c.world.Get(resource, namespace, name)
	if !ok {
		return fmt.Errorf("no %s %s/%s", resource, namespace, name)
	}
	f(object)
	if err := c.world.Set(object); err != nil {
		return err
	}
	c.world.reconcile()
	return nil
}

// Delete removes an object at once, finalizers or not.
func (c *Cluster) Delete(resource, namespace, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.world.Delete(resource, namespace, name)
	c.world.reconcile()
}

// Forget drops the history of changes: every watch ends, and one from an earlier version is answered 410 Gone.
func (c *Cluster) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.world.forget()
}

// Requests returns what was asked so far, oldest first.
func (c *Cluster) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Request(nil), c.log...)
}
