// Package diag says what is wrong in the text that a person wrote, and where.
//
// A Diagnostic is data: a severity, one line that says what is wrong, a hint that says what to do, and the place. Passes
// return a List and go on, so that all mistakes are shown at once; a Printer turns them into text with the line and a caret.
package diag

import "fmt"

// Pos is a place in a file. Line and Col count from 1, Col in characters; zero means unknown.
type Pos struct {
	File string
	Line int
	Col  int
}

// String gives file:line:col, leaving out what is unknown.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// IsValid tells whether the place is known at least to the line.
func (p Pos) IsValid() bool { return p.Line > 0 }

// Span is a stretch of one line: a place and how many characters from there are meant (0: one).
type Span struct {
	Pos
	Len int
}

// Severity tells an error, which stops the run before a host is touched, from a warning.
type Severity int

// The severities.
const (
	Error Severity = iota
	Warning
)

// Diagnostic is one thing wrong in what a person wrote.
type Diagnostic struct {
	Severity Severity
	Summary  string   // one line, no capital, no full stop: what is wrong
	Span     Span     // where
	Hint     string   // beside the caret: what to do, e.g. `did you mean "dest"?`
	Notes    []string // below the excerpt, e.g. `task "Write the banner", role k3s, from playbooks/m.yml:8:7`
	// Twice says that a key is written twice in a mapping, which ansible.cfg may make an error or nothing (duplicate_dict_key).
	Twice bool
	// Missing says that a file, a role or a host that is named is not there: Ansible ends with 1 then, with 4 for what it
	// cannot parse.
	Missing bool
	// Option says that what an option of the command line was given cannot be taken: Ansible ends with 5 then.
	Option bool
	// Locked says that what is there is encrypted and no password opens it: nothing is known to be wrong with it.
	Locked bool
	// Lacks names what Ansible has and Drydock does not, where that is what is wrong: `module community.general.nmcli`, `filter ipaddr`,
	// `argument ansible.builtin.dnf: nobest`. Empty: the mistake is the content's own.
	Lacks string
}

// Error makes a Diagnostic an error: place and summary on one line.
func (d Diagnostic) Error() string {
	s := d.Summary
	if d.Hint != "" {
		s += " (" + d.Hint + ")"
	}
	if d.Span.File == "" {
		return s
	}
	return d.Span.Pos.String() + ": " + s
}
