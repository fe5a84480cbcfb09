// What find accepts: names, types, ages, sizes and modes of a node, and what a file holds.
package files

import (
	"context"
	"path"
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/drydock-dev/drydock/engine/module"
)

// filter makes one test of all that can be told without reading a file. The second argument of the test is the host's time.
func (a findArgs) filter() (func(entry, float64) (bool, error), *module.Result) {
	age, okAge := amount(ageForm, a.Age, map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800})
	if a.Age != "" && !okAge {
		r := module.Fail("failed to process age").With("age", a.Age)
		return nil, &r
	}
	size, okSize := amount(sizeForm, a.Size, map[string]float64{"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40})
	if a.Size != "" && !okSize {
		r := module.Fail("failed to process size").With("size", a.Size)
		return nil, &r
	}
	names, err := a.names()
	if err != nil {
		r := module.Fail("%v", err)
		return nil, &r
	}
	return func(e entry, now float64) (bool, error) {
		if !a.wants(e.node) || !a.Hidden && strings.HasPrefix(path.Base(e.name), ".") {
			return false, nil
		}
		stamp := map[string]float64{"mtime": e.node.mtime, "atime": e.node.atime, "ctime": e.node.ctime}[a.AgeStamp]
		if a.Age != "" && !reaches(now-stamp, age) || a.Size != "" && e.node.is(typeRegular) && !reaches(float64(e.node.size), size) {
			return false, nil
		}
		ok, err := a.hasMode(e.node)
		if !ok || err != nil {
			return false, err
		}
		return names(path.Base(e.name))
	}, nil
}

// reaches tells whether a measure is at least a limit, or at most a negative one.
func reaches(is, limit float64) bool {
	if limit < 0 {
		return is <= -limit
	}
	return is >= limit
}

// wants tells whether the type is asked for.
func (a findArgs) wants(n *node) bool {
	switch a.FileType {
	case "directory":
		return n.is(typeDirectory)
	case "file":
		return n.is(typeRegular)
	case "link":
		return n.is(typeLink)
	}
	return true
}

func (a findArgs) hasMode(n *node) (bool, error) {
	if a.Mode == nil {
		return true, nil
	}
	mode, err := newMode(*a.Mode, 0, n.is(typeDirectory), 0)
	if a.ExactMode {
		return n.perm() == mode, err
	}
	return n.perm()&mode != 0, err
}

// names makes the test of a base name.
func (a findArgs) names() (func(name string) (bool, error), error) {
	wanted, err := a.patterns(a.Patterns)
	if err != nil {
		return nil, err
	}
	unwanted, err := a.patterns(a.Excludes)
	if err != nil {
		return nil, err
	}
	return func(name string) (bool, error) {
		in, err := matchesOne(wanted, name)
		if err != nil || len(wanted) > 0 && !in {
			return false, err
		}
		out, err := matchesOne(unwanted, name)
		return !out, err
	}, nil
}

func (a findArgs) patterns(texts []string) ([]*pattern, error) {
	var out []*pattern
	for _, text := range texts {
		if !a.UseRegex {
			text = globExpression(text)
		}
		p, err := compile(`\A(?:`+text+")", regexp2.None)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func matchesOne(ps []*pattern, name string) (bool, error) {
	for _, p := range ps {
		m, err := p.search(name)
		if m != nil || err != nil {
			return m != nil, err
		}
	}
	return false, nil
}

// globExpression writes a shell pattern as a regular expression for the whole name.
func globExpression(glob string) string {
	var b strings.Builder
	b.WriteString("(?s:")
	rs := []rune(glob)
	for i := 0; i < len(rs); i++ {
		switch rs[i] {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			end := closing(rs, i)
			if end < 0 {
				b.WriteString(`\[`)
				continue
			}
			set := strings.ReplaceAll(string(rs[i+1:end]), `\`, `\\`)
			if strings.HasPrefix(set, "!") {
				set = "^" + set[1:]
			}
			b.WriteString("[" + set + "]")
			i = end
		default:
			b.WriteString(regexp2.Escape(string(rs[i])))
		}
	}
	return b.String() + `)\Z`
}

// closing is where the set that begins at i ends, -1 if it does not.
func closing(rs []rune, i int) int {
	j := i + 1
	if j < len(rs) && rs[j] == '!' {
		j++
	}
	if j < len(rs) && rs[j] == ']' {
		j++
	}
	for ; j < len(rs); j++ {
		if rs[j] == ']' {
			return j
		}
	}
	return -1
}

// containing keeps the regular files of which a line, or with read_whole_file the text, matches.
func (a findArgs) containing(ctx context.Context, v module.View, hits []entry) ([]entry, error) {
	p, err := compile(a.Contains, regexp2.None)
	if err != nil {
		return nil, err
	}
	var kept []entry
	for _, e := range hits {
		if !e.node.is(typeRegular) {
			continue
		}
		s, err := look(ctx, v, question{path: e.name, content: everything})
		if err != nil {
			return nil, err
		}
		parts := []string{s.content}
		if !a.WholeFile {
			parts = lines(s.content)
		}
		if ok, err := a.begins(p, parts); err != nil {
			return nil, err
		} else if ok {
			kept = append(kept, e)
		}
	}
	return kept, nil
}

// begins tells whether the expression matches in one of the parts: anywhere in a whole text, at the beginning of a line.
func (a findArgs) begins(p *pattern, parts []string) (bool, error) {
	for _, part := range parts {
		m, err := p.search(part)
		if err != nil {
			return false, err
		}
		if m != nil && (a.WholeFile || m.Index == 0) {
			return true, nil
		}
	}
	return false, nil
}
