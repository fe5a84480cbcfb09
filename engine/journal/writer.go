package journal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"sync"

	"github.com/drydock-dev/drydock/engine/event"
)

// file is what a journal is written to.
type file interface {
	io.WriteCloser
	Sync() error
}

// Writer is the journal of a run under way. Its methods may be called at the same time. A record is with the operating system when the
// method that wrote it returns: the death of this process loses nothing. Commit makes it safe from the death of the machine.
type Writer struct {
	ID     string
	dir    string
	origin Origin
	unlock func()

	mu       sync.Mutex
	settled  sync.Cond // a Sync has ended
	f        file
	seq      int
	written  int // records
	synced   int // of them
	syncing  bool
	err      error // the first one stays: nothing more is written
	memory   *memory
	haveCopy map[string]bool
}

func newWriter(id, dir string, f file, o Origin) *Writer {
	w := &Writer{ID: id, dir: dir, origin: o, f: f, memory: newMemory(id, o.Key), unlock: func() {}, haveCopy: map[string]bool{}}
	w.settled.L = &w.mu
	return w
}

// open writes down which process writes.
func (w *Writer) open() error {
	said, err := json.Marshal(opening{Run: w.ID, Version: w.origin.Version, Host: w.origin.Host, Pid: w.origin.Pid, Key: w.origin.Key.Name()})
	if err != nil {
		return err
	}
	secret, err := json.Marshal(call{Args: w.origin.Args, Late: w.origin.Late})
	if err != nil {
		return err
	}
	sealed, err := w.origin.Key.seal(w.ID, kindOpened, secret)
	if err != nil {
		return err
	}
	if err := w.write(Record{Kind: kindOpened, Event: said, Sealed: sealed}); err != nil {
		return err
	}
	return w.Commit()
}

// Emit writes an event. Of files that are used it keeps copies.
func (w *Writer) Emit(e event.Event) error {
	if used, ok := e.(event.FilesUsed); ok {
		if err := w.copyFiles(used.Files); err != nil {
			return w.fail(err)
		}
	}
	data, err := encode(e)
	if err != nil {
		return w.fail(err)
	}
	return w.write(Record{Kind: kindName(reflect.TypeOf(e)), Event: data})
}

// Keep seals the answer of a step and writes it. Without an answer, what was kept of the step and of those below it is forgotten.
func (w *Writer) Keep(step string, answer []byte) error {
	if answer == nil {
		return w.write(Record{Kind: kindForgotten, Step: step})
	}
	sealed, err := w.origin.Key.seal(w.ID, step, answer)
	if err != nil {
		return w.fail(err)
	}
	return w.write(Record{Kind: kindKept, Step: step, Sealed: sealed})
}

// Recall returns what an earlier process of this run has left of a step.
func (w *Writer) Recall(step string) event.Kept { return w.memory.recall(step) }

func (w *Writer) write(r Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	r.Seq, r.At = w.seq+1, w.origin.Now().UTC()
	line, err := json.Marshal(r)
	if err == nil {
		_, err = w.f.Write(append(line, '\n'))
	}
	if err != nil {
		w.err = w.explain(err)
		return w.err
	}
	w.seq++
	w.written++
	return nil
}

// fail makes an error the last word of the journal.
func (w *Writer) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.explain(err)
	}
	return w.err
}

func (w *Writer) explain(err error) error {
	return &WriteError{Dir: w.dir, Err: err}
}

// WriteError says that a journal cannot be written, for which reason the run must not go on to change anything.
type WriteError struct {
	Dir string
	Err error
}

// Error says so.
func (e *WriteError) Error() string {
	return fmt.Sprintf("the journal cannot be written, so nothing more is changed: %v", e.Err)
}

// Unwrap is the reason.
func (e *WriteError) Unwrap() error { return e.Err }

// Commit returns when all that has been written until now is safe from a loss of power. Those who call it at the same time share the wait.
func (w *Writer) Commit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for want := w.written; w.err == nil && w.synced < want; {
		if w.syncing {
			w.settled.Wait()
			continue
		}
		w.sync()
	}
	return w.err
}

// sync lets go of the lock while the disk works.
func (w *Writer) sync() {
	upTo := w.written
	w.syncing = true
	w.mu.Unlock()
	err := w.f.Sync()
	w.mu.Lock()
	w.syncing = false
	if err != nil && w.err == nil {
		w.err = w.explain(err)
	} else if err == nil {
		w.synced = upTo
	}
	w.settled.Broadcast()
}

// Close ends the journal and gives its lock back.
func (w *Writer) Close() error {
	err := w.Commit()
	w.mu.Lock()
	defer w.mu.Unlock()
	if closed := w.f.Close(); err == nil {
		err = closed
	}
	w.unlock()
	return err
}

// copyOf names the copy of a file for its seal.
func copyOf(f event.File) string { return "files/" + f.SHA256 }

// copyFiles keeps the files that a run is made of, each under its digest and sealed: a lookup may have read a password. What has changed since it was read is not what was used.
func (w *Writer) copyFiles(files []event.File) error {
	if w.origin.ReadFile == nil {
		return nil
	}
	dir := filepath.Join(w.dir, "files")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		if w.haveCopy[f.SHA256] {
			continue
		}
		w.haveCopy[f.SHA256] = true
		data, err := w.origin.ReadFile(f.Path)
		if err != nil || digest(data) != f.SHA256 {
			continue
		}
		sealed, err := w.origin.Key.seal(w.ID, copyOf(f), data)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, f.SHA256), sealed, 0o600); err != nil {
			return err
		}
	}
	return nil
}
