package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Call is a command that a client has sent.
type Call struct {
	Machine *Machine
	User    string // who has logged in
	Line    string // the command line, as it came
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// Exec runs a command and answers its exit status. A negative number -n is death by signal n. ctx ends when the client
// signals the command, closes its session or is gone. An Exec may be called many times at once.
type Exec func(ctx context.Context, c Call) int

// NoStatus as the answer of an Exec closes the session without an exit status, as a machine does that goes down.
const NoStatus = math.MinInt

// Sandbox is where the commands of Shell run.
type Sandbox struct {
	Home    string            // working directory and $HOME
	Path    string            // directory of programs that shadow the real ones; empty: none
	Env     []string          // NAME=value, besides HOME, PATH, USER and LOGNAME
	Replace map[string]string // texts of a command line that are replaced: /proc/sys/kernel/random/boot_id by a file, say
}

// loginPath is what sshd gives to a login of root, near enough.
const loginPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Shell runs commands in the real /bin/sh, as the user of the test, with an environment of its own.
func Shell(s Sandbox) Exec {
	return func(ctx context.Context, c Call) int {
		path := loginPath
		if s.Path != "" {
			path = s.Path + string(filepath.ListSeparator) + path
		}
		line := c.Line
		for from, to := range s.Replace {
			line = strings.ReplaceAll(line, from, to)
		}
		cmd := exec.CommandContext(ctx, "/bin/sh", "-c", line)
		cmd.Dir = s.Home
		cmd.Env = append([]string{"HOME=" + s.Home, "PATH=" + path, "USER=" + c.User, "LOGNAME=" + c.User}, s.Env...)
		return runProcess(cmd, c)
	}
}

// runProcess runs cmd in a process group of its own, which is killed as a whole when the context ends.
func runProcess(cmd *exec.Cmd, c Call) int {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // for a background process that keeps the output open after the end of its parent
	cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(c.Stderr, err)
		return 127
	}
	go func() { // ends when the session is closed, which follows the end of the command
		_, _ = io.Copy(stdin, c.Stdin)
		_ = stdin.Close()
	}()
	var exit *exec.ExitError
	if err := cmd.Wait(); errors.As(err, &exit) {
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return -int(ws.Signal())
		}
		return exit.ExitCode()
	}
	return 0
}

// Answer is what a Script says to a command.
type Answer struct {
	Match  string // part of the command line
	Exit   int
	Stdout string
	Stderr string
	Do     Exec // when not nil it answers instead: to reboot, to block, to look at stdin
}

// Script answers only the commands it was told about; all others are refused by name, with exit status 127.
type Script struct {
	Answers []Answer // the first that matches counts
	Else    Exec     // takes what no answer matches (Shell, say) instead of a refusal

	mu      sync.Mutex
	lines   []string
	unknown []string
}

// Exec is the Exec of the script.
func (s *Script) Exec(ctx context.Context, c Call) int {
	a, ok := s.find(c.Line)
	switch {
	case !ok && s.Else != nil:
		return s.Else(ctx, c)
	case !ok:
		fmt.Fprintf(c.Stderr, "this machine was not told how to answer: %s\n", c.Line)
		return 127
	case a.Do != nil:
		return a.Do(ctx, c)
	}
	_, _ = io.WriteString(c.Stdout, a.Stdout)
	_, _ = io.WriteString(c.Stderr, a.Stderr)
	return a.Exit
}

// find notes the line and looks up its answer.
func (s *Script) find(line string) (Answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
	for _, a := range s.Answers {
		if strings.Contains(line, a.Match) {
			return a, true
		}
	}
	if s.Else == nil {
		s.unknown = append(s.unknown, line)
	}
	return Answer{}, false
}

// Lines are the command lines that came, in order.
func (s *Script) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.lines...)
}

// Unknown are the command lines that were refused.
func (s *Script) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.unknown...)
}
