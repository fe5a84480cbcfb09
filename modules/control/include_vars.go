package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// IncludeVars reads variables from files on the controller.
var IncludeVars = module.Define(module.Spec{
	Name:       "ansible.builtin.include_vars",
	Doc:        "Read variables from a file, or from the files of a folder, on the controller.",
	FreeForm:   "_raw_params",
	Controller: true,
}, planIncludeVars)

type includeVarsArgs struct {
	Raw        string   `arg:"_raw_params" doc:"The file, as free-form text."`
	File       string   `arg:"file" doc:"The file; looked for in the vars folders of the role and the playbook."`
	Dir        string   `arg:"dir" doc:"The folder whose files are read in the order of their names."`
	Name       string   `arg:"name" doc:"A variable that takes all of them as a mapping; without it each is a variable."`
	Depth      int      `arg:"depth,default=0" doc:"How deep to look below dir; 0: all the way."`
	Matching   string   `arg:"files_matching" doc:"Only files of dir whose name matches this regular expression."`
	Ignore     []string `arg:"ignore_files" doc:"Files of dir to leave out, as regular expressions for the end of their path."`
	Extensions []string `arg:"extensions,default=yaml|yml|json" doc:"The endings of files of dir that are read."`
	Hash       string   `arg:"hash_behaviour,choices=replace|merge" doc:"merge joins mappings with the variables that are there."`
	Unknown    bool     `arg:"ignore_unknown_extensions,default=no" doc:"Pass over files of dir with other endings instead of failing."`
}

func planIncludeVars(_ context.Context, v module.View, a includeVarsArgs) (module.Plan, error) {
	if a.Dir != "" && a.File+a.Raw != "" {
		return module.Done(module.Fail("You are mixing file only and dir only arguments, these are incompatible")), nil
	}
	c := v.Controller()
	s, err := c.Service(module.YAMLKey{})
	if err != nil {
		return module.Plan{}, err
	}
	files, err := a.files(c)
	if err != nil {
		return unread(nil, err), nil
	}
	vars, secret := &value.Map{}, false
	for i, f := range files {
		secret = secret || module.IsVault(c.FS(), f)
		m, err := s.(module.YAML).Vars(f)
		if err != nil {
			return unread(files[:i], err), nil
		}
		vars.Merge(m)
	}
	if a.Name != "" {
		vars = value.NewMap(a.Name, vars)
	}
	if a.Hash == "merge" {
		vars = merged(c, vars)
	}
	return module.Done(module.Result{Vars: vars, Secret: secret}.With("ansible_facts", vars).With("ansible_included_var_files", value.From(files))), nil
}

// unread is the failure of a file, with those that were read before it.
func unread(before []string, err error) module.Plan {
	names := []any{}
	for _, f := range before {
		names = append(names, f)
	}
	return module.Done(module.Fail("%v", err).With("message", err.Error()).With("ansible_facts", &value.Map{}).With("ansible_included_var_files", names))
}

// files are what is to be read: the file, or those of the folder in the order of their names.
func (a includeVarsArgs) files(c module.Controller) ([]string, error) {
	if a.Dir == "" {
		name := strings.TrimSpace(a.File + a.Raw)
		if name == "" {
			return nil, errors.New("Could not find file: one of file, dir or a free-form file name is needed")
		}
		found, err := c.Find("vars", name)
		return []string{found}, err
	}
	dir, err := c.Find("vars", a.Dir)
	if err != nil {
		return nil, err
	}
	pick, err := a.picker()
	if err != nil {
		return nil, err
	}
	return a.walk(c.FS(), dir, 1, pick)
}

// picker tells which files of a folder are read.
func (a includeVarsArgs) picker() (func(file string) (bool, error), error) {
	matching, err := regexp.Compile(a.Matching)
	if err != nil {
		return nil, fmt.Errorf("files_matching: %w", err)
	}
	var ignored []*regexp.Regexp
	for _, p := range a.Ignore {
		re, err := regexp.Compile(p + "$")
		if err != nil {
			return nil, fmt.Errorf("ignore_files: %w", err)
		}
		ignored = append(ignored, re)
	}
	endings := a.Extensions
	return func(file string) (bool, error) {
		base := path.Base(file)
		if slices.ContainsFunc(ignored, func(re *regexp.Regexp) bool { return re.MatchString(file) }) || !matching.MatchString(base) {
			return false, nil
		}
		ending := strings.TrimPrefix(path.Ext(base), ".")
		if !slices.Contains(endings, ending) {
			if a.Unknown || a.Matching != "" {
				return false, nil
			}
			return false, fmt.Errorf("%s does not have a valid extension: %s", file, strings.Join(endings, ", "))
		}
		return true, nil
	}, nil
}

// walk lists a folder's files by name, then those of its folders.
func (a includeVarsArgs) walk(files fs.ReadDirFS, dir string, depth int, pick func(string) (bool, error)) ([]string, error) {
	if a.Depth > 0 && depth > a.Depth {
		return nil, nil
	}
	entries, err := files.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	var out, folders []string
	for _, e := range entries {
		at := path.Join(dir, e.Name())
		if info, err := fs.Stat(files, at); err == nil && info.IsDir() {
			folders = append(folders, at)
			continue
		}
		ok, err := pick(at)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, at)
		}
	}
	for _, at := range folders {
		below, err := a.walk(files, at, depth+1, pick)
		if err != nil {
			return nil, err
		}
		out = append(out, below...)
	}
	return out, nil
}

// merged joins each mapping with the variable of its name that is there.
func merged(c module.Controller, vars *value.Map) *value.Map {
	out := &value.Map{}
	for k, v := range vars.All() {
		if m, ok := v.(*value.Map); ok {
			if old, err := c.Eval(value.Str(k)); err == nil {
				if base, ok := old.(*value.Map); ok {
					v = deepMerge(base, m)
				}
			}
		}
		out.Set(k, v)
	}
	return out
}

func deepMerge(base, over *value.Map) *value.Map {
	out := base.Clone()
	for k, v := range over.All() {
		a, okA := out.Value(k).(*value.Map)
		b, okB := v.(*value.Map)
		if okA && okB {
			v = deepMerge(a, b)
		}
		out.Set(k, v)
	}
	return out
}
