package inventory

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// VarFiles are the group_vars and host_vars of one folder, read and ready. It is immutable.
type VarFiles struct {
	Dir    string
	groups map[string][]Vars
	hosts  map[string][]Vars
}

// Group returns the variables of a group, file by file; later ones win.
func (f *VarFiles) Group(name string) []Vars { return f.groups[name] }

// Host returns the variables of a host, file by file; later ones win.
func (f *VarFiles) Host(name string) []Vars { return f.hosts[name] }

// VarDirs are the folders beside the sources of the inventory in which group_vars and host_vars count: the source itself if it is a folder,
// else the folder that it lies in; each as often as it is named.
func (inv *Inventory) VarDirs(tree *source.Tree) []string {
	var out []string
	for _, s := range inv.sources {
		switch {
		case s == "" || strings.Contains(s, ",") && !tree.IsFile(s) && !tree.IsDir(s):
		case tree.IsDir(s):
			out = append(out, tree.Abs(s))
		default:
			out = append(out, path.Dir(tree.Abs(s)))
		}
	}
	return out
}

// ReadVarFiles reads the group_vars and host_vars in a folder for the groups and hosts of the inventory: for each of them the file of its
// name, bare or with an extension of YAML or JSON, or all such files in the folder of its name, sorted.
func ReadVarFiles(inv *Inventory, dir string, o Options) (*VarFiles, diag.List) {
	r := &varReader{Options: o, extensions: []string{".yml", ".yaml", ".json"}}
	if o.Config != nil && o.Config.YAMLExtensions != nil {
		r.extensions = o.Config.YAMLExtensions
	}
	f := &VarFiles{Dir: dir, groups: map[string][]Vars{}, hosts: map[string][]Vars{}}
	if r.folder(path.Join(dir, "group_vars")) {
		for _, g := range inv.groups {
			f.groups[g.Name] = r.entity(path.Join(dir, "group_vars"), g.Name, "group_vars of "+g.Name)
		}
	}
	if r.folder(path.Join(dir, "host_vars")) {
		for _, h := range inv.hosts {
			f.hosts[h.Name] = r.entity(path.Join(dir, "host_vars"), h.Name, "host_vars of "+h.Name)
		}
		for name, h := range inv.local {
			if h.Implicit {
				f.hosts[name] = r.entity(path.Join(dir, "host_vars"), name, "host_vars of "+name)
			}
		}
	}
	return f, r.diags
}

type varReader struct {
	Options
	extensions []string
	diags      diag.List
}

// folder tells whether a name is a folder, and warns if it is something else.
func (r *varReader) folder(name string) bool {
	info, err := r.Tree.Stat(name)
	if err == nil && !info.IsDir() {
		r.diags.Warnf(diag.Span{Pos: diag.Pos{File: name}}, "found %s that is not a directory, skipping", path.Base(name))
	}
	return err == nil && info.IsDir()
}

// entity reads the variables of one group or host.
func (r *varReader) entity(dir, name, what string) []Vars {
	if strings.HasPrefix(name, "/") { // a host may be named after a path, for connections of that kind
		return nil
	}
	var out []Vars
	for _, file := range r.files(path.Join(dir, name)) {
		if v, ok := r.read(file, what); ok {
			out = append(out, v)
		}
	}
	return out
}

// files lists the files for a name without extension.
func (r *varReader) files(base string) []string {
	for _, ext := range append([]string{""}, r.extensions...) {
		info, err := r.Tree.Stat(base + ext)
		switch {
		case err != nil:
			continue
		case info.IsDir():
			return r.filesIn(base + ext)
		}
		return []string{base + ext}
	}
	return nil
}

// filesIn lists the files of variables in a folder and those below it.
func (r *varReader) filesIn(dir string) []string {
	entries, err := r.Tree.ReadDir(dir)
	if err != nil {
		r.diags.Addf(diag.Span{Pos: diag.Pos{File: dir}}, "cannot list the folder: %v", err)
		return nil
	}
	var out []string
	for _, e := range entries {
		name, full := e.Name(), path.Join(dir, e.Name())
		ext := path.Ext(name)
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
			continue
		}
		switch isDir := r.Tree.IsDir(full); { // asked of the tree, which follows links
		case isDir && ext == "":
			out = append(out, r.filesIn(full)...)
		case !isDir && (ext == "" || contains(r.extensions, ext)):
			out = append(out, full)
		}
	}
	return out
}

// read reads one file of variables; an empty one gives none.
func (r *varReader) read(file, what string) (Vars, bool) {
	data, err := r.Tree.ReadFile(file)
	var locked *source.LockedError
	if errors.As(err, &locked) {
		v := newVars(what)
		v.Locked = locked
		return v, true
	}
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		r.diags.Addf(diag.Span{Pos: diag.Pos{File: file}}, "cannot read the variables: %v", err)
		return Vars{}, false
	}
	root, ds := source.One(file, data)
	r.diags.Add(ds...)
	if ds.HasErrors() || root.IsNull() {
		return Vars{}, false
	}
	if root.Kind != source.Mapping {
		r.diags.Add(diag.Diagnostic{Summary: "a file of variables holds a mapping, this is " + root.Kind.String(), Span: root.Span(), Hint: "write name: value"})
		return Vars{}, false
	}
	v := newVars(what)
	for _, pair := range root.Pairs {
		val, ds := pair.Value.Value(r.Lang)
		r.diags.Add(ds...)
		key, _ := pair.Key.Plain()
		v.set(value.Str(key), val, pair.Key.Pos)
	}
	return v, true
}
