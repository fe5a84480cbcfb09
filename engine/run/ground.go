// The inventory of a run, and how add_host and group_by make it grow.
package run

import (
	"slices"
	"sync"

	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/module"
)

// ground is the inventory under a run. Workers make it grow, several at once (group_by); the variables follow when their answers are
// settled. An inventory itself never changes.
type ground struct {
	mu    sync.Mutex
	inv   *inventory.Inventory
	grown []growth
}

// growth is what was added, kept for the day when the inventory is read anew.
type growth struct {
	host string // of the task
	*module.Growth
}

// now is the inventory as it is.
func (g *ground) now() *inventory.Inventory {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inv
}

// grow adds to the inventory and tells whether that changed it.
func (g *ground) grow(by growth) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.grown = append(g.grown, by)
	var changed bool
	g.inv, changed = by.on(g.inv)
	return changed
}

// replace puts an inventory that was read anew in the place of the one so far, and returns it with all that a run has added.
func (g *ground) replace(inv *inventory.Inventory) *inventory.Inventory {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, by := range g.grown {
		inv, _ = by.on(inv)
	}
	g.inv = inv
	return inv
}

func (g growth) on(inv *inventory.Inventory) (*inventory.Inventory, bool) {
	if g.Host != "" {
		return inv.AddHost(g.Host, g.Groups, g.Vars)
	}
	return inv.AddToGroup(g.host, g.Group, g.Parents)
}

// grow carries out what a result adds to the inventory, and says so in it.
func (w *worker) grow(r *module.Result) []effect {
	var out []effect
	if r.Stats != nil && !r.Failed {
		out = append(out, effect{host: w.host, kind: keepStats, stats: r.Stats})
	}
	if r.Growth == nil || r.Failed {
		return out
	}
	r.Changed = w.r.ground.grow(growth{w.host, r.Growth})
	e := effect{host: w.host, kind: setInventory}
	if r.Changed {
		e.added = r.Growth.Host
	}
	return append(out, e)
}

// takeInventory lets the variables know the inventory as it is now. A host that was added counts among those of the play, although no task of
// this play is done on it.
func (b *batchRun) takeInventory(added string) error {
	if inv := b.r.ground.now(); inv != b.r.Vars.Inventory() {
		if err := b.r.Vars.SetInventory(inv).Err(); err != nil {
			return err
		}
	}
	if added != "" && !slices.Contains(b.hosts, added) {
		b.hosts = append(slices.Clip(b.hosts), added)
	}
	return nil
}

// shared tells whether an effect is one for each host that a run_once task stands for.
func (e effect) shared() bool {
	return e.kind != setInventory && (e.kind != keepStats || e.stats.PerHost)
}

// limited are the hosts that --limit leaves, in the inventory's order.
func (r *runner) limited() []string {
	var out []string
	for _, h := range r.ground.now().Hosts() {
		if r.leaves(h.Name) {
			out = append(out, h.Name)
		}
	}
	return out
}

// leaves tells whether --limit leaves a host. It is asked of the inventory as it is now: hosts that were added are limited, too.
func (r *runner) leaves(host string) bool {
	if r.Limit == nil {
		return true
	}
	inv := r.ground.now()
	if r.left == nil || r.leftOf != inv {
		names, _, _ := inv.Match(r.Limit...) // the patterns were read once; that one matches nothing now is no mistake
		r.left, r.leftOf = map[string]bool{}, inv
		for _, name := range names {
			r.left[name] = true
		}
	}
	return r.left[host]
}
