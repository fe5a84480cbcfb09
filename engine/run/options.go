// Package run carries a program out: it asks the scheduler for steps, lets workers do them on hosts, and tells the
// scheduler and the variable store what came of them. It is the only place where something happens to a host; what
// happened is told as events, and who listens to them is not its business.
//
// One goroutine (the loop in batch.go) owns scheduler and variables. Workers receive an immutable snapshot and answer
// over a channel. act.go holds the one function that knows check mode.
package run

import (
	"context"
	"io/fs"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
)

// Options is everything a run needs; nothing is looked up elsewhere.
type Options struct {
	Program   *program.Program
	Compiler  *program.Compiler
	Inventory *inventory.Inventory
	Limit     []string // the patterns of --limit; nil: all hosts
	Vars      *vars.Store
	Lang      *jinja.Language
	Sink      event.Sink
	Begin     []event.Event // what is told first: of the run itself
	Memory    Memory        // nil: the run is not kept, and cannot be taken up again
	Connect   Connector
	Reload    func() (*inventory.Inventory, error) // for meta: refresh_inventory; nil: it stays
	Settings  vars.ConnectionDefaults              // command line and ansible.cfg
	Services  func(key any) (any, error)
	Content   Content
	Clock     module.Clock
	Guard     Guard      // nil: nobody is asked
	Between   Between    // nil: it is always time for the next hosts
	Hooks     Hooks      // nil: there are none
	Magic     *value.Map // variables that hold for the whole run: ansible_version, ansible_run_tags, ...

	Forks         int
	Check, Diff   bool
	Tags, Skip    []string
	StartAt       string                            // --start-at-task
	Confirm       func(task string) (Answer, error) // --step; nil: no questions
	Console       Console                           // for the task debugger; nil: nobody debugs
	Debug         bool                              // enable_task_debugger of ansible.cfg: look at failures
	DebugIgnored  bool                              // task_debugger_ignore_errors: not at those that are ignored
	ForceHandlers bool
	// What ansible.cfg lets pass: handlers that nobody defined (error_on_missing_handler = no), patterns that match no host
	// (host_pattern_mismatch: warning, error, ignore).
	MissingHandlers bool
	PatternMismatch string
	ShowArgs        bool            // tell the arguments of tasks as written when they begin (display_args_to_stdout)
	Gathering       string          // implicit, explicit, smart
	AnyFatal        bool            // any_errors_fatal of ansible.cfg
	GatherSubset    []string        // of ansible.cfg, for plays that do not say; empty: all
	Managed         string          // ansible_managed, in templates
	NoLog           bool            // no_log of ansible.cfg, for tasks that do not say
	Strategy        string          // of ansible.cfg, for plays that do not say; empty: linear
	AsyncDir        string          // async_dir of ansible.cfg; empty: ~/.ansible_async
	PollInterval    int             // poll_interval of ansible.cfg in seconds, for async tasks that do not say
	TaskTimeout     int             // task_timeout of ansible.cfg in seconds, for tasks that do not say; 0: none
	Verbosity       int             // what programs of the content's own are told; from 3 on results hold how a module was called
	RemoteTmp       string          // below which programs are brought to hosts, unless their variables say otherwise
	KeepFiles       bool            // keep_remote_files
	Trace           bool            // tell of every command that hosts are given (-vvv)
	Stop            <-chan struct{} // closed when a person asks to stop: what is begun ends, rescue and always run, nothing else
}

// Answer is what a person says to --step.
type Answer int

// The answers to --step.
const (
	No Answer = iota
	Yes
	Continue // yes, and ask no more
)

// Connector opens the way to a machine. It is called once per machine and settings; the run keeps the connection.
type Connector interface {
	Connect(ctx context.Context, c vars.Connection) (conn.Connection, error)
}

// Content finds and opens the files of playbooks and roles on the controller.
type Content interface {
	fs.ReadDirFS
	// Abs makes a path absolute.
	Abs(path string) string
	// Stat tells what a path is, without following what does not exist.
	Stat(path string) (fs.FileInfo, error)
}

// The exit codes of a run, which are Ansible's.
const (
	ExitOK          = 0
	ExitError       = 1
	ExitFailed      = 2
	ExitUnreachable = 4
	ExitParse       = 4
	exitInterrupted = 99

	exitOptions = 5 // a keyword of a play that Ansible takes for a bad option
)

// contentError is a mistake of the author that shows only while the play runs: an include that does not compile, a
// handler that nobody defined. It ends the run.
type contentError struct {
	list diag.List
	text string
	code int // to end with; 0: ExitError
}

func (e *contentError) Error() string {
	if e.text != "" {
		return e.text
	}
	return e.list.Err().Error()
}

// Diagnostics returns what is wrong with the content behind an error of Run, if that is the reason.
func Diagnostics(err error) (diag.List, bool) {
	if e, ok := err.(*contentError); ok && len(e.list) > 0 {
		return e.list, true
	}
	return nil, false
}
