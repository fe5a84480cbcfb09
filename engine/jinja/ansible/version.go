package ansible

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// versionTest compares two versions: loosely, strictly, as semantic versions or as PEP 440 has it.
func versionTest(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("version", "operator", "strict", "version_type")
	if err != nil {
		return nil, err
	}
	if p.Any(2, nil) != nil && p.Any(3, nil) != nil {
		return nil, valueError("Cannot specify both 'strict' and 'version_type'")
	}
	other, err := p.Need(0)
	if err != nil {
		return nil, err
	}
	if !value.Truth(in) {
		return nil, valueError("Input version value cannot be empty")
	}
	if !value.Truth(other) {
		return nil, valueError("Version parameter to compare against cannot be empty")
	}
	kind, _, err := p.OptText(3)
	if err != nil {
		return nil, err
	}
	if p.Bool(2, false) {
		kind = "strict"
	}
	op, err := p.Text(1, "eq")
	if err != nil {
		return nil, err
	}
	holds := operatorOf(op)
	if holds == nil {
		return nil, valueError("Invalid operator type (%s). Must be one of '==', '=', 'eq', '<', 'lt', '<=', 'le', '>', 'gt', '>=', 'ge', '!=', '<>', 'ne'", op)
	}
	cmp, err := compareVersions(kind, value.Str(in), value.Str(other))
	if err != nil {
		return nil, comparisonError(err)
	}
	return holds(cmp), nil
}

// comparisonError says that it was the comparison that failed, and keeps the kind of what failed.
func comparisonError(err error) error {
	kind := value.ValueError
	var e *value.Error
	if errors.As(err, &e) {
		kind = e.Kind
	}
	return value.Errorf(kind, "Version comparison failed: %s", err)
}

func operatorOf(op string) func(cmp int) bool {
	switch op {
	case "==", "=", "eq":
		return func(c int) bool { return c == 0 }
	case "<", "lt":
		return func(c int) bool { return c < 0 }
	case "<=", "le":
		return func(c int) bool { return c <= 0 }
	case ">", "gt":
		return func(c int) bool { return c > 0 }
	case ">=", "ge":
		return func(c int) bool { return c >= 0 }
	case "!=", "<>", "ne":
		return func(c int) bool { return c != 0 }
	}
	return nil
}

func compareVersions(kind, a, b string) (int, error) {
	parse := map[string]func(string) (any, error){
		"": looseVersion, "loose": looseVersion, "strict": strictVersion, "semver": semanticVersion, "semantic": semanticVersion,
		"pep440": pep440Version,
	}[kind]
	if parse == nil {
		return 0, valueError("Invalid version type (%s). Must be one of 'loose', 'strict', 'semver', 'semantic', 'pep440'", kind)
	}
	x, err := parse(a)
	if err != nil {
		return 0, err
	}
	y, err := parse(b)
	if err != nil {
		return 0, err
	}
	if value.Equal(x, y) {
		return 0, nil
	}
	return value.Compare(x, y)
}

var looseParts = regexp.MustCompile(`\d+|[a-z]+|\.|[^\da-z.]+`)

// looseVersion is the numbers and words of a version in order.
func looseVersion(s string) (any, error) {
	out := []any{}
	for _, part := range looseParts.FindAllString(s, -1) {
		if part == "." {
			continue
		}
		out = append(out, numeral(part))
	}
	return out, nil
}

// numeral is a number of digits, or the text itself.
func numeral(s string) any {
	if strings.Trim(s, "0123456789") != "" || s == "" {
		return s
	}
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return value.Whole(bigOf(s))
}

var strictForm = regexp.MustCompile(`^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$`)

func strictVersion(s string) (any, error) {
	m := strictForm.FindStringSubmatch(s)
	if m == nil {
		return nil, valueError("invalid version number '%s'", s)
	}
	patch := any(0)
	if m[3] != "" {
		patch = numeral(m[3])
	}
	out := []any{numeral(m[1]), numeral(m[2]), patch}
	if m[4] == "" {
		return append(out, "z", 0), nil // after a and b
	}
	return append(out, m[4], numeral(m[5])), nil
}

var semanticForm = regexp.MustCompile(
	`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*))?(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?$`)

// semanticVersion is numbers, then the parts of a prerelease: numbers before words, none after all.
func semanticVersion(s string) (any, error) {
	m := semanticForm.FindStringSubmatch(s)
	if m == nil {
		return nil, valueError("invalid semantic version '%s'", s)
	}
	out := []any{numeral(m[1]), numeral(m[2]), numeral(m[3])}
	if m[4] == "" {
		return append(out, []any{[]any{2, "", 0}}), nil
	}
	var pre []any
	for _, part := range strings.Split(m[4], ".") {
		if n := numeral(part); n != any(part) {
			pre = append(pre, []any{0, "", n})
		} else {
			pre = append(pre, []any{1, part, 0})
		}
	}
	return append(out, pre), nil
}

var pep440Form = regexp.MustCompile(`^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d+)?)?` +
	`(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d+)?)?(post)?(?:[-_.]?(dev)[-_.]?(\d+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$`)

// pep440Version is a version as Python's packages have it, as a list whose order is that of versions.
func pep440Version(s string) (any, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	m := pep440Form.FindStringSubmatch(text)
	if m == nil {
		return nil, valueError("invalid version: '%s'", s)
	}
	orZero := func(s string) any {
		if s == "" {
			return 0
		}
		return numeral(s)
	}
	var release []any
	for _, part := range strings.Split(m[2], ".") {
		release = append(release, numeral(part))
	}
	for len(release) > 1 && value.Equal(release[len(release)-1], 0) {
		release = release[:len(release)-1]
	}
	hasPost := m[5] != "" || strings.Contains(text, "post") || m[6] != "" || regexp.MustCompile(`\d[-_.]?r(ev)?[-_.]?\d*`).MatchString(text)
	pre := []any{3, 0} // a release, after its prereleases
	if m[3] != "" {
		letter := map[string]int{"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}[m[3]]
		pre, hasPost = []any{letter, orZero(m[4])}, m[5] != "" || strings.Contains(text, "post")
	} else if m[8] != "" && !hasPost {
		pre = []any{-1, 0} // only a development release, before all prereleases
	}
	post := []any{-1}
	if hasPost {
		post = []any{orZero(m[5] + m[6])}
	}
	dev := []any{1, 0}
	if m[8] != "" {
		dev = []any{0, orZero(m[9])}
	}
	local := []any{}
	for _, part := range strings.FieldsFunc(m[10], func(r rune) bool { return strings.ContainsRune("-_.", r) }) {
		if n := numeral(part); n != any(part) {
			local = append(local, []any{1, n, ""})
		} else {
			local = append(local, []any{0, 0, part})
		}
	}
	return []any{orZero(m[1]), release, pre, post, dev, local}, nil
}
