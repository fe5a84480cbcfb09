package config

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

type loader struct {
	machine Machine
	config  *Config
	file    *iniFile
	used    map[string]bool // "section.key" that a setting knows
	diags   diag.List
}

// apply finds the value of one setting, converts it and says what is to be said about it.
func (l *loader) apply(s setting) {
	raw, origin := s.initial, Origin{Kind: "default"}
	for _, key := range s.keys {
		l.used[key] = true
		section, name, _ := strings.Cut(key, ".")
		if k, ok := l.file.get(section, name); ok {
			raw, origin = k.value, Origin{Kind: "file", Name: key, Pos: k.span.Pos}
			l.renamed(s, k, name)
		}
	}
	for _, name := range s.env {
		// An empty variable says nothing for a setting that is not a text.
		if v, ok := l.machine.Getenv(name); ok && (v != "" || s.kind == text) {
			raw, origin = v, Origin{Kind: "environment", Name: name}
		}
	}
	l.config.byName[s.name] = origin
	defer func() { l.config.all = append(l.config.all, Setting{s.name, origin, l.shown(s, raw)}) }()
	if s.field != nil {
		l.config.origins[s.field(l.config)] = origin
		if err := l.set(s, raw, origin); err != nil {
			l.diags.Addf(l.span(origin), "%s: %v", originName(origin), err)
		}
	}
	if s.refuse != nil && origin.Kind != "default" {
		if why := s.refuse(unquote(raw)); why != "" {
			l.diags.Warnf(l.span(origin), "%s is not supported: %s", originName(origin), why)
		}
	}
}

// shown is the value of a setting for people: as it was read, or the text where nothing reads it. Passwords are not shown.
func (l *loader) shown(s setting, raw string) any {
	if s.kind == text && strings.Contains(strings.ToLower(s.name), "pass") {
		return nil
	}
	if s.field == nil {
		return unquote(raw)
	}
	switch f := s.field(l.config).(type) {
	case *bool:
		return *f
	case *int:
		return *f
	case *string:
		return *f
	case **string:
		if *f != nil {
			return **f
		}
	case *[]string:
		return *f
	}
	return nil
}

// renamed warns about a key that Ansible has given up.
func (l *loader) renamed(s setting, k iniKey, name string) {
	now, old := s.oldKeys[name]
	if !old {
		return
	}
	l.diags.Add(diag.Diagnostic{
		Severity: diag.Warning,
		Summary:  fmt.Sprintf("%s is an old name", name),
		Span:     k.span,
		Hint:     "write " + now,
	})
}

func originName(o Origin) string {
	if o.Kind == "environment" {
		return "environment variable " + o.Name
	}
	section, name, _ := strings.Cut(o.Name, ".")
	return fmt.Sprintf("[%s] %s", section, name)
}

func (l *loader) span(o Origin) diag.Span {
	if o.Kind != "file" {
		return diag.Span{}
	}
	_, name, _ := strings.Cut(o.Name, ".")
	return diag.Span{Pos: o.Pos, Len: len(name)}
}

// set converts the text of a setting and puts it into its field.
func (l *loader) set(s setting, raw string, origin Origin) error {
	base := l.machine.Cwd
	if origin.Kind == "file" {
		base = filepath.Dir(l.config.File)
		raw = unquoteFor(s.kind, raw)
	}
	switch f := s.field(l.config).(type) {
	case *bool:
		*f = l.boolean(raw, origin)
	case *int:
		return setInt(f, raw)
	case *string:
		*f = raw
		if s.kind == path && raw != "" {
			*f = l.path(raw, base)
		}
		return s.choose(f)
	case **string:
		if origin.Kind != "default" {
			*f = &raw
		}
	case *[]string:
		*f = l.list(s.kind, raw, base)
	}
	return nil
}

// boolean follows Ansible: what is not a word for true is false. A word for neither is worth a warning.
func (l *loader) boolean(raw string, origin Origin) bool {
	switch strings.ToLower(strings.TrimSpace(raw)) {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true
	case "n", "no", "off", "0", "false", "f", "0.0", "":
		return false
	}
	l.diags.Warnf(l.span(origin), "%s: %q is neither true nor false and counts as false", originName(origin), raw)
	return false
}

func setInt(f *int, raw string) error {
	raw = strings.TrimSpace(raw)
	if raw == "" || raw == "None" {
		*f = 0
		return nil
	}
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || n != float64(int(n)) {
		return fmt.Errorf("%q is not a whole number", raw)
	}
	*f = int(n)
	return nil
}

func (l *loader) list(k kind, raw, base string) []string {
	if raw == "" {
		return nil
	}
	sep := ","
	if k == pathspec {
		sep = ":"
	}
	var out []string
	for _, item := range strings.Split(raw, sep) {
		if k != pathspec {
			item = strings.TrimSpace(item)
		}
		if k == list {
			out = append(out, unquote(item))
			continue
		}
		out = append(out, l.path(item, base))
	}
	return out
}

func unquoteFor(k kind, raw string) string {
	if k == list || k == pathspec || k == pathlist {
		return raw
	}
	return unquote(raw)
}

// unquote takes away the quotes around a whole value.
func unquote(s string) string {
	if n := len(s); n > 1 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] && s[n-2] != '\\' {
		return s[1 : n-1]
	}
	return s
}

// unknown warns about every section and key of the file that no setting knows.
func (l *loader) unknown() {
	if l.file == nil {
		return
	}
	for _, s := range l.file.sections {
		if why, ok := otherSection(s.name); ok {
			if why != "" {
				l.diags.Warnf(s.span, "section [%s] is not supported: %s", s.name, why)
			}
			continue
		}
		for _, k := range s.keys {
			if !l.used[s.name+"."+k.name] {
				l.unknownKey(s, k)
			}
		}
	}
}

func (l *loader) unknownKey(s *iniSection, k iniKey) {
	d := diag.Diagnostic{
		Severity: diag.Warning,
		Summary:  fmt.Sprintf("Ansible has no setting %s in [%s]; it is ignored", k.name, s.name),
		Span:     k.span,
	}
	var here, elsewhere []string
	for key := range l.used {
		section, name, _ := strings.Cut(key, ".")
		if section == s.name {
			here = append(here, name)
		}
		if name == k.name {
			elsewhere = append(elsewhere, section)
		}
	}
	if len(elsewhere) > 0 {
		d.Hint = fmt.Sprintf("it belongs to [%s]", smallest(elsewhere))
	} else if near := diag.Nearest(k.name, here); near != "" {
		d.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	l.diags.Add(d)
}

func smallest(words []string) string {
	least := words[0]
	for _, w := range words[1:] {
		least = min(least, w)
	}
	return least
}

// otherSection tells about sections whose keys are not ours to know: why they are not carried out, or nothing at all
// where leaving them out harms nobody.
func otherSection(name string) (why string, ok bool) {
	switch {
	case name == "galaxy" || strings.HasPrefix(name, "galaxy_server"), name == "colors", name == "accelerate",
		name == "persistent_connection", name == "netconf_connection", name == "powershell", name == "winrm", name == "libssh_connection",
		name == "paramiko_connection", name == "selinux":
		return "", true
	case strings.HasPrefix(name, "callback_"), strings.HasSuffix(name, "_become_plugin") && name != "sudo_become_plugin" &&
		name != "su_become_plugin" && name != "doas_become_plugin",
		strings.HasPrefix(name, "inventory_plugin") && name != "inventory_plugin_script" && name != "inventory_plugin_yaml",
		strings.HasPrefix(name, "vars_"), strings.HasSuffix(name, "_lookup"), strings.HasSuffix(name, "_cache"):
		return "it configures a plugin, and Drydock runs no Python plugins", true
	}
	return "", false
}
