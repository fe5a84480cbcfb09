package module

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what modules and the engine share about async tasks. A job has a file on its host, as Ansible's have: while it runs
// the file says so, afterwards it holds the result. So a job can be asked for after the connection that began it is gone, by a later run too.

// Detacher is the Host of an async task whose module Detaches.
type Detacher interface {
	Host
	// Detach starts a command that goes on without the connection, and returns what is known at once. Known are keys that the result
	// in the job's file is to have besides the command's rc and output; strip drops line ends at the end of the output.
	Detach(ctx context.Context, c Cmd, known *value.Map, strip bool) (Result, error)
}

// JobsKey answers the Jobs of the host of a task.
type JobsKey struct{}

// Jobs knows the async tasks of a host.
type Jobs interface {
	// Dir is the folder of the files of jobs on the host; a ~ in front is the home of the task's user there.
	Dir() string
	// Kept returns the result of a job that has no file: one of check mode.
	Kept(jid string) (*value.Map, bool)
	// Ended says that a job has been seen to have ended, or is not of interest any more.
	Ended(jid string)
}

// Job is what is known about an async task.
type Job struct {
	Path     string     // of its file on the host
	Found    bool       // false: there is no such job
	Finished bool       // false: it is running, or is just about to begin or to end
	Data     *value.Map // its result; nil unless it has finished
}

const readJobScript = `# the file of an async job
printf '%s\n' "$1/$2"
[ -f "$1/$2" ] || exit 3
cat "$1/$2"
`

const forgetJobScript = `# remove the file of an async job
rm -f "$1" "$1.in" "$1.out" "$1.err" "$1.late"
`

// ReadJob asks a host for a job.
func ReadJob(ctx context.Context, v View, dir, jid string) (Job, error) {
	if jid == "" || strings.ContainsAny(jid, "/\x00") {
		return Job{Path: dir + "/" + jid}, nil
	}
	out, err := v.Query(ctx, Script(readJobScript, []string{dir}, jid))
	if err != nil {
		return Job{}, err
	}
	path, text, _ := strings.Cut(out.Stdout, "\n")
	switch {
	case out.Rc == 3:
		return Job{Path: path}, nil
	case out.Rc != 0:
		return Job{}, fmt.Errorf("read the file of an async job: %s", strings.TrimSpace(out.Stderr))
	}
	job := Job{Path: path, Found: true}
	parsed, err := value.ParseJSON([]byte(text))
	data, ok := parsed.(*value.Map)
	if err != nil || !ok {
		return job, nil // it is being written
	}
	if finished, has := data.Get("finished"); !data.Has("started") || has && value.Truth(finished) {
		job.Finished, job.Data = true, data
	}
	return job, nil
}

// ForgetJob removes the file of a job.
func ForgetJob(ctx context.Context, h Host, path string) error {
	out, err := h.Exec(ctx, Script(forgetJobScript, nil, path))
	if err == nil && out.Rc != 0 {
		err = errors.New(strings.TrimSpace(out.Stderr))
	}
	return err
}

// JobResult is the result that async_status answers of a job that has finished: what the job left, over the keys that every answer has.
func JobResult(jid string, job Job) Result {
	r := Result{Data: value.NewMap("started", true, "finished", true, "ansible_job_id", jid, "results_file", job.Path, "stdout", "", "stderr", "",
		"stdout_lines", []any{}, "stderr_lines", []any{})}
	strip := value.Truth(job.Data.Value("_strip_ends"))
	for k, v := range job.Data.All() {
		switch key := value.Str(k); key {
		case "changed":
			r.Changed = value.Truth(v)
		case "failed":
			r.Failed = value.Truth(v)
		case "skipped":
			r.Skipped = value.Truth(v)
		case "msg":
			r.Msg = value.Str(v)
		case "ansible_facts":
			r.Facts, _ = v.(*value.Map)
		case "_strip_ends", "started", "finished":
		case "stdout", "stderr":
			text := value.Str(v)
			if strip {
				text = strings.TrimRight(text, "\r\n")
			}
			r.Data.Delete(key + "_lines")
			r.Data.Set(key, text)
		default:
			r.Data.Set(key, v)
		}
	}
	return r
}
