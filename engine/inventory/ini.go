package inventory

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/words"
)

var (
	sectionLine = regexp.MustCompile(`^\[([^:\]\s]+)(?::([\p{L}\p{N}_]+))?\]\s*(?:#.*)?$`)
	groupLine   = regexp.MustCompile(`^([^:\]\s]+)\s*(?:#.*)?$`)
)

// iniReader reads one inventory of the INI form into an inventory: sections [group] of hosts, [group:vars] of variables, [group:children] of
// groups. Each line stands alone, so all mistakes are found in one go.
type iniReader struct {
	*reader
	file, dir string
	group     *Group
	section   string // hosts, vars or children
	line      int
	indent    int
	text      string // of the line, without the white space around it
	counted   struct{ line, at, runes int }

	undefined []*promise
	skip      bool // the section is wrong; its lines are not looked at
}

// promise is a group that was used before it was defined.
type promise struct {
	name    string
	section string // vars or children
	at      diag.Span
	parents []*Group
}

func (r *reader) readINI(file, dir string, data []byte) {
	p := &iniReader{reader: r, file: file, dir: dir, group: r.inv.byGroup[Ungrouped], section: "hosts"}
	for i, line := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		if p.ended() {
			return
		}
		p.line = i + 1
		p.indent = len(line) - len(strings.TrimLeft(line, " \t\r\f\v"))
		p.text = strings.TrimSpace(line)
		switch {
		case p.text == "" || p.text[0] == '#' || p.text[0] == ';':
		case !utf8.ValidString(line):
			p.errorf(0, len(p.text), "the line is not UTF-8 text")
		default:
			p.read()
		}
	}
	p.unkept()
}

func (p *iniReader) read() {
	if m := sectionLine.FindStringSubmatch(p.text); m != nil {
		p.open(m[1], m[2])
		return
	}
	if strings.HasPrefix(p.text, "[") && strings.HasSuffix(p.text, "]") {
		p.errorf(0, len(p.text), "%s is no section: there may be no spaces or other signs in its name", p.text)
		p.skip = true
		return
	}
	switch {
	case p.skip:
	case p.section == "hosts":
		p.host()
	case p.section == "vars":
		p.variable()
	default:
		p.child()
	}
}

// open begins a section.
func (p *iniReader) open(name, section string) {
	p.skip = false
	if section == "" {
		section = "hosts"
	}
	if section != "hosts" && section != "vars" && section != "children" {
		d := diag.Diagnostic{Summary: fmt.Sprintf("section [%s:%s] is of an unknown kind", name, section), Span: p.span(len(name)+2, len(section))}
		if near := diag.Nearest(section, []string{"vars", "children", "hosts"}); near != "" {
			d.Hint = fmt.Sprintf("did you mean %q?", near)
		}
		p.diags.Add(d)
		p.skip = true
		return
	}
	name = p.groupName(name, p.span(1, len(name)))
	_, known := p.inv.byGroup[name]
	owed := p.promised(name)
	p.group, p.section = p.inv.addGroup(name), section
	switch {
	case section == "vars":
		if !known && owed == nil {
			p.undefined = append(p.undefined, &promise{name: name, section: section, at: p.span(1, len(name))})
		}
	case owed != nil:
		p.keep(owed)
	}
}

func (p *iniReader) promised(name string) *promise {
	for _, u := range p.undefined {
		if u.name == name {
			return u
		}
	}
	return nil
}

// keep ties a group that is defined now to those that already named it.
func (p *iniReader) keep(owed *promise) {
	for _, parent := range owed.parents {
		if err := p.inv.tie(parent, p.group); err != nil {
			p.diags.Addf(owed.at, "%v", err)
		}
	}
	p.undefined = without(p.undefined, owed)
}

// unkept reports the groups that were used and never defined.
func (p *iniReader) unkept() {
	for _, u := range p.undefined {
		d := diag.Diagnostic{Summary: fmt.Sprintf("section [%s:vars] is for a group that is not defined", u.name), Span: u.at}
		if u.section == "children" {
			d.Summary = fmt.Sprintf("section [%s:children] includes group %s, which is not defined", u.parents[len(u.parents)-1].Name, u.name)
		}
		var known []string
		for _, g := range p.inv.groups {
			if g.Name != u.name {
				known = append(known, g.Name)
			}
		}
		if near := diag.Nearest(u.name, known); near != "" {
			d.Hint = fmt.Sprintf("did you mean %q?", near)
		}
		p.diags.Add(d)
	}
}

// host reads a line with a host or a range of hosts, and their variables.
func (p *iniReader) host() {
	line, err := words.Split(p.text, words.Comment)
	if err != nil {
		p.errorf(0, len(p.text), "%v", err)
		return
	}
	if len(line) == 0 {
		return
	}
	entry := line[0]
	hosts, port, err := expand(entry.Text)
	if err == nil && strings.TrimSpace(entry.Text) == "---" {
		err = fmt.Errorf("--- is no host; is this a YAML file? Then its name should end in .yml")
	}
	if err != nil {
		p.errorf(entry.At, len(entry.Text), "%v", err)
		return
	}
	vars, at := p.hostVars(line[1:])
	if p.ended() {
		return
	}
	for _, name := range hosts {
		h := p.inv.addHost(name, p.group, port, p.file, p.dir)
		for k, v := range vars.All() {
			h.vars.set(k.(string), v, at[k.(string)])
		}
	}
}

// hostVars reads the variables of a host: words of the form key=value.
func (p *iniReader) hostVars(pairs []words.Word) (*value.Map, map[string]diag.Pos) {
	vars, at := &value.Map{}, map[string]diag.Pos{}
	for _, w := range pairs {
		key, text, ok := strings.Cut(w.Text, "=")
		if !ok {
			p.errorf(w.At, len(w.Text), "expected key=value after the name of the host, found %q", w.Text)
			continue
		}
		span := p.span(w.At, len(key))
		at[key] = span.Pos
		vars.Set(key, p.templates(typed(text), p.at(w.At+len(key)+1)))
	}
	return vars, at
}

func (p *iniReader) variable() {
	key, text, ok := strings.Cut(p.text, "=")
	key = strings.TrimSpace(key)
	if !ok || key == "" {
		p.errorf(0, len(p.text), "expected key = value, found %q", p.text)
		return
	}
	start := len(p.text) - len(strings.TrimLeft(text, " \t"))
	val := p.templates(typed(strings.TrimSpace(text)), p.at(start))
	if err := p.group.setVar(key, val, p.span(0, len(key)).Pos); err != nil {
		p.errorf(0, len(p.text), "%v", err)
	}
}

// child reads the name of a group within the group. It may be defined further down.
func (p *iniReader) child() {
	m := groupLine.FindStringSubmatch(p.text)
	if m == nil {
		p.errorf(0, len(p.text), "expected the name of a group, found %q", p.text)
		return
	}
	if child, ok := p.inv.byGroup[m[1]]; ok && p.promised(m[1]) == nil {
		if err := p.inv.tie(p.group, child); err != nil {
			p.errorf(0, len(m[1]), "%v", err)
		}
		return
	}
	owed := p.promised(m[1])
	if owed == nil {
		owed = &promise{name: m[1], section: "children", at: p.span(0, len(m[1]))}
		p.undefined = append(p.undefined, owed)
	}
	owed.parents = append(owed.parents, p.group)
}

// span is a stretch of the line, from and size in bytes of its trimmed text.
func (p *iniReader) span(from, size int) diag.Span {
	from = min(from, len(p.text))
	end := min(from+size, len(p.text))
	col := p.indent + p.runes(from) + 1
	return diag.Span{Pos: diag.Pos{File: p.file, Line: p.line, Col: col}, Len: utf8.RuneCountInString(p.text[from:end])}
}

// runes counts the characters before a byte of the line. It goes on from where it was asked last: a line may hold thousands of variables.
func (p *iniReader) runes(from int) int {
	if p.counted.line != p.line || p.counted.at > from {
		p.counted.line, p.counted.at, p.counted.runes = p.line, 0, 0
	}
	p.counted.runes += utf8.RuneCountInString(p.text[p.counted.at:from])
	p.counted.at = from
	return p.counted.runes
}

// at maps the bytes of a value that begins at a byte of the line to their places. It keeps what it needs of the line: it is
// asked long after the line was read.
func (p *iniReader) at(from int) func(offset int) diag.Pos {
	start, rest := p.span(from, 0).Pos, p.text[min(from, len(p.text)):]
	return func(offset int) diag.Pos {
		pos := start
		pos.Col += utf8.RuneCountInString(rest[:min(offset, len(rest))])
		return pos
	}
}

func (p *iniReader) errorf(from, size int, format string, args ...any) {
	p.diags.Addf(p.span(from, size), format, args...)
}
