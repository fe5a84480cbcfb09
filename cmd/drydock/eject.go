package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	drydock "github.com/drydock-dev/drydock"
)

func (a *app) ejectVerb() verb {
	return verb{
		name: "eject", args: "[DIR]", usage: "write the playbooks and roles within the binary to a folder, to edit them",
		run: a.eject,
	}
}

// eject writes the embedded content. Files that are there already stay as they are and are named.
func (a *app) eject(_ context.Context, c *cli.Context) error {
	dir := a.at(first(c.Args().First(), "."))
	kept := 0
	err := fs.WalkDir(drydock.Content, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Lstat(to); err == nil {
			kept++
			fmt.Fprintln(a.out, "kept    "+to)
			return nil
		}
		data, err := fs.ReadFile(drydock.Content, name)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		fmt.Fprintln(a.out, "written "+to)
		return os.WriteFile(to, data, 0o644)
	})
	if err != nil {
		return &exit{exitError, err}
	}
	if kept > 0 {
		fmt.Fprintf(a.out, "%d files were there already and were left alone\n", kept)
	}
	return nil
}
