package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// disk is the file system of the machine that Drydock runs on, as modules may use it.
type disk struct{ home string }

func (d disk) at(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(d.home, rest)
	}
	return path
}

// Read returns a file.
func (d disk) Read(path string) ([]byte, error) { return os.ReadFile(d.at(path)) }

// Write replaces a file at once and makes the directories above it. What was brought from a host may be secret, so only its owner may
// read a new file; one that is there keeps its mode.
func (d disk) Write(path string, data []byte) error {
	path = d.at(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o600)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".drydock-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
