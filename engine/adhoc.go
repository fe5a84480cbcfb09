package engine

import (
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// AdHoc is one task for some hosts, given on the command line instead of in a playbook.
type AdHoc struct {
	Pattern string // the hosts
	Module  string
	Args    string // k=v words, free-form text, or an object in JSON
	Async   int    // seconds, 0: the task is waited for
	Poll    int    // seconds
	Timeout int    // seconds, 0: none
}

// LoadAdHoc reads all that a single task needs, as Load does for playbooks.
func LoadAdHoc(o Options, task AdHoc) (*Job, diag.List) {
	text, err := task.playbook()
	if err != nil {
		return nil, diag.List{{Summary: err.Error()}}
	}
	dir := o.Machine.Cwd
	if o.BaseDir != "" {
		dir = filepath.Join(dir, o.BaseDir)
		if filepath.IsAbs(o.BaseDir) {
			dir = o.BaseDir
		}
	}
	o.Playbooks = []string{filepath.Join(dir, adHocName)}
	o.given = source.Layer{Name: "command line", FS: single{adHocName, text}, Base: dir}
	j, ds := Load(o)
	for i := range ds { // the task stands in no file
		if filepath.Base(ds[i].Span.File) == adHocName {
			ds[i].Span = diag.Span{}
		}
	}
	return j, ds
}

const adHocName = "__adhoc_playbook__.yml"

// playbook writes the play that the task stands for. JSON is YAML, too.
func (t AdHoc) playbook() (string, error) {
	var args any = t.Args
	if s := strings.TrimSpace(t.Args); strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") && !jinja.HasTemplate(s) {
		if v, err := value.ParseJSON([]byte(s)); err == nil {
			args = v
		}
	}
	if args == "" {
		args = nil
	}
	task := value.NewMap(t.Module, args)
	for key, n := range map[string]int{"async": t.Async, "timeout": t.Timeout} {
		if n > 0 {
			task.Set(key, n)
		}
	}
	if t.Async > 0 {
		task.Set("poll", t.Poll)
	}
	play := value.NewMap("name", "Ansible Ad-Hoc", "hosts", t.Pattern, "gather_facts", false, "tasks", []any{task})
	return jinja.EncodeJSON([]any{play}, jinja.JSONOptions{Unicode: true})
}

// Targets are the hosts that a pattern and the limit leave, and what was odd about the pattern.
func (j *Job) Targets(pattern string) (hosts, warnings []string, err error) {
	names, warnings, err := j.Inventory.Match(pattern)
	for _, n := range names {
		if j.limit == nil || j.limit[n] {
			hosts = append(hosts, n)
		}
	}
	return hosts, warnings, err
}

// single is a file system of one file.
type single struct{ name, text string }

// Open opens the file.
func (s single) Open(name string) (fs.File, error) {
	if name != s.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &singleFile{Reader: strings.NewReader(s.text), single: s}, nil
}

type singleFile struct {
	*strings.Reader
	single
}

func (f *singleFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *singleFile) Close() error               { return nil }
func (f *singleFile) Name() string               { return f.name }
func (f *singleFile) Size() int64                { return int64(len(f.text)) }
func (f *singleFile) Mode() fs.FileMode          { return 0o444 }
func (f *singleFile) ModTime() time.Time         { return time.Time{} }
func (f *singleFile) IsDir() bool                { return false }
func (f *singleFile) Sys() any                   { return nil }
