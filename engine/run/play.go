package run

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// playRun is one play under way.
type playRun struct {
	*program.Play
	r         *runner
	name      string
	hosts     []string        // of all batches, in order
	removed   map[string]bool // failed, unreachable or ended: no longer in ansible_play_hosts
	prompts   *value.Map
	files     map[string]*value.Map // vars_files by host: what each host's names resolve to
	read      map[string]*value.Map // vars_files by name, as read
	used      []*program.Role       // those of the play, and those included so far
	roles     []*program.Role       // static ones and those that include_role made public
	batch     []string
	turn      *turn // of the batch
	control   *strategy.Batch
	pending   map[string][]string // handlers notified and not yet flushed, by host
	endPlay   bool
	debugging bool                   // failures are looked at by a person
	before    map[*program.Task]bool // passed over by --start-at-task
	missed    map[string]bool        // vars_files whose absence has been told

	index      int  // of the play in the run
	batchIndex int  // of the batch under way
	quiet      bool // what happens was told by an earlier process
}

func (r *runner) newPlay(p *program.Play) *playRun {
	pr := &playRun{Play: p, r: r, removed: map[string]bool{}, files: map[string]*value.Map{}, pending: map[string][]string{}, missed: map[string]bool{}}
	pr.debugging, pr.index = r.Debug, r.played
	r.played++
	pr.roles, pr.used = append(pr.roles, p.Roles...), append(pr.used, p.Used...)
	return pr
}

// play runs a play over its hosts and tells whether later plays follow.
func (r *runner) play(ctx context.Context, p *program.Play) (goOn bool, err error) {
	pr := r.newPlay(p)
	if err := pr.prepare(ctx); err != nil {
		return false, err
	}
	if len(pr.hosts) == 0 {
		if r.resuming && !r.live {
			return true, nil
		}
		return true, r.bus.emit(event.PlayStarted{Name: pr.name, Hosts: r.limited(), Check: r.Check}, event.NoHostsMatched{})
	}
	batches, err := pr.batches()
	if err != nil {
		return false, err
	}
	if batches, err = pr.settledBatches(batches); err != nil {
		return false, err
	}
	for i, b := range batches {
		pr.batchIndex = i
		if len(b) == 0 {
			continue // its hosts have left the inventory
		}
		before := r.lost()
		stop, err := pr.runBatch(ctx, b)
		if err != nil {
			return false, err
		}
		if r.lost()-before == len(b) || stop {
			return false, nil
		}
		if pr.endPlay {
			break
		}
	}
	return true, nil
}

// lost counts the hosts that have failed or become unreachable so far.
func (r *runner) lost() int {
	n := len(r.failed)
	for h := range r.unreachable {
		if !r.failed[h] {
			n++
		}
	}
	return n
}

// prepare resolves what the play says about itself: its hosts, its name, what it asks.
func (p *playRun) prepare(ctx context.Context) error {
	if err := p.settleHosts(); err != nil {
		return err
	}
	p.startAt()
	return p.ask(ctx, p.playEnv())
}

// settleHosts resolves the play's name and its hosts in their order.
func (p *playRun) settleHosts() error {
	if err := p.readFiles(""); err != nil { // what the play itself says may need them, and one that cannot be read ends the run before the play
		return err
	}
	env := p.playEnv()
	patterns, err := p.patterns(env)
	if err != nil {
		return err
	}
	p.name = strings.Join(patterns, ",")
	if p.Name != nil {
		if name, err := jinja.Resolve(p.Name, env); err == nil {
			p.name = value.Str(name)
		}
	}
	names, warnings, err := p.r.ground.now().Match(patterns...)
	if err != nil {
		return &contentError{text: fmt.Sprintf("%s: %v", p.Pos, err)}
	}
	if len(warnings) > 0 && p.r.PatternMismatch == "error" {
		return &contentError{text: warnings[0]}
	}
	for _, w := range warnings {
		if p.r.PatternMismatch == "ignore" || p.r.resuming {
			break
		}
		if err := p.r.bus.emit(event.Message{Level: "warning", Text: w}); err != nil {
			return err
		}
	}
	for _, h := range names {
		if p.r.leaves(h) {
			p.hosts = append(p.hosts, h)
		}
	}
	order, err := p.text(p.Order, env)
	if err != nil {
		return err
	}
	if err := sortHosts(p.hosts, order); err != nil {
		return &contentError{text: err.Error(), code: exitOptions}
	}
	return nil
}

// patterns are the host patterns of the play.
func (p *playRun) patterns(env jinja.Env) ([]string, error) {
	v, err := jinja.Resolve(p.Hosts, env)
	if err != nil {
		return nil, p.mistake(p.Pos, "hosts: %v", err)
	}
	if list, ok := v.([]any); ok {
		parts := make([]string, len(list))
		for i, x := range list {
			parts[i] = value.Str(x)
		}
		return parts, nil
	}
	return []string{value.Str(v)}, nil
}

// mistake makes an error of the content with its place.
func (p *playRun) mistake(at diag.Pos, format string, args ...any) error {
	var l diag.List
	l.Addf(diag.Span{Pos: at}, format, args...)
	return &contentError{list: l}
}

func sortHosts(hosts []string, order string) error {
	switch order {
	case "", "inventory":
	case "sorted":
		slices.Sort(hosts)
	case "reverse_sorted":
		slices.Sort(hosts)
		slices.Reverse(hosts)
	case "reverse_inventory":
		slices.Reverse(hosts)
	case "shuffle":
		rand.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	default:
		return fmt.Errorf("Invalid 'order' specified for inventory hosts: %s", order) //nolint:staticcheck // Ansible's words
	}
	return nil
}

// batches cuts the hosts by serial: numbers, percentages, or a list of them, the last of which repeats.
func (p *playRun) batches() ([][]string, error) {
	v, err := jinja.Resolve(p.Serial, p.playEnv())
	if err != nil {
		return nil, p.mistake(p.Pos, "serial: %v", err)
	}
	sizes, ok := v.([]any)
	if !ok {
		sizes = []any{v}
	}
	var out [][]string
	rest := p.hosts
	for i := 0; len(rest) > 0; i++ {
		n, err := batchSize(sizes[min(i, len(sizes)-1)], len(p.hosts))
		if err != nil {
			return nil, p.mistake(p.Pos, "serial: %v", err)
		}
		n = min(n, len(rest))
		out = append(out, rest[:n])
		rest = rest[n:]
	}
	return out, nil
}

// batchSize reads one entry of serial for a number of hosts; nothing, 0 and -1 mean all.
func batchSize(v any, hosts int) (int, error) {
	var n int
	switch x := v.(type) {
	case nil, value.Omit:
		return hosts, nil
	case int:
		n = x
	case string:
		text, percent := strings.CutSuffix(strings.TrimSpace(x), "%")
		if text == "" && !percent {
			return hosts, nil
		}
		if _, err := fmt.Sscanf(text, "%d", &n); err != nil || fmt.Sprint(n) != strings.TrimSpace(text) {
			return 0, fmt.Errorf("%q is neither a number nor a percentage", x)
		}
		if percent {
			n = max(1, n*hosts/100)
		}
	default:
		return 0, fmt.Errorf("%s is neither a number nor a percentage", value.Repr(v))
	}
	if n <= 0 {
		return hosts, nil
	}
	return n, nil
}
