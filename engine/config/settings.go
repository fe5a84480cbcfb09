package config

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// kind says how the text of a setting is read.
type kind int

const (
	text     kind = iota // as it is, quotes around it taken away
	path                 // a path
	pathspec             // paths between colons
	pathlist             // paths between commas
	list                 // texts between commas
	boolean
	integer
)

// setting is one thing that can be configured: its names, how its text is read, and where the value goes. A setting
// without a field is known to Ansible and means nothing here; refuse says when that is worth a warning.
type setting struct {
	name    string   // Ansible's own, e.g. DEFAULT_FORKS
	keys    []string // "section.key"; a later one wins
	env     []string // a later one wins
	kind    kind
	initial string
	field   func(*Config) any
	allowed []string                  // the only texts; nil: any
	oldKeys map[string]string         // keys that Ansible has given up, and what to write now
	refuse  func(value string) string // why this value is not carried out; empty: it is
}

// choose checks a text against the allowed ones.
func (s setting) choose(value *string) error {
	if s.allowed == nil {
		return nil
	}
	for _, a := range s.allowed {
		if *value == a {
			return nil
		}
	}
	hint := ""
	if near := diag.Nearest(*value, s.allowed); near != "" {
		hint = fmt.Sprintf(" (did you mean %q?)", near)
	}
	return fmt.Errorf("%q is not one of %s%s", *value, strings.Join(s.allowed, ", "), hint)
}

// always refuses every value.
func always(why string) func(string) string {
	return func(string) string { return why }
}

// ifTrue refuses the setting when it is switched on.
func ifTrue(why string) func(string) string {
	return func(v string) string {
		if isTrue(v) {
			return why
		}
		return ""
	}
}

// ifFalse refuses the setting when it is switched off.
func ifFalse(why string) func(string) string {
	return func(v string) string {
		if !isTrue(v) {
			return why
		}
		return ""
	}
}

// unless refuses every value but those named.
func unless(why string, values ...string) func(string) string {
	return func(v string) string {
		for _, ok := range values {
			if v == ok {
				return ""
			}
		}
		return why
	}
}

func isTrue(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "y", "yes", "on", "1", "true", "t":
		return true
	}
	return false
}

const (
	noPlugins = "Drydock runs no Python plugins"
	noCache   = "facts are kept in memory, or as jsonfile"
	anotherOS = "it concerns machines that Drydock does not reach"
)

// settings is every setting of Ansible and of its own plugins, the used ones first.
var settings = join(inventorySettings, connectionSettings, becomeSettings, runSettings, outputSettings, inertSettings)

func join(groups ...[]setting) []setting {
	var all []setting
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}
