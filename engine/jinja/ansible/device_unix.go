//go:build unix

package ansible

import (
	"io/fs"
	"syscall"
)

// otherDevice tells whether two files are on different devices.
func otherDevice(a, b fs.FileInfo) bool {
	x, ok1 := a.Sys().(*syscall.Stat_t)
	y, ok2 := b.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && x.Dev != y.Dev
}
