package preview

import (
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Turn is one host when its play comes to it. A run hands these out in its own order; what they open can only be looked at.
type Turn struct {
	Play  string
	Batch int // those of one batch are worked on together
	Host  string
	Site  guard.Site // reaches hosts for looking only, as root
	// Learn keeps the host's facts, and reads what depends on them.
	Learn func(facts *value.Map) error
	// Prospects are the tasks before the host that wants chooses, and what of them cannot be read yet.
	Prospects func(wants func(module.Module) bool) (found []Prospect, unread []string)
}

// Prospect is a task that the run may come to.
type Prospect struct {
	Task       string
	Module     module.Module
	Args       *value.Map // evaluated as far as they are known
	Unknown    []string   // arguments that only the run itself can evaluate
	Sure       bool       // its conditions are known to hold
	Disruption module.Disruption
	Open       func() (module.Host, error) // the host that it acts on
}
