// Package strategy decides which host does which task next, as Ansible's strategies do. It acts on nothing: it has no
// clock, no goroutine and no network. It is told what came of each step and answers with the next ones, so that a
// transcript of both is a complete test.
package strategy

import "github.com/drydock-dev/drydock/engine/program"

// Step is one task for one host.
type Step struct {
	Host string
	Task *program.Task
}

// Verdict is how a step ended, as far as the order of things is concerned.
type Verdict int

// The verdicts.
const (
	Passed      Verdict = iota // ok, changed, skipped or ignored
	Failed                     // rescue and always may follow
	Unreachable                // nothing follows for this host
)

// Outcome is what came of a step.
type Outcome struct {
	Host    string
	Task    *program.Task
	Verdict Verdict
	Ran     bool             // not skipped: a role of which a task ran is not run again
	Include []*program.Block // what an include brought for this host; hosts that share it share the slice
}

// Scheduler hands out steps. A play's batch is over when Next has nothing and no step is under way.
type Scheduler interface {
	// Next returns the steps that may begin now.
	Next() []Step
	// Record takes what came of a step and tells whether a block's rescue takes care of a failure.
	Record(o Outcome) (rescued bool)
	// Control is what meta tasks and fatal errors do to hosts.
	Control() *Batch
}

// Select tells whether the tags and the start of the command line choose a task; implicit tasks are always chosen.
type Select func(*program.Task) bool
