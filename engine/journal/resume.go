package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
)

// ErrFinished says that there is nothing to take up: the run has reached its end.
var ErrFinished = errors.New("the run has finished; there is nothing to resume")

// Resumed is a run that is taken up again.
type Resumed struct {
	*Writer
	Args    []string // the command line that it was begun with
	Late    bool
	Version string       // of the drydock that was at it last
	Files   []event.File // those that it was made of, as they were read last
	Told    event.RunResumed
	lost    []event.HostsLost // hosts that begin again
}

// Resume takes a run for this process. It is locked until the Writer is closed, and nothing is written before Begin.
func (r *Runs) Resume(run *Run, o Origin) (*Resumed, error) {
	unlock, err := lock(run.dir, o)
	if err != nil {
		return nil, err
	}
	w, err := r.resume(run, o)
	if err != nil {
		unlock()
		return nil, err
	}
	w.unlock = unlock
	return w, nil
}

func (r *Runs) resume(run *Run, o Origin) (*Resumed, error) {
	records, end, err := run.read(nil)
	if err != nil {
		return nil, err
	}
	before, err := past(records)
	if err != nil {
		return nil, err
	}
	if before.finished != nil && before.finished.Exit == 0 && !before.finished.Stopped {
		return nil, ErrFinished
	}
	m := newMemory(run.ID, o.Key)
	for i, rec := range records {
		if err := m.take(rec); err != nil {
			return nil, fmt.Errorf("record %d of the journal: %w", i+1, err)
		}
	}
	if len(m.opened) == 0 {
		return nil, fmt.Errorf("the journal of %s is empty: the run has done nothing yet, so begin it anew", run.ID)
	}
	f, err := reopen(run.dir, end)
	if err != nil {
		return nil, err
	}
	first := m.opened[0]
	o.Args, o.Late = first.Args, first.Late
	w := newWriter(run.ID, run.dir, f, o)
	w.memory, w.seq = m, len(records)
	out := &Resumed{Writer: w, Args: first.Args, Late: first.Late, Version: before.version, Files: before.files, lost: before.lost}
	if before.finished == nil || before.finished.Stopped {
		out.lost = nil // the run was not at its end: what has failed has failed
	}
	for _, l := range out.lost {
		out.Told.Again = append(out.Told.Again, l.Hosts...)
		for _, step := range l.Steps {
			m.forget(step)
		}
	}
	out.Told.Run, out.Told.Finished = run.ID, m.finished()
	return out, nil
}

// Begin writes down that this process goes on with the run, and forgets what hosts have done that were lost: they begin again.
func (r *Resumed) Begin() error {
	if err := r.open(); err != nil {
		return err
	}
	for _, lost := range r.lost {
		for _, step := range lost.Steps {
			if err := r.Keep(step, nil); err != nil {
				return err
			}
		}
	}
	return r.Commit()
}

// reopen cuts off a last line that was never finished.
func reopen(dir string, end int64) (*os.File, error) {
	name := filepath.Join(dir, journalFile)
	if err := os.Truncate(name, end); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0o600)
}

// history is what the records say of the run as a whole. What only the last process has found is of that one.
type history struct {
	version  string
	files    []event.File
	lost     []event.HostsLost
	finished *event.RunFinished
}

// tellsOfTheWhole are the kinds of record that history reads.
var tellsOfTheWhole = map[string]bool{"files_used": true, "hosts_lost": true, kindFinished: true}

func past(records []Record) (*history, error) {
	h := &history{}
	byPath := map[string]event.File{}
	for i, r := range records {
		if r.Kind == kindOpened {
			var said opening
			if err := json.Unmarshal(r.Event, &said); err != nil {
				return nil, fmt.Errorf("record %d of the journal: %w", i+1, err)
			}
			h.version, h.lost, h.finished = said.Version, nil, nil
		}
		if !tellsOfTheWhole[r.Kind] {
			continue
		}
		e, err := r.read()
		if err != nil {
			return nil, fmt.Errorf("record %d of the journal: %w", i+1, err)
		}
		switch x := e.(type) {
		case event.FilesUsed:
			for _, f := range x.Files {
				byPath[f.Path] = f
			}
		case event.HostsLost:
			h.lost = append(h.lost, x)
		case event.RunFinished:
			h.finished = &x
		}
	}
	for _, f := range byPath {
		h.files = append(h.files, f)
	}
	slices.SortFunc(h.files, func(a, b event.File) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	return h, nil
}

// Copy returns a file as the run has read it; the error says that there is no copy.
func (r *Resumed) Copy(f event.File) ([]byte, error) {
	sealed, err := os.ReadFile(filepath.Join(r.dir, "files", f.SHA256))
	if err != nil {
		return nil, err
	}
	return r.origin.Key.open(r.ID, copyOf(f), sealed)
}

// Changed are the files of the run that are not any more what they were; now reads them as they are.
func (r *Resumed) Changed(now func(name string) ([]byte, error)) []event.File {
	var out []event.File
	for _, f := range r.Files {
		if data, err := now(f.Path); err != nil || digest(data) != f.SHA256 {
			out = append(out, f)
		}
	}
	return out
}
