// Package pace decides when the next hosts of a run may be taken out of service: within the windows that drydock.yml or their variables give,
// when no alert and no pod holds them back, and a while after those before them. run asks it between batches of hosts.
//
// What blocks is decided by pure functions over windows, alerts and pods; Pace asks for those, waits, and says what for.
package pace

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/settings"
)

// Ahead are the hosts that would be next.
type Ahead struct {
	Hosts []string
	Site  guard.Site
	Tell  func(Hold) error // what holds them back, when that changes; its error ends the waiting
}

// Hold is why hosts are held back.
type Hold struct {
	By    []string // window, alert, pod, soak; empty: nothing does any more
	Why   string
	Since time.Time
	Ends  bool // they are not waited for
}

// Options are what Pace works with.
type Options struct {
	Settings *settings.Settings
	Clock    module.Clock
	Learned  module.Learned // nil: nothing is known of past runs
	Wait     bool           // a closed window is waited for
	Own      bool           // hosts may say their own by variables
	// Cluster finds the cluster whose pods are looked at.
	Cluster func(ctx context.Context, a Ahead) (kube.Reader, error)
}

// Pace lets hosts in, batch by batch.
type Pace struct {
	Options
	last time.Time // when the last batch that was out of service was over
}

// New makes a Pace.
func New(o Options) *Pace { return &Pace{Options: o} }

const (
	lookAgain = 15 * time.Second // at alerts and pods
	longest   = time.Minute      // of one sleep until a window opens: a clock that is set is noticed
	retell    = 10 * time.Minute // a reason that stays is told again
)

// subject is under which the time of a node is learned.
const subject = "node"

// Over keeps how long hosts took.
func (p *Pace) Over(hosts []string, took time.Duration) {
	p.last = p.Clock.Now()
	if p.Learned == nil {
		return
	}
	for _, h := range hosts {
		_ = p.Learned.Add(h, subject, took) // a figure that is lost is no reason to stop
	}
}

// Next waits until hosts may be taken out of service. A text says why the run is to end before them instead.
func (p *Pace) Next(ctx context.Context, a Ahead) (ends string, err error) {
	own, err := p.settingsOf(a)
	if err != nil {
		return "", err
	}
	w := &waiting{Pace: p, ahead: a, own: own}
	for {
		r := w.look(ctx)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err := w.tell(r); err != nil || r.ends || len(r.by) == 0 {
			return map[bool]string{true: r.why}[r.ends], err
		}
		if err := p.Clock.Sleep(ctx, r.pause); err != nil {
			return "", err
		}
	}
}

// Now tells what would hold hosts back at this moment, without waiting; the zero Hold: nothing would.
func (p *Pace) Now(ctx context.Context, a Ahead) (Hold, error) {
	own, err := p.settingsOf(a)
	if err != nil {
		return Hold{}, err
	}
	r := (&waiting{Pace: p, ahead: a, own: own}).look(ctx)
	return Hold{By: r.by, Why: r.why, Ends: r.ends}, ctx.Err()
}

// settingsOf are the settings of each of the hosts.
func (p *Pace) settingsOf(a Ahead) ([]*settings.Settings, error) {
	var out []*settings.Settings
	for _, h := range a.Hosts {
		if !p.Own {
			out = append(out, p.Settings)
			continue
		}
		s, mistakes := p.Settings.For(func(name string) (any, bool) { return a.Site.Var(h, name) })
		if err := mistakes.Err(); err != nil {
			return nil, fmt.Errorf("host %s: %w", h, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// reason is why hosts are held back, and for how long it is no use to look again.
type reason struct {
	by    []string
	why   string
	pause time.Duration
	ends  bool
}

// waiting is one wait for hosts.
type waiting struct {
	*Pace
	ahead Ahead
	own   []*settings.Settings

	told    string
	toldAt  time.Time
	since   time.Time // something has held the hosts back without a break
	blocked time.Time // since alerts or pods have; zero: they do not
}

// look finds what holds the hosts back now: the soak first, then the window, then alerts and pods.
func (w *waiting) look(ctx context.Context) reason {
	now := w.Clock.Now()
	if r := w.soak(now); r.by != nil {
		return r
	}
	if r := w.window(now); r.by != nil {
		return r
	}
	found := slices.Concat(w.alerts(ctx), w.pods(ctx))
	if len(found) == 0 {
		w.blocked = time.Time{}
		return reason{}
	}
	return w.blockedBy(found, now)
}

// blockedBy makes a reason of what blocks, and the end of the run once that has gone on for too long.
func (w *waiting) blockedBy(found []blocker, now time.Time) reason {
	if w.blocked.IsZero() {
		w.blocked = now
	}
	r := reason{pause: lookAgain}
	var why []string
	for _, b := range found {
		if !slices.Contains(r.by, b.by) {
			r.by = append(r.by, b.by)
		}
		why = append(why, b.text)
	}
	r.why = strings.Join(why, "; ")
	if limit := w.Settings.BlockedFor; now.Sub(w.blocked) >= limit {
		r.ends = true
		r.why += fmt.Sprintf("; that has gone on for %s, and blocked_for is %s", now.Sub(w.blocked).Round(time.Second), limit)
	}
	return r
}

// tell tells a reason when it changes, and again after a while; that nothing holds the hosts any more only after something did.
func (w *waiting) tell(r reason) error {
	now := w.Clock.Now()
	if len(r.by) == 0 {
		if w.since.IsZero() {
			return nil
		}
		return w.ahead.Tell(Hold{Since: w.since})
	}
	if w.since.IsZero() {
		w.since = now
	}
	if r.why == w.told && now.Sub(w.toldAt) < retell && !r.ends {
		return nil
	}
	w.told, w.toldAt = r.why, now
	return w.ahead.Tell(Hold{By: r.by, Why: r.why, Since: w.since, Ends: r.ends})
}
