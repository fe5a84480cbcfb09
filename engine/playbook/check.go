package playbook

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
)

// This file holds the checks of values against the kind that a keyword wants. A value with template marks fits every kind.

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// IsVariableName tells whether Ansible takes a text for the name of a variable.
func IsVariableName(s string) bool { return identifier.MatchString(s) && !reservedWord(s) }

func reservedWord(s string) bool {
	switch s {
	case "True", "False", "None", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
		"finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
		"while", "with", "yield":
		return true
	}
	return false
}

// IsTemplate tells whether a node is text with template marks.
func IsTemplate(n *source.Node) bool {
	return n != nil && n.Kind == source.Scalar && n.Tag == source.TagString &&
		(strings.Contains(n.Text, "{{") || strings.Contains(n.Text, "{%") || strings.Contains(n.Text, "{#"))
}

// checkKind reports a value that does not fit its keyword.
func checkKind(name string, want kind, n *source.Node, ds *diag.List) {
	if n.IsNull() || IsTemplate(n) {
		return
	}
	switch want {
	case boolean:
		checkScalar(name, "true or false", n, isBoolean, ds)
	case integer:
		checkScalar(name, "an integer", n, isInteger, ds)
	case number:
		checkScalar(name, "a number", n, isNumber, ds)
	case text:
		checkScalar(name, "a single value", n, func(*source.Node) bool { return true }, ds)
	case words:
		checkItems(name, n, ds)
	case mapping, mappings:
		checkMapping(name, want, n, ds)
	case condition:
		checkItems(name, n, ds)
	case list:
		if n.Kind != source.Sequence {
			wrongKind(name, "a list", n, ds)
		}
	}
}

func wrongKind(name, want string, n *source.Node, ds *diag.List) {
	got := n.Kind.String()
	if n.Kind == source.Scalar {
		got = strconv.Quote(n.Text)
	}
	ds.Addf(n.Span(), "%s wants %s, this is %s", name, want, got)
}

func checkScalar(name, want string, n *source.Node, fits func(*source.Node) bool, ds *diag.List) {
	if n.Kind != source.Scalar || !fits(n) {
		wrongKind(name, want, n, ds)
	}
}

func isBoolean(n *source.Node) bool {
	switch strings.ToLower(n.Text) {
	case "y", "yes", "on", "1", "true", "t", "1.0", "n", "no", "off", "0", "false", "f", "0.0":
		return true
	}
	return n.Tag == source.TagBool
}

func isInteger(n *source.Node) bool {
	_, err := strconv.Atoi(strings.TrimSpace(n.Text))
	return err == nil || n.Tag == source.TagInt || n.Tag == source.TagBool
}

func isNumber(n *source.Node) bool {
	_, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(n.Text), "%"), 64)
	return err == nil || n.Tag == source.TagInt || n.Tag == source.TagFloat
}

// checkItems wants a single value or a list of them.
func checkItems(name string, n *source.Node, ds *diag.List) {
	if n.Kind == source.Mapping {
		wrongKind(name, "a single value or a list", n, ds)
	}
	for _, item := range n.Items {
		if item.Kind == source.Mapping || item.Kind == source.Sequence && name != "tags" && name != "hosts" {
			wrongKind(name, "single values in its list", item, ds)
		}
	}
}

// checkMapping wants a mapping or, where several may be given, a list of them.
func checkMapping(name string, want kind, n *source.Node, ds *diag.List) {
	items := []*source.Node{n}
	if want == mappings && n.Kind == source.Sequence {
		items = n.Items
	}
	for _, item := range items {
		if item.Kind != source.Mapping && !IsTemplate(item) && !item.IsNull() {
			wrongKind(name, "a mapping", item, ds)
		}
		if name == "vars" {
			checkNames(item, ds)
		}
	}
}

func checkNames(vars *source.Node, ds *diag.List) {
	for _, p := range vars.Pairs {
		checkName(p.Key, ds)
	}
}

func checkName(n *source.Node, ds *diag.List) {
	if n.Kind == source.Scalar && IsVariableName(n.Text) {
		return
	}
	d := diag.Diagnostic{Summary: fmt.Sprintf("%q cannot be the name of a variable", n.Text), Span: n.Span(),
		Hint: "letters, digits and _ only, no digit first"}
	if reservedWord(n.Text) {
		d.Hint = "it is a word of Python"
	}
	ds.Add(d)
}
