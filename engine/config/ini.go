package config

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// iniFile is a configuration file as it is written: sections of keys with their places.
type iniFile struct {
	path     string
	sections []*iniSection
}

type iniSection struct {
	name string
	span diag.Span
	keys []iniKey
}

type iniKey struct {
	name  string // in small letters
	value string
	span  diag.Span // of the name
}

// get returns the value of "section.key".
func (f *iniFile) get(section, key string) (iniKey, bool) {
	if f == nil {
		return iniKey{}, false
	}
	for _, s := range f.sections {
		if s.name != section {
			continue
		}
		for _, k := range s.keys {
			if k.name == key {
				return k, true
			}
		}
	}
	return iniKey{}, false
}

// parseINI reads a file by the rules of Python's configparser as Ansible sets it up: "=" or ":" between key and value,
// lines that begin with # or ; are comments, " ;" begins a comment within a line, an indented line continues a value.
func parseINI(path, text string, diags *diag.List) *iniFile {
	p := &iniParser{file: &iniFile{path: path}, diags: diags}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		p.number = i + 1
		p.line(strings.TrimRight(line, "\r"))
	}
	return p.file
}

type iniParser struct {
	file    *iniFile
	section *iniSection
	number  int
	inValue bool // an indented line continues the last key
	diags   *diag.List
}

func (p *iniParser) line(raw string) {
	line := stripComment(raw)
	text := strings.TrimSpace(line)
	if text == "" {
		return
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	if p.inValue && indent > 0 {
		last := &p.section.keys[len(p.section.keys)-1]
		last.value = strings.TrimSpace(last.value + "\n" + text)
		return
	}
	if strings.HasPrefix(text, "[") {
		p.header(text, indent)
		return
	}
	p.key(text, indent)
}

func (p *iniParser) header(text string, indent int) {
	span := p.span(indent, len([]rune(text)))
	end := strings.IndexByte(text, ']')
	if end < 0 {
		p.diags.Addf(span, "the name of the section does not end: there is no ]")
		return
	}
	name := text[1:end]
	p.inValue = false
	for _, s := range p.file.sections {
		if s.name == name {
			p.diags.Addf(span, "section [%s] is there twice; the first is in line %d", name, s.span.Line)
			p.section = s
			return
		}
	}
	p.section = &iniSection{name: name, span: span}
	p.file.sections = append(p.file.sections, p.section)
}

func (p *iniParser) key(text string, indent int) {
	at := strings.IndexAny(text, "=:")
	if at <= 0 {
		p.diags.Addf(p.span(indent, len([]rune(text))), "expected key = value or [section], found %q", text)
		return
	}
	name := strings.ToLower(strings.TrimSpace(text[:at]))
	k := iniKey{name: name, value: strings.TrimSpace(text[at+1:]), span: p.span(indent, len([]rune(name)))}
	if p.section == nil {
		p.diags.Add(diag.Diagnostic{Summary: "key " + name + " stands before any section", Span: k.span, Hint: "begin the file with [defaults]"})
		return
	}
	for _, other := range p.section.keys {
		if other.name == name {
			p.diags.Addf(k.span, "key %s is there twice in [%s]; the first is in line %d", name, p.section.name, other.span.Line)
			return
		}
	}
	p.section.keys = append(p.section.keys, k)
	p.inValue = true
}

func (p *iniParser) span(indent, size int) diag.Span {
	return diag.Span{Pos: diag.Pos{File: p.file.path, Line: p.number, Col: indent + 1}, Len: size}
}

// stripComment takes away a comment line, and what follows a semicolon that stands after white space.
func stripComment(line string) string {
	text := strings.TrimSpace(line)
	if strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") {
		return ""
	}
	for i := 1; i < len(line); i++ {
		if line[i] == ';' && (line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}
