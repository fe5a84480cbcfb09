package module

import (
	"context"
	"fmt"

	"github.com/drydock-dev/drydock/engine/value"
)

// Apply carries out a plan.
type Apply func(ctx context.Context, h Host) (Result, error)

// Result is what a module answers. A failure of what was asked (a package that does not exist) is a Result with Failed; an
// error is for a host that cannot be reached and for our own faults.
type Result struct {
	Changed  bool
	Failed   bool
	Skipped  bool
	Msg      string
	Data     *value.Map // the other keys of the result, named as Ansible names them; nil: none
	Facts    *value.Map // ansible_facts, names with their ansible_ prefix only where Ansible's result has it; nil: none
	Secret   bool       // the result is hidden as no_log hides it: it shows what came out of a vault file
	Warnings []string
	Diff     *Diff // set by the engine from the plan; an Apply may replace it by what really changed
	// Vars are variables to keep at include_vars' precedence; nil: none. HostVars are kept as set_fact keeps them.
	Vars     *value.Map
	HostVars *value.Map
	Growth   *Growth      // what the run's inventory gains; nil: nothing
	Stats    *CustomStats // figures for the end of the run; nil: none
	// Packages are those that were changed in fact; the journal keeps them, the registered result does not have them.
	Packages []PackageChange
}

// Fail makes the result of something that could not be done; the message is formatted.
func Fail(format string, args ...any) Result {
	return Result{Failed: true, Msg: fmt.Sprintf(format, args...)}
}

// With sets a key of the result and returns the result.
func (r Result) With(key string, v any) Result {
	if r.Data == nil {
		r.Data = &value.Map{}
	}
	r.Data.Set(key, v)
	return r
}

// Diff shows what differs before and after, for people: texts, or a prepared unified diff. States, where a module knows them, are what
// the texts were made of.
type Diff struct {
	Before, After             string
	BeforeHeader, AfterHeader string
	Prepared                  string // used instead of Before and After
	BeforeState, AfterState   *value.Map
}

// Text makes the diff of two texts.
func Text(before, after string) Diff { return Diff{Before: before, After: after} }

// Value is the diff as a registered result has it in Ansible: two mappings, a prepared text, or a list of one pair of texts.
func (d Diff) Value() any {
	switch {
	case d.BeforeState != nil:
		return value.NewMap("before", d.BeforeState, "after", d.AfterState)
	case d.Prepared != "":
		return value.NewMap("prepared", d.Prepared)
	case d == Diff{}:
		return []any{}
	}
	m := value.NewMap("before", d.Before, "after", d.After)
	if d.BeforeHeader != "" {
		m.Set("before_header", d.BeforeHeader)
	}
	if d.AfterHeader != "" {
		m.Set("after_header", d.AfterHeader)
	}
	return []any{m}
}

// Kind tells the plans apart.
type Kind int

// The kinds of plan.
const (
	KindDone Kind = iota
	KindChange
	KindOpaque
	KindForeign
)

// Plan is what a module intends. Only Done, Change, Opaque and Foreign make one.
type Plan struct {
	kind   Kind
	result Result
	diff   Diff
	why    string
	apply  Apply
	call   Call
	quiet  bool
	note   *value.Map

	standBy Apply

	packages []PackageChange
}

// Done says that nothing is to be done; the result is the answer. Facts, reads and failures found while looking end here.
func Done(r Result) Plan { return Plan{kind: KindDone, result: r} }

// Change says that the host will differ, and how. The predicted result of check mode is changed with the diff.
func Change(d Diff, do Apply) Plan { return Plan{kind: KindChange, diff: d, apply: do} }

// Opaque says that what will happen cannot be foretold (a command); check mode reports the task as skipped and says why.
func Opaque(why string, do Apply) Plan { return Plan{kind: KindOpaque, why: why, apply: do} }

// Call runs a program that is not ours, which knows check mode itself and is told of it.
type Call func(ctx context.Context, h Host, check bool) (Result, error)

// Foreign says that a program of the content's own decides, in check mode too: it is called either way. Its word is all there is that nothing
// changes then, as in Ansible; so nothing of ours may use this.
func Foreign(call Call) Plan { return Plan{kind: KindForeign, call: call} }

// Predicting adds to a Change what its result will hold besides changed, so that check mode can answer it.
func (p Plan) Predicting(r Result) Plan {
	p.result = r
	return p
}

// Noting says what a later run must know if this one dies while the plan is carried out: it is kept before the Apply, and the plan that is made
// then is given it (Begun).
func (p Plan) Noting(note *value.Map) Plan {
	p.note = note
	return p
}

// StandingBy says what is to be waited for before the plan can be carried out, and before leave for it is asked: a machine that was told to reboot by
// a process that died cannot be looked at until it is back. It changes nothing; a result that failed is the task's.
func (p Plan) StandingBy(wait Apply) Plan {
	p.standBy = wait
	return p
}

// StandBy is what StandingBy said; nil: nothing is to be waited for.
func (p Plan) StandBy() Apply { return p.standBy }

// Note is what Noting said; nil: nothing.
func (p Plan) Note() *value.Map { return p.note }

// Quietly says of a Change that what it does leaves the host as it was in what counts: an index of packages is refreshed. Check
// mode answers ok, not changed.
func (p Plan) Quietly() Plan {
	p.quiet = true
	return p
}

// Quiet tells whether Quietly was said.
func (p Plan) Quiet() bool { return p.quiet }

// Kind tells which of them it is.
func (p Plan) Kind() Kind { return p.kind }

// Diff is the difference a Change will make.
func (p Plan) Diff() Diff { return p.diff }

// Why says why an Opaque plan cannot be foretold.
func (p Plan) Why() string { return p.why }

// Result is the answer of a Done plan, or the prediction of a Change.
func (p Plan) Result() Result { return p.result }

// Call is the program of a Foreign plan; nil for the others.
func (p Plan) Call() Call { return p.call }

// Apply is what carries the plan out; nil for Done and Foreign.
func (p Plan) Apply() Apply { return p.apply }

// Ran makes a Result of a command that was run: changed when it ended with 0, failed otherwise, with rc, stdout and stderr.
func Ran(out Output, err error) (Result, error) {
	if err != nil {
		return Result{}, err
	}
	r := Result{Changed: true}.With("rc", out.Rc).With("stdout", out.Stdout).With("stderr", out.Stderr)
	if out.Rc != 0 {
		r.Failed, r.Changed, r.Msg = true, false, "non-zero return code"
	}
	return r, nil
}
