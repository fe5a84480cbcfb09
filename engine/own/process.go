package own

import (
	"bufio"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the speech with a Python that runs plugins: one JSON object a line (controller/server.py).

//go:embed all:controller
var controllerSide embed.FS

// process is one Python that runs plugins.
type process struct {
	talk   io.ReadWriteCloser
	lines  *bufio.Reader
	loaded map[string]bool
	ended  bool
}

func (o *process) send(m *value.Map) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = o.talk.Write(append(data, '\n'))
	o.ended = o.ended || err != nil
	return err
}

// exchange sends a request and reads the answer; what is asked in between is answered by reply.
func (o *process) exchange(request *value.Map, reply func(what, text string) *value.Map) (*value.Map, error) {
	if err := o.send(request); err != nil {
		return nil, err
	}
	for {
		line, err := o.lines.ReadBytes('\n')
		if err != nil {
			o.ended = true
			return nil, fmt.Errorf("the process that runs plugins has ended: %w", err)
		}
		m, err := object(string(line))
		if err != nil {
			return nil, fmt.Errorf("a plugin answered what cannot be read: %w", err)
		}
		if what, asks := m.Value("ask").(string); asks && reply != nil {
			if err := o.send(reply(what, value.Str(m.Value("text")))); err != nil {
				return nil, err
			}
			continue
		}
		if text := m.Value("error"); text != nil {
			return nil, errors.New(value.Str(text))
		}
		return m, nil
	}
}

// load has a file loaded, once, and returns the names in it.
func (o *process) load(kind string, f pluginFile) ([]string, error) {
	o.loaded[kind+f.path] = true
	answer, err := o.exchange(value.NewMap("do", "load", "kind", kind, "file", f.path, "name", f.module(kind)), nil)
	if err != nil {
		return nil, err
	}
	return texts(answer.Value("names")), nil
}

// importable are the texts that plugins may import: those of modules, and what belongs to the controller.
func importable() (*value.Map, error) {
	files := &value.Map{}
	for _, of := range []struct {
		fs   embed.FS
		root string
	}{{ours, "python"}, {controllerSide, "controller"}} {
		err := fs.WalkDir(of.fs, of.root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) != ".py" || !strings.Contains(name, "/ansible/") {
				return err
			}
			data, err := of.fs.ReadFile(name)
			files.Set(strings.TrimPrefix(name, of.root+"/"), string(data))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}
