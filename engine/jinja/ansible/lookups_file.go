package ansible

import (
	"errors"
	"path"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Lookups that read files of the controller, run its commands or ask the network.

func (a *extension) addFileLookups(l *jinja.Language) {
	l.Lookups["file"] = a.fileLookup
	l.Lookups["unvault"] = a.unvaultLookup
	l.Lookups["fileglob"] = a.fileglobLookup
	l.Lookups["first_found"] = a.firstFound
	l.Lookups["pipe"] = a.pipeLookup
	l.Lookups["lines"] = a.linesLookup
	l.Lookups["template"] = a.templateLookup
	l.Lookups["url"] = a.urlLookup
	l.Lookups["dig"] = a.digLookup
}

// searchPath are the folders in which a file of a task may be: Ansible's search path, else the role and the playbook.
func searchPath(c *jinja.Call) []string {
	if v, ok := c.Variable("ansible_search_path"); ok {
		if items, isList := value.Items(v); isList {
			var out []string
			for _, it := range items {
				out = append(out, value.Str(it))
			}
			return out
		}
	}
	var out []string
	for _, name := range []string{"role_path", "playbook_dir"} {
		if v, ok := c.Variable(name); ok {
			if s, isText := v.(string); isText {
				out = append(out, s)
			}
		}
	}
	return out
}

// candidates are the places where a file may be, the likeliest first; subdir is files, templates or vars, or empty.
func (a *extension) candidates(c *jinja.Call, subdir, name string) []string {
	name = a.home(name)
	if strings.HasPrefix(name, "/") {
		return []string{name}
	}
	var out []string
	add := func(dir string) {
		if subdir != "" && !strings.HasPrefix(name, subdir+"/") {
			out = append(out, path.Join(dir, subdir, name))
		}
		out = append(out, path.Join(dir, name))
	}
	dirs := searchPath(c)
	for _, dir := range dirs {
		add(dir)
	}
	if v, ok := c.Variable("playbook_dir"); ok {
		if dir, isText := v.(string); isText {
			add(dir)
		}
	}
	if len(out) == 0 {
		if dir, err := a.cwd(); err == nil {
			add(dir)
		}
	}
	return out
}

func (a *extension) find(c *jinja.Call, subdir, name string) (string, bool) {
	for _, p := range a.candidates(c, subdir, name) {
		if a.exists(p) {
			return p, true
		}
	}
	return "", false
}

// exists tells whether there is a file; where nothing but reading is given, by reading it.
func (a *extension) exists(p string) bool {
	if a.Stat == nil && a.ReadFile != nil {
		_, err := a.ReadFile(p)
		return err == nil
	}
	_, err := a.stat(p)
	return err == nil
}

// read finds and reads a file.
func (a *extension) read(c *jinja.Call, subdir string, term any) (string, error) {
	name, ok := term.(string)
	if !ok {
		return "", typeError("the name of a file must be a str, not %s", value.TypeName(term))
	}
	p, ok := a.find(c, subdir, name)
	if !ok || a.ReadFile == nil {
		return "", value.Errorf(value.NotFound, "Unable to access the file '%s': File not found, searched in: %s", name, strings.Join(a.candidates(c, subdir, name), ", "))
	}
	data, err := a.ReadFile(p)
	return string(data), err
}

func (a *extension) fileLookup(c *jinja.Call, in any) (any, error) {
	o := options{c: c}
	out := []any{}
	for _, t := range in.([]any) {
		s, err := a.read(c, "files", t)
		if err != nil {
			return nil, err
		}
		if o.on("lstrip", false) {
			s = strings.TrimLeft(s, " \t\r\n\v\f")
		}
		if o.on("rstrip", true) {
			s = strings.TrimRight(s, " \t\r\n\v\f")
		}
		out = append(out, s)
	}
	return out, nil
}

func (a *extension) unvaultLookup(c *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		s, err := a.read(c, "files", t)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (a *extension) fileglobLookup(c *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		pattern := a.home(value.Str(t))
		for _, full := range a.candidates(c, "files", pattern) {
			found, err := a.globFiles(full)
			if err != nil {
				return nil, err
			}
			if len(found) > 0 {
				sort.Slice(found, func(i, j int) bool { return found[i].(string) < found[j].(string) })
				out = append(out, found...)
				break
			}
		}
	}
	return out, nil
}

// run gives what a command prints; who is the lookup that asks.
func (a *extension) run(who string, term any) (string, error) {
	if a.Pipe == nil {
		return "", valueError("commands cannot be run here")
	}
	command := value.Str(term)
	out, rc, err := a.Pipe(command)
	if err != nil {
		return "", err
	}
	if rc != 0 {
		return "", valueError("lookup_plugin.%s(%s) returned %d", who, command, rc)
	}
	return out, nil
}

func (a *extension) pipeLookup(_ *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		s, err := a.run("pipe", t)
		if err != nil {
			return nil, err
		}
		out = append(out, strings.TrimRight(s, " \t\r\n\v\f"))
	}
	return out, nil
}

func (a *extension) linesLookup(_ *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		s, err := a.run("lines", t)
		if err != nil {
			return nil, err
		}
		for _, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
			if s != "" {
				out = append(out, line)
			}
		}
	}
	return out, nil
}

func (a *extension) digLookup(c *jinja.Call, in any) (any, error) {
	if a.Resolve == nil {
		return nil, errors.New("names cannot be resolved here")
	}
	o := options{c: c}
	kind, out := o.text("qtype", "A"), []any{}
	for _, t := range in.([]any) {
		name := value.Str(t)
		if k, ok := strings.CutPrefix(name, "qtype="); ok {
			kind = k
			continue
		}
		if strings.HasPrefix(name, "@") || strings.Contains(name, "=") {
			continue
		}
		if base, k, ok := strings.Cut(name, "/"); ok {
			name, kind = base, k
		}
		answers, err := a.Resolve(name, strings.ToUpper(kind))
		if err != nil {
			answers = []string{"NXDOMAIN"}
		}
		for _, s := range answers {
			out = append(out, s)
		}
	}
	return out, nil
}
