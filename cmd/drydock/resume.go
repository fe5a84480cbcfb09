package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/render"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/vault"
)

func (a *app) resumeVerb() verb {
	return verb{
		name: "resume", args: "[RUN]", usage: "go on with a run that failed, was interrupted or died; without RUN the newest such",
		flags: []cli.Flag{
			on("yes", "go on although files of the run have changed", "y"),
			on("wait", "wait for a maintenance window that is closed, instead of ending with 3"),
		}, run: a.resume,
	}
}

// resume begins the command line of a run again, with its journal in hand.
func (a *app) resume(_ context.Context, c *cli.Context) error {
	run, err := a.runNamed(c, func(s journal.Summary) bool { return s.State.Unfinished() && !s.AdHoc() })
	if errors.Is(err, errNoRun) {
		return &exit{exitError, errors.New("no run here is unfinished; drydock runs lists all")}
	}
	if err != nil {
		return err
	}
	o, err := a.origin(nil)
	if err != nil {
		return &exit{exitError, err}
	}
	now := source.NewTree(a.cwd, source.Disk(), source.Embedded(a.cwd, drydock.Content)).ReadRaw
	o.ReadFile = now
	r, err := a.runs().Resume(run, o)
	if errors.Is(err, journal.ErrFinished) {
		fmt.Fprintf(a.out, "run %s has finished; there is nothing to resume\n", run.ID)
		return nil
	}
	if err != nil {
		return &exit{exitError, err}
	}
	defer r.Close() // again, where the run has closed it
	if err := a.sameWorld(c, r, now); err != nil {
		return err
	}
	a.resumed, a.late = r, r.Late
	v := a.verbNamed(r.Args[0])
	if v == nil {
		return &exit{exitError, fmt.Errorf("run %s was begun by the verb %q, which there is not", run.ID, r.Args[0])}
	}
	args := r.Args[1:]
	if c.Bool("wait") && !slices.Contains(args, "--wait") {
		args = append([]string{"--wait"}, args...)
	}
	return a.call(v, args)
}

// sameWorld makes sure that a person knows what is not as it was.
func (a *app) sameWorld(c *cli.Context, r *journal.Resumed, now func(string) ([]byte, error)) error {
	if r.Version != version {
		fmt.Fprintf(a.err, "[WARNING]: drydock %s began this run, this is %s\n", r.Version, version)
	}
	changed := slices.DeleteFunc(r.Changed(now), func(f event.File) bool { return f.Origin != "disk" && f.Origin != "embedded" })
	if len(changed) == 0 {
		return nil
	}
	for _, f := range changed {
		a.showChange(r, f, now)
	}
	if c.Bool("yes") {
		return nil
	}
	t := newTerminal(a.streams)
	if !t.present() {
		return &exit{exitError, fmt.Errorf("%d files of the run have changed since; drydock resume --yes %s goes on with them as they are", len(changed), r.ID)}
	}
	answer, err := t.Ask(context.Background(), fmt.Sprintf("%d files of the run have changed since. Go on with them as they are? (y/N): ", len(changed)), true)
	if err != nil {
		return &exit{exitError, err}
	}
	if w := strings.ToLower(strings.TrimSpace(answer)); w != "y" && w != "yes" {
		return &exit{exitError, errors.New("nothing was done")}
	}
	return nil
}

// showChange prints how a file differs from what the run has read.
func (a *app) showChange(r *journal.Resumed, f event.File, now func(string) ([]byte, error)) {
	after, gone := now(f.Path)
	before, err := r.Copy(f)
	switch {
	case gone != nil && err != nil:
		fmt.Fprintf(a.err, "%s is gone\n", f.Path)
	case err != nil:
		fmt.Fprintf(a.err, "%s has changed; there is no copy of what it was\n", f.Path)
	case vault.Is(before) || vault.Is(after):
		fmt.Fprintf(a.err, "%s has changed; it is encrypted\n", f.Path)
	case !utf8.Valid(before) || !utf8.Valid(after) || bytes.IndexByte(after, 0) >= 0:
		fmt.Fprintf(a.err, "%s has changed; it is no text\n", f.Path)
	default:
		fmt.Fprint(a.err, render.Unified(event.Diff{Before: string(before), After: string(after), BeforeHeader: f.Path, AfterHeader: f.Path + " (now)"}, 3))
	}
}
