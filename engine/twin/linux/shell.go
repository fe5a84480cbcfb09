package linux

// The shell: scripts run by mvdan.cc/sh over the disk of the host.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// shell is a process that runs a script.
type shell struct {
	*process
	funcs map[string]bool
}

// errKilled ends a shell at once.
var errKilled = errors.New("killed")

// runScript runs a script as the process p, with $0 and its parameters.
func (p *process) runScript(text, zero string, params []string, opts ...string) int {
	parsed, err := p.scripts.parse(text, p.runsBash())
	if err != nil {
		fmt.Fprintf(p.stderr, "%s: %s\n", zero, syntaxError(err))
		return 2
	}
	for _, what := range parsed.refused {
		p.noteUnknown("sh: " + what)
	}
	_ = p.out.Flush()
	defer p.beginShell()()
	s := &shell{process: p, funcs: parsed.funcs}
	in, closeIn := fileOf(p.stdin)
	defer closeIn()
	runner, err := interp.New(
		interp.Env(&startEnv{Environ: expand.ListEnviron(p.environ()...), shell: s}), interp.Dir("/"),
		interp.StdIO(in, p.raw, p.stderr), interp.CallHandler(s.call),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return s.exec }),
		interp.OpenHandler(s.open), interp.ReadDirHandler2(s.readDir), interp.StatHandler(s.stat), interp.AccessHandler(s.access),
	)
	if err == nil && len(opts) > 0 {
		err = interp.Params(opts...)(runner)
	}
	if err != nil {
		return p.complain("%v", err)
	}
	runner.Dir, runner.Params = p.dir, params
	err = runner.Run(p.ctx, &syntax.File{Name: zero, Stmts: parsed.stmts, Last: parsed.last})
	var status interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case p.ctx.Err() != nil, errors.Is(err, errKilled):
		return killed
	case errors.As(err, &status):
		return int(status)
	}
	return p.complain("%v", err) + 1
}

// runsBash tells whether this process, which is a shell, is bash: /bin/sh is, on Red Hat.
func (p *process) runsBash() bool {
	return p.config.Family == RedHat || path.Base(p.args[0]) == "bash"
}

func syntaxError(err error) string {
	var at syntax.ParseError
	if errors.As(err, &at) {
		return fmt.Sprintf("%d: Syntax error: %s", at.Pos.Line(), at.Text)
	}
	return err.Error()
}

// fileOf gives the interpreter a real file to read from, which is what it needs, and a function that closes it.
func fileOf(in io.Reader) (io.Reader, func()) {
	switch in := in.(type) {
	case nil:
		return nil, func() {}
	case *os.File:
		return in, func() {}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, func() {}
	}
	go func() { // ends with the input, or when the reader is closed
		_, _ = io.Copy(w, in)
		_ = w.Close()
	}()
	return r, func() { _ = r.Close() }
}

// startEnv is the environment that a shell begins with, and our own variables.
type startEnv struct {
	expand.Environ
	shell *shell
}

// Get finds a variable.
func (e *startEnv) Get(name string) expand.Variable {
	own := func(v string) expand.Variable { return expand.Variable{Set: true, Kind: expand.String, Str: v} }
	switch name {
	case varPID:
		return own(strconv.Itoa(e.shell.pid))
	case varUmask:
		return own(strconv.FormatUint(uint64(e.shell.umask), 8))
	case varThisJob:
		return own(e.shell.env.Get(varThisJob).String())
	case "BASH_VERSION":
		if e.shell.runsBash() {
			return own("5.2.15(1)-release")
		}
		return expand.Variable{}
	case "UID", "EUID", "GID":
		return own(strconv.Itoa(e.shell.who.uid))
	}
	return e.Environ.Get(name)
}

// state is what a handler needs to know of the shell that calls it, which may be a subshell.
func (s *shell) state(hc interp.HandlerContext) (v disk.View, umask uint32) {
	n, _ := strconv.ParseUint(hc.Env.Get(varUmask).String(), 8, 32)
	return s.disk.As(disk.User{UID: s.who.uid, GID: s.who.gid, Groups: s.who.groups, Dir: hc.Dir, Umask: uint32(n)}), uint32(n)
}

// exec runs a command that is neither a function nor a builtin of the interpreter.
func (s *shell) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	if args[0] != "builtin:jobend" { // which ends the job itself
		var alive bool
		var free func()
		if ctx, free, alive = s.jobContext(ctx, hc); !alive {
			free()
			return errKilled
		}
		defer free()
	}
	p := &process{Host: s.Host, ctx: ctx, args: args, env: hc.Env, dir: hc.Dir, who: s.who, line: hc.Pos.Line(), stdin: hc.Stdin,
		raw: hc.Stdout, out: s.scripts.writer(hc.Stdout), stderr: hc.Stderr, status: hc.LastExitStatus, pid: s.pid,
		session: s.session}
	_, p.umask = s.state(hc)
	code := p.start()
	s.scripts.done(p.out)
	if code == 0 {
		return nil
	}
	return interp.ExitStatus(uint8(code))
}

// open opens a file for a redirection.
func (s *shell) open(ctx context.Context, name string, flags int, _ os.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	v, _ := s.state(hc)
	name, over := strings.CutPrefix(name, clobber)
	switch name {
	case "/dev/stdout", "/dev/fd/1":
		return stream{hc.Stdout}, nil
	case "/dev/stderr", "/dev/fd/2":
		return stream{hc.Stderr}, nil
	}
	if flags&os.O_TRUNC != 0 && !over && hc.Env.Get(varNoClobber).String() != "" {
		if i, err := v.Stat(name); err == nil && i.Kind() == disk.Regular {
			return nil, &fs.PathError{Op: "sh: 1: cannot create", Path: name, Err: errors.New("File exists")}
		}
	}
	f, err := v.Open(name, flags, 0o666)
	if err != nil {
		return nil, redirection(name, flags, err)
	}
	if flags&(os.O_WRONLY|os.O_RDWR) != 0 {
		return f, nil
	}
	return pipeOf(f)
}

// redirection is the error of a redirection in the words of dash.
func redirection(name string, flags int, err error) error {
	op, text := "sh: 1: cannot open", said(err)
	if flags&os.O_CREATE != 0 {
		op = "sh: 1: cannot create"
	}
	if errors.Is(err, fs.ErrNotExist) {
		text = "No such file"
		if flags&os.O_CREATE != 0 {
			text = "Directory nonexistent"
		}
	}
	return &fs.PathError{Op: op, Path: name, Err: errors.New(text)}
}

// pipeOf gives what a file holds as a real file. What fits into any pipe is written at once.
func pipeOf(f io.Reader) (io.ReadWriteCloser, error) {
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, &fs.PathError{Op: "sh: 1: cannot open", Path: "input", Err: errors.New(said(err))}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	const fits = 4096
	write := func() {
		_, _ = w.Write(data) // the reader may end before
		_ = w.Close()
	}
	if len(data) <= fits {
		write()
	} else {
		go write()
	}
	return r, nil
}

// stream is an output as a file.
type stream struct{ io.Writer }

// Read reads nothing.
func (stream) Read([]byte) (int, error) { return 0, io.EOF }

// Close leaves it open.
func (stream) Close() error { return nil }

func (s *shell) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	v, _ := s.state(interp.HandlerCtx(ctx))
	list, err := v.ReadDir(name)
	entries := make([]fs.DirEntry, len(list))
	for i, info := range list {
		entries[i] = fs.FileInfoToDirEntry(info)
	}
	return entries, err
}

func (s *shell) stat(ctx context.Context, name string, follow bool) (fs.FileInfo, error) {
	v, _ := s.state(interp.HandlerCtx(ctx))
	if follow {
		return v.Stat(name)
	}
	return v.Lstat(name)
}

func (s *shell) access(ctx context.Context, name string, mode interp.AccessMode) error {
	v, _ := s.state(interp.HandlerCtx(ctx))
	return v.Access(name, uint32(mode))
}

// shellProgram is sh and bash: -c TEXT [NAME [ARG...]], a file, or the standard input.
func shellProgram(p *process) int {
	args, opts := p.operands(), []string(nil)
	command := false
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		word := args[0]
		args = args[1:]
		switch {
		case word == "--":
		case word == "-o" && len(args) > 0:
			opts, args = append(opts, "-o", args[0]), args[1:]
			continue
		case word == "--login", word == "--norc", word == "--noprofile", word == "--posix":
			continue
		case strings.ContainsRune(word, 'c') && word[0] == '-':
			command = true
			fallthrough
		default:
			for _, flag := range word[1:] {
				if !strings.ContainsRune("cils", flag) {
					opts = append(opts, word[:1]+string(flag))
				}
			}
			continue
		}
		break
	}
	switch {
	case command && len(args) == 0:
		return p.complain("0: -c requires an argument") + 1
	case command:
		zero, params := p.args[0], []string(nil)
		if len(args) > 1 {
			zero, params = args[1], args[2:]
		}
		return p.runScript(args[0], zero, params, opts...)
	case len(args) > 0:
		text, err := p.view().ReadFile(args[0])
		if err != nil {
			p.complain("0: cannot open %s: %s", args[0], strings.TrimSuffix(said(err), " or directory"))
			return 2
		}
		return p.runScript(string(text), args[0], args[1:], opts...)
	}
	return p.runScript(string(p.input()), p.args[0], nil, opts...)
}
