// Waiting for the lock of another package process, and saying whose it is.

package packages

import (
	"context"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

//go:embed lock_holder.sh
var lockHolder string

// aptLocked are the messages of apt and dpkg about a lock that another process has. One that may not be opened (no root) is none of them.
var aptLocked = regexp.MustCompile(`Could not get lock ([^ .]+(?:\.[^ .]+)*)|is another process using it|locked by another process`)

// heldBy is apt's own word about the holder, since apt 1.9.
var heldBy = regexp.MustCompile(`held by process (\d+)`)

// unlocked runs a command of apt or dpkg again and again until no other process holds the lock it needs, for lock_timeout at most.
func (j *aptJob) unlocked(ctx context.Context, h module.Host, cmd module.Cmd) (module.Output, *module.Result, error) {
	do := func() (module.Output, error) { return h.Exec(ctx, cmd) }
	return waitForLock(ctx, h, j.clock, j.args.LockTimeout, do, func(out module.Output) (path, pid string, locked bool) {
		m := aptLocked.FindStringSubmatch(out.Stderr)
		if m == nil || out.Rc == 0 {
			return "", "", false
		}
		path = m[1]
		if path == "" {
			path = "/var/lib/dpkg/lock-frontend"
		}
		if p := heldBy.FindStringSubmatch(out.Stderr); p != nil {
			pid = p[1]
		}
		return path, pid, true
	})
}

// lockTold says from a command's output whether it met a lock: the lock's file and, where the command knows, the holder's process id.
type lockTold func(out module.Output) (path, pid string, locked bool)

// waitForLock does something until it meets no lock. The failure names the holder that did not give up in time.
func waitForLock(ctx context.Context, h module.Host, clock module.Clock, timeout int, do func() (module.Output, error),
	told lockTold) (module.Output, *module.Result, error) {
	began := clock.Now()
	for {
		out, err := do()
		if err != nil {
			return out, nil, err
		}
		path, pid, locked := told(out)
		if !locked {
			return out, nil, nil
		}
		holder, err := whoHolds(ctx, h, path, pid)
		if err != nil {
			return out, nil, err
		}
		waited := clock.Now().Sub(began)
		if waited >= time.Duration(timeout)*time.Second {
			r := output(module.Fail("could not get the lock %s within %d seconds: it is held by %s", path, timeout, holder).With("rc", out.Rc), out)
			return out, &r, nil
		}
		h.Progress(fmt.Sprintf("waiting for %s, which holds the lock %s (%.0f of %d s)", holder, path, waited.Seconds(), timeout))
		if err := clock.Sleep(ctx, time.Second); err != nil {
			return out, nil, err
		}
	}
}

// whoHolds names the process that holds a lock: its id and command line.
func whoHolds(ctx context.Context, h module.Host, path, pid string) (string, error) {
	out, err := h.Query(ctx, module.Cmd{Script: lockHolder, Args: []string{path, pid}})
	if err != nil {
		return "", err
	}
	id, command, _ := strings.Cut(out.Line(), " ")
	switch {
	case id == "":
		return "another process", nil
	case command == "":
		return "process " + id, nil
	}
	return fmt.Sprintf("process %s (%s)", id, command), nil
}
