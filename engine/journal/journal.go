// Package journal keeps runs on disk: every event before the change that it announces, every answer of a task sealed, every file that a run
// was made of. From it a run can be listed, shown and taken up again after any death.
//
// Each run has a folder, named by its id, with journal.jsonl (a record a line), lock (held while the run is under way) and files (by digest).
package journal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Runs is a folder of runs.
type Runs struct{ dir string }

// Open names a folder of runs, which need not be there yet.
func Open(dir string) *Runs { return &Runs{dir} }

// journalFile is the file of records in the folder of a run.
const journalFile = "journal.jsonl"

// Origin is what a run begins with, and where.
type Origin struct {
	Now      func() time.Time
	Key      *Key
	Version  string
	Host     string // of the machine
	Pid      int
	Args     []string                          // the command line, verb first: kept sealed, to begin the same run again
	Late     bool                              // called by one of Ansible's names
	ReadFile func(name string) ([]byte, error) // reads a file that the run has used; nil: no copies are kept
}

// Create begins the journal of a new run.
func (r *Runs) Create(o Origin) (*Writer, error) {
	if err := r.prepare(); err != nil {
		return nil, err
	}
	id, err := r.reserve(o.Now())
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(r.dir, id)
	unlock, err := lock(dir, o)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, journalFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		unlock()
		return nil, err
	}
	w := newWriter(id, dir, f, o)
	w.unlock = unlock
	if err := errors.Join(w.open(), syncDir(dir), syncDir(r.dir)); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// prepare makes the folder of runs, which version control is to leave alone.
func (r *Runs) prepare() error {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	ignore := filepath.Join(filepath.Dir(r.dir), ".gitignore")
	if _, err := os.Lstat(ignore); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return os.WriteFile(ignore, []byte("*\n"), 0o600)
}

// reserve makes the folder of a new run: its name sorts by time.
func (r *Runs) reserve(now time.Time) (id string, err error) {
	for range 100 {
		var random [2]byte
		if _, err := rand.Read(random[:]); err != nil {
			return "", err
		}
		id = now.UTC().Format("20060102-150405-") + hex.EncodeToString(random[:])
		if err = os.Mkdir(filepath.Join(r.dir, id), 0o700); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return id, err
}

// syncDir makes the names in a folder safe from a loss of power. Where folders cannot be synchronised there is nothing to be done.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync()
	return nil
}

// IDs are the runs that there are, oldest first.
func (r *Runs) IDs() ([]string, error) {
	entries, err := os.ReadDir(r.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, err
}

// Find returns the one run whose id begins so.
func (r *Runs) Find(prefix string) (*Run, error) {
	ids, err := r.IDs()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, id := range ids {
		if id == prefix {
			found = []string{id}
			break
		}
		if prefix != "" && strings.HasPrefix(id, prefix) {
			found = append(found, id)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("there is no run %q in %s: %w", prefix, r.dir, fs.ErrNotExist)
	case 1:
		return &Run{ID: found[0], dir: filepath.Join(r.dir, found[0])}, nil
	}
	return nil, fmt.Errorf("%q begins more than one run: %s", prefix, strings.Join(found, ", "))
}

// Prune removes the oldest runs, so that not more than keep are left. Runs that are under way stay.
func (r *Runs) Prune(keep int) error {
	ids, err := r.IDs()
	if err != nil || len(ids) <= keep {
		return err
	}
	for _, id := range ids[:len(ids)-keep] {
		dir := filepath.Join(r.dir, id)
		if held(dir) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}
