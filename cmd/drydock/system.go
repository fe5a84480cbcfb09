package main

import (
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"golang.org/x/term"
)

// streams is what a command reads and writes; tests hand in their own.
type streams struct {
	in       *os.File
	out, err io.Writer
	tty      bool // out is a terminal
	width    int  // its columns; 0 without one
	getenv   func(string) (string, bool)
	cwd      string
	home     string
	stop     func() (soft <-chan struct{}, hard <-chan struct{}, done func())
}

// system is the process's own streams.
func system() *streams {
	s := &streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.LookupEnv, stop: interrupts}
	s.cwd, _ = os.Getwd() // an unreadable working directory shows with the first relative path
	s.home, _ = os.UserHomeDir()
	s.tty = term.IsTerminal(int(os.Stdout.Fd()))
	if s.tty {
		s.width, _, _ = term.GetSize(int(os.Stdout.Fd()))
	} else if c, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil {
		s.width = c
	}
	return s
}

// interrupts tells of the first ctrl+C (end what is begun) and the second (now).
func interrupts() (soft, hard <-chan struct{}, done func()) {
	first, second := make(chan struct{}), make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	quit := make(chan struct{})
	go func() {
		for _, c := range []chan struct{}{first, second} {
			select {
			case <-signals:
				close(c)
			case <-quit:
				return
			}
		}
	}()
	return first, second, func() {
		signal.Stop(signals)
		close(quit)
	}
}
