package local_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/conntest"
	"github.com/drydock-dev/drydock/engine/conn/local"
)

func TestSuite(t *testing.T) {
	conntest.Run(t, func(t *testing.T) conn.Connection { return &local.Connection{Dir: t.TempDir()} })
}

// cancelling cancels at its first write and keeps what was written.
type cancelling struct {
	text   bytes.Buffer
	cancel context.CancelFunc
}

func (c *cancelling) Write(p []byte) (int, error) {
	c.cancel()
	return c.text.Write(p)
}

func TestCancelKillsTheWholeGroup(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &cancelling{cancel: cancel}
	_, err := (&local.Connection{}).Run(ctx, conn.Command{Line: "echo $$; sleep 100 | sleep 100; echo not reached", Stdout: out})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want %v", err, context.Canceled)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(out.text.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the shell is still there: %v", err)
	}
}

func TestEnvironmentAndDirectory(t *testing.T) {
	dir := t.TempDir()
	c := &local.Connection{Dir: dir, Env: []string{"GREETING=hello"}}
	conntest.Want(t, c, "pwd; echo $GREETING", nil, 0, dir+"\nhello\n", "")
	missing := &local.Connection{Dir: dir + "/missing"}
	if _, err := missing.Run(t.Context(), conn.Command{Line: "true"}); !errors.Is(err, conn.ErrUnreachable) {
		t.Errorf("got %v, want unreachable", err)
	}
}

func TestDial(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := (&local.Connection{}).Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
