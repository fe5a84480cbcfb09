package strategy

import "github.com/drydock-dev/drydock/engine/program"

type phase int

const (
	inTasks phase = iota
	inRescue
	inAlways
)

// frame is a place within a block. Its failure is one that no rescue has taken care of: it goes on to the enclosing
// block when always is through.
type frame struct {
	block    *program.Block
	phase    phase
	next     int
	failed   bool
	handlers bool // the frame of a flush: only notified handlers count
}

func (f *frame) list() []program.Node {
	switch f.phase {
	case inRescue:
		return f.block.Rescue
	case inAlways:
		return f.block.Always
	}
	return f.block.Tasks
}

// cursor is the way of one host through the blocks of a play.
type cursor struct {
	host     string
	stack    []frame
	failed   bool
	gone     bool // unreachable or ended by meta: end_host
	lost     bool // gone because it was unreachable
	notified map[*program.Task]bool
	batch    *Batch
}

// peek returns the next task of the host, nil at the end. It moves over what holds no task: emptied blocks, ends of
// sections, tasks that are not selected, roles that have run already.
func (c *cursor) peek() *program.Task {
	for len(c.stack) > 0 && !c.gone {
		f := &c.stack[len(c.stack)-1]
		list := f.list()
		if f.next >= len(list) {
			c.finish(f)
			continue
		}
		switch n := list[f.next].(type) {
		case *program.Block:
			f.next++
			c.stack = append(c.stack, frame{block: n})
		case *program.Task:
			if c.wants(f, n) {
				return n
			}
			f.next++
		}
	}
	return nil
}

func (c *cursor) wants(f *frame, t *program.Task) bool {
	if f.handlers {
		return c.notified[t]
	}
	return c.batch.wants(c.host, t)
}

// finish ends a section of the top frame: always comes after the others, the enclosing block after always.
func (c *cursor) finish(f *frame) {
	if f.phase != inAlways && len(f.block.Always) > 0 {
		f.phase, f.next = inAlways, 0
		return
	}
	failed := f.failed
	c.pop()
	if failed {
		c.fail()
	}
}

func (c *cursor) pop() { c.stack = c.stack[:len(c.stack)-1] }

// take moves past the task that peek returned.
func (c *cursor) take() {
	f := &c.stack[len(c.stack)-1]
	if f.handlers {
		delete(c.notified, f.list()[f.next].(*program.Task))
	}
	f.next++
}

// rescuing tells whether a failure here would find a rescue in this block or one around it.
func (c *cursor) rescuing() bool {
	for i := range c.stack {
		if f := &c.stack[i]; f.phase == inTasks && len(f.block.Rescue) > 0 {
			return true
		}
	}
	return false
}

// fail moves the host to the nearest rescue or always, or to its end.
func (c *cursor) fail() {
	for len(c.stack) > 0 {
		f := &c.stack[len(c.stack)-1]
		if f.phase == inTasks && len(f.block.Rescue) > 0 {
			f.phase, f.next = inRescue, 0
			return
		}
		if f.phase != inAlways && len(f.block.Always) > 0 {
			f.phase, f.next, f.failed = inAlways, 0, true
			return
		}
		c.pop()
	}
	c.failed = true
}

// enter puts blocks before whatever the host would do next.
func (c *cursor) enter(blocks []*program.Block) {
	c.stack = append(c.stack, frame{block: around(blocks)})
}

func around(blocks []*program.Block) *program.Block {
	b := &program.Block{}
	for _, n := range blocks {
		b.Tasks = append(b.Tasks, n)
	}
	return b
}
