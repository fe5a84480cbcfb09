package module

import "github.com/drydock-dev/drydock/engine/value"

// Growth is what a result adds to the run's inventory: a host (add_host), or the task's host to a group (group_by). The engine carries
// it out and answers whether the inventory changed.
type Growth struct {
	// Host is to exist, with Vars, in Groups; empty: it is about Group.
	Host   string
	Groups []string
	Vars   *value.Map
	// Group is to hold the host of the task, and to be in Parents.
	Group   string
	Parents []string
}

// CustomStats are figures that a task adds to the end of the run (set_stats).
type CustomStats struct {
	Data *value.Map
	// PerHost keeps them for the task's host instead of for the run.
	PerHost bool
	// Aggregate adds to what is there instead of replacing it: numbers, texts and lists are joined, mappings merged.
	Aggregate bool
}
