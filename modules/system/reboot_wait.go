// Waiting for a machine that reboots: how often to look, what counts, what to tell.

package system

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// probe looks once whether what is waited for has come. why is what to report if it never does.
type probe func(ctx context.Context, h module.Host) (done bool, why string, err error)

// await repeats a probe until it is done or the time of reboot_timeout is up; then late makes the failure
// of the last reason. Errors of the connection are what a reboot looks like; only a changed host key ends the wait, at once.
func (r *reboot) await(ctx context.Context, h module.Host, look probe, late func(why string) module.Result) (*module.Result, error) {
	began, told := r.clock.Now(), ""
	for try := 0; ; try++ {
		done, why, err := r.try(ctx, h, look, try)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, module.ErrHostKey):
			return nil, fmt.Errorf("%s came back with another host key: %w", h.Name(), err)
		case done:
			return nil, nil
		case err != nil:
			why = err.Error()
		}
		now := r.clock.Now()
		if now.Sub(began) >= seconds(r.args.RebootTimeout) {
			failed := late(why)
			return &failed, nil
		}
		elapsed := now.Sub(r.start)
		if message := outlook(elapsed, r.past); message != told {
			h.Progress(message)
			told = message
		}
		if err := r.clock.Sleep(ctx, pause(elapsed, r.past)); err != nil {
			return nil, err
		}
	}
}

// try looks, over a fresh connection as long as the machine may be on its way down: the old one may hang until a keepalive notices, so it
// is dropped without being asked.
func (r *reboot) try(ctx context.Context, h module.Host, look probe, try int) (bool, string, error) {
	if r.stale {
		if err := h.Reset(ctx); errors.Is(err, module.ErrHostKey) {
			return false, "", err
		}
	}
	limit := r.patience(try)
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done, why, err := look(short, h)
	r.stale = err != nil || r.dying
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return false, "", fmt.Errorf("no answer within %s", limit)
	}
	return done, why, err
}

// patience is the time for one try. The first tries are short, because a machine that is down often lets packets vanish; later ones
// leave a slow machine the time for its handshake.
func (r *reboot) patience(try int) time.Duration {
	if r.args.ConnectTimeout != nil && *r.args.ConnectTimeout > 0 {
		return seconds(*r.args.ConnectTimeout)
	}
	return seconds(min(1+try/4, 20))
}

// rebooted tells whether the machine has another boot id than before.
func (r *reboot) rebooted(ctx context.Context, h module.Host) (bool, string, error) {
	out, err := h.Query(ctx, r.bootCommand())
	if err != nil {
		return false, "", err
	}
	now := strings.TrimSpace(out.Stdout)
	switch {
	case out.Rc != 0 || now == "": // pam_nologin: the machine lets nobody in while it boots or goes down
		return false, "the machine answers but runs no commands: " + said(out), nil
	case now == r.before:
		return false, "the machine answers but has not rebooted: its boot id is still " + now, nil
	}
	r.dying = false
	return true, "", nil
}

// tested tells whether the test command succeeds.
func (r *reboot) tested(ctx context.Context, h module.Host) (bool, string, error) {
	out, err := h.Exec(ctx, module.Cmd{Shell: r.args.TestCommand})
	if err != nil {
		return false, "", err
	}
	return out.Rc == 0, fmt.Sprintf("it ended with %d: %s", out.Rc, said(out)), nil
}

func (r *reboot) fellShort(why string) module.Result {
	return r.answer(module.Fail("Timed out waiting for last boot time check (timeout=%d): %s", r.args.RebootTimeout, why), false)
}

func (r *reboot) untested(why string) module.Result {
	return r.answer(module.Fail("Timed out waiting for post-reboot test command (timeout=%d): %s", r.args.RebootTimeout, why), true)
}

// pause is how long to wait before the next look: shortly around the time when the host is due by what it took before, else the longer the
// longer it is gone.
func pause(elapsed time.Duration, past []time.Duration) time.Duration {
	const shortest, longest = 200 * time.Millisecond, 5 * time.Second
	if len(past) == 0 {
		return min(max(elapsed/20, shortest), longest)
	}
	due, last := slices.Min(past)*4/5, slices.Max(past)*6/5
	switch {
	case elapsed < due:
		return min(due-elapsed, max(elapsed/4, shortest), longest)
	case elapsed <= last:
		return min(max(last/100, shortest), time.Second)
	}
	return min(max((elapsed-last)/10, shortest), longest)
}

// outlook is the line that tells a person how long it may still take.
func outlook(elapsed time.Duration, past []time.Duration) string {
	gone := fmt.Sprintf("waiting for the reboot, %d s", int(elapsed.Seconds()))
	if len(past) == 0 {
		return gone
	}
	if longest := slices.Max(past); elapsed > longest {
		return fmt.Sprintf("%s: later than it ever was (at most %s before)", gone, round(longest))
	}
	sorted := slices.Sorted(slices.Values(past))
	return fmt.Sprintf("%s: back after about %s by what it took before", gone, round(sorted[len(sorted)/2]))
}

func round(d time.Duration) string { return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds())) }

// subject is the name under which reboots are remembered.
const subject = "reboot"

func learned(v module.View) (module.Learned, bool) {
	s, err := v.Controller().Service(module.LearnedKey{})
	if err != nil {
		return nil, false
	}
	l, ok := s.(module.Learned)
	return l, ok
}

// pastOf is what earlier reboots of the host took, the last ten of them.
func pastOf(v module.View) []time.Duration {
	l, ok := learned(v)
	if !ok {
		return nil
	}
	past := l.Past(v.Name(), subject)
	return past[max(0, len(past)-10):]
}

// learn keeps how long this reboot took. That it cannot be kept is no reason to fail: it is a warning.
func learn(h module.Host, took time.Duration) (warnings []string) {
	if l, ok := learned(h); ok {
		if err := l.Add(h.Name(), subject, took); err != nil {
			warnings = append(warnings, fmt.Sprintf("how long the reboot took could not be kept: %v", err))
		}
	}
	return warnings
}
