package control

import (
	"context"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// AsyncStatus asks for an async task.
var AsyncStatus = module.Define(module.Spec{
	Name: "ansible.builtin.async_status",
	Doc:  "Ask for the state of an async task, or remove what it left.",
}, planAsyncStatus)

type asyncStatusArgs struct {
	Jid  string `arg:"jid,required" doc:"The job, as ansible_job_id of the async task's result."`
	Mode string `arg:"mode,default=status,choices=status|cleanup" doc:"status asks; cleanup removes the job's file and does not wait for its end."`
}

func planAsyncStatus(ctx context.Context, v module.View, a asyncStatusArgs) (module.Plan, error) {
	s, err := v.Controller().Service(module.JobsKey{})
	if err != nil {
		return module.Plan{}, err
	}
	jobs := s.(module.Jobs)
	job := module.Job{Path: jobs.Dir() + "/" + a.Jid}
	if job.Data, job.Found = jobs.Kept(a.Jid); job.Found {
		job.Finished = true
	} else if job, err = module.ReadJob(ctx, v, jobs.Dir(), a.Jid); err != nil {
		return module.Plan{}, err
	}
	if !job.Found || job.Finished || a.Mode == "cleanup" {
		jobs.Ended(a.Jid)
	}
	switch {
	case !job.Found:
		r := a.answer(job.Path, true, true)
		r.Failed, r.Msg = true, "could not find job"
		return module.Done(r), nil
	case a.Mode == "cleanup":
		return a.cleanup(job), nil
	case !job.Finished:
		return module.Done(a.answer(job.Path, true, false)), nil
	}
	return module.Done(module.JobResult(a.Jid, job)), nil
}

// answer has the keys of every answer.
func (a asyncStatusArgs) answer(path string, started, finished bool) module.Result {
	where := "results_file"
	if a.Mode == "cleanup" {
		where = "erased"
	}
	return module.Result{Data: value.NewMap("started", started, "finished", finished, "ansible_job_id", a.Jid, where, path, "stdout", "", "stderr", "",
		"stdout_lines", []any{}, "stderr_lines", []any{})}
}

// cleanup removes the file of a job. It counts as no change of the host, as in Ansible.
func (a asyncStatusArgs) cleanup(job module.Job) module.Plan {
	r := a.answer(job.Path, false, false)
	return module.Change(module.Diff{}, func(ctx context.Context, h module.Host) (module.Result, error) {
		if err := module.ForgetJob(ctx, h, job.Path); err != nil {
			return module.Fail("could not remove %s: %v", job.Path, err), nil
		}
		return r, nil
	}).Predicting(r).Quietly()
}
