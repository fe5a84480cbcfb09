package strategy

// Free lets every host go its own way; nobody waits for others. With a width (host_pinned), at most that many hosts are
// under way, each to its end before another begins.
type Free struct {
	batch *Batch
	width int
	busy  map[string]bool
	open  map[string]bool // hosts that have begun and are not through
}

// NewFree makes the strategy free; width 0 means no bound.
func NewFree(b *Batch, width int) *Free {
	return &Free{batch: b, width: width, busy: map[string]bool{}, open: map[string]bool{}}
}

// Control returns the batch.
func (f *Free) Control() *Batch { return f.batch }

// Next returns a step for every host that is idle and has one.
func (f *Free) Next() []Step {
	var out []Step
	for _, h := range f.batch.hosts {
		c := f.batch.cursors[h]
		if f.busy[h] {
			continue
		}
		if c.failed || c.gone {
			delete(f.open, h)
			continue
		}
		if f.width > 0 && !f.open[h] && len(f.open) >= f.width {
			continue
		}
		t := c.peek()
		if t == nil {
			delete(f.open, h)
			continue
		}
		c.take()
		f.busy[h], f.open[h] = true, true
		out = append(out, Step{Host: h, Task: t})
	}
	return out
}

// Record moves the host on.
func (f *Free) Record(o Outcome) (rescued bool) {
	delete(f.busy, o.Host)
	return f.batch.record(o)
}
