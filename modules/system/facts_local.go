// Local facts: what the owner of a host has put into *.fact files.

package system

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// localFacts reads the *.fact files: JSON, or sections of an INI file. A program that failed leaves a section "failed NAME".
func localFacts(s map[string]string) *value.Map {
	m := &value.Map{}
	var names []string
	for section := range s {
		if name, ok := strings.CutPrefix(section, "local "); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if rc, failed := s["failed "+name]; failed {
			m.Set(name, "error loading fact - the program ended with "+strings.TrimSpace(rc))
			continue
		}
		m.Set(name, localFact(s["local "+name]))
	}
	return m
}

func localFact(text string) any {
	if v, err := value.ParseJSON([]byte(strings.TrimSpace(text))); err == nil {
		return v
	}
	out, section := &value.Map{}, (*value.Map)(nil)
	for _, line := range module.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[' && strings.HasSuffix(line, "]"):
			section = &value.Map{}
			out.Set(line[1:len(line)-1], section)
		default:
			at := strings.IndexAny(line, "=:")
			if at < 0 || section == nil {
				return "error loading facts as JSON or ini - please check content"
			}
			section.Set(strings.ToLower(strings.TrimSpace(line[:at])), strings.TrimSpace(line[at+1:]))
		}
	}
	return out
}
