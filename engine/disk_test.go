package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestDiskReplacesFilesAtOnce(t *testing.T) {
	d := disk{home: t.TempDir()}
	at := filepath.Join(d.home, "a/b/f")
	if _, err := d.Read(at); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := d.Write("~/a/b/f", []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(at, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(at, []byte("two")); err != nil {
		t.Fatal(err)
	}
	got, err := d.Read("~/a/b/f")
	info, _ := os.Stat(at)
	if err != nil || string(got) != "two" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q, %v, %v", got, err, info.Mode())
	}
	if left, _ := os.ReadDir(filepath.Dir(at)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
