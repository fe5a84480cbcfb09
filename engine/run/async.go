package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds async tasks: begun, then waited for (poll above 0) or left to async_status. Commands go on by themselves on their host
// (detach.go); what other modules do is done by a goroutine of this process, for which the run waits at its end.

// onController are the modules that Ansible refuses to make async: those that are carried out by its controller.
var onController = strings.Fields(`add_host assert async_status copy debug fail fetch gather_facts group_by include_vars pause raw reboot script
	set_fact set_stats template unarchive validate_argument_spec wait_for_connection`)

func refusesAsync(t *program.Task) bool {
	name, builtin := strings.CutPrefix(t.Module.Spec().Name, "ansible.builtin.")
	return builtin && slices.Contains(onController, name)
}

// asyncRun is one async task under way.
type asyncRun struct {
	*worker
	env      jinja.Env
	host     *machine
	delegate string
	limit    int     // seconds
	poll     float64 // seconds between two looks; 0: nobody waits
	dir      string  // of the files of jobs
	job      *job
}

// limitOf is the number of seconds that an async task may take; 0: the task is none.
func (w *worker) limitOf(env jinja.Env) int { return w.number(w.task.Async, env) }

// async begins an async task and, unless it is left to itself, waits for its end. whole is the context of the run, ctx that of the task, which
// may end sooner.
func (w *worker) async(whole, ctx context.Context, env jinja.Env, host *machine, args *value.Map, delegate string) *once {
	if refusesAsync(w.task) {
		return failedWith("Task failed: Action failed: This action (%s) does not support async.", w.task.Action)
	}
	plan, err := w.plan(ctx, host, args)
	if err != nil {
		return w.failure(cause(ctx, err))
	}
	w.disruption = module.DisruptionOf(w.task.Module, args)
	w.veiled = w.hidden(env)
	a := &asyncRun{worker: w, env: env, host: host, delegate: delegate, limit: w.limitOf(env), poll: float64(w.r.PollInterval), dir: w.r.asyncDir(env)}
	if w.task.Poll != nil {
		a.poll = w.float(w.task.Poll, env)
	}
	id := newID()
	a.job = &job{id: id, host: host.Name(), task: w.ref.Name, path: a.dir + "/" + id, done: make(chan struct{})}
	check := w.checks(w.task, env)
	switch {
	case check || plan.Kind() == module.KindDone:
		return a.atOnce(ctx, plan, check)
	case w.task.Module.Spec().Detaches:
		return a.apart(ctx, plan)
	}
	return a.here(whole, ctx, plan)
}

// atOnce ends a task that has nothing to do on its host. Its result is kept for an async_status of this run.
func (a *asyncRun) atOnce(ctx context.Context, plan module.Plan, check bool) *once {
	r, err := a.carryOut(ctx, plan, a.host, check)
	if err != nil {
		return a.failure(cause(ctx, err))
	}
	data := wholeResult(r)
	if a.poll > 0 {
		return a.ended(module.Job{Path: a.job.path, Data: data})
	}
	a.r.jobs.keep(a.job.id, data)
	a.lost = true
	return a.begun()
}

// begun is the answer of a task that is not waited for.
func (a *asyncRun) begun() *once { return a.outcome(a.started(), a.host, a.delegate, a.env) }

func (a *asyncRun) started() module.Result {
	return module.Result{Changed: true, Data: value.NewMap("started", true, "finished", false, "ansible_job_id", a.job.id, "results_file", a.job.path)}
}

// ended is the answer of a task that was waited for.
func (a *asyncRun) ended(j module.Job) *once {
	r := module.JobResult(a.job.id, j)
	if err := a.r.bus.emit(event.AsyncEnded{Host: a.worker.host, Job: a.job.id, Failed: r.Failed}); err != nil {
		return &once{err: err}
	}
	return a.outcome(r, a.host, a.delegate, a.env)
}

// late is the answer of a task that has not ended in time.
func (a *asyncRun) late() *once {
	if err := a.r.bus.emit(event.AsyncEnded{Host: a.worker.host, Job: a.job.id, Failed: true}); err != nil {
		return &once{err: err}
	}
	o := failedWith("Task failed: async task did not complete within the requested time - %ds", a.limit)
	o.result.Set("async_result", value.NewMap("changed", false, "failed", false, "started", true, "finished", false, "ansible_job_id", a.job.id,
		"results_file", a.job.path, "stdout", "", "stderr", "", "stdout_lines", []any{}, "stderr_lines", []any{}))
	return o
}

// here lets a goroutine of this process do the task, and leaves its result in the file of the job.
func (a *asyncRun) here(whole, ctx context.Context, plan module.Plan) *once {
	if err := a.enter(ctx, a.request(a.host)); err != nil {
		return a.failure(err)
	}
	out, err := a.host.run(ctx, module.Script(beginScript, []string{a.dir}, a.job.id), false)
	if err != nil {
		return a.failure(cause(ctx, err))
	}
	if out.Rc != 0 {
		return failedWith("could not create directory: %s - %s", a.dir, strings.TrimSpace(out.Stderr))
	}
	a.job.path, a.job.here = out.Line(), true
	var data *value.Map
	limited, cancel := module.Timeout(whole, seconds(a.grace()), &timeoutError{float64(a.limit)})
	self, doer := *a, *a.worker // the task may go on to its next item
	self.worker = &doer
	go func() {
		defer close(a.job.done)
		defer cancel()
		data = self.work(limited, plan)
		self.leave(whole, data)
		self.job.whole = whole.Err() == nil
	}()
	if a.poll <= 0 {
		a.jobs = append(a.jobs, a.job)
		a.r.jobs.begin(a.job)
		return a.begun()
	}
	defer cancel()
	waiting, stop := module.Timeout(ctx, seconds(float64(a.limit)), nil)
	defer stop()
	select {
	case <-a.job.done:
	case <-waiting.Done():
		if err := ctx.Err(); err != nil {
			return a.failure(cause(ctx, err))
		}
		return a.late()
	}
	a.forget(ctx)
	return a.ended(module.Job{Path: a.job.path, Data: data})
}

// grace is how many seconds a job may go on before it is stopped: as Ansible looks at it every five seconds, never less than ten.
func (a *asyncRun) grace() float64 { return max(10, float64(a.limit)+5) }

// work carries the task out. Whatever goes wrong is its result: there is nobody to tell.
func (a *asyncRun) work(ctx context.Context, plan module.Plan) *value.Map {
	r, err := a.carryOut(ctx, plan, a.host, false)
	if err = cause(ctx, err); err != nil {
		r = module.Fail("%v", err)
	}
	return wholeResult(r)
}

// leave writes a result into the file of its job. A host that cannot be reached any more has no use for it.
func (a *asyncRun) leave(ctx context.Context, data *value.Map) {
	text, err := data.MarshalJSON()
	if err != nil {
		text = fmt.Appendf(nil, `{"failed": true, "msg": %q}`, err.Error())
	}
	_ = a.host.WriteFile(ctx, a.job.path, strings.NewReader(string(text)+"\n"), 0o600)
}

// forget removes the file of a job that has been waited for. One that stays does no harm.
func (a *asyncRun) forget(ctx context.Context) {
	a.host.mayAct()
	_ = module.ForgetJob(ctx, a.host, a.job.path)
}

// wholeResult is a result with what is otherwise told beside it, as the file of a job holds it.
func wholeResult(r module.Result) *value.Map {
	m := resultMap(r)
	if r.Facts != nil {
		m.Set("ansible_facts", r.Facts)
	}
	return m
}
