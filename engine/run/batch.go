package run

import (
	"context"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// runBatch runs the play over one serial batch; stop says that neither further batches nor plays may follow.
func (p *playRun) runBatch(ctx context.Context, hosts []string) (stop bool, err error) {
	p.batch = hosts
	if err := p.r.head(event.PlayStarted{Name: p.name, Hosts: p.inventoryOrder(hosts), Check: p.r.Check}); err != nil {
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
	if ok, err := p.letIn(ctx, begin); !ok {
		return true, err
	}
	blocks := p.sections()
	p.control = strategy.NewBatch(begin, blocks, p.Handlers, p.r.selects(p))
	sched, err := p.scheduler(blocks)
	if err != nil {
		return false, err
	}
	b := &batchRun{playRun: p, sched: sched, begun: map[string]int{}, alive: map[string]bool{}, replaying: p.r.resuming, hooked: map[*program.Task]bool{}}
	stop, err = b.loop(ctx)
	for _, h := range begin {
		if p.control.Failed(h) {
			p.r.failed[h] = true
		}
	}
	if err != nil {
		return stop, err
	}
	if err := p.over(begin); err != nil || p.r.stopped {
		return stop, err
	}
	return stop, b.tellLost(begin)
}

// tellLost says which hosts are lost, so that a later process begins again with them.
func (b *batchRun) tellLost(begin []string) error {
	lost := event.HostsLost{}
	for _, h := range begin {
		if b.r.failed[h] || b.r.unreachable[h] {
			lost.Hosts, lost.Steps = append(lost.Hosts, h), append(lost.Steps, b.place(h))
		}
	}
	if len(lost.Hosts) == 0 {
		return nil
	}
	return b.r.bus.emit(lost)
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
	stop  bool            // nothing may follow this batch
	begun map[string]int  // how often a host has come to a step of a name
	alive map[string]bool // hosts that have come to what no earlier process has done

	hooked map[*program.Task]bool // tasks that have their hooks around them

	replaying bool // nothing has been done yet that no earlier process has done
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
		if !b.replaying {
			b.heedStop()
		}
		steps, err := b.next()
		if err != nil {
			return err
		}
		if len(steps) == 0 {
			return nil
		}
		if err := b.round(ctx, steps); err != nil {
			return err
		}
	}
	return nil
}

// heedStop makes the hosts wind up once the run has been asked to stop, and tells whether it does so now.
func (b *batchRun) heedStop() bool {
	if b.r.Stop == nil || b.r.stopped {
		return false
	}
	select {
	case <-b.r.Stop:
		b.r.stopped, b.stop = true, true
		b.control.Interrupt()
		return true
	default:
		return false
	}
}

// round does one task on some hosts and settles what came of it.
func (b *batchRun) round(ctx context.Context, steps []strategy.Step) error {
	errands, err := b.errands(steps)
	if err != nil {
		return err
	}
	if b.replaying && slices.ContainsFunc(errands, errand.begins) {
		b.replaying = false // only now it is known in what the hosts are
		if b.heedStop() {
			return nil
		}
	}
	t := steps[0].Task
	if t.Kind == program.KindMeta {
		return b.metas(errands)
	}
	if errands, err = b.wanted(t, errands); err != nil || len(errands) == 0 {
		return err
	}
	steps = stepsOf(errands)
	if err := b.quietly(!slices.ContainsFunc(errands, errand.live), func() error { return b.announce(t, steps) }); err != nil {
		return err
	}
	todo := errands
	if b.once(t, steps[0].Host) {
		i := max(0, slices.IndexFunc(errands, func(e errand) bool { return !e.live() })) // who has done it for all, if one has
		errands[0], errands[i] = errands[i], errands[0]
		todo = errands[:1]
	}
	answers, err := b.work(ctx, todo)
	if err != nil {
		return err
	}
	if err := b.debug(ctx, answers); err != nil {
		return err
	}
	if len(todo) < len(errands) {
		share := func() error { b.shareOnce(answers[0], stepsOf(errands[1:])); return nil }
		if err := b.quietly(answers[0].quiet, share); err != nil {
			return err
		}
	}
	if err := b.settle(answers); err != nil {
		return err
	}
	quiet := !slices.ContainsFunc(answers, func(a *answer) bool { return !a.quiet })
	return b.quietly(quiet, func() error { return b.checkFatal(t, steps, answers, len(todo) < len(errands)) })
}

// wanted passes over what a person does not want done, with --step, and returns the rest.
func (b *batchRun) wanted(t *program.Task, errands []errand) ([]errand, error) {
	var rest []errand
	known := false
	for _, e := range errands {
		if e.passed {
			b.skipAll([]strategy.Step{e.Step})
			continue
		}
		known = known || !e.live()
		rest = append(rest, e)
	}
	if known || len(rest) == 0 {
		return rest, nil
	}
	ok, err := b.confirm(t, stepsOf(rest))
	if ok || err != nil {
		return rest, err
	}
	for _, e := range rest {
		if e.key != "" {
			if err := b.r.Memory.Keep(e.key, packed(value.NewMap("passed", true))); err != nil {
				return nil, err
			}
		}
	}
	b.skipAll(stepsOf(rest))
	return nil, nil
}

// work lets workers do errands, as many at a time as forks and throttle allow, and tells of results as they come.
func (b *batchRun) work(ctx context.Context, errands []errand) ([]*answer, error) {
	width := b.r.Forks
	n, err := b.throttle(errands[0].Step)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		width = min(width, n)
	}
	results := make(chan *answer)
	byHost := map[string]*answer{}
	var failure error
	for next, running := 0, 0; next < len(errands) || running > 0; {
		if next < len(errands) && running < width && failure == nil && ctx.Err() == nil {
			failure = b.start(ctx, errands[next], results)
			next++
			if failure == nil {
				running++
			}
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
	out := make([]*answer, 0, len(errands))
	for _, e := range errands {
		if a := byHost[e.Host]; a != nil {
			out = append(out, a)
		}
	}
	if failure == nil && len(out) < len(errands) {
		failure = ctx.Err()
	}
	return out, failure
}

// start lets a worker do an errand. What was done in the past is answered at once.
func (b *batchRun) start(ctx context.Context, e errand, results chan<- *answer) error {
	if e.past != nil {
		go func() { results <- e.past }()
		return nil
	}
	if err := b.tellBegun(e); err != nil {
		return err
	}
	w := b.worker(e)
	go func() { results <- w.do(ctx) }()
	return nil
}

func (b *batchRun) worker(e errand) *worker {
	return &worker{playRun: b.playRun, host: e.Host, task: e.Task, env: b.env(e.Host, e.Task, nil), step: e.key, part: e.key, note: e.begun.Note, silent: e.again, undoes: e.windUp}
}
