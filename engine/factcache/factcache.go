// Package factcache keeps the facts of hosts from one run to the next, in a folder of JSON files, one a host, as Ansible's cache plugin
// jsonfile does: either may read what the other wrote.
//
// Since ansible-core 2.19 the file of host h is s1_h and holds {"__payload__": TEXT}, the text being JSON in which some values are wrapped
// to say where they came from; before, it was h and held the facts themselves. Both are read, the former is written.
package factcache

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/value"
)

// Dir is a folder of facts. The zero time of Expires means that they never grow old.
type Dir struct {
	path    string
	prefix  string
	expires time.Duration
	now     func() time.Time
}

// Open makes a Dir of a folder, which is made when the first facts are kept. prefix stands before the names of its files; facts older
// than expires do not count, 0: all count.
func Open(path, prefix string, expires time.Duration, now func() time.Time) *Dir {
	return &Dir{path: path, prefix: prefix, expires: expires, now: now}
}

// Facts returns what is known of a host, by the names that facts are gathered under; nil if that is nothing or too old. A file that
// cannot be understood is an error that names it.
func (d *Dir) Facts(host string) (*value.Map, error) {
	name, err := d.file(schema, host)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		if name, err = d.file("", host); err != nil {
			return nil, err
		}
		info, err = os.Stat(name)
	}
	if errors.Is(err, fs.ErrNotExist) || err == nil && d.expires > 0 && d.now().Sub(info.ModTime()) > d.expires {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	facts, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return facts, nil
}

// schema begins the names of files of the present form.
const schema = "s1_"

// payload is the key under which the facts are, as a text, in files of the present form.
const payload = "__payload__"

func parse(text []byte) (*value.Map, error) {
	v, err := value.ParseJSON(text)
	if err != nil {
		return nil, err
	}
	if m, ok := v.(*value.Map); ok {
		if inner, ok := m.Value(payload).(string); ok {
			return parse([]byte(inner))
		}
	}
	facts, ok := bare(v).(*value.Map)
	if !ok {
		return nil, fmt.Errorf("facts are a mapping, this is %s", value.TypeName(v))
	}
	return facts, nil
}

// bare takes values out of what Ansible wraps around them.
func bare(v any) any {
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = bare(item)
		}
		return out
	case *value.Map:
		if inner, ok := x.Get("value"); ok && x.Has("__ansible_type") {
			return bare(inner)
		}
		out := &value.Map{}
		for k, item := range x.All() {
			out.Set(k, bare(item))
		}
		return out
	}
	return v
}

// Keep replaces what is known of a host, in one step. Facts may hold secrets of the host: only the owner may read the file.
func (d *Dir) Keep(host string, facts *value.Map) error {
	name, err := d.file(schema, host)
	if err != nil {
		return err
	}
	if facts.Has("module_setup") { // what setup answers; gathering = smart of Ansible asks for this
		facts = facts.Clone().Set("_ansible_facts_gathered", true)
	}
	inner, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	text, err := json.Marshal(map[string]string{payload: string(inner)})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.path, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(d.path, ".facts-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(text); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

// Forget removes what is known of a host.
func (d *Dir) Forget(host string) error {
	for _, form := range []string{schema, ""} {
		name, err := d.file(form, host)
		if err != nil {
			return err
		}
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// file is where the facts of a host are. A name that would lead out of the folder is refused.
func (d *Dir) file(form, host string) (string, error) {
	if host == "" || strings.ContainsAny(host, "/\x00") || strings.HasPrefix(d.prefix+host, ".") {
		return "", fmt.Errorf("the facts of %q cannot be kept in a file of that name", host)
	}
	return filepath.Join(d.path, d.prefix+form+host), nil
}
