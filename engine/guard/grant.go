package guard

// Leave that is given: the hold is looked at a last time, the node is marked before it is cordoned, and what was marked is given back.

import (
	"context"
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// grant gives the leave: the hold is looked at a last time, and the node is marked before it is cordoned.
func (g *Guard) grant(ctx context.Context, r Request, p *place, pic picture, answer *Answer) error {
	c := p.cluster
	if r.Kind == module.Uncordon {
		return g.giveBack(ctx, r, p, pic, answer)
	}
	w := c.work[p.node]
	var err error
	if w == nil {
		err = c.note(ctx, pic.client, g.cfg.Run, p.node)
	} else {
		err = g.secure(ctx, c, r)
	}
	if err != nil {
		return err
	}
	if r.Kind == module.Cordon || r.Kind == module.Drain {
		if err := g.mark(ctx, r, p, pic); err != nil {
			return err
		}
	}
	if w == nil {
		w = &work{node: p.node}
		c.work[p.node] = w
	}
	w.host, w.acting, w.since, w.settled = p.host, r.What, module.ClockOf(r.On.Controller()).Now(), false
	w.booted = w.booted || r.Kind == module.Reboot || r.Kind == module.Restart || r.Kind == module.Stop
	c.calm, c.looks = time.Time{}, 0
	answer.Done = func(context.Context) {
		c.turn.Lock()
		defer c.turn.Unlock()
		w.acting = ""
	}
	return nil
}

// mark says on the node who takes it and how it was before. It is written before the cordon: a mark without a cordon is no harm, a cordon without
// one would belong to nobody.
func (g *Guard) mark(ctx context.Context, r Request, p *place, pic picture) error {
	m := pic.census.MarksOf(p.node)
	if m.Run == g.cfg.Run {
		return nil
	}
	before := pic.census.Cordoned(p.node)
	if m.Run != "" { // a run that is over, or that a person has written off: what was before it counts
		before = before && m.Before
	}
	return kube.Mark(ctx, pic.client, p.node, kube.Marks{Run: g.cfg.Run, At: pic.census.Now, Reason: r.What + ": " + r.Task, Before: before})
}

// giveBack lets a node be uncordoned that this run, or one known here, has cordoned. Any other cordon is somebody's intention.
func (g *Guard) giveBack(ctx context.Context, r Request, p *place, pic picture, answer *Answer) error {
	c := p.cluster
	m := pic.census.MarksOf(p.node)
	known, _ := g.knows(m.Run)
	ours := m.Run != "" && (m.Run == g.cfg.Run || known)
	switch {
	case !pic.census.Cordoned(p.node):
		return g.secure(ctx, c, r)
	case m.Run == "":
		answer.Skip = fmt.Sprintf("node %s stays cordoned: no run of Drydock has cordoned it, so it is not for this one to undo", p.node)
	case !ours:
		answer.Skip = fmt.Sprintf("node %s stays cordoned: run %s has cordoned it (%s), of which nothing is known here", p.node, m.Run, m.Reason)
	case m.Before:
		answer.Skip = fmt.Sprintf("node %s stays cordoned, as it was before this run", p.node)
		g.forget(c, p.node)
		return kube.Mark(ctx, pic.client, p.node, kube.Marks{})
	}
	if answer.Skip != "" {
		return nil
	}
	if err := g.secure(ctx, c, r); err != nil {
		return err
	}
	answer.Done = func(ctx context.Context) { g.given(ctx, r, p) }
	return nil
}

// given takes the marks off a node that takes pods again. One that does not (the task failed) keeps them; marks that stay for another reason are
// overwritten by the next run, as they mean nothing without a cordon.
func (g *Guard) given(ctx context.Context, r Request, p *place) {
	c := p.cluster
	c.turn.Lock()
	defer c.turn.Unlock()
	_ = c.each(ctx, r, func(k kube.Cluster) error {
		census, err := kube.ReadCensus(ctx, k)
		if err != nil || census.Cordoned(p.node) {
			return err
		}
		return kube.Mark(ctx, k, p.node, kube.Marks{})
	})
	if w := c.work[p.node]; w != nil {
		w.acting = ""
	}
}

// sweep takes the run's marks off nodes that take pods: a process that died between an uncordon and its end has left them. They mean nothing there.
func (g *Guard) sweep(ctx context.Context, k kube.Cluster) error {
	census, err := kube.ReadCensus(ctx, k)
	if err != nil {
		return err
	}
	for _, node := range census.Names() {
		if census.MarksOf(node).Run != g.cfg.Run || census.Cordoned(node) {
			continue
		}
		if err := kube.Mark(ctx, k, node, kube.Marks{}); err != nil {
			return err
		}
	}
	return nil
}

// forget ends the work on a node that stays as it is.
func (g *Guard) forget(c *cluster, node string) {
	if w := c.work[node]; w != nil {
		w.acting = ""
	}
}
