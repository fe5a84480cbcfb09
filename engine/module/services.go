package module

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/value"
)

// What a module may meet when the way to a host fails; the engine's errors wrap these. All others are our own faults.
var (
	ErrUnreachable = errors.New("host is unreachable")
	ErrHostKey     = errors.New("host key has changed")
	ErrAuth        = errors.New("authentication failed")
	// ErrUndefined: an expression given to Controller.Eval uses what is not defined.
	ErrUndefined = errors.New("undefined")
)

// The keys of services that a Controller offers. Each names the interface its answer has.
type (
	// ClockKey answers a Clock.
	ClockKey struct{}
	// TerminalKey answers a Terminal.
	TerminalKey struct{}
	// YAMLKey answers a YAML.
	YAMLKey struct{}
	// LearnedKey answers a Learned.
	LearnedKey struct{}
	// DiskKey answers a Disk.
	DiskKey struct{}
	// TaskKey answers a *Task.
	TaskKey struct{}
	// WayKey answers a *Way.
	WayKey struct{}
	// BegunKey answers a *value.Map: what the Plan of this very task noted (Plan.Noting) in a run that died while it was carried out. There is
	// no such service where no run did.
	BegunKey struct{}
)

// Task is what surrounds the call of a program of the content's own, which is told of it by Ansible's protocol.
type Task struct {
	Action    string // as written
	Diff      bool
	NoLog     bool
	Verbosity int
	KeepFiles bool   // keep_remote_files: nothing that was brought is removed
	RemoteTmp string // the folder below which to stay on the host; may begin with ~
	Shell     string // the shell of the host, for _ansible_shell_executable
	// Var answers a variable as the task sees it, evaluated; false: there is none.
	Var     func(name string) (any, bool)
	Lodging *Lodging
}

// Lodging remembers what was brought to a host, as one user, for the length of a run. Whoever reads or changes it holds its lock. The
// engine removes Dir when the run ends.
type Lodging struct {
	sync.Mutex
	Dir   string            // absolute; empty: nothing was brought yet
	Has   map[string]bool   // names of files below Dir
	Notes map[string]string // what was found out about the host on the way
}

// Disk is the file system of the machine that Drydock runs on, for what is brought home from hosts (fetch). Paths are absolute or begin
// with ~/.
type Disk interface {
	// Read returns a file; for one that is missing the error is fs.ErrNotExist, for a directory another.
	Read(path string) ([]byte, error)
	// Write replaces a file at once and makes the directories above it.
	Write(path string, data []byte) error
}

// Clock is the time as modules see it, so that tests need not wait.
type Clock interface {
	Now() time.Time
	// Sleep waits, or returns ctx's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// ClockOf asks a controller for its Clock; one without the service has the real time.
func ClockOf(c Controller) Clock {
	if s, err := c.Service(ClockKey{}); err == nil {
		if clock, ok := s.(Clock); ok {
			return clock
		}
	}
	return RealClock{}
}

// RealClock is the time of the machine that Drydock runs on.
type RealClock struct{}

// Now is the time of the machine.
func (RealClock) Now() time.Time { return time.Now() }

// Sleep waits for d, or for ctx.
func (RealClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Terminal is the person at the screen.
type Terminal interface {
	// Ask prints a prompt and reads a line; echo false hides what is typed. ErrNoTerminal: nobody is there.
	Ask(ctx context.Context, prompt string, echo bool) (string, error)
	// Pause shows a prompt and waits; ctrl+C then C ends it early, ctrl+C then A aborts with an error.
	Pause(ctx context.Context, prompt string, d time.Duration) error
}

// ErrNoTerminal is the answer of a Terminal without a person.
var ErrNoTerminal = errors.New("no terminal to ask on")

// YAML reads YAML for modules, which may not import a parser.
type YAML interface {
	// Docs reads every document of a text as plain values (no templates).
	Docs(text string) ([]any, error)
	// Vars reads a variables file by a path that Find returned; scalars with template marks become templates. Vault
	// files are opened where a password is known.
	Vars(path string) (*value.Map, error)
}

// Learned is what earlier runs have measured, by host and subject ("reboot").
type Learned interface {
	// Past returns the measured durations, oldest first; none on a first run.
	Past(host, subject string) []time.Duration
	// Add keeps a further measurement.
	Add(host, subject string, d time.Duration) error
}
