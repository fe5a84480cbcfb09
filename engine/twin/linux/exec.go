package linux

// The door: a command line that came by SSH.

import (
	"context"
	"io"
	"os"
	"path"
	"sync"

	"mvdan.cc/sh/v3/expand"

	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// ProgramCall is a call of a program that somebody else plays.
type ProgramCall struct {
	Host   *Host
	User   string
	Args   []string // with the name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

const loginPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// guarded makes an output safe for several writers.
type guarded struct {
	mu sync.Mutex
	to io.Writer
}

func (g *guarded) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.to.Write(p)
}

// Exec runs a command line as the login shell of a user does. It is the Exec of a machine.Config.
func (h *Host) Exec(ctx context.Context, c machine.Call) int {
	if h.config.KeepLines {
		h.mu.Lock()
		h.lines = append(h.lines, c.Line)
		h.mu.Unlock()
	}
	u, ok := h.userNamed(c.User)
	if !ok {
		_, _ = io.WriteString(c.Stderr, "This account is not available\n")
		return 1
	}
	if words, closed := h.closed(); closed {
		_, _ = io.WriteString(c.Stderr, words)
		return 254
	}
	if h.breaks(SSHDrops) {
		return h.dropped(ctx, c, u)
	}
	return h.login(ctx, c, u)
}

// dropped runs a command whose connection is reset before its end.
func (h *Host) dropped(ctx context.Context, c machine.Call, u user) int {
	drop := h.dropOnce(c.Machine)
	h.login(context.WithValue(ctx, dropKey{}, drop), c, u)
	drop()
	return machine.NoStatus
}

// login runs a command in a new session.
func (h *Host) login(ctx context.Context, c machine.Call, u user) int {
	alive := h.alive()
	run, cancel := context.WithCancel(alive)
	defer context.AfterFunc(ctx, cancel)() // what it has left in the background outlives the session
	if drop := ctx.Value(dropKey{}); drop != nil {
		run = context.WithValue(run, dropKey{}, drop)
	}
	s := &session{}
	defer func() {
		if s.jobs.Load() == 0 { // else they are ended by the power
			cancel()
		}
	}()
	out, stderr := &guarded{to: c.Stdout}, &guarded{to: c.Stderr}
	in, done := fileOf(c.Stdin)
	defer done()
	p := &process{Host: h, ctx: run, args: []string{path.Base(u.shell), "-c", c.Line}, dir: u.home, who: u, umask: 0o022, stdin: in,
		raw: out, out: h.scripts.writer(out), stderr: stderr, pid: h.pid(), session: s, env: expand.ListEnviron(loginEnv(u)...)}
	code := shellProgram(p)
	_ = p.out.Flush() // a client that is gone does not need it
	if alive.Err() != nil {
		return machine.NoStatus
	}
	if ctx.Err() != nil {
		return -9
	}
	return code
}

func loginEnv(u user) []string {
	return []string{"HOME=" + u.home, "USER=" + u.name, "LOGNAME=" + u.name, "SHELL=" + u.shell, "PATH=" + loginPath,
		"SSH_CONNECTION=192.0.2.1 50000 192.0.2.10 22"}
}

// Output is what a command has left.
type Output struct {
	Status         int
	Stdout, Stderr string
}

// Run runs a command line as a user, without SSH.
func (h *Host) Run(ctx context.Context, user, line, stdin string) Output {
	var out, stderr buffer
	in, w, err := os.Pipe()
	if err != nil {
		return Output{Status: 255, Stderr: err.Error()}
	}
	defer in.Close()
	go func() {
		_, _ = io.WriteString(w, stdin) // the command may read only a part
		_ = w.Close()
	}()
	status := h.Exec(ctx, machine.Call{User: user, Line: line, Stdin: in, Stdout: &out, Stderr: &stderr})
	return Output{status, out.String(), stderr.String()}
}

// buffer is a bytes.Buffer for several writers: what a command has left in the background may still write.
type buffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}
