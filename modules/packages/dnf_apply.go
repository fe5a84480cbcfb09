// Carrying out what a plan of dnf has found.

package packages

import (
	"context"
	_ "embed"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// dnfJob is one task of dnf.
type dnfJob struct {
	args  dnfArgs
	clock module.Clock
}

//go:embed dnf_run.sh
var dnfRun string

// apply makes the host what the task asks. After refreshed repositories it looks again: what is to be done may be different now.
func (j *dnfJob) apply(ctx context.Context, h module.Host, seen dnfSight) (module.Result, error) {
	if j.args.UpdateCache {
		out, held, err := j.dnf(ctx, h, "makecache", "--refresh")
		switch {
		case err != nil:
			return module.Result{}, err
		case held != nil:
			return *held, nil
		case out.Rc != 0:
			return refused([]string{"dnf", "makecache"}, out), nil
		case j.args.what() == "none":
			return dnfResult("Cache updated", nil), nil
		}
	}
	if j.args.UpdateCache || seen.locked() {
		var held *module.Result
		var err error
		if seen, held, err = j.lookUnlocked(ctx, h); err != nil || held != nil {
			return orZero(held), err
		}
		if failure := seen.failure(j.args); failure != nil {
			return *failure, nil
		}
	}
	if !seen.changes(j.args) {
		return seen.nothing(), nil
	}
	return j.act(ctx, h, seen)
}

func (j *dnfJob) act(ctx context.Context, h module.Host, seen dnfSight) (module.Result, error) {
	words := j.command(seen)
	out, held, err := j.dnf(ctx, h, words...)
	if err != nil || held != nil {
		return orZero(held), err
	}
	said := module.Sections(out.Stdout)
	out.Stdout = said[""]
	results, changed := cameAndWent(said["packages"])
	if out.Rc != 0 {
		r := refused(append([]string{"dnf", "-y"}, words...), out)
		r.Changed, r.Packages = changed, dnfChanged(said["packages"], seen.beside)
		return r.With("results", results), nil
	}
	r := dnfResult("", results)
	r.Changed, r.Packages = changed || j.args.DownloadOnly, dnfChanged(said["packages"], seen.beside)
	r.Diff = &module.Diff{Prepared: seen.summary()}
	return output(r, out), nil
}

func orZero(r *module.Result) module.Result {
	if r == nil {
		return module.Result{}
	}
	return *r
}

// command is what dnf has to be told.
func (j *dnfJob) command(seen dnfSight) []string {
	switch what := j.args.what(); {
	case what == "upgrade", what == "autoremove":
		return []string{what}
	case what == "absent":
		return append([]string{"remove"}, seen.want...)
	case what == "latest" && j.args.UpdateOnly:
		return append([]string{"upgrade"}, seen.want...)
	}
	return append([]string{"install"}, seen.want...)
}

// dnfLocked are the messages of dnf, and of rpm below it, about a lock that another process has: "metadata already locked by 131".
var dnfLocked = regexp.MustCompile(`(?:(\w+) already locked by (\d+)|can't create transaction lock on ([^ ]+)|Failed to obtain the transaction lock)`)

// dnf runs dnf to its end. It is told not to wait for locks itself: we wait, and say whose they are.
func (j *dnfJob) dnf(ctx context.Context, h module.Host, words ...string) (module.Output, *module.Result, error) {
	argv := append([]string{j.args.Installroot, "dnf", "-y"}, j.args.options()...)
	cmd := module.Cmd{Script: dnfRun, Args: append(argv, words...), Env: unattended, Watch: watchDnf(h)}
	do := func() (module.Output, error) { return h.Exec(ctx, cmd) }
	return waitForLock(ctx, h, j.clock, j.args.LockTimeout, do, func(out module.Output) (path, pid string, locked bool) {
		if out.Rc == 0 {
			return "", "", false
		}
		return dnfLock(out.Stderr + out.Stdout)
	})
}

// dnfLock finds in what dnf said whether it met a lock, on what and of which process.
func dnfLock(said string) (path, pid string, locked bool) {
	m := dnfLocked.FindStringSubmatch(said)
	if m == nil {
		return "", "", false
	}
	if path = m[1] + m[3]; path == "" {
		path = "/var/lib/rpm/.rpm.lock"
	}
	return path, m[2], true
}

// lookUnlocked looks when no other process holds a lock any more: dnf calculates nothing beside another dnf.
func (j *dnfJob) lookUnlocked(ctx context.Context, h module.Host) (dnfSight, *module.Result, error) {
	var seen dnfSight
	do := func() (out module.Output, err error) {
		seen, err = j.look(ctx, h.Exec)
		return module.Output{Stdout: seen.sim}, err
	}
	_, held, err := waitForLock(ctx, h, j.clock, j.args.LockTimeout, do, func(out module.Output) (path, pid string, locked bool) {
		return dnfLock(out.Stdout)
	})
	return seen, held, err
}

// step is a line of dnf's output that says how far it is: "  Upgrading        : demo-1.1-1.noarch     3/8 ".
var step = regexp.MustCompile(`^ {2}(Installing|Upgrading|Erasing|Cleanup|Downgrading|Obsoleting|Running scriptlet) *: (\S+) +(\d+/\d+)`)

func watchDnf(h module.Host) func(line string) {
	return func(line string) {
		if m := step.FindStringSubmatch(line); m != nil {
			h.Progress(m[1] + " " + m[2] + " (" + m[3] + ")")
		}
	}
}

// cameAndWent reads the difference of two lists of packages, "+ NEW" and "- OLD", as Ansible's results.
func cameAndWent(text string) (results []any, changed bool) {
	results = []any{}
	for _, sign := range []struct{ mark, word string }{{"+ ", "Installed: "}, {"- ", "Removed: "}} {
		for _, line := range module.Lines(text) {
			if name, ok := strings.CutPrefix(line, sign.mark); ok && name != "" {
				results, changed = append(results, sign.word+name), true
			}
		}
	}
	return results, changed
}
