package strategy

import (
	"slices"

	"github.com/drydock-dev/drydock/engine/program"
)

// Batch is the state of all hosts of a play's serial batch: what both schedulers share, and what meta tasks act on.
type Batch struct {
	hosts    []string
	cursors  map[string]*cursor
	selects  Select
	handlers []*program.Task   // in the order of their definition
	groups   [][]*program.Task // the same by the block they stand in; bare ones in a row are one group
	ran      map[string]map[string]bool
	complete map[string]map[string]bool
}

// NewBatch prepares hosts for the blocks of a play. Hosts that have failed in an earlier play are not to be among them.
func NewBatch(hosts []string, blocks, handlers []*program.Block, sel Select) *Batch {
	b := &Batch{
		hosts: hosts, cursors: map[string]*cursor{}, selects: sel,
		ran: map[string]map[string]bool{}, complete: map[string]map[string]bool{},
	}
	b.AddHandlers(handlers)
	for _, h := range hosts {
		c := &cursor{host: h, batch: b, notified: map[*program.Task]bool{}}
		c.enter(blocks)
		b.cursors[h] = c
	}
	return b
}

// wants tells whether a host is to do a task: selected, and not of a role that the host has run already.
func (b *Batch) wants(host string, t *program.Task) bool {
	if r := t.Role; r != nil && !r.AllowDuplicates && b.complete[r.Key][host] {
		return false
	}
	return b.selects == nil || b.selects(t)
}

// AddHandlers adds handlers that a role brought at run time.
func (b *Batch) AddHandlers(blocks []*program.Block) {
	for _, blk := range blocks {
		b.handlers = append(b.handlers, flatten(blk, nil)...)
		b.group(blk)
	}
}

func (b *Batch) group(blk *program.Block) {
	var bare []*program.Task
	done := func() {
		if len(bare) > 0 {
			b.groups = append(b.groups, bare)
		}
		bare = nil
	}
	for _, n := range blk.Tasks {
		switch x := n.(type) {
		case *program.Task:
			bare = append(bare, x)
		case *program.Block:
			done()
			b.groups = append(b.groups, flatten(&program.Block{Tasks: x.Tasks}, nil))
		}
	}
	done()
}

// Candidates returns the handlers in the order in which a notification looks for them: what was defined in a later block comes first, so
// that a play's handler hides one of a role; within a block, and among bare handlers in a row, the first comes first.
func (b *Batch) Candidates() []*program.Task {
	var out []*program.Task
	for _, g := range slices.Backward(b.groups) {
		out = append(out, g...)
	}
	return out
}

// Handlers returns all handlers in the order of their definition.
func (b *Batch) Handlers() []*program.Task { return b.handlers }

// Notify makes a host run a handler at its next flush, or still in the one under way if the handler is yet to come.
// False: it was to run it already.
func (b *Batch) Notify(host string, handler *program.Task) bool {
	c := b.cursors[host]
	known := c.notified[handler]
	c.notified[handler] = true
	return !known
}

// Flush makes a host run its notified handlers next.
func (b *Batch) Flush(host string) {
	blk := &program.Block{}
	for _, h := range b.handlers {
		blk.Tasks = append(blk.Tasks, h)
	}
	c := b.cursors[host]
	c.stack = append(c.stack, frame{block: blk, handlers: true})
}

// Flushing tells whether a host is running handlers.
func (b *Batch) Flushing(host string) bool {
	for _, f := range b.cursors[host].stack {
		if f.handlers {
			return true
		}
	}
	return false
}

// Fail makes a host fail where it is: rescue and always follow. For any_errors_fatal, max_fail_percentage and run_once.
func (b *Batch) Fail(host string) {
	if c := b.cursors[host]; !c.gone && !c.failed {
		c.fail()
	}
}

// End takes a host out of the rest of the play without failing it.
func (b *Batch) End(host string) { b.cursors[host].gone = true }

// EndRole moves a host to the end of the role that a task belongs to.
func (b *Batch) EndRole(host string, role *program.Role) {
	c := b.cursors[host]
	for t := c.peek(); t != nil; t = c.peek() {
		if t.Meta == "role_complete" && t.Role != nil && t.Role.Key == role.Key {
			return
		}
		c.take()
	}
}

// CompleteRole remembers that a host is through with a role, if one of its tasks ran.
func (b *Batch) CompleteRole(host string, role *program.Role) {
	if b.ran[role.Key][host] {
		mark(b.complete, role.Key, host)
	}
}

// Revive clears failures that no rescue took care of (meta: clear_host_errors) and returns whose. They take no further part in this
// batch, as in Ansible, where only later plays see them again.
func (b *Batch) Revive() []string {
	var out []string
	for _, h := range b.hosts {
		switch c := b.cursors[h]; {
		case c.failed:
			c.failed, c.gone = false, true
			out = append(out, h)
		case c.lost: // it goes on where it was lost
			c.gone, c.lost = false, false
		}
	}
	return out
}

// Active returns the hosts that are neither failed, unreachable nor ended, in order.
func (b *Batch) Active() []string {
	var out []string
	for _, h := range b.hosts {
		if c := b.cursors[h]; !c.failed && !c.gone {
			out = append(out, h)
		}
	}
	return out
}

// Failed tells whether a host has failed for good.
func (b *Batch) Failed(host string) bool {
	c := b.cursors[host]
	return c != nil && c.failed
}

// record moves a host's cursor after a step.
func (b *Batch) record(o Outcome) (rescued bool) {
	c := b.cursors[o.Host]
	if r := o.Task.Role; o.Ran && r != nil && !o.Task.Implicit {
		mark(b.ran, r.Key, o.Host)
	}
	switch o.Verdict {
	case Unreachable:
		c.gone, c.lost = true, true
	case Failed:
		rescued = c.rescuing()
		c.fail()
	default:
		if len(o.Include) > 0 {
			c.enter(o.Include)
		}
	}
	return rescued
}

func mark(m map[string]map[string]bool, key, host string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][host] = true
}

// Tasks returns the tasks of blocks in the order of the text.
func Tasks(blocks []*program.Block) []*program.Task {
	var out []*program.Task
	for _, b := range blocks {
		out = flatten(b, out)
	}
	return out
}

// flatten appends the tasks of a block in the order of the text.
func flatten(b *program.Block, into []*program.Task) []*program.Task {
	for _, list := range [][]program.Node{b.Tasks, b.Rescue, b.Always} {
		for _, n := range list {
			switch x := n.(type) {
			case *program.Block:
				into = flatten(x, into)
			case *program.Task:
				into = append(into, x)
			}
		}
	}
	return into
}

// Interrupt makes every host wind up: rescue and always of the blocks it is in, from the inside out, and nothing else. Hosts in no such
// block are at their end.
func (b *Batch) Interrupt() {
	for _, h := range b.hosts {
		c := b.cursors[h]
		if c.gone || c.failed {
			continue
		}
		for i := range c.stack {
			c.stack[i].failed = true
		}
		if top := len(c.stack) - 1; top >= 0 && c.stack[top].phase == inTasks {
			c.fail()
		}
	}
}
