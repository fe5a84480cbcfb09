package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds commands of async tasks: they are left running on their host, where a second process watches their time and writes
// their result into the file of the job.

const findDir = `case $1 in "~"|"~/"*) dir=$HOME${1#"~"} ;; *) dir=$1 ;; esac
f=$dir/$2
begin() { printf '{"started": true, "finished": false, "ansible_job_id": "%s"}\n' "$1" >"$2"; }
`

// beginScript makes the file of a job that is carried out elsewhere.
const beginScript = `# begin an async job
` + findDir + `umask 077 && mkdir -p "$dir" && begin "$2" "$f" && printf '%s\n' "$f"
`

// detachScript starts a job apart from the connection: $3 is its time limit, $4 what its result holds beforehand, $5 the command, $6
// jobScript. What it reads is kept for the command.
const detachScript = `# begin an async job of its own
` + findDir + `(umask 077 && mkdir -p "$dir" && cat >"$f.in" && : >"$f.out" >"$f.err" && begin "$2" "$f") || exit 1
apart=$(command -v setsid || command -v nohup)
$apart /bin/sh -c "$6" drydock "$f" "$2" "$3" "$4" "$5" </dev/null >/dev/null 2>&1 &
printf '%s\n' "$f"
`

// jobScript runs the command of a job, stops it when its time is over, and writes the result. As Ansible does, it looks every five
// seconds, the first time after ten.
const jobScript = `# an async job
f=$1 left=$3
tab=$(printf '\t') cr=$(printf '\r') escape=$(printf '\033')
text() {
	{ cat "$1"; printf x; } | LC_ALL=C tr -d '\000-\010\013\014\016-\032\034-\037' |
		LC_ALL=C sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e "s/$tab/\\\\t/g" -e "s/$cr/\\\\r/g" -e "s/$escape/\\\\u001b/g" |
		LC_ALL=C awk '{ printf "%s%s", sep, $0; sep = "\\n" }'
}
start=$(date '+%Y-%m-%d %H:%M:%S.000000') from=$(date +%s)
group=$(command -v setsid)
$group /bin/sh -c "$5" <"$f.in" >"$f.out" 2>"$f.err" &
pid=$!
(
	sleep 5
	while kill -0 "$pid" 2>/dev/null; do
		sleep 5
		left=$((left - 5))
		if [ "$left" -le 0 ] && kill -0 "$pid" 2>/dev/null; then
			: >"$f.late"
			kill -9 "-$pid" 2>/dev/null || kill -9 "$pid"
		fi
	done
) &
watch=$!
wait "$pid"
rc=$?
kill "$watch" 2>/dev/null
if [ -e "$f.late" ]; then
	result="\"failed\": true, \"changed\": false, \"msg\": \"Timeout exceeded\", \"child_pid\": $pid"
else
	took=$(($(date +%s) - from))
	took=$(printf '%d:%02d:%02d' $((took / 3600)) $((took / 60 % 60)) $((took % 60)))
	out=$(text "$f.out") err=$(text "$f.err")
	result="$4, \"changed\": true, \"rc\": $rc, \"start\": \"$start\", \"end\": \"$(date '+%Y-%m-%d %H:%M:%S.000000')\", \"delta\": \"$took\""
	result="$result, \"stdout\": \"${out%x}\", \"stderr\": \"${err%x}\""
	if [ "$rc" -eq 0 ]; then
		result="$result, \"msg\": \"\""
	else
		result="$result, \"failed\": true, \"msg\": \"non-zero return code\""
	fi
fi
umask 077
printf '{%s, "ansible_job_id": "%s"}\n' "$result" "$2" >"$f.new" && mv "$f.new" "$f"
rm -f "$f.in" "$f.out" "$f.err" "$f.late"
`

// apart lets the host carry the task out.
func (a *asyncRun) apart(ctx context.Context, plan module.Plan) *once {
	r, err := a.carryOut(ctx, plan, &detachedHost{a.host, a}, false)
	switch {
	case err != nil:
		return a.failure(cause(ctx, err))
	case r.Failed:
		return a.outcome(r, a.host, a.delegate, a.env)
	case a.poll <= 0:
		a.r.jobs.begin(a.job)
		return a.begun()
	}
	return a.await(ctx)
}

// await looks at a job every poll seconds until it has ended or its time is over. A connection that breaks meanwhile is no reason to give up.
func (a *asyncRun) await(ctx context.Context) *once {
	for left := float64(a.limit); left > 0; left -= a.poll {
		if err := a.r.Clock.Sleep(ctx, seconds(a.poll)); err != nil {
			return a.failure(cause(ctx, err))
		}
		j, err := module.ReadJob(ctx, a.host, a.dir, a.job.id)
		switch {
		case errors.Is(err, conn.ErrUnreachable) && left > a.poll:
			a.host.below.Reset()
			continue
		case err != nil:
			return a.failure(cause(ctx, err))
		case !j.Found:
			return failedWith("could not find job")
		case j.Finished:
			a.forget(ctx)
			return a.ended(j)
		}
		if err := a.r.bus.emit(event.AsyncPolled{Host: a.worker.host, Job: a.job.id}); err != nil {
			return &once{err: err}
		}
	}
	return a.late()
}

// detachedHost is the host of an async task whose module detaches its command.
type detachedHost struct {
	*machine
	of *asyncRun
}

var _ module.Detacher = (*detachedHost)(nil)

// Detach starts a command as a job of its own.
func (d *detachedHost) Detach(ctx context.Context, c module.Cmd, known *value.Map, strip bool) (module.Result, error) {
	head, err := known.Clone().Set("_strip_ends", strip).MarshalJSON()
	if err != nil {
		return module.Result{}, err
	}
	inner := c
	inner.Stdin = nil
	begin := module.Script(detachScript, []string{d.of.dir}, d.of.job.id, fmt.Sprint(d.of.limit),
		strings.TrimSuffix(strings.TrimPrefix(string(head), "{"), "}"), line(inner, nil, d.how.Executable), jobScript)
	begin.Stdin = c.Stdin
	out, err := d.run(ctx, begin, false)
	if err != nil {
		return module.Result{}, err
	}
	if out.Rc != 0 {
		return module.Fail("could not create directory: %s - %s", d.of.dir, strings.TrimSpace(out.Stderr)), nil
	}
	d.of.job.path = out.Line()
	return d.of.started(), nil
}
