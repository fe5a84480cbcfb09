// Package local runs commands on the machine Drydock runs on, as the connection "local" does in Ansible.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"syscall"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
)

// Connection runs commands in /bin/sh. Dir and Env, when set, are where and with what they run; the zero value takes
// both from the process.
type Connection struct {
	Dir string
	Env []string
}

// outputGrace is how long output is waited for after the end of a command that left a process behind.
const outputGrace = time.Second

// Run runs a command in a process group of its own. When ctx ends, the whole group is killed.
func (l *Connection) Run(ctx context.Context, c conn.Command) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", c.Line)
	cmd.Dir, cmd.Env = l.Dir, l.Env
	cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = outputGrace
	if err := start(cmd, c.Stdin); err != nil {
		return 0, fmt.Errorf("start /bin/sh: %w: %w", err, conn.ErrUnreachable)
	}
	err := cmd.Wait()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return status(err)
}

// start starts cmd and feeds it, without waiting for the input. No input is an end of file at once.
func start(cmd *exec.Cmd, stdin io.Reader) error {
	if stdin == nil {
		return cmd.Start()
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(in, stdin) // fails when the command has ended without reading it all, which is its right
		_ = in.Close()
	}()
	return nil
}

// status makes an exit status of how a process ended: 128+n after signal n, as shells have it.
func status(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return 0, nil
	case !errors.As(err, &exit):
		return 0, fmt.Errorf("run /bin/sh: %w: %w", err, conn.ErrUnreachable)
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// Close does nothing: there is nothing to close.
func (l *Connection) Close() error { return nil }

// Dial opens a connection from this machine.
func (l *Connection) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, address)
}
