package run

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/value"
)

// each does the task for every item of its loop and sums up.
func (w *worker) each(ctx context.Context, a *answer) {
	a.loop = true
	items, err := w.items()
	if err != nil {
		w.loopBroken(a, err)
		return
	}
	if len(items) == 0 {
		literal, _ := w.task.Loop.([]any)
		a.loop = literal == nil || len(literal) > 0 // one that was written empty is no loop
		a.status = event.Skipped
		a.result = value.NewMap("changed", false, "skipped", true, "skip_reason", noItems, "skipped_reason", noItems, "results", []any{})
		return
	}
	l, err := w.control(items)
	if err != nil {
		a.loop = false
		a.status, a.result = w.forgive(event.Failed, w.env), broken(err)
		return
	}
	sum := &loopSum{set: &value.Map{}}
	for i := range items {
		if i > 0 && l.pause > 0 {
			if a.err = w.r.Clock.Sleep(ctx, l.pause); a.err != nil {
				return
			}
		}
		stop := w.item(ctx, a, l, i, sum)
		if a.err != nil {
			return
		}
		if stop {
			break
		}
	}
	a.result, a.status = sum.result(), sum.status()
	a.status = w.forgive(a.status, w.env)
}

const noItems = "No items in the list"

// loopBroken answers a loop that cannot be evaluated: skipped if the task would be anyway, else failed.
func (w *worker) loopBroken(a *answer, err error) {
	a.loop = w.task.LoopWith != ""
	if r, skip := w.skipped(w.env); skip {
		a.status, a.result = event.Skipped, r
		return
	}
	w.blameLoop(err)
	a.status, a.result = w.forgive(event.Failed, w.env), broken(err)
}

// items evaluates loop: or with_X: to a list.
func (w *worker) items() ([]any, error) {
	t := w.task
	v, err := jinja.Resolve(t.Loop, w.env)
	if t.LoopWith != "" {
		return w.lookup(v, err)
	}
	if err != nil {
		return nil, err
	}
	if _, omit := v.(value.Omit); omit {
		return []any{nil}[:0], nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("The `loop` value must resolve to a 'list', not '%s'.", value.TypeName(v)) //nolint:staticcheck // Ansible's words
	}
	return list, nil
}

// lookup calls the lookup of with_X, its terms made a list as Ansible makes them.
func (w *worker) lookup(v any, err error) ([]any, error) {
	var undefined *jinja.UndefinedError
	if w.task.LoopWith == "first_found" && errors.As(err, &undefined) { // a name that cannot be made is passed over, not the others
		v, err = w.r.Lang.NewCall(w.env, "with_first_found", nil, nil).Settled(w.task.Loop), nil
	}
	if err != nil {
		return nil, err
	}
	terms, ok := v.([]any)
	if !ok {
		terms = []any{v}
	}
	items, err := ansible.Lookup(w.r.Lang, w.task.LoopWith, w.env, terms, &value.Map{})
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		if pair, ok := item.(value.Tuple); ok {
			items[i] = []any(pair) // with_X hands out lists
		}
	}
	return items, nil
}

// loopNames is loop_control, evaluated.
type loopNames struct {
	items    []any
	item     string
	index    string
	label    any
	pause    time.Duration
	extended bool
	allItems bool
	until    []any
}

func (w *worker) control(items []any) (*loopNames, error) {
	c := w.task.LoopControl
	l := &loopNames{items: items, item: "item", label: c.Label, allItems: true, until: c.BreakWhen}
	name, err := w.textIn(c.LoopVar, w.env)
	if err != nil {
		return nil, err
	}
	if name != "" {
		l.item = name
	}
	if l.index, err = w.textIn(c.IndexVar, w.env); err != nil {
		return nil, err
	}
	if err := firstMisread(w.env, []keyword{{"pause", c.Pause, isNumber}, {"extended", c.Extended, isBool}}); err != nil {
		return nil, err
	}
	l.pause = seconds(w.float(c.Pause, w.env))
	l.extended = w.truth(c.Extended, w.env)
	if c.ExtendedAllItems != nil {
		l.allItems = w.truth(c.ExtendedAllItems, w.env)
	}
	return l, nil
}

// vars are the loop variables of the item at i.
func (l *loopNames) vars(i int) *value.Map {
	m := value.NewMap(l.item, l.items[i], "ansible_loop_var", l.item)
	if l.index != "" {
		m.Set(l.index, i)
		m.Set("ansible_index_var", l.index)
	}
	if l.extended {
		m.Set("ansible_loop", l.facts(i))
	}
	return m
}

func (l *loopNames) facts(i int) *value.Map {
	n := len(l.items)
	m := value.NewMap("index", i+1, "index0", i, "first", i == 0, "last", i == n-1, "length", n,
		"revindex", n-i, "revindex0", n-i-1)
	if l.allItems {
		m.Set("allitems", l.items)
	}
	if i > 0 {
		m.Set("previtem", l.items[i-1])
	}
	if i < n-1 {
		m.Set("nextitem", l.items[i+1])
	}
	return m
}

// item does the task for one item and tells whether the loop ends with it.
func (w *worker) item(ctx context.Context, a *answer, l *loopNames, i int, sum *loopSum) (stop bool) {
	local := l.vars(i)
	env := &overlay{under: w.env, local: sum.set.Clone().Merge(local)}
	begin := w.r.Clock.Now()
	o := w.itemOnce(ctx, env, i, l.items[i])
	if a.err = o.err; a.err != nil {
		return true
	}
	for k, v := range local.All() {
		o.result.Set(k, v)
	}
	a.effects = append(a.effects, o.effects...)
	for _, e := range o.effects {
		if e.host == w.host && e.kind != setFacts {
			sum.set.Merge(e.vars)
		}
	}
	a.diffs = append(a.diffs, o.diffs...)
	if o.include != nil {
		o.include.vars = local.Clone().Merge(o.include.vars)
		o.include.item = l.items[i]
		a.includes = append(a.includes, *o.include)
	}
	label := w.label(l, env, i, o)
	status := w.forgive(o.status, env)
	sum.add(o.result, status)
	if !o.past {
		a.err = w.tellItem(o, label, status, env, w.r.Clock.Now().Sub(begin))
	}
	return a.err != nil || w.breaks(l, o, env)
}

// itemOnce does the task for one item, unless an earlier process has done it. What came of it is kept for the case that the loop does not end.
func (w *worker) itemOnce(ctx context.Context, env jinja.Env, i int, item any) *once {
	if w.step == "" || w.task.Module == nil || w.task.Module.Spec().Controller {
		return w.once(ctx, env)
	}
	w.part = w.step + "/" + strconv.Itoa(i)
	kept := w.r.Memory.Recall(w.part)
	if o := onceOf(kept.Answer, item); o != nil {
		return o
	}
	w.note = kept.Note
	before := len(w.jobs)
	o := w.once(ctx, env)
	if o.err != nil || w.lost || len(w.jobs) > before {
		return o
	}
	if data, err := packOnce(o, item); err == nil { // else the item is planned again
		o.err = w.r.Memory.Keep(w.part, data)
	}
	return o
}

func (w *worker) breaks(l *loopNames, o *once, env jinja.Env) bool {
	if len(l.until) == 0 {
		return false
	}
	if name, err := w.textIn(w.task.Register, env); err == nil && name != "" {
		env = &overlay{under: env, local: value.NewMap(name, o.result)}
	}
	ok, _, err := w.all(l.until, env)
	return err == nil && ok
}

// label is what an item is called on the screen. One that cannot be evaluated fails the item, done as it is; a skipped item is warned of.
func (w *worker) label(l *loopNames, env jinja.Env, i int, o *once) any {
	if l.label == nil {
		return l.items[i]
	}
	if name, err := w.textIn(w.task.Register, env); err == nil && name != "" {
		env = &overlay{under: env, local: value.NewMap(name, o.result)}
	}
	v, err := jinja.Resolve(l.label, env)
	if err != nil && o.status == event.Skipped {
		o.result.Set("warnings", []any{"Failed to template loop_control.label: " + err.Error()})
		return l.items[i]
	}
	if err != nil {
		o.status = event.Failed
		o.result.Set("failed", true)
		o.result.Set("msg", "Failed to template loop_control.label: "+err.Error())
		return l.items[i]
	}
	return v
}

func (w *worker) tellItem(o *once, label any, status event.Status, env jinja.Env, took time.Duration) error {
	ref := w.ref
	ref.NoLog = w.hidden(env)
	if ref.NoLog {
		label = "(censored due to no_log)"
	}
	return w.emit(event.HostResult{
		Host: w.host, Task: ref, Status: status, Result: shown(o.result, ref.NoLog), Item: true, ItemLabel: label,
		DelegatedTo: o.delegate, Diff: o.visibleDiffs(!ref.NoLog && w.showsDiffOf(w.task, env)), At: w.r.Clock.Now(), Duration: took, Verbose: o.verbose && !ref.NoLog,
		Cause: w.causeOf(status, ref.NoLog),
	})
}

// loopSum sums up the items of a loop.
type loopSum struct {
	results                               []any
	set                                   *value.Map // what the items have set so far (set_fact), for those to come
	changed, failed, unreachable, allSkip bool
	n                                     int
}

func (s *loopSum) add(r *value.Map, st event.Status) {
	if !r.Has("failed") && !r.Has("skipped") {
		r.Set("failed", false)
	}
	s.results = append(s.results, r)
	s.changed = s.changed || isTruthy(r.Value("changed"))
	s.failed = s.failed || isTruthy(r.Value("failed"))
	s.unreachable = s.unreachable || st == event.Unreachable
	s.allSkip = (s.n == 0 || s.allSkip) && st == event.Skipped
	s.n++
}

func (s *loopSum) status() event.Status {
	switch {
	case s.unreachable:
		return event.Unreachable
	case s.failed:
		return event.Failed
	case s.allSkip:
		return event.Skipped
	case s.changed:
		return event.Changed
	}
	return event.OK
}

func (s *loopSum) result() *value.Map {
	m := value.NewMap("results", s.results, "skipped", false, "changed", s.changed, "msg", "All items completed")
	switch {
	case s.failed:
		m.Set("failed", true)
		m.Set("msg", "One or more items failed")
	case s.allSkip:
		m.Set("skipped", true)
		m.Set("msg", "All items skipped")
	}
	if s.unreachable {
		m.Set("unreachable", true)
	}
	return m
}
