// Package conntest holds what every connection must do, as tests: over SSH, locally, as another user, behind decorators.
package conntest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/drydock-dev/drydock/engine/conn"
)

// Run runs the suite. make gives a connection whose commands run in a real POSIX shell; it is called once for each test, and
// the suite closes what it gives.
func Run(t *testing.T, make func(t *testing.T) conn.Connection) {
	tests := map[string]func(*testing.T, conn.Connection){
		"streams and exit status":       testStreams,
		"words survive quoting":         testQuoting,
		"input":                         testInput,
		"no input is an end at once":    testNoInput,
		"input nobody reads":            testUnreadInput,
		"input that never ends":         testEndlessInput,
		"much output":                   testMuchOutput,
		"one writer for both":           testOneWriter,
		"death by a signal":             testSignal,
		"many at once":                  testConcurrent,
		"cancelled":                     testCancel,
		"cancelled before it began":     testCancelledBefore,
		"a process is left behind":      testBackground,
		"several lines and odd endings": testScript,
		"write a file":                  testWriteFile,
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			c := make(t)
			defer func() {
				if err := c.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}()
			f(t, c)
		})
	}
}

// Sh runs a line and gives what it left; an error ends the test.
func Sh(t *testing.T, c conn.Connection, line string, stdin io.Reader) (exit int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	exit, err := c.Run(t.Context(), conn.Command{Line: line, Stdin: stdin, Stdout: &out, Stderr: &errs})
	if err != nil {
		t.Fatalf("run %q: %v", line, err)
	}
	return exit, out.String(), errs.String()
}

// Want runs a line and compares all that it left.
func Want(t *testing.T, c conn.Connection, line string, stdin io.Reader, exit int, stdout, stderr string) {
	t.Helper()
	gotExit, gotOut, gotErr := Sh(t, c, line, stdin)
	if gotExit != exit || gotOut != stdout || gotErr != stderr {
		t.Errorf("%q:\n got %d, %q, %q\nwant %d, %q, %q", line, gotExit, gotOut, gotErr, exit, stdout, stderr)
	}
}

func testStreams(t *testing.T, c conn.Connection) {
	Want(t, c, "echo out; echo err >&2; exit 7", nil, 7, "out\n", "err\n")
	Want(t, c, "true", nil, 0, "", "")
	Want(t, c, "exit 255", nil, 255, "", "")
	Want(t, c, "no-such-program-here 2>/dev/null", nil, 127, "", "")
}

func testQuoting(t *testing.T, c conn.Connection) {
	for _, w := range []string{"", "a b", "it's", `"`, `$HOME`, "`x`", `\`, "!", "a\nb", "ü 漢", "*", "~", "-n", "#x", "'"} {
		Want(t, c, "printf %s "+conn.Quote(w), nil, 0, w, "")
	}
}

func testInput(t *testing.T, c conn.Connection) {
	Want(t, c, "read a; cat; echo =$a", strings.NewReader("first\nsecond\n"), 0, "second\n=first\n", "")
	data := bytes.Repeat([]byte("0123456789abcdef\x00\xff\r\n"), 100_000)
	sum := fmt.Sprintf("%x", sha256.Sum256(data))
	_, out, _ := Sh(t, c, "sha256sum", bytes.NewReader(data))
	if !strings.HasPrefix(out, sum) {
		t.Errorf("2 MB arrived as %s, want %s", out, sum)
	}
}

func testNoInput(t *testing.T, c conn.Connection) {
	Want(t, c, "cat; echo end", nil, 0, "end\n", "")
}

func testUnreadInput(t *testing.T, c conn.Connection) {
	Want(t, c, "exit 3", bytes.NewReader(make([]byte, 8<<20)), 3, "", "")
}

func testEndlessInput(t *testing.T, c conn.Connection) {
	r, w := io.Pipe()
	defer w.Close()
	Want(t, c, "echo done", r, 0, "done\n", "")
}

func testMuchOutput(t *testing.T, c conn.Connection) {
	var out, errs bytes.Buffer
	line := "dd if=/dev/zero bs=65536 count=80 2>/dev/null; { dd if=/dev/zero bs=65536 count=70 2>/dev/null; } >&2"
	exit, err := c.Run(t.Context(), conn.Command{Line: line, Stdout: &out, Stderr: &errs})
	if exit != 0 || err != nil || out.Len() != 80*65536 || errs.Len() != 70*65536 {
		t.Errorf("got %d, %v, %d and %d bytes", exit, err, out.Len(), errs.Len())
	}
	if exit, err := c.Run(t.Context(), conn.Command{Line: "echo nobody listens; echo here neither >&2; exit 4"}); exit != 4 || err != nil {
		t.Errorf("discarded output: %d, %v", exit, err)
	}
}

func testOneWriter(t *testing.T, c conn.Connection) {
	var both bytes.Buffer
	exit, err := c.Run(t.Context(), conn.Command{Line: "for i in 1 2 3 4 5 6 7 8 9; do echo o; echo e >&2; done", Stdout: &both, Stderr: &both})
	if exit != 0 || err != nil || strings.Count(both.String(), "o\n") != 9 || strings.Count(both.String(), "e\n") != 9 {
		t.Errorf("got %d, %v, %q", exit, err, both.String())
	}
}

func testSignal(t *testing.T, c conn.Connection) {
	Want(t, c, "exec 2>/dev/null; /bin/sh -c 'kill -9 $$'; exit $?", nil, 137, "", "")
	if exit, err := c.Run(t.Context(), conn.Command{Line: "kill -TERM $$"}); exit != 143 || err != nil {
		t.Errorf("got %d, %v, want 143", exit, err)
	}
}

func testConcurrent(t *testing.T, c conn.Connection) {
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			var out bytes.Buffer
			exit, err := c.Run(t.Context(), conn.Command{Line: fmt.Sprintf("cat; exit %d", i), Stdin: strings.NewReader(fmt.Sprint(i)), Stdout: &out})
			if exit != i || err != nil || out.String() != fmt.Sprint(i) {
				t.Errorf("command %d: %d, %v, %q", i, exit, err, out.String())
			}
		})
	}
	wg.Wait()
}

// signalling calls a function at the first write.
type signalling struct {
	once  sync.Once
	first func()
}

func (s *signalling) Write(p []byte) (int, error) {
	s.once.Do(s.first)
	return len(p), nil
}

func testCancel(t *testing.T, c conn.Connection) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &signalling{first: cancel}
	_, err := c.Run(ctx, conn.Command{Line: "echo started; exec sleep 100", Stdout: out})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	Want(t, c, "echo still there", nil, 0, "still there\n", "")
}

func testCancelledBefore(t *testing.T, c conn.Connection) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Run(ctx, conn.Command{Line: "echo x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func testBackground(t *testing.T, c conn.Connection) {
	exit, out, _ := Sh(t, c, "sleep 100 & echo $!; exit 5", nil)
	if exit != 5 || strings.TrimSpace(out) == "" {
		t.Errorf("got %d, %q", exit, out)
	}
	Want(t, c, "kill "+strings.TrimSpace(out), nil, 0, "", "")
}

func testScript(t *testing.T, c conn.Connection) {
	Want(t, c, "a=1\nif [ $a = 1 ]; then\n  echo yes # it is\nfi", nil, 0, "yes\n", "")
	Want(t, c, "echo x # comment", nil, 0, "x\n", "")
	Want(t, c, "cat <<E\nhere\nE", nil, 0, "here\n", "")
}
