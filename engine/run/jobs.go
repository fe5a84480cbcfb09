package run

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the async tasks of a run: which of them nobody has seen the end of yet.

// jobs are the async tasks that a run has begun. Workers use it at the same time.
type jobs struct {
	mu   sync.Mutex
	open []*job
	kept map[string]*value.Map // results of jobs that have no file
}

// job is an async task that is not waited for by its own task.
type job struct {
	id, host, task, path string
	here                 bool          // carried out by this machine: it ends with the run
	done                 chan struct{} // closed when such a job has ended
	whole                bool          // then: nothing cut it short
}

func newJobs() *jobs { return &jobs{kept: map[string]*value.Map{}} }

// newID makes the name of a job, as Ansible's look.
func newID() string { return fmt.Sprintf("j%012d.%d", rand.Int64N(1e12), 1000+rand.IntN(60000)) }

func (j *jobs) begin(job *job) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open = append(j.open, job)
}

// keep holds the result of a job that has no file.
func (j *jobs) keep(id string, result *value.Map) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.kept[id] = result
}

// ended forgets a job of which the end is known.
func (j *jobs) ended(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open = slices.DeleteFunc(j.open, func(job *job) bool { return job.id == id })
}

// running are the jobs that nobody has seen the end of: those carried out here, or those of hosts.
func (j *jobs) running(here bool) []*job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(j.open), func(x *job) bool {
		if x.here != here {
			return true
		}
		select {
		case <-x.done:
			return true
		default:
			return false
		}
	})
}

// settleJobs waits, at the end of a run, for the jobs that this machine carries out, and says which of the others may be running still.
func (r *runner) settleJobs(ctx context.Context) error {
	for _, x := range r.jobs.running(true) {
		if err := r.note("waiting for the async task %q on %s (%s), which ends with this process", x.task, x.host, x.id); err != nil {
			return err
		}
		select {
		case <-x.done:
		case <-ctx.Done():
		}
	}
	if ctx.Err() == nil {
		r.keeping.Wait()
	}
	for _, x := range r.jobs.running(false) {
		if err := r.note("left running on %s: the async task %q (%s); its result will be in %s", x.host, x.task, x.id, x.path); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) note(format string, args ...any) error {
	return r.bus.emit(event.Message{Level: "note", Text: "drydock: " + fmt.Sprintf(format, args...)})
}

// hostJobs are the async tasks of one host, as a module sees them.
type hostJobs struct {
	*jobs
	dir string
}

// Dir is the folder of the files of jobs.
func (h hostJobs) Dir() string { return h.dir }

// Kept is the result of a job without a file.
func (h hostJobs) Kept(id string) (*value.Map, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m, ok := h.kept[id]
	return m, ok
}

// Ended says that a job is not of interest any more.
func (h hostJobs) Ended(id string) { h.ended(id) }

var _ module.Jobs = hostJobs{}

// asyncDir is the folder of the files of jobs: a variable of the host, else as configured.
func (r *runner) asyncDir(env jinja.Env) string {
	if v, ok, err := env.Lookup("ansible_async_dir"); ok && err == nil {
		if dir, err := jinja.Resolve(v, env); err == nil && value.Str(dir) != "" {
			return value.Str(dir)
		}
	}
	return cmp.Or(r.AsyncDir, "~/.ansible_async")
}
