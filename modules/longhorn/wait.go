package longhorn

// longhorn_wait: until every volume in use is healthy, and stays so for a few looks.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Wait waits for healthy volumes.
var Wait = module.Define(module.Spec{
	Name:    "drydock.core.longhorn_wait",
	Aliases: []string{"drydock.longhorn.longhorn_wait"},
	Doc:     "Wait until every Longhorn volume in use is healthy and none is being rebuilt, over several looks; fail soon when one cannot become healthy.",
	Lacks:   kube.Lacks(),
}, planWait)

type waitArgs struct {
	kube.Access
	Place
	Timeout    int      `arg:"timeout,default=1800" doc:"Seconds to wait in all; 0: without end."`
	NoProgress int      `arg:"no_progress_timeout,default=600" doc:"Seconds to wait while nothing gets better: no volume becomes healthy and no rebuild moves; 0: does not count."`
	StableFor  int      `arg:"stable_for,default=3,alias=looks" doc:"Looks in a row that must find everything healthy, as Longhorn's word lags behind."`
	Interval   int      `arg:"interval,default=5" doc:"Seconds between two looks."`
	Volumes    []string `arg:"volumes" doc:"Only these volumes."`
	Node       string   `arg:"node" doc:"Only volumes with a replica on this node, or in use there."`
}

// hopelessLooks is how many looks in a row must find a volume hopeless: right after an uncordon Longhorn may not have noticed yet.
const hopelessLooks = 2

// planWait waits within the plan: it only reads, and check mode is to know the answer as well.
func planWait(ctx context.Context, v module.View, a waitArgs) (module.Plan, error) {
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	clock := module.ClockOf(v.Controller())
	w := &waiting{args: a, progress: v.Progress, began: clock.Now(), better: clock.Now(), hopeless: map[string]int{}}
	for {
		s, err := kube.ReadStorage(ctx, r, a.Namespace)
		if err != nil && !kube.Transient(err) {
			return failed(ctx, err)
		}
		if err != nil {
			w.silent(err)
		} else {
			w.look(s, clock.Now())
		}
		if result, over := w.verdict(clock.Now()); over {
			return module.Done(result), nil
		}
		if err := clock.Sleep(ctx, time.Duration(a.Interval)*time.Second); err != nil {
			return module.Plan{}, err
		}
	}
}

// waiting is what is known between looks.
type waiting struct {
	args     waitArgs
	progress func(string)

	began, better time.Time
	looks, stable int
	last          []kube.Health
	told          []string       // lines told by the last look
	score         int            // of the last look: more is healthier
	hopeless      map[string]int // looks in a row, by volume
	trouble       error          // the last look could not be had
}

func (w *waiting) silent(err error) {
	w.trouble, w.stable = err, 0
	w.progress(fmt.Sprintf("Longhorn cannot be asked at the moment: %v", err))
}

// look takes one look in.
func (w *waiting) look(s kube.Storage, now time.Time) {
	w.looks++
	w.trouble = nil
	w.last = w.wanted(s)
	pending, score, stuck := 0, 0, map[string]int{}
	var lines []string
	for _, h := range w.last {
		switch h.Condition {
		case kube.Healthy, kube.Resting:
			score += 1000
			continue
		case kube.Hopeless:
			stuck[h.Volume] = w.hopeless[h.Volume] + 1
		}
		pending++
		score += max(h.Percent, 0)
		lines = append(lines, h.String())
	}
	w.hopeless = stuck
	w.tell(lines)
	if score > w.score {
		w.better = now
	}
	w.score = score
	w.stable++
	if pending > 0 {
		w.stable = 0
	}
}

// tell says what is new since the last look, a line for each volume.
func (w *waiting) tell(lines []string) {
	for _, line := range lines {
		if !slices.Contains(w.told, line) {
			w.progress(line)
		}
	}
	w.told = lines
}

// wanted picks the volumes that the task asks for.
func (w *waiting) wanted(s kube.Storage) []kube.Health {
	near := s.On(w.args.Node)
	var out []kube.Health
	for _, h := range s.Health() {
		if (len(w.args.Volumes) == 0 || slices.Contains(w.args.Volumes, h.Volume)) && (w.args.Node == "" || slices.Contains(near, h.Volume)) {
			out = append(out, h)
		}
	}
	return out
}

// verdict says whether the wait is over, and how it ended.
func (w *waiting) verdict(now time.Time) (module.Result, bool) {
	waited := now.Sub(w.began)
	for _, h := range w.last {
		if w.hopeless[h.Volume] >= hopelessLooks {
			return w.result(waited, "waiting is of no use: "+strings.Join(w.lines(kube.Hopeless), "; ")), true
		}
	}
	switch {
	case w.missing() != nil && w.trouble == nil:
		return w.result(waited, "no such volume: "+strings.Join(w.missing(), ", ")), true
	case w.stable >= w.args.StableFor && w.stable > 0:
		return w.result(waited, ""), true
	case w.args.Timeout > 0 && waited >= time.Duration(w.args.Timeout)*time.Second:
		return w.result(waited, fmt.Sprintf("not healthy after %d s: %s", w.args.Timeout, w.reasons())), true
	case w.args.NoProgress > 0 && now.Sub(w.better) >= time.Duration(w.args.NoProgress)*time.Second && w.stable == 0:
		return w.result(waited, fmt.Sprintf("no progress for %d s: %s", w.args.NoProgress, w.reasons())), true
	}
	return module.Result{}, false
}

// missing names the volumes that the task asks for and the cluster has not.
func (w *waiting) missing() []string {
	var out []string
	for _, name := range w.args.Volumes {
		if !slices.ContainsFunc(w.last, func(h kube.Health) bool { return h.Volume == name }) && w.args.Node == "" {
			out = append(out, name)
		}
	}
	return out
}

func (w *waiting) reasons() string {
	if w.trouble != nil {
		return w.trouble.Error()
	}
	if len(w.told) == 0 {
		return "not stable for long enough"
	}
	return strings.Join(w.told, "; ")
}

func (w *waiting) lines(c kube.Condition) []string {
	var out []string
	for _, h := range w.last {
		if h.Condition == c {
			out = append(out, h.String())
		}
	}
	return out
}

func (w *waiting) result(waited time.Duration, failure string) module.Result {
	r := module.Result{Msg: "every volume in use is healthy"}
	if failure != "" {
		r = module.Fail("%s", failure)
	}
	list := make([]any, len(w.last))
	for i, h := range w.last {
		list[i] = value.NewMap("name", h.Volume, "claim", h.Claim, "condition", string(h.Condition), "why", h.Why)
	}
	return r.With("longhorn", true).With("volumes", list).With("looks", w.looks).With("waited", int(waited.Seconds()))
}
