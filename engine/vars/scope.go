// Package vars knows every variable of every host: the precedence of Ansible's layers, the magic variables, and where
// each value was written.
package vars

import "github.com/drydock-dev/drydock/engine/value"

// Scope names what a snapshot of a host's variables is taken for, beyond what the Store itself holds (inventory, group_vars, host_vars,
// facts, set_fact, registered, include_vars, extra). Numbers are the levels of Ansible's precedence, weakest first.
type Scope struct {
	Host         string
	Weakest      *value.Map   // what holds where nobody says otherwise
	PlaybookDir  string       // whose group_vars and host_vars count (5, 7, 10); read and cached by the Store
	RoleDefaults []*value.Map // 2: all public roles of the play, then the task's role with its parents; later ones win
	PlayVars     []*value.Map // 12-14: vars, vars_prompt, vars_files; later ones win
	RoleVars     []*value.Map // 15
	BlockVars    []*value.Map // 16: outermost first
	TaskVars     *value.Map   // 17
	RoleParams   []*value.Map // 20
	IncludeVars  []*value.Map // 21: parameters of include_tasks/include_role
	Local        *value.Map   // above all: loop variables, what a task has registered so far (until, changed_when)
	Magic        *value.Map   // play_hosts, role_path, ansible_check_mode, ...: what the run knows; the Store adds groups, hostvars, group_names, inventory_*
}
