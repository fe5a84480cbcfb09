// Command parity runs the recorded cases and the table of templates through Drydock and tells where it differs from ansible-core. It is
// what `make parity` calls:
//
//	parity -drydock ./drydock -cases testdata/parity/cases -jinja testdata/parity/jinja.json
//
// A suite whose path does not exist is left out. The exit code is 1 if something differs, 2 if nothing could be compared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/drydock-dev/drydock/parity"
)

func main() {
	drydock := flag.String("drydock", "./drydock", "the program to compare; it is called as ansible-playbook")
	cases := flag.String("cases", "testdata/parity/cases", "the folder of the cases")
	table := flag.String("jinja", "testdata/parity/jinja.json", "the table of templates")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	fine, err := suites(ctx, *drydock, *cases, *table)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(2)
	case !fine:
		os.Exit(1)
	}
}

// suites runs those whose path exists.
func suites(ctx context.Context, drydock, cases, table string) (fine bool, err error) {
	fine, any := true, false
	if exists(cases) {
		any = true
		if fine, err = runCases(ctx, drydock, cases); err != nil {
			return false, err
		}
	}
	if exists(table) {
		any = true
		ok, err := parity.Questions(ctx, os.Stdout, table)
		if err != nil {
			return false, err
		}
		fine = fine && ok
	}
	if !any {
		return false, fmt.Errorf("neither %s nor %s is there", cases, table)
	}
	return fine, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return name != "" && err == nil
}

func runCases(ctx context.Context, drydock, cases string) (bool, error) {
	program, err := filepath.Abs(drydock)
	if err != nil {
		return false, err
	}
	home, err := os.MkdirTemp("", "parity-home-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(home)
	return parity.Cases(ctx, os.Stdout, cases, home, caller(program))
}

// caller calls a program as ansible-playbook, with its standard input closed.
func caller(program string) parity.Playbook {
	return func(ctx context.Context, c parity.Call) (int, error) {
		cmd := exec.CommandContext(ctx, program, c.Args...)
		cmd.Args[0] = "ansible-playbook"
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.Dir, c.Env, c.Stdout, c.Stderr
		cmd.WaitDelay = 2 * time.Second // what a case left running may hold the output open
		err := cmd.Run()
		var exit *exec.ExitError
		switch {
		case errors.As(err, &exit) && exit.ExitCode() >= 0:
			return exit.ExitCode(), nil
		case errors.Is(err, exec.ErrWaitDelay):
			return cmd.ProcessState.ExitCode(), nil
		}
		return 0, err
	}
}
