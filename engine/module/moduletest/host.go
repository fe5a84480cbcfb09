// Package moduletest tests modules: on a host that is the real file system under a temporary directory and the real /bin/sh (Host), on
// a host that answers only the commands it was told (Script), by tables (Run) and as a whole set (Conform).
//
// What every module must keep is checked without being asked for: a plan changes nothing, it looks in one round trip, what it predicts is
// what happens, and a second run finds nothing to do.
package moduletest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

// Call is one thing that a module asked of a host.
type Call struct {
	Verb string // query, exec, write, reset
	Line string // the command as Line prints it, or the path written
}

// Host is a module.Host over the real sh. Its files are those of the machine; tests keep to Dir, which is also HOME.
type Host struct {
	Dir   string
	Shell []string // what runs scripts and lines: /bin/sh, or busybox sh
	// Env is further environment of every command.
	Env []string
	// Control is the controller side that the module meets.
	Control *Controller
	// Rooted makes Dir the root of the host's files: in commands, /etc and other places of a machine's state mean those below Dir, and what
	// is printed shows them without it.
	Rooted bool
	// Lost makes every further call fail as an unreachable host does.
	Lost bool

	mu    sync.Mutex
	calls []Call
	said  []string
}

// NewHost makes a host whose Dir is a fresh temporary directory.
func NewHost(t testing.TB) *Host {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &Host{Dir: dir, Shell: []string{"sh"}, Control: NewController()}
}

// View is the host as a plan sees it: it cannot be turned back into a Host.
func (h *Host) View() module.View { return viewOf{h} }

type viewOf struct{ h module.Host }

func (v viewOf) Name() string { return v.h.Name() }
func (v viewOf) Query(ctx context.Context, c module.Cmd) (module.Output, error) {
	return v.h.Query(ctx, c)
}
func (v viewOf) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return v.h.Dial(ctx, network, address)
}
func (v viewOf) Controller() module.Controller { return v.h.Controller() }
func (v viewOf) Progress(message string)       { v.h.Progress(message) }

// Name is "testhost".
func (h *Host) Name() string { return "testhost" }

// Controller returns Control.
func (h *Host) Controller() module.Controller { return h.Control }

// Progress keeps the message for Said.
func (h *Host) Progress(message string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = append(h.said, message)
}

// Said returns what the module has told by Progress so far.
func (h *Host) Said() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.said...)
}

// Calls returns what was asked so far, oldest first.
func (h *Host) Calls() []Call {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Call(nil), h.calls...)
}

func (h *Host) note(verb, line string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, Call{verb, line})
	if h.Lost {
		return fmt.Errorf("testhost: %w", module.ErrUnreachable)
	}
	return nil
}

// Query runs a command on the real machine. That it only looks is checked by Run, which compares Dir before and after a plan.
func (h *Host) Query(ctx context.Context, c module.Cmd) (module.Output, error) {
	if err := h.note("query", Line(c)); err != nil {
		return module.Output{}, err
	}
	return h.run(ctx, c)
}

// Exec runs a command on the real machine.
func (h *Host) Exec(ctx context.Context, c module.Cmd) (module.Output, error) {
	if err := h.note("exec", Line(c)); err != nil {
		return module.Output{}, err
	}
	return h.run(ctx, c)
}

func (h *Host) run(ctx context.Context, c module.Cmd) (module.Output, error) {
	argv := h.argv(h.below(c))
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdin = c.Dir, c.Stdin
	if cmd.Dir == "" {
		cmd.Dir = h.Dir
	}
	cmd.Env = append([]string{"HOME=" + h.Dir, "PATH=" + h.binDir() + ":" + os.Getenv("PATH"), "LC_ALL=C", "CALLS=" + h.callsFile()}, append(slices.Clone(h.Env), c.Env...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return module.Output{Rc: 127, Stderr: err.Error()}, nil
	}
	return module.Output{Rc: cmd.ProcessState.ExitCode(), Stdout: h.above(out.String()), Stderr: h.above(errs.String())}, nil
}

func (h *Host) argv(c module.Cmd) []string {
	switch {
	case c.Script != "":
		return append(append(append([]string{}, h.Shell...), "-c", c.Script, "drydock"), c.Args...)
	case c.Argv != nil:
		return append(append(append([]string{}, h.Shell...), "-c", `exec "$@"`, "drydock"), c.Argv...)
	case c.Executable != "":
		return []string{c.Executable, "-c", c.Shell}
	}
	return append(append([]string{}, h.Shell...), "-c", c.Shell)
}

func (h *Host) binDir() string { return filepath.Join(h.Dir, ".bin") }

// Command puts a program of the given name first on the host's PATH; body is POSIX sh.
func (h *Host) Command(t testing.TB, name, body string) {
	t.Helper()
	if err := os.MkdirAll(h.binDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	// A child that another test forks while the file is open would hold it open, and nobody could run it.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(filepath.Join(h.binDir(), name), []byte("#!/bin/sh\n"+h.rooted(body)+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// WriteFile replaces the file as the engine does: a temporary file beside it, mode, rename.
func (h *Host) WriteFile(ctx context.Context, path string, r io.Reader, mode fs.FileMode) error {
	if err := h.note("write", path); err != nil {
		return err
	}
	if mode == 0 {
		mode = 0o644
		if st, err := os.Stat(path); err == nil {
			mode = st.Mode().Perm()
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".drydock-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close(), os.Chmod(f.Name(), mode), os.Rename(f.Name(), path))
}

// Dial connects from this machine.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

// Reset notes the call.
func (h *Host) Reset(context.Context) error { return h.note("reset", "") }

// Line prints a command in one line: "argv: rpm -q foo", "shell: a | b", "script: NAME arg arg" where NAME is the text of the script's
// first line, which by convention is a comment that names it.
func Line(c module.Cmd) string {
	switch {
	case c.Script != "":
		first, _, _ := strings.Cut(c.Script, "\n")
		return strings.Join(append([]string{"script: " + strings.TrimSpace(strings.TrimLeft(first, "# "))}, c.Args...), " ")
	case c.Argv != nil:
		return "argv: " + strings.Join(c.Argv, " ")
	}
	return "shell: " + c.Shell
}
