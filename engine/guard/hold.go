package guard

// The hold of a run on a cluster: the Lease, taken before the first disruption, renewed while the run lives, looked at again before every disruption.

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// hold is a Lease that the run has.
type hold struct {
	mu     sync.Mutex // held while the Lease is read and written: the two who do so must not meet
	lease  kube.Lease
	client kube.Cluster
	stop   context.CancelFunc
	done   chan struct{}
}

// renewals is how often the Lease is renewed within its time.
const renewals = 4

// tries is how often a write is tried over somebody else's.
const tries = 5

// secure makes sure that the run holds the cluster: it takes the Lease, or sees that it still has it. A *Locked says that another run does.
func (g *Guard) secure(ctx context.Context, c *cluster, r Request) error {
	return c.each(ctx, r, func(k kube.Cluster) error {
		var err error
		for range tries {
			if err = g.secureOnce(ctx, c, r, k); !kube.Conflict(err) && !kube.AlreadyExists(err) {
				return err
			}
		}
		return err
	})
}

func (g *Guard) secureOnce(ctx context.Context, c *cluster, r Request, k kube.Cluster) error {
	lease, err := kube.ReadLease(ctx, k)
	if err != nil {
		return err
	}
	if c.hold != nil && lease.HeldBy(g.cfg.Run) {
		return nil
	}
	now, err := kube.ServerTime(ctx, k)
	if err != nil {
		return err
	}
	inherits := g.Inherits(lease)
	if !inherits && !lease.Free(g.cfg.Run, now) {
		return &Locked{Cluster: c.name, Holder: lease.Holder, Run: lease.Run, Age: lease.Age(now)}
	}
	if inherits {
		r.On.Progress(fmt.Sprintf("run %s, which was begun here, has died; its hold on the cluster is taken over (drydock resume %s would go on with it)", lease.Run, lease.Run))
	}
	if lease.Run != g.cfg.Run || lease.Start.IsZero() {
		lease.Start = now
	}
	lease.Holder, lease.Run, lease.Renewed, lease.Time = g.cfg.Holder, g.cfg.Run, now, kube.LeaseTime
	if lease.Holder == "" {
		lease.Holder = "drydock"
	}
	if lease, err = lease.Put(ctx, k); err != nil {
		return err
	}
	if c.hold != nil {
		c.hold.lease = lease
		return nil
	}
	c.hold = &hold{lease: lease, client: kube.Telling(k, func(string) {}), done: make(chan struct{})}
	c.hold.keep(module.ClockOf(r.On.Controller()))
	g.remember(c, lease, now)
	return nil
}

// lately is how long ago a disruption may be for its node to be looked at once more by the next run.
const lately = 10 * time.Minute

// remember makes the node that an earlier holder disrupted a short while ago one that must be seen to be well before the next.
func (g *Guard) remember(c *cluster, l kube.Lease, now time.Time) {
	if l.Last != "" && c.work[l.Last] == nil && now.Sub(l.LastAt) < lately {
		c.work[l.Last] = &work{node: l.Last, since: now, booted: true}
	}
}

// keep renews the Lease in the background. That it fails for a while is no harm: before the next disruption it is looked at.
func (h *hold) keep(clock module.Clock) {
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	go func() {
		defer close(h.done)
		for clock.Sleep(ctx, kube.LeaseTime/renewals) == nil {
			h.renew(ctx)
		}
	}()
}

func (h *hold) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, kube.LeaseTime/renewals)
	defer cancel()
	h.mu.Lock()
	defer h.mu.Unlock()
	lease, err := kube.ReadLease(ctx, h.client)
	if err != nil || !lease.HeldBy(h.lease.Run) {
		return
	}
	if lease.Renewed, err = kube.ServerTime(ctx, h.client); err == nil {
		_, _ = lease.Put(ctx, h.client) // the next look tells whether it is still ours
	}
}

// note writes which node is disrupted now, for a run that comes after this one.
func (c *cluster) note(ctx context.Context, k kube.Cluster, run, node string) error {
	c.hold.mu.Lock()
	defer c.hold.mu.Unlock()
	var err error
	for range tries {
		var lease kube.Lease
		var now time.Time
		if lease, err = kube.ReadLease(ctx, k); err != nil {
			return err
		}
		if !lease.HeldBy(run) {
			return &Locked{Cluster: c.name, Holder: lease.Holder, Run: lease.Run, Age: lease.Age(lease.Renewed)}
		}
		if now, err = kube.ServerTime(ctx, k); err != nil {
			return err
		}
		lease.Renewed, lease.Last, lease.LastAt = now, node, now
		if _, err = lease.Put(ctx, k); !kube.Conflict(err) {
			return err
		}
	}
	return err
}

// release gives the Lease back, if it is still the run's.
func (h *hold) release(ctx context.Context) error {
	h.stop()
	<-h.done
	var err error
	for range tries {
		var lease kube.Lease
		lease, err = kube.ReadLease(ctx, h.client)
		if err != nil || !lease.HeldBy(h.lease.Run) {
			return err
		}
		lease.Holder = ""
		if _, err = lease.Put(ctx, h.client); !kube.Conflict(err) {
			return err
		}
	}
	return err
}

// closeTime is how long giving the Lease back may take: it falls to the next one by itself.
const closeTime = 10 * time.Second

// Close gives all clusters back.
func (g *Guard) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	g.mu.Lock()
	all := g.clusters
	g.mu.Unlock()
	var first error
	for _, c := range all {
		c.turn.Lock()
		if c.hold != nil {
			_ = g.sweep(ctx, c.hold.client) // what stays is no harm
			if err := c.hold.release(ctx); err != nil && first == nil {
				first = fmt.Errorf("give the Lease of cluster %s back: %w", c.name, err)
			}
			c.hold = nil
		}
		c.turn.Unlock()
	}
	return first
}
