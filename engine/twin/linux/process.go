package linux

// Processes: what a program is given, and how it is found by its name.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"mvdan.cc/sh/v3/expand"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// program is what runs in a process. It returns an exit status.
type program func(p *process) int

// session is what processes of one command line have in common.
type session struct{ jobs atomic.Int32 } // that were started in the background

// killed is the status of a process that has ended by SIGKILL or with its machine, as a shell shows it.
const killed = 128 + 9

// process is a program that runs.
type process struct {
	*Host
	ctx     context.Context
	args    []string // with the name
	env     expand.Environ
	dir     string
	who     user
	umask   uint32
	pid     int
	line    uint // of the script that called it
	stdin   io.Reader
	raw     io.Writer // the output below out
	out     *bufio.Writer
	stderr  io.Writer
	status  int // $? of the shell that called it
	session *session
}

// name is the program's, as messages show it.
func (p *process) name() string { return path.Base(strings.TrimPrefix(p.args[0], "builtin:")) }

// operands are the arguments without the name.
func (p *process) operands() []string { return p.args[1:] }

// view is the disk as the process sees it.
func (p *process) view() disk.View {
	return p.disk.As(disk.User{UID: p.who.uid, GID: p.who.gid, Groups: p.who.groups, Dir: p.dir, Umask: p.umask})
}

// getenv is an exported variable.
func (p *process) getenv(name string) string {
	v := p.env.Get(name)
	if !v.Exported {
		return ""
	}
	return v.String()
}

// environ are the exported variables as NAME=value.
func (p *process) environ() []string {
	var list []string
	p.env.Each(func(name string, v expand.Variable) bool {
		if v.Exported && v.IsSet() && name != "PWD" && !strings.HasPrefix(name, "__twin_") {
			list = append(list, name+"="+v.String())
		}
		return true
	})
	return append(list, "PWD="+p.dir)
}

// printf writes to the output.
func (p *process) printf(format string, args ...any) { fmt.Fprintf(p.out, format, args...) }

// print writes to the output.
func (p *process) print(text string) { _, _ = p.out.WriteString(text) }

// complain writes a message with the program's name before it and returns status 1.
func (p *process) complain(format string, args ...any) int {
	_ = p.out.Flush() // what was said before comes before
	fmt.Fprintf(p.stderr, "%s: %s\n", p.name(), fmt.Sprintf(format, args...))
	return 1
}

// refuse ends a program that was asked for what the twin does not play, and notes it.
func (p *process) refuse(what string) int {
	p.noteUnknown(p.name() + " " + what)
	p.complain("the twin does not know: %s", what)
	return 2
}

// said is an error of the disk in the words of the C library.
func said(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		text := no.Error()
		switch no {
		case syscall.ELOOP:
			text = "too many levels of symbolic links"
		case syscall.EXDEV:
			text = "invalid cross-device link"
		}
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return err.Error()
}

// sleep waits by the host's clock; false: the process has been ended meanwhile.
func (p *process) sleep(d time.Duration) bool {
	if d <= 0 {
		return p.ctx.Err() == nil
	}
	_ = p.out.Flush()
	return p.clock.Sleep(p.ctx, d) == nil
}

// input reads all of the standard input.
func (p *process) input() []byte {
	if p.stdin == nil {
		return nil
	}
	data, _ := io.ReadAll(p.stdin) // an error is the end of the input, as for any reader of a pipe
	return data
}

// run starts another program in the place of this one: same streams, same user unless changed by with.
func (p *process) run(args []string, with func(child *process)) int {
	_ = p.out.Flush()
	child := *p
	child.args = args
	child.out = p.scripts.writer(p.raw)
	if with != nil {
		with(&child)
		if child.raw != p.raw {
			child.out.Reset(child.raw)
		}
	}
	defer p.scripts.done(child.out)
	return child.start()
}

// start finds the program and runs it to its end.
func (p *process) start() int {
	do, scriptText, code := p.lookUp()
	if code != 0 {
		return code
	}
	if p.ctx.Err() != nil {
		return killed
	}
	p.pid = p.Host.pid()
	if do != nil {
		code = do(p)
	} else {
		code = p.runFile(scriptText)
	}
	err := p.out.Flush()
	switch {
	case p.ctx.Err() != nil:
		return killed
	case errors.Is(err, syscall.ENOSPC): // a reader that is gone is no error of the program
		return max(code, p.complain("write error: %s", said(err)))
	}
	return code
}

// magic is what the file of a program begins with; the program's name follows.
const magic = "\x7fELF\x02twin:"

// lookUp finds the program of a name: a function of ours, or the text of a script.
func (p *process) lookUp() (program, []byte, int) {
	name := p.args[0]
	if builtin, ok := strings.CutPrefix(name, "builtin:"); ok {
		if do := builtins[builtin]; do != nil {
			return do, nil, 0
		}
	}
	file, err := p.which(name)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			fmt.Fprintf(p.stderr, "sh: %d: %s: Permission denied\n", max(p.line, 1), name)
			return nil, nil, 126
		}
		p.noteUnknown(name)
		fmt.Fprintf(p.stderr, "sh: %d: %s: not found\n", max(p.line, 1), name)
		return nil, nil, 127
	}
	text, err := p.disk.As(disk.User{}).ReadFile(p.view().Abs(file))
	if err != nil {
		fmt.Fprintf(p.stderr, "sh: %d: %s: %s\n", max(p.line, 1), name, said(err))
		return nil, nil, 126
	}
	if elf, ok := strings.CutPrefix(string(text[:min(len(text), 64)]), magic); ok {
		if do := p.table[elf]; do != nil {
			return do, nil, 0
		}
		fmt.Fprintf(p.stderr, "sh: %d: %s: Exec format error\n", max(p.line, 1), name)
		return nil, nil, 126
	}
	p.args = append([]string{file}, p.args[1:]...)
	return nil, text, 0
}

// which is the path of a program by PATH.
func (p *process) which(name string) (string, error) {
	v := p.view()
	if strings.Contains(name, "/") {
		return name, executable(v, name)
	}
	if name == "" {
		return "", os.ErrNotExist
	}
	denied, where := error(nil), loginPath
	if set := p.env.Get("PATH"); set.IsSet() {
		where = set.String()
	}
	for _, dir := range strings.Split(where, ":") {
		file := path.Join(dir, name)
		switch err := executable(v, file); {
		case err == nil:
			return file, nil
		case errors.Is(err, fs.ErrPermission):
			denied = err
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", os.ErrNotExist
}

func executable(v disk.View, file string) error {
	i, err := v.Stat(file)
	switch {
	case err != nil:
		return err
	case i.IsDir():
		return os.ErrPermission
	}
	return v.Access(file, disk.Execute)
}

// runFile runs the text of an executable file: by the interpreter that its first line names, or by the shell.
func (p *process) runFile(text []byte) int {
	first, _, _ := strings.Cut(string(text), "\n")
	words := strings.Fields(strings.TrimPrefix(first, "#!"))
	if !strings.HasPrefix(first, "#!") || len(words) == 0 {
		words = []string{"/bin/sh"}
	}
	return p.run(append(words, p.args...), nil)
}
