package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what the engine offers to modules and templates: the services of module/services.go, and the
// controller as lookups see it.

func (j *Job) service(key any) (any, error) {
	switch key.(type) {
	case module.YAMLKey:
		return yamlReader{j}, nil
	case module.TerminalKey:
		if j.Machine.Terminal != nil {
			return j.Machine.Terminal, nil
		}
	case module.LearnedKey:
		if j.Machine.Learned != nil {
			return j.Machine.Learned, nil
		}
	case module.DiskKey:
		if j.Instead != nil {
			return j.Instead.Disk, nil
		}
		return disk{j.Machine.Home}, nil
	case kube.ServiceKey:
		return j.clients, nil
	}
	return nil, fmt.Errorf("no service %T", key)
}

// yamlReader reads YAML for modules.
type yamlReader struct{ j *Job }

// Docs reads every document of a text as plain values.
func (y yamlReader) Docs(text string) ([]any, error) {
	nodes, ds := source.Parse("", []byte(text))
	if err := ds.Err(); err != nil {
		return nil, err
	}
	var out []any
	for _, n := range nodes {
		v, ds := n.Value(nil)
		if err := ds.Err(); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Vars reads a variables file; scalars with template marks become templates.
func (y yamlReader) Vars(path string) (*value.Map, error) {
	v, ds := y.j.readYAML(path)
	if err := ds.Err(); err != nil {
		return nil, err
	}
	switch m := v.(type) {
	case nil:
		return &value.Map{}, nil
	case *value.Map:
		return m, nil
	}
	return nil, fmt.Errorf("%s must be stored as a dictionary/hash, this is %s", path, value.TypeName(v))
}

// readYAML reads the one document of a file, with templates.
func (j *Job) readYAML(path string) (any, diag.List) {
	data, err := j.tree.ReadFile(path)
	if err != nil {
		d := source.Unreadable(err, diag.Span{}, err.Error())
		d.Missing = true
		return nil, diag.List{d}
	}
	return j.parseYAML(path, data)
}

func (j *Job) parseYAML(name string, data []byte) (any, diag.List) {
	nodes, ds := source.Parse(name, data)
	if ds.HasErrors() || len(nodes) == 0 {
		return nil, ds
	}
	v, more := nodes[0].Value(j.lang)
	return v, append(ds, more...)
}

// templateIO is what lookups and filters may see of the controller.
func (j *Job) templateIO() ansible.IO {
	return j.Instead.veil(ansible.IO{
		ReadFile: j.tree.ReadFile, ReadRaw: j.tree.ReadRaw, Stat: j.tree.Stat, Lstat: os.Lstat, ReadDir: j.tree.ReadDir, Glob: filepath.Glob,
		EvalLinks: filepath.EvalSymlinks, Getenv: j.Machine.Getenv, WriteFile: j.writeFile,
		Home:  func(string) (string, error) { return j.Machine.Home, nil },
		Getwd: func() (string, error) { return j.Machine.Cwd, nil },
		Pipe:  j.pipe, HTTP: j.fetch, Resolve: resolve, Config: j.setting,
	})
}

// setting answers the lookup config.
func (j *Job) setting(name string) (v any, origin string, ok bool) {
	for _, s := range j.Config.Settings() {
		if s.Name == name {
			return value.From(s.Value), s.Origin.String(), true
		}
	}
	return nil, "", false
}

// pipe runs a command on the controller for the pipe lookup. What it prints on the error stream is part of the error only.
func (j *Job) pipe(line string) (stdout string, rc int, err error) {
	var errs bytes.Buffer
	cmd := exec.Command("/bin/sh", "-c", line)
	cmd.Dir, cmd.Stderr = j.Machine.Cwd, &errs
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return string(out), failed.ExitCode(), nil
	}
	if err != nil {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(errs.String()))
	}
	return string(out), 0, err
}

// writeFile keeps what the password lookup makes.
func (j *Job) writeFile(name string, data []byte, mode fs.FileMode) error {
	if j.looking {
		return errors.New("a plan writes nothing: only a run makes the password of a lookup")
	}
	at := j.tree.Abs(name)
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return err
	}
	return os.WriteFile(at, data, mode)
}

// inventoryScript answers what an executable inventory prints.
func (j *Job) inventoryScript(path string, args ...string) (stdout, stderr []byte, err error) {
	run := func() ([]byte, []byte, error) { return j.runInventory(path, args...) }
	if j.Instead != nil && j.Instead.Script != nil {
		return j.Instead.Script(strings.Join(append([]string{path}, args...), "\x00"), run)
	}
	return run()
}

func (j *Job) runInventory(path string, args ...string) (stdout, stderr []byte, err error) {
	var out, errs bounded
	cmd := exec.CommandContext(context.Background(), path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = j.Machine.Cwd, &out, &errs
	if err = cmd.Run(); out.over || errs.over {
		err = fmt.Errorf("it prints more than %d MiB", maxPrinted>>20)
	}
	return out.b.Bytes(), errs.b.Bytes(), err
}

// maxPrinted is how much an inventory script may print.
const maxPrinted = 32 << 20

// bounded keeps what a program prints, until it is too much: then the program is cut off.
type bounded struct {
	b    bytes.Buffer
	over bool
}

// Write keeps p.
func (w *bounded) Write(p []byte) (int, error) {
	if w.b.Len()+len(p) > maxPrinted {
		w.over = true
		return 0, io.ErrShortWrite
	}
	return w.b.Write(p)
}

// runMagic are the variables that hold for the whole run.
func (j *Job) runMagic() *value.Map {
	m := value.NewMap(
		"ansible_version", version219(), "ansible_run_tags", tagList(j.Tags, "all"), "ansible_skip_tags", tagList(j.SkipTags, ""),
		"ansible_playbook_python", controllerPython, "ansible_forks", j.Forks, "ansible_verbosity", j.Verbosity, "ansible_inventory_sources", value.From(j.sources()),
	)
	if j.Limit != "" {
		m.Set("ansible_limit", j.Limit)
	}
	if j.Config.File != "" {
		m.Set("ansible_config_file", j.Config.File)
	}
	if j.Settings != nil && j.Settings.Path != "" {
		m.Set("drydock_settings", j.Settings.Value())
	}
	return m
}

// controllerPython answers ansible_playbook_python, with which content names the interpreter of localhost. Drydock itself runs in none.
const controllerPython = "/usr/bin/python3"

func (j *Job) sources() []string {
	var out []string
	for _, s := range j.Inventory.Sources() {
		if !strings.Contains(s, ",") {
			s = j.tree.Abs(s)
		}
		out = append(out, s)
	}
	return out
}

func tagList(tags []string, none string) []any {
	out := []any{}
	for _, t := range tags {
		out = append(out, t)
	}
	if len(out) == 0 && none != "" {
		out = append(out, none)
	}
	return out
}

// version219 is ansible_version: content asks for a minimum, and 2.19 is what we answer to.
func version219() *value.Map {
	return value.NewMap("string", "2.19.11", "full", "2.19.11", "major", 2, "minor", 19, "revision", 11)
}
