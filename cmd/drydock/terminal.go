package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/drydock-dev/drydock/engine/module"
)

// terminal is the person at the screen. Prompts go to the error stream, so that output can be piped.
type terminal struct {
	in    *os.File
	out   io.Writer
	lines *bufio.Reader
}

func newTerminal(s *streams) *terminal {
	return &terminal{in: s.in, out: s.err, lines: bufio.NewReader(s.in)}
}

func (t *terminal) present() bool { return term.IsTerminal(int(t.in.Fd())) }

// Ask prints a prompt and reads a line.
func (t *terminal) Ask(ctx context.Context, prompt string, echo bool) (string, error) {
	if !t.present() {
		return "", module.ErrNoTerminal
	}
	fmt.Fprint(t.out, prompt)
	if !echo {
		secret, err := term.ReadPassword(int(t.in.Fd()))
		fmt.Fprintln(t.out)
		return string(secret), err
	}
	return t.line(ctx)
}

// console is the terminal for the task debugger: it reads what is piped into it, too.
type console struct {
	*terminal
	to io.Writer
}

// Ask prints a prompt and reads a line.
func (c console) Ask(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(c.to, prompt)
	s, err := c.line(ctx)
	if errors.Is(err, module.ErrNoTerminal) {
		err = io.EOF
	}
	return s, err
}

// Say prints a line.
func (c console) Say(text string) { fmt.Fprintln(c.to, text) }

// line reads a line, or gives up with ctx. A read that was given up is answered by the next line typed.
func (t *terminal) line(ctx context.Context) (string, error) {
	type read struct {
		text string
		err  error
	}
	got := make(chan read, 1)
	go func() {
		text, err := t.lines.ReadString('\n')
		got <- read{text, err}
	}()
	select {
	case r := <-got:
		if errors.Is(r.err, io.EOF) {
			return strings.TrimRight(r.text, "\r\n"), module.ErrNoTerminal
		}
		return strings.TrimRight(r.text, "\r\n"), r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Pause shows a prompt and waits. A line typed meanwhile ends it early.
func (t *terminal) Pause(ctx context.Context, prompt string, d time.Duration) error {
	fmt.Fprintln(t.out, prompt)
	if !t.present() {
		return module.RealClock{}.Sleep(ctx, d)
	}
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_, err := t.line(wait)
	if errors.Is(err, context.DeadlineExceeded) {
		return ctx.Err()
	}
	return err
}
