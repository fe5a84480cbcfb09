package ansible

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

func (a *extension) addPathFilters(l *jinja.Language) {
	text := func(fn func(string) string) jinja.Func {
		return func(c *jinja.Call, in any) (any, error) {
			s, err := pathText(c, in)
			return fn(s), err
		}
	}
	l.Filters["basename"] = text(func(s string) string { return s[strings.LastIndexByte(s, '/')+1:] })
	l.Filters["dirname"] = text(dirname)
	l.Filters["normpath"] = text(normpath)
	l.Filters["win_basename"] = text(winBasename)
	l.Filters["win_dirname"] = text(winDirname)
	l.Filters["win_splitdrive"] = winSplitDrive
	l.Filters["splitext"] = splitExt
	l.Filters["path_join"] = pathJoin
	l.Filters["commonpath"] = commonPath
	l.Filters["relpath"] = a.relPath
	l.Filters["realpath"] = a.realPath
	l.Filters["expanduser"] = a.expandUser
	l.Filters["expandvars"] = a.expandVars
	l.Filters["fileglob"] = a.fileGlob
}

func winBasename(s string) string {
	if len(s) > 1 && s[1] == ':' {
		s = s[2:]
	}
	return s[strings.LastIndexAny(s, `/\`)+1:]
}

func pathText(c *jinja.Call, v any) (string, error) {
	if _, err := c.Bind("a"); err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", typeError("expected str, bytes or os.PathLike object, not %s", value.TypeName(v))
	}
	return s, nil
}

func dirname(s string) string {
	head := s[:strings.LastIndexByte(s, '/')+1]
	if trimmed := strings.TrimRight(head, "/"); trimmed != "" {
		return trimmed
	}
	return head
}

func normpath(s string) string {
	if strings.HasPrefix(s, "//") && !strings.HasPrefix(s, "///") {
		return "/" + path.Clean(s[1:])
	}
	return path.Clean(s)
}

func winDirname(s string) string {
	drive := ""
	if len(s) > 1 && s[1] == ':' {
		drive, s = s[:2], s[2:]
	}
	head := s[:strings.LastIndexAny(s, `/\`)+1]
	if trimmed := strings.TrimRight(head, `/\`); trimmed != "" {
		head = trimmed
	}
	return drive + head
}

func winSplitDrive(c *jinja.Call, in any) (any, error) {
	s, err := pathText(c, in)
	if err != nil {
		return nil, err
	}
	if len(s) > 1 && s[1] == ':' {
		return value.Tuple{s[:2], s[2:]}, nil
	}
	return value.Tuple{"", s}, nil
}

func splitExt(c *jinja.Call, in any) (any, error) {
	s, err := pathText(c, in)
	if err != nil {
		return nil, err
	}
	base := s[strings.LastIndexByte(s, '/')+1:]
	name := strings.TrimLeft(base, ".")
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return value.Tuple{s, ""}, nil
	}
	cut := len(s) - len(name) + i
	return value.Tuple{s[:cut], s[cut:]}, nil
}

func pathJoin(c *jinja.Call, in any) (any, error) {
	if s, ok := in.(string); ok {
		return s, nil
	}
	items, ok := value.Items(in)
	if !ok {
		return nil, typeError("path_join expects string or sequence, got %s instead", value.TypeName(in))
	}
	if len(items) == 0 {
		return nil, typeError("join() misses its argument 'a'")
	}
	out := ""
	for i, it := range items {
		s, err := pathText(c, it)
		if err != nil {
			return nil, err
		}
		switch {
		case i == 0 || strings.HasPrefix(s, "/"):
			out = s
		case out == "" || strings.HasSuffix(out, "/"):
			out += s
		default:
			out += "/" + s
		}
	}
	return out, nil
}

func commonPath(c *jinja.Call, in any) (any, error) {
	items, ok := value.Items(in)
	if !ok {
		return nil, typeError("|commonpath expects sequence, got <class '%s'> instead.", value.TypeName(in))
	}
	if len(items) == 0 {
		return nil, valueError("commonpath() arg is an empty sequence")
	}
	var common []string
	rooted := false
	for i, it := range items {
		s, err := pathText(c, it)
		if err != nil {
			return nil, err
		}
		parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' })
		if strings.HasPrefix(s, "/") {
			parts = append([]string{""}, parts...)
		}
		if i == 0 {
			common, rooted = parts, strings.HasPrefix(s, "/")
		}
		if rooted != strings.HasPrefix(s, "/") {
			return nil, valueError("can't mix absolute and relative paths")
		}
		n := 0
		for n < len(common) && n < len(parts) && common[n] == parts[n] {
			n++
		}
		common = common[:n]
	}
	if len(common) == 1 && common[0] == "" {
		return "/", nil
	}
	return strings.Join(common, "/"), nil
}

func (a *extension) cwd() (string, error) {
	if a.Getwd == nil {
		return "/", nil
	}
	return a.Getwd()
}

func (a *extension) absolute(s string) (string, error) {
	if strings.HasPrefix(s, "/") {
		return normpath(s), nil
	}
	dir, err := a.cwd()
	return normpath(dir + "/" + s), err
}

func (a *extension) relPath(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("start")
	if err != nil {
		return nil, err
	}
	s, ok := in.(string)
	if !ok {
		return nil, typeError("expected str, bytes or os.PathLike object, not %s", value.TypeName(in))
	}
	if s == "" {
		return nil, valueError("no path specified")
	}
	start, err := p.Text(0, ".")
	if err != nil {
		return nil, err
	}
	from, err1 := a.absolute(start)
	to, err2 := a.absolute(s)
	if err := firstError(err1, err2); err != nil {
		return nil, err
	}
	return filepath.Rel(from, to)
}

func (a *extension) realPath(c *jinja.Call, in any) (any, error) {
	s, err := pathText(c, in)
	if err != nil {
		return nil, err
	}
	if s, err = a.absolute(s); err != nil || a.EvalLinks == nil {
		return s, err
	}
	// What does not exist is left as it is behind the part that does.
	for head, tail := s, ""; ; {
		if real, err := a.EvalLinks(head); err == nil {
			return path.Join(real, tail), nil
		}
		if head == "/" {
			return s, nil
		}
		head, tail = path.Dir(head), path.Join(path.Base(head), tail)
	}
}

func (a *extension) expandUser(c *jinja.Call, in any) (any, error) {
	s, err := pathText(c, in)
	if err != nil {
		return nil, err
	}
	return a.home(s), nil
}

// home replaces a leading ~ or ~user.
func (a *extension) home(s string) string {
	if !strings.HasPrefix(s, "~") || a.Home == nil {
		return s
	}
	user, rest, slash := strings.Cut(s[1:], "/")
	dir, err := a.Home(user)
	if err != nil {
		return s
	}
	if slash {
		return strings.TrimRight(dir, "/") + "/" + rest
	}
	return dir
}

func (a *extension) expandVars(c *jinja.Call, in any) (any, error) {
	s, err := pathText(c, in)
	if err != nil {
		return nil, err
	}
	re, err := a.patterns.compile(`\$(\w+|\{[^}]*\})`, false, false)
	if err != nil {
		return nil, err
	}
	m, err := re.FindStringMatch(s)
	var b strings.Builder
	runes, last := []rune(s), 0
	for ; m != nil && err == nil; m, err = re.FindNextMatch(m) {
		b.WriteString(string(runes[last:m.Index]))
		last = m.Index + m.Length
		name := strings.Trim(m.GroupByNumber(1).String(), "{}")
		if v, ok := a.env(name); ok {
			b.WriteString(v)
		} else {
			b.WriteString(m.String())
		}
	}
	b.WriteString(string(runes[last:]))
	return b.String(), err
}

func (a *extension) env(name string) (string, bool) {
	if a.Getenv == nil {
		return "", false
	}
	return a.Getenv(name)
}

func (a *extension) fileGlob(c *jinja.Call, in any) (any, error) {
	s, err := pathText(c, in)
	if err != nil {
		return nil, err
	}
	return a.globFiles(s)
}

// globFiles are the regular files that match a pattern.
func (a *extension) globFiles(pattern string) ([]any, error) {
	if a.Glob == nil || a.Stat == nil {
		return nil, valueError("files cannot be listed here")
	}
	matches, err := a.Glob(pattern)
	out := []any{}
	for _, m := range matches {
		if info, err := a.Stat(m); err == nil && info.Mode().IsRegular() {
			out = append(out, m)
		}
	}
	return out, err
}
