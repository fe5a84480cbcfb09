package run

import (
	"context"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
)

// runBatch runs the play over one serial batch; stop says that neither further batches nor plays may follow.
func (p *playRun) runBatch(ctx context.Context, hosts []string) (stop bool, err error) {
	p.batch = hosts
	if err := p.r.bus.emit(event.PlayStarted{Name: p.name, Hosts: p.inventoryOrder(hosts), Check: p.r.Check}); err != nil {
		return false, err
	}
	var begin []string
	for _, h := range hosts {
		if p.r.failed[h] || p.r.unreachable[h] {
			p.removed[h] = true
			continue
		}
		begin = append(begin, h)
		if err := p.readFiles(h); err != nil {
			return false, err
		}
	}
	blocks := p.sections()
	p.control = strategy.NewBatch(begin, blocks, p.Handlers, p.r.selects(p))
	sched, err := p.scheduler(blocks)
	if err != nil {
		return false, err
	}
	b := &batchRun{playRun: p, sched: sched}
	stop, err = b.loop(ctx)
	for _, h := range begin {
		if p.control.Failed(h) {
			p.r.failed[h] = true
		}
	}
	return stop, err
}

// sections puts the implicit fact gathering first and, where handlers are forced, each section's flush into an always.
func (p *playRun) sections() []*program.Block {
	blocks := p.Blocks
	if p.ForceHandlers == nil && p.r.ForceHandlers || p.isTrue(p.ForceHandlers) {
		blocks = forced(blocks)
	}
	if !p.gathers() {
		return blocks
	}
	return append([]*program.Block{{Tasks: []program.Node{p.Setup}}}, blocks...)
}

// inventoryOrder sorts hosts as the inventory has them, which is how a play is announced; implicit localhost is not of it.
func (p *playRun) inventoryOrder(hosts []string) []string {
	out := make([]string, 0, len(hosts))
	for _, h := range p.r.ground.now().Hosts() {
		if slices.Contains(hosts, h.Name) {
			out = append(out, h.Name)
		}
	}
	return out
}

func forced(blocks []*program.Block) []*program.Block {
	var out []*program.Block
	section := &program.Block{}
	for _, b := range blocks {
		if len(b.Tasks) == 1 {
			if t, ok := b.Tasks[0].(*program.Task); ok && t.Implicit && t.Meta == "flush_handlers" {
				section.Always = []program.Node{b}
				out = append(out, section)
				section = &program.Block{}
				continue
			}
		}
		section.Tasks = append(section.Tasks, b)
	}
	if len(section.Tasks) > 0 {
		out = append(out, section)
	}
	return out
}

func (p *playRun) scheduler(blocks []*program.Block) (strategy.Scheduler, error) {
	name, err := p.text(p.Strategy, p.playEnv())
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = p.r.Strategy
	}
	switch name {
	case "debug", "ansible.builtin.debug":
		p.debugging = true
		return strategy.NewLinear(p.control, blocks), nil
	case "", "linear", "ansible.builtin.linear":
		return strategy.NewLinear(p.control, blocks), nil
	case "free", "ansible.builtin.free":
		return strategy.NewFree(p.control, 0), nil
	case "host_pinned", "ansible.builtin.host_pinned":
		return strategy.NewFree(p.control, p.r.Forks), nil
	}
	return nil, p.mistake(p.Pos, "Invalid play strategy specified: %s", name)
}

// batchRun is a batch under way: the one goroutine that owns the scheduler and the variables.
type batchRun struct {
	*playRun
	sched strategy.Scheduler
	stop  bool // nothing may follow this batch
}

// loop runs the batch to its end. When the run is asked to stop, the steps under way end, then rescue and always of what the
// hosts are in, and nothing else.
func (b *batchRun) loop(ctx context.Context) (stop bool, err error) {
	if _, ok := b.sched.(*strategy.Linear); ok {
		err = b.lockstep(ctx)
	} else {
		err = b.freely(ctx)
	}
	if err == nil {
		err = ctx.Err()
	}
	return b.stop, err
}

// lockstep is the loop of the linear strategy: one task at a time, on all hosts that are at it.
func (b *batchRun) lockstep(ctx context.Context) error {
	for ctx.Err() == nil {
		b.heedStop()
		steps := b.sched.Next()
		if len(steps) == 0 {
			return nil
		}
		if err := b.round(ctx, steps); err != nil {
			return err
		}
	}
	return nil
}

// heedStop makes the hosts wind up once the run has been asked to stop.
func (b *batchRun) heedStop() {
	if b.r.Stop == nil || b.r.stopped {
		return
	}
	select {
	case <-b.r.Stop:
		b.r.stopped, b.stop = true, true
		b.control.Interrupt()
	default:
	}
}

// round does one task on some hosts and settles what came of it.
func (b *batchRun) round(ctx context.Context, steps []strategy.Step) error {
	t := steps[0].Task
	if t.Kind == program.KindMeta {
		return b.metas(ctx, steps)
	}
	wanted, err := b.confirm(t, steps)
	if err != nil || !wanted {
		b.skipAll(steps)
		return err
	}
	if err := b.announce(t, steps); err != nil {
		return err
	}
	todo := steps
	if b.once(t, steps[0].Host) {
		todo = steps[:1]
	}
	answers, err := b.work(ctx, todo)
	if err != nil {
		return err
	}
	if err := b.debug(ctx, answers); err != nil {
		return err
	}
	if len(todo) < len(steps) {
		b.shareOnce(answers[0], steps[1:])
	}
	if err := b.settle(answers); err != nil {
		return err
	}
	return b.checkFatal(t, steps, answers, len(todo) < len(steps))
}

// work lets workers do steps, as many at a time as forks and throttle allow, and tells of results as they come.
func (b *batchRun) work(ctx context.Context, steps []strategy.Step) ([]*answer, error) {
	width := b.r.Forks
	n, err := b.throttle(steps[0])
	if err != nil {
		return nil, err
	}
	if n > 0 {
		width = min(width, n)
	}
	results := make(chan *answer)
	byHost := map[string]*answer{}
	var failure error
	for next, running := 0, 0; next < len(steps) || running > 0; {
		if next < len(steps) && running < width && failure == nil && ctx.Err() == nil {
			b.start(ctx, steps[next], results)
			next, running = next+1, running+1
			continue
		}
		if running == 0 {
			break
		}
		a := <-results
		running--
		byHost[a.host] = a
		if err := b.report(a); err != nil && failure == nil {
			failure = err
		}
	}
	out := make([]*answer, 0, len(steps))
	for _, s := range steps {
		if a := byHost[s.Host]; a != nil {
			out = append(out, a)
		}
	}
	if failure == nil && len(out) < len(steps) {
		failure = ctx.Err()
	}
	return out, failure
}

// start lets a worker do a step.
func (b *batchRun) start(ctx context.Context, s strategy.Step, results chan<- *answer) {
	w := &worker{playRun: b.playRun, host: s.Host, task: s.Task, env: b.env(s.Host, s.Task, nil)}
	go func() { results <- w.do(ctx) }()
}
