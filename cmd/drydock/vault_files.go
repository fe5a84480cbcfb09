package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/drydock-dev/drydock/engine/source"
)

// This file holds how vault actions read and replace files: at once or not at all, and never readable by others.

// read reads a file, or the input where the name is -.
func (v *vaultCall) read(name string) ([]byte, error) {
	if name == "-" {
		if v.tty && v.t.present() {
			fmt.Fprintln(v.err, "Reading from the input; ctrl+D ends it")
		}
		return io.ReadAll(v.t.lines)
	}
	data, err := source.ReadDisk(v.at(name))
	if err != nil {
		return nil, fmt.Errorf("unable to read the source file: %w", err)
	}
	return data, nil
}

// write puts content where it belongs: - is the screen, anything that is no regular file (a pipe) is written to as it is. A rekeyed or edited
// file keeps its mode, any other is its owner's alone, as Ansible leaves it.
func (v *vaultCall) write(name string, data []byte) error {
	if name == "-" {
		_, err := v.out.Write(data)
		return err
	}
	file := v.at(name)
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return replace(file, data, 0o600, nil)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return os.WriteFile(file, data, 0o600)
	}
	mode := fs.FileMode(0o600)
	if n := v.c.App.Name; n == "drydock vault rekey" || n == "drydock vault edit" {
		mode = info.Mode().Perm()
	}
	return replace(file, data, mode, info)
}

// replace puts a file in place at once: what is there before stays whole until the new one is. It keeps the owner of the old one, where
// it may.
func replace(file string, data []byte, mode fs.FileMode, old fs.FileInfo) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".drydock-vault-*") // 0600
	if err != nil {
		return fmt.Errorf("the folder of %s cannot be written to: %w", file, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil && old != nil {
		if st, ok := old.Sys().(*syscall.Stat_t); ok && (int(st.Uid) != os.Getuid() || int(st.Gid) != os.Getgid()) {
			_ = f.Chown(int(st.Uid), int(st.Gid)) // only root may, and nobody else can own the file then
		}
	}
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
