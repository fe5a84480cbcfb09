package guard

// A cluster that the run has to do with: its doors, the picture that decisions are made of, and what the run has in work there.

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// cluster is one cluster. Its lock is held while a decision about it is made.
type cluster struct {
	id, name string

	doorsMu sync.Mutex
	doors   []door // that have led there, the best first

	turn sync.Mutex // held for one decision
	hold *hold
	work map[string]*work // nodes that this run has disrupted, by name
	// calm is since when everything has been well after the last disruption, and looks how often that was seen; zero: it is not.
	calm  time.Time
	looks int
}

// work is a node that this run has disrupted.
type work struct {
	node, host string
	acting     string    // what a task is doing to it at the moment; empty: nothing
	since      time.Time // when that began
	booted     bool      // it was rebooted, or what it lives on was stopped: its return is waited for
	settled    bool      // it was seen to be back, and all well for a while
}

func newCluster(id, name string, d door) *cluster {
	return &cluster{id: id, name: name, doors: []door{d}, work: map[string]*work{}}
}

func (c *cluster) addDoor(d door) {
	c.doorsMu.Lock()
	defer c.doorsMu.Unlock()
	if !slices.ContainsFunc(c.doors, func(o door) bool { return o.String() == d.String() }) {
		c.doors = append(c.doors, d)
	}
}

// open makes a client by the best door. What it is used for may find that nobody is there: see each.
func (c *cluster) each(ctx context.Context, r Request, use func(kube.Cluster) error) error {
	c.doorsMu.Lock()
	doors := slices.Clone(c.doors)
	c.doorsMu.Unlock()
	var last error
	for _, d := range doors {
		client, err := d.open(ctx, r)
		if err == nil {
			err = use(client)
		}
		if err == nil {
			c.prefer(d)
			return nil
		}
		last = err
		if ctx.Err() != nil || !away(err) {
			return err
		}
	}
	return last
}

// prefer makes a door that has just led there the first.
func (c *cluster) prefer(d door) {
	c.doorsMu.Lock()
	defer c.doorsMu.Unlock()
	i := slices.IndexFunc(c.doors, func(o door) bool { return o.String() == d.String() })
	if i > 0 {
		c.doors = slices.Insert(slices.Delete(c.doors, i, i+1), 0, d)
	}
}

// away tells whether an error says that the API server, or the host on the way to it, is not there at the moment.
func away(err error) bool { return kube.Transient(err) || errors.Is(err, module.ErrUnreachable) }

// census is the cluster's nodes.
func (c *cluster) census(ctx context.Context, r Request) (kube.Census, error) {
	var out kube.Census
	err := c.each(ctx, r, func(k kube.Cluster) (err error) { out, err = kube.ReadCensus(ctx, k); return err })
	return out, err
}

// picture is a cluster at one time.
type picture struct {
	client  kube.Cluster
	census  kube.Census
	storage *kube.Storage // nil: the cluster has no Longhorn
	ties    kube.Attachments
	drivers kube.Drivers
	foreign kube.Foreign
}

// see takes the picture: everything at once, as each is a matter of some milliseconds.
func (c *cluster) see(ctx context.Context, r Request) (picture, error) {
	var p picture
	err := c.each(ctx, r, func(k kube.Cluster) error {
		p = picture{client: k}
		return atOnce(
			func() (err error) { p.census, err = kube.ReadCensus(ctx, k); return err },
			func() (err error) { p.foreign, err = kube.ReadForeign(ctx, k); return err },
			func() (err error) { p.ties, err = kube.ReadAttachments(ctx, k, kube.LonghornNamespace); return err },
			func() (err error) { p.drivers, err = kube.ReadDrivers(ctx, k, kube.LonghornNamespace); return err },
			func() error {
				s, err := kube.ReadStorage(ctx, k, kube.LonghornNamespace)
				if err == nil {
					p.storage = &s
				}
				if errors.Is(err, kube.ErrNoLonghorn) {
					return nil
				}
				return err
			},
		)
	})
	return p, err
}

// atOnce does all of it and returns the first error.
func atOnce(all ...func() error) error {
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, f := range all {
		wg.Go(func() { errs[i] = f() })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// busy are the nodes besides one at which a task of this run is at the moment.
func (c *cluster) busy(node string) []*work {
	var out []*work
	for _, w := range c.work {
		if w.node != node && w.acting != "" {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b *work) int { return a.since.Compare(b.since) })
	return out
}

// before are the nodes besides one that this run has disrupted and that were not yet seen to be well again.
func (c *cluster) before(node string) []*work {
	var out []*work
	for _, w := range c.work {
		if w.node != node && w.acting == "" && !w.settled {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b *work) int { return a.since.Compare(b.since) })
	return out
}
