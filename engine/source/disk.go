package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

// This file reads the machine's own files, and only so much of them: what people name may be a device without end or a pipe to which nobody
// writes.

const (
	maxFile   = 256 << 20 // bytes of a regular file
	maxStream = 16 << 20  // bytes of a pipe or a device
	maxYAML   = 32 << 20  // bytes of a file that is to be parsed
)

// Disk is the layer of the machine's own files.
func Disk() Layer { return Layer{Name: "disk", FS: diskFS{os.DirFS("/").(dirFS)}, Base: "/"} }

// dirFS is what os.DirFS can do.
type dirFS interface {
	fs.StatFS
	fs.ReadDirFS
	fs.ReadLinkFS
}

type diskFS struct{ dirFS }

// ReadFile reads a file of the disk, see ReadDisk.
func (d diskFS) ReadFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}
	return ReadDisk(path.Join("/", name))
}

// ReadDisk reads a whole file. It refuses files of more than 256 MiB, devices and pipes that give more than 16 MiB, and pipes to which nobody
// writes for half a second.
func ReadDisk(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	switch {
	case info.Mode().IsRegular() && info.Size() > maxFile:
		return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("it is larger than %d MiB", maxFile>>20)}
	case info.Mode().IsRegular(), info.IsDir():
		return os.ReadFile(name)
	}
	data, err := readStream(name, info.Mode()&fs.ModeNamedPipe != 0)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return data, nil
}

func readStream(name string, pipe bool) ([]byte, error) {
	flag := os.O_RDONLY
	if pipe {
		flag |= nonBlocking // opening waits for a writer otherwise, for ever
	}
	f, err := os.OpenFile(name, flag, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var data []byte
	for wait := 0; ; wait++ {
		if data, err = io.ReadAll(io.LimitReader(f, maxStream+1)); err != nil || len(data) > 0 || !pipe {
			break
		}
		if wait == 20 {
			return nil, errors.New("it is a pipe and nobody writes to it")
		}
		time.Sleep(25 * time.Millisecond)
	}
	if len(data) > maxStream {
		return nil, fmt.Errorf("it is no regular file and gives more than %d MiB", maxStream>>20)
	}
	return data, err
}
