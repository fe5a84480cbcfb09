//go:build unix

package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const lockFile = "lock"

// lock takes a run for this process. The lock ends with the process, however it ends.
func lock(dir string, o Origin) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the run %s is under way: %s", filepath.Base(dir), holder(dir))
		}
		return nil, fmt.Errorf("lock the run: %w", err)
	}
	who := fmt.Sprintf("process %d on %s\n", o.Pid, o.Host)
	if err := errors.Join(f.Truncate(0), writeAt(f, who)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// holder says who holds a lock.
func holder(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, lockFile))
	if err != nil || len(text) == 0 {
		return "by an unknown process"
	}
	return strings.TrimSpace(string(text))
}

// held tells whether a process is at a run.
func held(dir string) bool {
	f, err := os.Open(filepath.Join(dir, lockFile))
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
