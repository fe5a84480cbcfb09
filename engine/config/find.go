package config

import (
	"path/filepath"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// find returns the first configuration file of Ansible's search order that exists: ANSIBLE_CONFIG, the current
// directory, the home directory, /etc/ansible. A current directory that anybody may write to is not trusted.
func (l *loader) find() string {
	var places []string
	named, ok := l.machine.Getenv("ANSIBLE_CONFIG")
	if ok {
		named = l.path(named, l.machine.Cwd)
		if info, err := l.machine.Stat(named); err == nil && info.IsDir() {
			named = filepath.Join(named, "ansible.cfg")
		}
		places = append(places, named)
	}
	local := filepath.Join(l.machine.Cwd, "ansible.cfg")
	open := l.worldWritable(l.machine.Cwd)
	if !open {
		places = append(places, local)
	}
	places = append(places, filepath.Join(l.machine.Home, ".ansible.cfg"), "/etc/ansible/ansible.cfg")
	found := ""
	for _, p := range places {
		if l.isFile(p) {
			found = p
			break
		}
	}
	if open && (named == "" || found != named) && l.isFile(local) {
		l.diags.Add(diag.Diagnostic{
			Severity: diag.Warning,
			Summary:  "ansible.cfg is ignored, because everybody may write to the directory " + l.machine.Cwd,
			Span:     diag.Span{Pos: diag.Pos{File: local}},
			Hint:     "name it in ANSIBLE_CONFIG, or take the right to write away from others",
		})
	}
	return found
}

func (l *loader) isFile(path string) bool {
	info, err := l.machine.Stat(path)
	return err == nil && !info.IsDir()
}

func (l *loader) worldWritable(dir string) bool {
	info, err := l.machine.Stat(dir)
	return err == nil && info.Mode().Perm()&0o002 != 0
}

// path makes a path of the configuration absolute: {{CWD}}, $VARIABLES and ~ are replaced, relative paths count from base.
func (l *loader) path(text, base string) string {
	text = strings.ReplaceAll(text, "{{CWD}}", l.machine.Cwd)
	text = expandVariables(text, l.machine.Getenv)
	if text == "~" || strings.HasPrefix(text, "~/") {
		text = l.machine.Home + text[1:]
	}
	if !filepath.IsAbs(text) {
		text = filepath.Join(base, text)
	}
	return filepath.Clean(text)
}

// expandVariables replaces $NAME and ${NAME}; a variable that is not set stays as it is written, as Python leaves it.
func expandVariables(text string, getenv func(string) (string, bool)) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		name, size := variableAt(text[i:])
		value, ok := "", false
		if name != "" {
			value, ok = getenv(name)
		}
		if !ok {
			value, size = text[i:i+1], 1
		}
		out.WriteString(value)
		i += size
	}
	return out.String()
}

// variableAt returns the name of the variable that text begins with and the length of the whole reference.
func variableAt(text string) (name string, size int) {
	if len(text) < 2 || text[0] != '$' {
		return "", 0
	}
	if text[1] == '{' {
		end := strings.IndexByte(text, '}')
		if end < 0 {
			return "", 0
		}
		return text[2:end], end + 1
	}
	end := 1
	for end < len(text) && isNameByte(text[end]) {
		end++
	}
	return text[1:end], end
}

func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
