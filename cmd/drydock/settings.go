package main

import (
	"os"
	"path/filepath"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/settings"
	"github.com/drydock-dev/drydock/engine/source"
)

// settings reads drydock.yml: the one that DRYDOCK_CONFIG names, else that of the working directory. One that anybody may have put there is
// refused rather than passed over, because it may be what forbids something.
func (a *app) settings() (*settings.Settings, diag.List) {
	name, named := a.getenv("DRYDOCK_CONFIG")
	if named = named && name != ""; !named {
		name = settings.File
	}
	s, ds := settings.Load(name, named, func(name string) ([]byte, error) { return source.ReadDisk(a.at(name)) })
	dir := filepath.Dir(a.at(name))
	if info, err := os.Stat(dir); !named && s.Path != "" && err == nil && info.Mode().Perm()&0o002 != 0 {
		ds.Add(diag.Diagnostic{
			Summary: settings.File + " cannot be trusted, because everybody may write to the directory " + dir,
			Span:    diag.Span{Pos: diag.Pos{File: settings.File}},
			Hint:    "name it in DRYDOCK_CONFIG, or take the right to write away from others",
		})
	}
	return s, ds
}
