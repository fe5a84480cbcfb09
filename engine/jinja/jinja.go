// Package jinja is the template language of Ansible content: Jinja 3.1 as ansible-core 2.19 runs it.
//
// Text becomes a Template once, when it is loaded (lex.go, parse.go, ast.go). An expression is lowered to a program of
// the expr virtual machine (lower.go); statements are walked (render.go) with programs at their leaves. A Template is
// immutable and safe for concurrent use; all that changes during an evaluation lives in a frame.
//
// A *Template is itself a value: a variable, an item of a list or a value of a mapping may be one, and is evaluated when
// it is used, in the Env it came from. Strings are never templates: what a module, a lookup or a file answers is not
// evaluated again.
//
// The package knows no host, no file and no Ansible. Package ansible adds Ansible's filters, tests and lookups.
package jinja

import (
	"math/rand/v2"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// Source is the text of a template and where it stands.
type Source struct {
	Text string
	// At maps a byte offset in Text to a place in a file. It may be nil.
	At func(offset int) diag.Pos
}

func (s Source) pos(offset int) diag.Pos {
	if s.At == nil {
		return diag.Pos{}
	}
	return s.At(offset)
}

// Env is where a template's variables come from. Lookup returns a variable as it is stored: templates inside it are
// evaluated by this package, so that a variable that needs itself is noticed. An Env must be comparable with ==.
type Env interface {
	Lookup(name string) (v any, ok bool, err error)
}

// Namer is an Env that can tell the names of all its variables.
type Namer interface{ Names() []string }

// Call is one use of a filter, a test or a global function.
type Call struct {
	Name   string // as written
	Env    Env
	Lang   *Language
	Args   []any      // positional arguments, evaluated
	Kwargs *value.Map // named arguments; nil if there are none
	frame  *frame
}

// Func is a filter, a test or a global function. In is what a filter or test is applied to, nil for a global.
type Func func(c *Call, in any) (any, error)

// TypeName is Python's name of the type.
func (Func) TypeName() string { return "function" }

// String is what a function prints as.
func (Func) String() string { return "<function>" }

// Language is a set of filters, tests and globals. Packages may add to it until it is first used; from then on it is
// immutable and safe for concurrent use.
type Language struct {
	Filters map[string]Func
	Tests   map[string]Func
	Globals map[string]any
	// Lookups are what lookup('name', ...) and with_name run. In is the list of terms; the answer is a list, too.
	Lookups map[string]Func

	// AllowBrokenConditionals makes Template.Test return the truth of a result that is not boolean instead of an error.
	AllowBrokenConditionals bool
	// Late makes a text that cannot be parsed a template that fails when it is evaluated, as Ansible finds it, instead of a mistake at once.
	Late bool
	// Plugin finds a filter, test or lookup (kind) that is in none of the tables; where it fails, reason says why one that may be there cannot be
	// had. Nil: there are no others.
	Plugin func(kind, name string) (fn Func, reason string, ok bool)
	// Load finds the text of a template that another includes, imports or extends. Nil: there are none.
	Load func(e Env, name string) (Source, error)
	// Unvault opens an encrypted text. Nil: using one is an error.
	Unvault func(v value.Vault) (string, error)
	// Rand returns a number from 0 up to n, for `random` and the like.
	Rand func(n int) int

	// NamesPlugins makes errors of filters, tests and lookups say whose they are.
	NamesPlugins bool

	takesUndefined map[string]bool
	takesVault     map[string]bool
	methods        methods
}

// New returns the core of Jinja 3.1: its filters, tests and globals.
func New() *Language {
	l := &Language{
		Filters:        map[string]Func{},
		Tests:          map[string]Func{},
		Globals:        map[string]any{},
		Lookups:        map[string]Func{},
		Rand:           rand.IntN,
		takesUndefined: map[string]bool{},
		takesVault:     map[string]bool{},
		methods:        newMethods(),
	}
	addStringFilters(l)
	addMarkupFilters(l)
	addNumberFilters(l)
	addListFilters(l)
	addSelectFilters(l)
	addMapFilters(l)
	addTests(l)
	addGlobals(l)
	return l
}

// lookupHomes are the collections whose lookups are found by their last word.
var lookupHomes = []string{"ansible.builtin.", "ansible.legacy.", "community.general."}

// Lookup finds a lookup by its name, in short or in full.
func (l *Language) Lookup(name string) (fn Func, ok bool) {
	if fn = l.Lookups[name]; fn != nil {
		return fn, true
	}
	for _, home := range lookupHomes {
		if base, within := strings.CutPrefix(name, home); within && l.Lookups[base] != nil {
			return l.Lookups[base], true
		}
	}
	if l.Plugin != nil {
		fn, _, ok = l.Plugin("lookup", name)
	}
	return fn, ok
}

// TakesUndefined names filters, tests and globals that want to see undefined values, and containers whose templates are
// not evaluated yet, instead of failing on them.
func (l *Language) TakesUndefined(names ...string) {
	for _, n := range names {
		l.takesUndefined[n] = true
	}
}

// TakesVault names filters and tests that want to see a variable's encrypted text as a value.Vault, instead of what is in it.
func (l *Language) TakesVault(names ...string) {
	for _, n := range names {
		l.takesVault[n] = true
	}
}

// HasTemplate tells whether a text has a mark that makes it a template.
func HasTemplate(text string) bool {
	for i := strings.IndexByte(text, '{'); i >= 0 && i+1 < len(text); {
		switch text[i+1] {
		case '{', '%', '#':
			return true
		}
		next := strings.IndexByte(text[i+1:], '{')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return strings.HasPrefix(text, headerMark)
}

// names returns the keys of a table in order.
func names[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
