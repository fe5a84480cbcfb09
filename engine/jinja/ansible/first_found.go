package ansible

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The lookup first_found.

func (a *extension) firstFound(c *jinja.Call, in any) (any, error) {
	terms := in.([]any)
	if len(terms) == 0 {
		if terms, _ = value.Items(c.Kwargs.Value("files")); terms == nil && c.Kwargs.Value("files") != nil {
			terms = []any{c.Kwargs.Value("files")}
		}
	}
	skip := value.Truth(c.Kwargs.Value("skip"))
	names, skipTerm, err := foundNames(terms, c.Kwargs.Value("paths"), strings.HasPrefix(c.Name, "with_"))
	if err != nil {
		return nil, err
	}
	subdirs := []string{""}
	if strings.HasPrefix(c.Name, "with_") {
		subdirs = []string{"files", "templates", "vars"} // which of them is for the module of the task to say
	}
	for _, name := range names {
		for _, subdir := range subdirs {
			if p, ok := a.find(c, subdir, name); ok {
				return []any{normpath(p)}, nil
			}
		}
	}
	if skip || skipTerm {
		return []any{}, nil
	}
	return nil, value.Errorf(value.NotFound, "No file was found when using first_found. (%s)", strings.Join(names, ", "))
}

// foundNames are the names that the terms of first_found stand for, in order. What is undefined is left out for with_first_found.
func foundNames(terms []any, paths any, leaveOut bool) (names []string, skip bool, err error) {
	for _, t := range terms {
		switch x := t.(type) {
		case value.Undefined:
			if !leaveOut {
				return nil, false, jinja.Use(x)
			}
			continue
		case string:
			names = append(names, underPaths(splitAny(x, ",;"), paths)...)
			continue
		}
		if m, ok := jinja.AsMap(t); ok {
			skip = skip || value.Truth(m.Value("skip"))
			more, err := mapNames(m, paths, leaveOut)
			if err != nil {
				return nil, false, err
			}
			names = append(names, more...)
			continue
		}
		items, ok := value.Items(t)
		if !ok {
			return nil, false, valueError("invalid term supplied: a string, dict or list is required, not %s", value.TypeName(t))
		}
		more, inner, err := foundNames(items, paths, leaveOut)
		if err != nil {
			return nil, false, err
		}
		names, skip = append(names, more...), skip || inner
	}
	return names, skip, nil
}

func mapNames(m *value.Map, paths any, leaveOut bool) ([]string, error) {
	if own, ok := m.Get("paths"); ok {
		paths = own
	}
	files, ok := value.Items(m.Value("files"))
	if !ok {
		files = []any{m.Value("files")}
	}
	var names []string
	for _, f := range files {
		if err := jinja.Use(f); err != nil {
			if leaveOut {
				continue
			}
			return nil, err
		}
		names = append(names, splitAny(value.Str(f), ",;")...)
	}
	return underPaths(names, paths), nil
}

func splitAny(s, marks string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(marks, r) })
}

// underPaths puts names into each of the paths.
func underPaths(names []string, paths any) []string {
	var dirs []string
	if s, ok := paths.(string); ok {
		dirs = splitAny(s, ",:;")
	}
	items, _ := value.Items(paths)
	for _, it := range items {
		if s, ok := it.(string); ok {
			dirs = append(dirs, splitAny(s, ",:;")...)
		}
	}
	if len(dirs) == 0 {
		return names
	}
	var out []string
	for _, d := range dirs {
		for _, n := range names {
			out = append(out, path.Join(d, n))
		}
	}
	return out
}
