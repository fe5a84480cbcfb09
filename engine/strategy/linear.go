package strategy

import "github.com/drydock-dev/drydock/engine/program"

// Linear is Ansible's default strategy: all hosts do one task, then all the next. Hosts that are elsewhere (in a rescue,
// say) wait until the order of the text comes to their task.
type Linear struct {
	batch    *Batch
	order    []*program.Task // the text of the play, in one line; includes and handlers are put in where they happen
	at       int
	insertAt int // where the next include of the current task goes
	seen     map[*program.Block]bool
	flushed  bool
}

// NewLinear makes a Linear over the blocks that the batch was made of.
func NewLinear(b *Batch, blocks []*program.Block) *Linear {
	return &Linear{batch: b, order: Tasks(blocks), seen: map[*program.Block]bool{}}
}

// Control returns the batch.
func (l *Linear) Control() *Batch { return l.batch }

// Next returns the steps of the next task: one for each host that is at it.
func (l *Linear) Next() []Step {
	at := map[*program.Task][]string{}
	for _, h := range l.batch.hosts {
		c := l.batch.cursors[h]
		if c.failed || c.gone {
			continue
		}
		if t := c.peek(); t != nil {
			at[t] = append(at[t], h)
		}
	}
	if len(at) == 0 {
		return nil
	}
	t := l.pick(at)
	l.insertAt, l.flushed = l.at, false
	steps := make([]Step, 0, len(at[t]))
	for _, h := range at[t] {
		l.batch.cursors[h].take()
		steps = append(steps, Step{Host: h, Task: t})
	}
	return steps
}

// pick finds the first task from here on at which a host is, beginning again at the top when there is none.
func (l *Linear) pick(at map[*program.Task][]string) *program.Task {
	for round := 0; round < 2; round++ {
		for ; l.at < len(l.order); l.at++ {
			if t := l.order[l.at]; at[t] != nil {
				l.at++
				return t
			}
		}
		l.at = 0
	}
	panic("strategy: a host is at a task that is not in the order of the play")
}

// Record moves the host on.
func (l *Linear) Record(o Outcome) (rescued bool) {
	rescued = l.batch.record(o)
	if len(o.Include) > 0 && !l.seen[o.Include[0]] {
		l.seen[o.Include[0]] = true
		l.insert(Tasks(o.Include))
	}
	if o.Task.Meta == "flush_handlers" && !l.flushed {
		l.flushed = true
		l.insert(l.batch.handlers)
	}
	return rescued
}

func (l *Linear) insert(tasks []*program.Task) {
	rest := append([]*program.Task(nil), l.order[l.insertAt:]...)
	l.order = append(append(l.order[:l.insertAt], tasks...), rest...)
	l.insertAt += len(tasks)
}
