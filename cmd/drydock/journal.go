package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/journal"
)

// runs are those of the working directory.
func (a *app) runs() *journal.Runs { return journal.Open(a.at(filepath.Join(".drydock", "runs"))) }

// keeping is the journal of a run, or none.
type keeping struct {
	*app
	w *journal.Writer // nil: none is kept
}

// keep begins the journal of a run, or goes on with the one that is resumed. A run that changes nothing by its nature keeps none.
func (a *app) keep(c *cli.Context, job *engine.Job) (keeping, error) {
	if a.resumed != nil {
		return a.goOn(job)
	}
	if never, _ := a.getenv("DRYDOCK_NO_JOURNAL"); job.Check || never != "" || c.Bool("no-journal") {
		return keeping{app: a}, nil
	}
	o, err := a.origin(job.ReadRaw)
	if err != nil {
		return keeping{}, noJournal(err)
	}
	o.Args = a.words
	w, err := a.runs().Create(o)
	if err != nil {
		return keeping{}, noJournal(err)
	}
	job.Memory = w
	job.Begin.Run, job.Begin.Version, job.Begin.Args = w.ID, version, discreet(a.words)
	if err := a.runs().Prune(job.Settings.JournalKeep); err != nil {
		fmt.Fprintf(a.err, "[WARNING]: old runs could not be removed: %v\n", err)
	}
	return keeping{a, w}, nil
}

// goOn takes up the run whose journal is open.
func (a *app) goOn(job *engine.Job) (keeping, error) {
	k := keeping{a, a.resumed.Writer}
	if err := a.resumed.Begin(); err != nil {
		return k, &exit{exitError, err}
	}
	job.Memory, job.Resumed = a.resumed, &a.resumed.Told
	job.Begin.Run, job.Begin.Version, job.Begin.Args = a.resumed.ID, version, discreet(a.words)
	return k, nil
}

func noJournal(err error) error {
	return &exit{exitError, fmt.Errorf("the journal of the run cannot be written: %w; with --no-journal there is none, and no way to resume", err)}
}

// origin is this process, as a journal names it.
func (a *app) origin(read func(string) ([]byte, error)) (journal.Origin, error) {
	o := journal.Origin{Now: time.Now, Version: version, Pid: os.Getpid(), Late: a.late, ReadFile: read}
	o.Host, _ = os.Hostname() // only for people to read
	dir := a.stateDir()
	if u, err := user.Current(); dir == "" && err == nil && u.HomeDir != "" { // a service may have no HOME
		dir = filepath.Join(u.HomeDir, ".local", "state", "drydock")
	}
	if dir == "" {
		return o, errors.New("there is no place for its key: neither HOME nor XDG_STATE_HOME is set")
	}
	var err error
	o.Key, err = journal.ReadKey(filepath.Join(dir, "journal.key"))
	return o, err
}

// before puts the journal in front of a view: what cannot be written is not shown either.
func (k keeping) before(view event.Sink) event.Sink {
	if k.w == nil {
		return view
	}
	return journalFirst{k.w, view}
}

type journalFirst struct{ journal, view event.Sink }

// Emit writes, then shows.
func (j journalFirst) Emit(e event.Event) error {
	if err := j.journal.Emit(e); err != nil {
		return err
	}
	return j.view.Emit(e)
}

// close ends the journal; the end of the run goes before its own trouble. A run that is not at its end can be taken up again.
func (k keeping) close(ended error) error {
	if k.w == nil {
		return ended
	}
	if ended != nil {
		fmt.Fprintf(k.err, "drydock: to go on: drydock resume %s\n", k.w.ID)
	}
	if err := k.w.Close(); err != nil && ended == nil {
		return &exit{exitError, err}
	}
	return ended
}

// discreet is a command line without the values of extra variables, which may be secrets; files of them are named.
func discreet(words []string) []string {
	out := slices.Clone(words)
	for i, w := range out {
		name, val, has := strings.Cut(w, "=")
		switch {
		case i > 0 && (isExtraVars(out[i-1]) || shortExtraVars(out[i-1]) == len(out[i-1])):
			out[i] = discreetVars(w)
		case has && isExtraVars(name):
			out[i] = name + "=" + discreetVars(val)
		case shortExtraVars(w) > 0 && shortExtraVars(w) < len(w):
			at := shortExtraVars(w)
			out[i] = w[:at] + discreetVars(w[at:])
		}
	}
	return out
}

// isExtraVars tells whether a word is --extra-vars, perhaps shortened.
func isExtraVars(w string) bool {
	return len(w) > 2 && strings.HasPrefix("--extra-vars", w)
}

// shortExtraVars is where the value begins in -eVARS, perhaps after options without one (-be VARS); 0: the word is none.
func shortExtraVars(w string) int {
	at := strings.IndexByte(w, 'e')
	if at < 1 || w[0] != '-' || strings.Trim(w[1:at], "bvCDkKJ") != "" {
		return 0
	}
	return at + 1
}

func discreetVars(text string) string {
	name, _, has := strings.Cut(text, "=")
	switch {
	case strings.HasPrefix(text, "@"):
		return text
	case has && !strings.ContainsAny(name, "{ "):
		return name + "=********"
	}
	return "********"
}
