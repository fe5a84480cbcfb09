package value

import "fmt"

// Kind says which sort of mistake an operation on values met, by the names that tests and reports use.
type Kind string

// The kinds of Error.
const (
	TypeError    Kind = "type"          // an operation that the operands' types do not have
	ValueError   Kind = "value"         // the right type, but a value that makes no sense
	ZeroDivision Kind = "zero-division" // division or remainder by zero
	KeyError     Kind = "key"           // a mapping without the key
	IndexError   Kind = "index"         // a sequence without the index
	Recursion    Kind = "recursion"     // a definition that needs itself
	NotFound     Kind = "not-found"     // a template or file that is not there
	NotBoolean   Kind = "not-boolean"   // a condition whose result is not true or false
	Syntax       Kind = "syntax"        // text that is no template
	Limit        Kind = "limit"         // a result too big to be meant
)

// Error is an operation on values that went wrong.
type Error struct {
	Kind Kind
	Text string // one line without a full stop
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// Errorf makes an Error of a kind.
func Errorf(k Kind, format string, args ...any) error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}
