package conn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/conntest"
	"github.com/drydock-dev/drydock/engine/conn/local"
)

func TestReadOnly(t *testing.T) {
	c := conn.ReadOnly(&local.Connection{})
	_, err := c.Run(t.Context(), conn.Command{Line: "echo secret >/dev/null"})
	var refused *conn.RefusedError
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	if exit, err := c.Run(t.Context(), conn.Command{Line: "exit 3", ReadOnly: true}); exit != 3 || err != nil {
		t.Errorf("a command that only looks: %d, %v", exit, err)
	}
	if _, ok := conn.As[conn.Dialer](c); !ok {
		t.Error("the dialer below is not found")
	}
	if _, ok := conn.As[*conn.Redialer](c); ok {
		t.Error("a capability was found that nobody has")
	}
}

func TestRecord(t *testing.T) {
	var got []conn.Entry
	c := conn.Record(&local.Connection{}, func(s string) string { return strings.ReplaceAll(s, "pass", "****") },
		func(e conn.Entry) { got = append(got, e) })
	now := time.Unix(0, 0)
	c.Now = func() time.Time { now = now.Add(time.Second); return now }
	conntest.Want(t, c, "exit 4 # pass", nil, 4, "", "")
	if len(got) != 1 || got[0] != (conn.Entry{Line: "exit 4 # ****", Exit: 4, Took: time.Second}) {
		t.Errorf("got %+v", got)
	}
}

func TestRecordSuite(t *testing.T) {
	conntest.Run(t, func(*testing.T) conn.Connection {
		return conn.Record(&local.Connection{}, nil, func(conn.Entry) {})
	})
}

func TestRedialSuite(t *testing.T) {
	conntest.Run(t, func(*testing.T) conn.Connection {
		return conn.Redial(func(context.Context) (conn.Connection, error) { return &local.Connection{}, nil })
	})
}

// fake is a connection that answers its commands with what it was told.
type fake struct {
	mu     sync.Mutex
	ran    []string
	err    error
	closed bool
}

func (f *fake) Run(_ context.Context, c conn.Command) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ran = append(f.ran, c.Line)
	return 0, f.err
}

func (f *fake) Close() error { f.closed = true; return nil }

func (f *fake) Dial(context.Context, string, string) (net.Conn, error) { return nil, f.err }

// exchange is a Redialer over these connections, one after the other.
func exchange(t *testing.T, list ...*fake) (*conn.Redialer, *int) {
	dialled := 0
	return conn.Redial(func(context.Context) (conn.Connection, error) {
		if dialled == len(list) {
			return nil, fmt.Errorf("no more: %w", conn.ErrUnreachable)
		}
		dialled++
		return list[dialled-1], nil
	}), &dialled
}

func TestRedialNeverRunsACommandTwice(t *testing.T) {
	lost := &fake{err: fmt.Errorf("lost: %w", conn.ErrUnreachable)}
	next := &fake{}
	r, dialled := exchange(t, lost, next)
	if r.Connected() || *dialled != 0 {
		t.Error("connected before it was needed")
	}
	if _, err := r.Run(t.Context(), conn.Command{Line: "a"}); !errors.Is(err, conn.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	if !lost.closed || len(next.ran) != 0 || r.Connected() {
		t.Errorf("after the loss: closed %v, the next ran %q", lost.closed, next.ran)
	}
	if _, err := r.Run(t.Context(), conn.Command{Line: "b"}); err != nil || len(next.ran) != 1 {
		t.Errorf("the next command: %v, ran %q", err, next.ran)
	}
}

func TestRedialSendsWhatWasNotStarted(t *testing.T) {
	first, second := &fake{}, &fake{}
	r, dialled := exchange(t, first, second)
	if _, err := r.Run(t.Context(), conn.Command{Line: "a"}); err != nil {
		t.Fatal(err)
	}
	first.err = fmt.Errorf("%w %w", conn.ErrUnreachable, conn.ErrNotStarted)
	if _, err := r.Run(t.Context(), conn.Command{Line: "b"}); err != nil || len(second.ran) != 1 {
		t.Errorf("got %v, the second ran %q", err, second.ran)
	}
	second.err = first.err
	if _, err := r.Run(t.Context(), conn.Command{Line: "c"}); !errors.Is(err, conn.ErrUnreachable) || *dialled != 2 {
		t.Errorf("got %v after %d dials", err, *dialled)
	}
}

func TestRedialGivesUpOnAFreshConnection(t *testing.T) {
	f := &fake{err: fmt.Errorf("%w %w", conn.ErrUnreachable, conn.ErrNotStarted)}
	r, dialled := exchange(t, f, f, f)
	if _, err := r.Run(t.Context(), conn.Command{Line: "a"}); !errors.Is(err, conn.ErrNotStarted) || *dialled != 1 {
		t.Errorf("got %v after %d dials", err, *dialled)
	}
}

func TestRedialReset(t *testing.T) {
	first, second := &fake{}, &fake{err: errors.New("no such port")}
	r, dialled := exchange(t, first, second)
	r.Reset()
	if _, err := r.Run(t.Context(), conn.Command{Line: "a"}); err != nil {
		t.Fatal(err)
	}
	r.Reset()
	if !first.closed || r.Connected() {
		t.Error("reset did not close")
	}
	if _, err := r.Dial(t.Context(), "tcp", "x:1"); err == nil || *dialled != 2 {
		t.Errorf("dial through the second: %v after %d dials", err, *dialled)
	}
	if err := r.Close(); err != nil || !second.closed {
		t.Errorf("close: %v", err)
	}
	if _, err := r.Run(t.Context(), conn.Command{Line: "a"}); !errors.Is(err, conn.ErrUnreachable) || *dialled != 2 {
		t.Errorf("after close: %v", err)
	}
}

func TestRedialConnectsOnce(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	dialled := 0
	f := &fake{}
	r := conn.Redial(func(context.Context) (conn.Connection, error) {
		dialled++
		close(begun)
		<-finish
		return f, nil
	})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := r.Run(t.Context(), conn.Command{Line: "x"}); err != nil {
				t.Error(err)
			}
		})
	}
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Run(ctx, conn.Command{Line: "impatient"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait: %v", err)
	}
	close(finish)
	wg.Wait()
	if dialled != 1 || len(f.ran) != 10 {
		t.Errorf("dialled %d times, ran %d commands", dialled, len(f.ran))
	}
}

// FuzzQuote lets the real shell judge.
func FuzzQuote(f *testing.F) {
	for _, w := range []string{"", "a", "it's", `\`, "\n", "$(x)", "~", "=x", "漢", "\xff\xfe", "-n", "a'b\"c`d"} {
		f.Add(w, "second")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = strings.ReplaceAll(a, "\x00", ""), strings.ReplaceAll(b, "\x00", "")
		got, err := exec.Command("/bin/sh", "-c", "printf '%s\\0' "+conn.Quote(a, b)).Output()
		if want := a + "\x00" + b + "\x00"; err != nil || !bytes.Equal(got, []byte(want)) {
			t.Errorf("%q and %q came out as %q, %v", a, b, got, err)
		}
	})
}

func TestWriteFileWhenTheDiskIsFull(t *testing.T) {
	full := &local.Connection{Env: []string{"PATH=" + fullDisk(t) + ":/usr/bin:/bin"}}
	dir := t.TempDir()
	err := conn.WriteFile(t.Context(), full, dir+"/f", strings.NewReader("text"), 0)
	var failed *conn.WriteError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "No space left on device") {
		t.Errorf("got %v", err)
	}
	conntest.Want(t, &local.Connection{}, "ls -A "+dir, nil, 0, "", "")
}

// fullDisk is a directory with a cat that fails as on a full disk, for no test can fill one.
func fullDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := "#!/bin/sh\nhead -c 2\necho 'cat: write error: No space left on device' >&2\nexit 1\n"
	if err := os.WriteFile(dir+"/cat", []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
