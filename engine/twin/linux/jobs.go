package linux

// Jobs: what a shell has left running in the background. Each has a process id that kill knows.

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"
)

// job is a command in the background.
type job struct {
	ctx  context.Context    // ends when the job is killed or has ended
	stop context.CancelFunc // nil: it is a shell, and cannot be killed here
}

// newJob makes a process id for the job that follows, and the commands by which the shell remembers it.
func (s *shell) newJob(hc interp.HandlerContext) []string {
	ctx, stop := context.WithCancel(s.alive())
	pid := s.Host.pid()
	s.session.jobs.Add(1)
	s.mu.Lock()
	s.power.jobs[pid] = &job{ctx, stop}
	s.mu.Unlock()
	n, _ := strconv.Atoi(hc.Env.Get(varJobs).String())
	return []string{"eval", fmt.Sprintf("%s=%d %s=%d %s%d=g%d", varJobs, n+1, varLastJob, pid, varJob, pid, n+1)}
}

// beginShell makes the process id of a shell known to kill -0, until done is called. What it has in the background lives on then.
func (p *process) beginShell() (done func()) {
	pid := p.pid
	p.mu.Lock()
	p.power.jobs[pid] = &job{ctx: p.ctx}
	p.mu.Unlock()
	return func() { p.endJob(pid) }
}

// jobContext is the context of a command of a job; alive is false when the job was killed.
func (s *shell) jobContext(ctx context.Context, hc interp.HandlerContext) (_ context.Context, free func(), alive bool) {
	pid, err := strconv.Atoi(hc.Env.Get(varThisJob).String())
	if err != nil {
		return ctx, func() {}, true
	}
	s.mu.Lock()
	j := s.power.jobs[pid]
	s.mu.Unlock()
	if j == nil {
		return ctx, func() {}, true
	}
	merged, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(j.ctx, cancel)
	return merged, func() { stop(); cancel() }, j.ctx.Err() == nil
}

// waited makes of process ids the names that the interpreter has for its jobs.
func waited(args []string, hc interp.HandlerContext) []string {
	out := []string{"wait"}
	for _, a := range args[1:] {
		if name := hc.Env.Get(varJob + a).String(); name != "" && strings.Trim(a, "0123456789") == "" {
			a = name
		}
		out = append(out, a)
	}
	return out
}

// jobEnd notes that a job has ended and hands its status on.
func jobEnd(p *process) int {
	pid, _ := strconv.Atoi(p.env.Get(varThisJob).String())
	p.endJob(pid)
	return p.status
}

// endJob forgets a job that has ended.
func (h *Host) endJob(pid int) {
	h.mu.Lock()
	j := h.power.jobs[pid]
	delete(h.power.jobs, pid)
	h.mu.Unlock()
	if j != nil && j.stop != nil {
		j.stop()
	}
}

// kill ends jobs and processes that hold locks; -0 asks whether they are there.
func kill(p *process) int {
	code, ask := 0, false
	for i, a := range p.operands() {
		switch {
		case i == 0 && (a == "-0"):
			ask = true
			continue
		case i == 0 && strings.HasPrefix(a, "-") && len(p.args) > 2, a == "--":
			continue
		case a == "-l":
			return p.refuse("-l")
		}
		pid, err := strconv.Atoi(strings.TrimPrefix(a, "-"))
		if err != nil {
			return p.complain("Illegal number: %s", a) + 1
		}
		if !p.signal(pid, ask) {
			code = p.complain("No such process")
		}
	}
	return code
}

// signal ends a process, or asks whether it is there.
func (h *Host) signal(pid int, ask bool) bool {
	h.mu.Lock()
	j := h.power.jobs[pid]
	isJob := j != nil && j.ctx.Err() == nil
	holds := false
	for _, l := range h.locks {
		holds = holds || l.pid == pid
	}
	h.mu.Unlock()
	switch {
	case ask:
		return isJob || holds || pid == 1
	case isJob && j.stop == nil:
		h.noteUnknown("kill of a shell")
		return false
	case isJob: // it stays known until its shell has seen it
		j.stop()
		return true
	case holds:
		h.release(pid)
		return true
	}
	return false
}
