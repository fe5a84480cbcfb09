// Package program is what a run carries out: plays with their roles and imports resolved, every keyword inherited, every
// template parsed, every module found and its arguments' names checked. A Program is immutable; what changes belongs to
// the run.
//
// Fields of type any hold what the author wrote: a plain value, or templates (*jinja.Template) alone or inside lists and
// mappings, to be resolved for a host when they are needed.
package program

import (
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Program is everything that a command line named, compiled.
type Program struct {
	Playbooks   []*Playbook
	Unsupported []Unsupported // tasks that fail when they are reached, because their module is not there
}

// Playbook is one file of the command line; plays of imported playbooks stand in the place of the import.
type Playbook struct {
	File  string // as given
	Plays []*Play
}

// Play is one play.
type Play struct {
	Pos   diag.Pos
	File  string // the playbook file that holds it (an imported one has its own)
	Dir   string // playbook_dir: the absolute folder of that file
	Name  any    // nil: named by its hosts
	Hosts any

	Keywords // what tasks inherit has been handed down already; here it serves connection, become and the implicit setup

	GatherFacts    any // nil: as configured
	GatherSubset   any
	GatherTimeout  any
	FactPath       any
	Serial         any // nil: all at once
	MaxFailPercent any
	Strategy       any
	Order          any
	ForceHandlers  any
	PlayVars       *value.Map
	VarsFiles      []any // strings, or lists of which the first that exists is read
	VarsPrompt     []Prompt

	Used     []*Role  // roles that are there before the play begins, with those that import_role keeps to itself
	Roles    []*Role  // of roles:, with dependencies before them, in order; their defaults and vars are seen by the whole play
	Blocks   []*Block // pre_tasks, flush, roles, tasks, flush, post_tasks, flush: the implicit meta tasks are in their places
	Handlers []*Block // of roles first, then of the play
	Setup    *Task    // the implicit "Gathering Facts"
}

// Prompt is one entry of vars_prompt.
type Prompt struct {
	Pos                                                      diag.Pos
	Name                                                     string
	Text, Default, Private, Confirm, Encrypt, Salt, SaltSize any
}

// Keywords are what a task inherits from its blocks, role, import and play, resolved: for single values the innermost that is set (nil: none),
// for lists all of them, the outermost first.
type Keywords struct {
	When        []any        // conditions: *jinja.Template made by ParseExpr, or a plain boolean
	Tags        []any        // strings or templates
	Vars        []*value.Map // vars: of blocks and of imports, outermost first, without the play's and the task's own
	Params      []*value.Map // vars: and parameters of the dynamic includes around, outermost first; stronger than all but extra vars
	Environment []any        // mappings (or templates giving one)

	Become, BecomeUser, BecomeMethod, BecomeFlags, BecomeExe any
	Connection, RemoteUser, Port                             any
	DelegateTo, DelegateFacts, RunOnce                       any
	IgnoreErrors, IgnoreUnreachable, AnyErrorsFatal          any
	NoLog, CheckMode, Diff, Throttle, Timeout, Debugger      any
	ModuleDefaults                                           []any
	Collections                                              []string
}

// Node is a *Block or a *Task.
type Node interface{ node() }

// Block is a list of nodes with what happens when one fails, and what happens always.
type Block struct {
	Pos  diag.Pos
	Name any
	Role *Role
	Keywords
	Tasks, Rescue, Always []Node

	notify []any // handed down to the tasks
}

// Kind tells what carries a task out.
type Kind int

// The kinds of task.
const (
	KindModule       Kind = iota // Task.Module
	KindMeta                     // Task.Meta
	KindIncludeTasks             // Task.Include, by the compiler, at run time
	KindIncludeRole              // Task.Include, likewise
)

// Task is one task or handler.
type Task struct {
	ID       string // unique within the program: file:line:col, and a number where a file is read more than once
	Pos      diag.Pos
	Name     any    // nil: named by its action
	Role     *Role  // nil: not in a role
	Action   string // as written
	Kind     Kind
	Module   module.Module
	Chosen   any    // a template that names the module; Module stands in for it; nil: it is known
	Meta     string // end_host, flush_handlers, ..., and "role_complete" (implicit, at the end of a role)
	Include  *Include
	Implicit bool // made by the compiler: flush_handlers, role_complete, setup; not announced

	Args     *value.Map // arguments by name, templates within; never nil for a module
	ArgsFrom any        // `args: "{{ mapping }}"`: a template that gives further arguments, weaker than Args; nil: none

	Keywords
	OwnVars *value.Map // vars: of the task itself

	Register       any    // a string
	Loop           any    // what loop: or with_X: was given; nil with LoopWith "": no loop
	LoopWith       string // the lookup of with_X ("items", "dict", "fileglob", ...); empty: loop:
	LoopControl    LoopControl
	Until          []any // conditions
	Retries, Delay any
	ChangedWhen    []any // conditions; nil: the module says
	FailedWhen     []any
	Notify         []any // handler names or templates
	Listen         []any // of a handler
	Async, Poll    any
	Handler        bool

	Broken string // a mistake that fails the task when it is reached, in Ansible's words; empty: none

	missing *mistake // a required argument that is not given, unless module_defaults gives it
}

// LoopControl is loop_control.
type LoopControl struct {
	LoopVar, IndexVar any
	Label, Pause      any
	Extended          any
	ExtendedAllItems  any
	BreakWhen         []any // conditions
}

// Include is what an include_tasks or include_role names; templates are resolved for each host and item.
type Include struct {
	File                                            any // include_tasks
	Name                                            any // include_role
	TasksFrom, VarsFrom, DefaultsFrom, HandlersFrom any
	Public, AllowDuplicates, RolespecValidate       any
	Apply                                           *Keywords // apply:, nil: none; with Apply's own vars in Vars
	Dir                                             string    // the folder of the file that holds the include, for relative names

	outer       inherited // what surrounds the include: all that its tasks inherit
	applyNotify []any     // notify of apply
	at          diag.Span // of the name of the file or role
	playDir     string
	depth       int // how many dynamic includes are around it
}

// Role is one use of a role.
type Role struct {
	Name       string  // as shown before task names, with its collection
	Short      string  // without its collection
	Collection string  // that it is in; empty: none
	Path       string  // its folder, absolute; role_path
	Key        string  // equal for two uses that Ansible regards as one (same name, parameters, conditions, tags)
	Parents    []*Role // those that depend on it, outermost first

	Defaults        *value.Map
	Vars            *value.Map
	Params          *value.Map // parameters where it is used
	Handlers        []*Block
	Public          bool // its defaults and vars are seen by tasks outside it
	AllowDuplicates bool
	Callers         []*Role // those in which the include_role or import_role stands that brought it, outermost first
	Dependency      bool    // it is there because another role depends on it
}

func (*Block) node() {}
func (*Task) node()  {}
