package ssh

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// nativeProxy recognises the ProxyCommand of half the world's inventories, ssh -W %h:%p [options] host, and answers the
// host and the options, so that no ssh program is needed and the jump host is shared. Anything unusual about the command
// (pipes, variables, options we do not have) leaves it to the shell.
func nativeProxy(t target) (hop string, args []string, ok bool) {
	c := strings.TrimPrefix(t.proxyCommand, "exec ")
	if c == "" || strings.ContainsAny(c, "|&;<>()$`\\'*?#\n") {
		return "", nil, false
	}
	w := fields(c)
	if len(w) < 2 || filepath.Base(w[0]) != "ssh" {
		return "", nil, false
	}
	a := parseArgs(w[1:])
	if len(a.warnings) > 0 || len(a.rest) != 1 {
		return "", nil, false
	}
	wanted := net.JoinHostPort(t.host, strconv.Itoa(t.port))
	forwards := false
	for _, p := range a.set {
		if p.key == "W" {
			forwards = p.value == wanted || p.value == t.host+":"+strconv.Itoa(t.port)
		}
	}
	return a.rest[0], withoutRest(w[1:], a.rest[0]), forwards
}

// withoutRest takes the host out of the words, so that only the options are left.
func withoutRest(words []string, host string) []string {
	var out []string
	for i, w := range words {
		if w == host && len(parseArgs(words[:i]).rest) == 0 && len(parseArgs(words[:i+1]).rest) == 1 {
			continue
		}
		out = append(out, w)
	}
	return out
}

// command is the way through a ProxyCommand: its standard input and output.
type command struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.ReadCloser
	once sync.Once
}

// startCommand runs a ProxyCommand in the user's way: a line for the shell, in a process group of its own, which is ended with
// the connection. What it writes to its standard error is lost, as it would be with ssh -q.
func startCommand(line string) (net.Conn, error) {
	cmd := exec.Command("/bin/sh", "-c", "exec "+strings.TrimPrefix(line, "exec "))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	return &command{cmd: cmd, in: in, out: out}, nil
}

func (c *command) Read(p []byte) (int, error)  { return c.out.Read(p) }
func (c *command) Write(p []byte) (int, error) { return c.in.Write(p) }

// Close ends the command. That it was killed is no error.
func (c *command) Close() error {
	c.once.Do(func() {
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGTERM)
		_, _ = c.in.Close(), c.cmd.Wait()
	})
	return nil
}

// commandAddr is the address of both ends: there is none.
type commandAddr struct{}

func (commandAddr) Network() string { return "command" }
func (commandAddr) String() string  { return "0.0.0.0:0" }

func (c *command) LocalAddr() net.Addr              { return commandAddr{} }
func (c *command) RemoteAddr() net.Addr             { return commandAddr{} }
func (c *command) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (c *command) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (c *command) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
