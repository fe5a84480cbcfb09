package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/journal"
)

// This file takes options over from the command line of an earlier run.

// recalled are the options that a later run takes over where its own command line is silent: what is run on, and how it is reached.
func recalled() []string {
	out := []string{"inventory", "extra-vars", "module-path", "forks"}
	for _, f := range append(connection(), vaultFlags()...) {
		out = append(out, f.Names()[0])
	}
	return out
}

// asRecorded sets the options of c that are not given as they were given to a run. A command line that cannot be read is a warning.
func (a *app) asRecorded(c *cli.Context, run *journal.Run) error {
	o, err := a.origin(nil)
	if err != nil {
		return noJournal(err)
	}
	words, err := run.Called(o.Key)
	if err != nil {
		fmt.Fprintf(a.err, "[WARNING]: with which options the run was called cannot be read, so only those given now count: %v\n", err)
		return nil
	}
	old, err := a.parsed(words)
	if err != nil {
		return &exit{exitError, fmt.Errorf("the command line of run %s: %w", run.ID, err)}
	}
	for _, name := range recalled() {
		if err := takeOver(c, old, name); err != nil {
			return &exit{exitError, fmt.Errorf("the command line of run %s: %w", run.ID, err)}
		}
	}
	return nil
}

// parsed reads a command line again, verb first, without carrying it out.
func (a *app) parsed(words []string) (*cli.Context, error) {
	verbs := newApp(a.streams) // flags hold what was read: these are fresh ones
	v, args := &verbs.verbs[0], words
	if len(words) > 0 {
		if named := verbs.verbNamed(words[0]); named != nil {
			v, args = named, words[1:]
		}
	}
	arranged, err := arrange(args, v.flags)
	if err != nil {
		return nil, err
	}
	var out *cli.Context
	reader := &cli.App{
		Flags: v.flags, HideHelp: true, HideVersion: true, DisableSliceFlagSeparator: true, Writer: a.out, ErrWriter: a.err,
		ExitErrHandler: func(*cli.Context, error) {}, OnUsageError: func(_ *cli.Context, err error, _ bool) error { return err },
		Action: func(c *cli.Context) error { out = c; return nil },
	}
	err = reader.Run(append([]string{"drydock"}, arranged...))
	return out, err
}

// takeOver sets one option as another command line has it, where that has it and this one has not.
func takeOver(c, old *cli.Context, name string) error {
	if !old.IsSet(name) || c.IsSet(name) || !slices.ContainsFunc(c.App.Flags, func(f cli.Flag) bool { return f.Names()[0] == name }) {
		return nil
	}
	values := []string{fmt.Sprint(old.Value(name))}
	if _, many := old.Value(name).(cli.StringSlice); many {
		values = old.StringSlice(name)
	}
	for _, v := range values {
		if err := c.Set(name, v); err != nil {
			return err
		}
	}
	return nil
}
