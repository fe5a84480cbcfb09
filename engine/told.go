package engine

import (
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/source"
)

// This file holds what is told of a run as a whole: what it was asked for, and the files that it is made of.

// begin is what is told first.
func (j *Job) begin() []event.Event {
	started := j.started()
	if j.Resumed == nil {
		return []event.Event{started}
	}
	resumed := *j.Resumed
	resumed.At = started.At
	return []event.Event{started, resumed}
}

// started is the first event.
func (j *Job) started() event.RunStarted {
	clock := j.Machine.Clock
	if clock == nil {
		clock = module.RealClock{}
	}
	e := j.Options.Begin
	e.At, e.Check, e.Cwd = clock.Now(), j.Check, j.Machine.Cwd
	e.Playbooks, e.Inventory, e.Limit, e.Tags, e.SkipTags = j.Playbooks, j.Options.Inventory, j.Limit, j.Tags, j.SkipTags
	if len(e.Inventory) == 0 {
		e.Inventory = j.Config.Inventory
	}
	return e
}

// ReadRaw reads a file as it lies there, from the disk or from within the binary.
func (j *Job) ReadRaw(name string) ([]byte, error) { return j.tree.ReadRaw(name) }

// fileTeller tells of files that were read, before the event that follows the reading.
type fileTeller struct {
	event.Sink
	tree *source.Tree
	seen int // of tree's reads
	told map[source.Use]bool
}

// Emit hands the event on.
func (f *fileTeller) Emit(e event.Event) error {
	_, first := e.(event.RunStarted)
	if n := f.tree.Reads(); n != f.seen && !first {
		f.seen = n
		var files []event.File
		for _, u := range f.tree.Used() {
			if !f.told[u] {
				f.told[u] = true
				files = append(files, event.File{Path: u.Path, Origin: u.Origin, SHA256: u.SHA256})
			}
		}
		if err := f.Sink.Emit(event.FilesUsed{Files: files}); err != nil {
			return err
		}
	}
	return f.Sink.Emit(e)
}
