// Package learned keeps what runs have measured, by host and subject, in one small file, so that a wait knows how long it took
// before: a reboot that is later than it ever was is worth a word.
package learned

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// keep is how many measurements of one subject stay; older ones say little about a machine as it is now.
const keep = 10

// File is a store of measurements. It implements module.Learned and is safe for concurrent use; runs that end at the same
// time may lose a measurement, never the file.
type File struct {
	path string
	mu   sync.Mutex
	data map[string]map[string][]float64 // host, subject: seconds, oldest first
}

// Open reads the file at a path; a missing one is empty. A file that cannot be understood is an error and is left alone.
func Open(path string) (*File, error) {
	f := &File{path: path, data: map[string]map[string][]float64{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &f.data); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return f, nil
}

// Past returns what was measured, oldest first.
func (f *File) Past(host, subject string) []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []time.Duration
	for _, s := range f.data[host][subject] {
		out = append(out, time.Duration(s*float64(time.Second)))
	}
	return out
}

// Add keeps a further measurement and writes the file anew.
func (f *File) Add(host, subject string, d time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.data[host] == nil {
		f.data[host] = map[string][]float64{}
	}
	list := append(f.data[host][subject], d.Round(time.Millisecond).Seconds())
	f.data[host][subject] = list[max(0, len(list)-keep):]
	return f.write()
}

// write replaces the file in one step.
func (f *File) write() error {
	text, err := json.MarshalIndent(f.data, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.path), ".learned-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(append(text, '\n')); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), f.path)
}
