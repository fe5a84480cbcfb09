package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/drydock-dev/drydock/engine/vault"
	"github.com/drydock-dev/drydock/engine/words"
)

// This file holds the editor of vault files. What is readable lies in a folder of its own that only its owner may enter, and is overwritten and
// removed on every way out.

func (v *vaultCall) create() error {
	name := v.c.Args().First()
	file := v.at(name)
	if info, err := os.Stat(file); err == nil && !info.IsDir() {
		return fmt.Errorf("%s exists, please use 'edit' instead", name)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	text, err := v.inEditor(file, nil)
	if err != nil {
		return err
	}
	sealed, err := v.seal(text, v.secret, v.secret.ID)
	if err != nil {
		return err
	}
	return v.write(name, sealed)
}

// edit keeps the password and the label that a file has.
func (v *vaultCall) edit() error {
	for _, name := range v.c.Args().Slice() {
		data, err := v.read(name)
		if err != nil {
			return err
		}
		plain, by, err := v.ring.OpenWith(data)
		if err != nil {
			return v.wrong(name, data, err)
		}
		text, err := v.inEditor(name, plain)
		if err != nil {
			return err
		}
		if bytes.Equal(text, plain) {
			continue
		}
		e, err := vault.Parse(data)
		if err != nil {
			return err
		}
		sealed, err := v.seal(text, by, e.ID)
		if err != nil {
			return err
		}
		if err := v.write(name, sealed); err != nil {
			return err
		}
	}
	return nil
}

// inEditor lets the person change a text and returns what became of it. An editor that ends with an error means: leave it as it was.
func (v *vaultCall) inEditor(name string, before []byte) (after []byte, err error) {
	dir, err := os.MkdirTemp(v.variable("XDG_RUNTIME_DIR"), "drydock-vault-") // 0700
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, shred(dir)) }()
	file := filepath.Join(dir, "text"+filepath.Ext(name))
	if err := os.WriteFile(file, before, 0o600); err != nil {
		return nil, err
	}
	editor := first(v.variable("EDITOR"), v.variable("ANSIBLE_EDITOR"), "vi")
	argv, err := words.Texts(editor)
	switch {
	case err != nil:
		return nil, fmt.Errorf("EDITOR %q cannot be read: %w", editor, err)
	case len(argv) == 0:
		return nil, fmt.Errorf("EDITOR %q names no program", editor)
	}
	cmd := exec.Command(argv[0], append(argv[1:], file)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = v.in, v.out, v.err
	if err := sheltered(cmd); err != nil {
		return nil, fmt.Errorf("the editor %s failed, %s is left as it was: %w", editor, name, err)
	}
	return os.ReadFile(file)
}

// sheltered runs the editor and outlives it: ctrl+C belongs to the editor, and whoever ends this process ends the editor first, so that
// the text is removed.
func sheltered(cmd *exec.Cmd) error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if s != os.Interrupt {
				_ = cmd.Process.Kill() // one that has ended is ended
			}
		case err := <-ended:
			return err
		}
	}
}

// shred overwrites the files in a folder, the copies that editors keep among them, and removes it.
func shred(dir string) error {
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return overwrite(name)
	})
	return errors.Join(err, os.RemoveAll(dir))
}

func overwrite(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	noise := make([]byte, 64<<10)
	for left := info.Size(); left > 0; left -= int64(len(noise)) {
		_, _ = rand.Read(noise) // never fails
		if _, err := f.Write(noise[:min(left, int64(len(noise)))]); err != nil {
			return err
		}
	}
	return f.Sync()
}
