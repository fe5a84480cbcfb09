package jinja

// noElse is the value of an inline `if` without `else` whose condition is false. It prints as nothing and counts as empty, but
// it is no value that could be kept.
type noElse struct{}

const noElseHint = "the inline if-expression evaluated to false and no else section was defined"

// TypeName is Python's name of the type.
func (noElse) TypeName() string { return "Undefined" }

// String prints nothing.
func (noElse) String() string { return "" }

// Len is zero: it is empty, and false.
func (noElse) Len() int { return 0 }

// Items is what a loop over it sees.
func (noElse) Items() []any { return nil }

// missingError is the error of an operation that needs a real value.
func (noElse) missingError() error { return &UndefinedError{Hint: noElseHint} }

func noElseSite(...any) (any, error) { return noElse{}, nil }
