// Package module is the contract between the engine and what acts on hosts.
//
// A module looks and says what it intends (Plan); the engine decides whether it is carried out (Apply). Only an Apply
// receives a Host, which can change things; a plan sees a View, which cannot. So check mode and diff are the absence of a
// call, and a plan function that tries to write does not compile.
package module

import (
	"context"
	"io"
	"io/fs"
	"net"

	"github.com/drydock-dev/drydock/engine/value"
)

// View is what a module may see of a host and of the controller. It has no method that changes anything.
type View interface {
	// Name is the inventory name of the host.
	Name() string
	// Query runs a command that only looks. An exit status other than 0 is no error; an error means that the host
	// could not be asked.
	Query(ctx context.Context, c Cmd) (Output, error)
	// Dial opens a connection as seen from the host: through its SSH connection, or directly when it is local.
	Dial(ctx context.Context, network, address string) (net.Conn, error)
	// Controller is what the machine that Drydock runs on, and the play, offer to the module.
	Controller() Controller
	// Progress tells the person waiting what is being waited for. It is one line and may come often.
	Progress(message string)
}

// Controller is the side of the machine that Drydock runs on: its content, the templates, services of the engine.
type Controller interface {
	// Find resolves a file of the content by Ansible's search path: kind is "files", "templates", "vars" or "tasks". The answer is a
	// path for ReadFile; the error names the places looked in.
	Find(kind, name string) (string, error)
	// FS opens what Find found; names are as Find returned them. Directories can be listed.
	FS() fs.ReadDirFS
	// Render renders the text of a template file in the context of the task.
	Render(t TemplateText) (string, error)
	// Eval evaluates a bare expression in the context of the task (debug var=).
	Eval(expr string) (any, error)
	// Test evaluates a conditional as `when` does (assert that=).
	Test(cond string) (bool, error)
	// Service returns something the engine offers by private key: the clients of a cluster, a terminal, what was learned in earlier runs.
	Service(key any) (any, error)
}

// TemplateText is a template file's text and the options of Ansible's template module. Text is read with Jinja's escapes.
type TemplateText struct {
	Name                                   string // for error messages
	Text                                   string
	BlockStart, BlockEnd, VarStart, VarEnd string // empty: {% %} {{ }}
	CommentStart, CommentEnd               string
	TrimBlocks, LstripBlocks               bool
	Newline                                string     // empty: \n
	Vars                                   *value.Map // further variables, nil: none
}

// Host is what a module may do. Only an Apply receives one.
type Host interface {
	View
	// Exec runs a command.
	Exec(ctx context.Context, c Cmd) (Output, error)
	// WriteFile replaces the file at path by what r holds: into a temporary file beside it, then mode, then rename. A mode of 0 keeps
	// the mode of the file that is there, or uses 0644 less the umask.
	WriteFile(ctx context.Context, path string, r io.Reader, mode fs.FileMode) error
	// Reset drops the connection; the next call connects anew. For reboot and meta: reset_connection.
	Reset(ctx context.Context) error
}

// Cmd is a command for a host. Exactly one of Argv, Shell and Script is given.
type Cmd struct {
	Argv   []string // a program and its arguments; quoted for the shell by the engine
	Shell  string   // a line for Executable -c
	Script string   // a POSIX sh script of our own (a probe); runs as sh -c SCRIPT drydock ARGS...
	Args   []string // $1, $2, ... of Script

	Executable string    // the shell of Shell; empty: the host's, which is /bin/sh where its variables name no other
	Stdin      io.Reader // nil: closed at once
	Dir        string    // working directory; empty: where the login begins
	Env        []string  // NAME=value, on top of the task's environment
	// Watch is told each line of the standard output as it arrives, for Progress; nil: nobody watches. Output has them all the same.
	Watch func(line string)
	// AsLogin runs the command as the connection's user although the task says become.
	AsLogin bool
	// Raw sends Shell as it is: no environment, no shell of ours around it (raw).
	Raw bool
}

// Output is what a command that ran has left.
type Output struct {
	Rc     int
	Stdout string
	Stderr string
}

// Line is the first line of the standard output, without its end.
func (o Output) Line() string {
	for i := 0; i < len(o.Stdout); i++ {
		if o.Stdout[i] == '\n' {
			return trimCR(o.Stdout[:i])
		}
	}
	return trimCR(o.Stdout)
}

func trimCR(s string) string {
	if n := len(s); n > 0 && s[n-1] == '\r' {
		return s[:n-1]
	}
	return s
}

// Module is one thing that tasks can do. Define is the usual way to make one.
type Module interface {
	Spec() Spec
	// Params lists the arguments, in the order of the argument struct.
	Params() []Param
	// Plan looks once, in one round trip where it can, and says what is to be done.
	Plan(ctx context.Context, v View, args *value.Map) (Plan, error)
}

// Spec says what a module is.
type Spec struct {
	Name    string   // fully qualified: ansible.builtin.copy
	Aliases []string // other fully qualified names: ansible.builtin.systemd_service
	Doc     string   // one sentence
	// Lacks are arguments that Ansible's module has and this one refuses, by name, at load.
	Lacks []string
	// FreeForm names the argument that takes a task's free-form text (command: uptime); empty: none.
	FreeForm string
	// Needs is what Ansible says, in its own words, when a required argument is missing; empty: it names the arguments.
	Needs string
	// AnyArgs lets arguments through that are not declared (set_fact, debug of a whole mapping).
	AnyArgs bool
	// Disrupts tells from a call's arguments whether its Apply takes the node, or K3s on it, away from the cluster; nil: never does.
	Disrupts func(Args) Disruption
	// Controller says that the module acts on no host: it needs no connection (debug, set_fact, assert).
	Controller bool
	// Detaches says that an Apply gives its command to Detach where its Host is a Detacher: an async task then outlives its connection.
	Detaches bool
	// RunsOnce says that the module runs for the first host only, whatever run_once says (pause).
	RunsOnce bool
}
