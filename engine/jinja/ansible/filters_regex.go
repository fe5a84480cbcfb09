package ansible

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Python's regular expressions have look-around and back-references; regexp2 has them, too.

// patience is how long one match may take: a pattern that backtracks without end becomes an error.
const maxReplaced = 64 << 20 // bytes that one regex_replace may put in

const patience = 900 * time.Millisecond

// patterns are the compiled patterns of a Language, by flags and text.
type patterns struct {
	mu    sync.Mutex
	known map[string]*regexp2.Regexp
}

const maxPatterns = 1000

func (p *patterns) compile(pattern string, ignoreCase, multiline bool) (*regexp2.Regexp, error) {
	key := strconv.FormatBool(ignoreCase) + strconv.FormatBool(multiline) + pattern
	p.mu.Lock()
	defer p.mu.Unlock()
	if re := p.known[key]; re != nil {
		return re, nil
	}
	flags := regexp2.RegexOptions(0)
	if ignoreCase {
		flags |= regexp2.IgnoreCase
	}
	if multiline {
		flags |= regexp2.Multiline
	}
	re, err := regexp2.Compile(netPattern(pattern), flags)
	if err != nil {
		return nil, valueError("bad regular expression %s: %s", value.Repr(pattern), err)
	}
	re.MatchTimeout = patience
	if p.known == nil || len(p.known) > maxPatterns {
		p.known = map[string]*regexp2.Regexp{}
	}
	p.known[key] = re
	return re, nil
}

// netPattern writes Python's forms as regexp2 knows them: (?P<n>...), (?P=n), \Z.
func netPattern(p string) string {
	if !strings.Contains(p, "(?P") && !strings.Contains(p, `\Z`) {
		return p
	}
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		rest := p[i:]
		switch {
		case strings.HasPrefix(rest, `\Z`):
			b.WriteString(`\z`)
			i++
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(rest[:2])
			i++
		case strings.HasPrefix(rest, "(?P<"):
			b.WriteString("(?<")
			i += 3
		case strings.HasPrefix(rest, "(?P=") && strings.Contains(rest, ")"):
			end := strings.IndexByte(rest, ')')
			b.WriteString(`\k<` + rest[4:end] + ">")
			i += end
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String()
}

func (a *extension) addRegexFilters(l *jinja.Language) {
	l.Filters["regex_replace"] = a.regexReplace
	l.Filters["regex_search"] = a.regexSearch
	l.Filters["regex_findall"] = a.regexFindAll
	l.Filters["regex_escape"] = a.regexEscape
}

// regexText is what a pattern is applied to: the text of any value.
func regexText(c *jinja.Call, v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return c.Str(v)
}

func (a *extension) regexReplace(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("pattern", "replacement", "ignorecase", "multiline", "count", "mandatory_count")
	if err != nil {
		return nil, err
	}
	s, err1 := regexText(c, in)
	pattern, err2 := p.Text(0, "")
	replacement, err3 := p.Text(1, "")
	count, err4 := p.Int(4, 0)
	wanted, err5 := p.Int(5, 0)
	if err := firstError(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	re, err := a.patterns.compile(pattern, p.Bool(2, false), p.Bool(3, false))
	if err != nil {
		return nil, err
	}
	parts, err := parseReplacement(replacement)
	if err != nil {
		return nil, err
	}
	if count <= 0 {
		count = -1
	}
	n, size := 0, 0
	var bad error
	out, err := re.ReplaceFunc(s, func(m regexp2.Match) string {
		if n++; bad != nil {
			return ""
		}
		var text string
		text, bad = expand(parts, &m)
		if size += len(text); size > maxReplaced {
			bad = value.Errorf(value.Limit, "a text of more than %d bytes is too long", maxReplaced)
		}
		return text
	}, -1, count)
	if err := firstError(err, bad); err != nil {
		return nil, err
	}
	if wanted != 0 && wanted != n {
		return nil, valueError("'%s' should match %d times, but matches %d times in '%s'", pattern, wanted, n, s)
	}
	return out, nil
}

// part is a piece of a replacement: text, or the group of a number or name.
type part struct{ text, group string }

// parseReplacement reads \1, \g<name> and escapes.
func parseReplacement(s string) ([]part, error) {
	var parts []part
	for s != "" {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			if i >= 0 {
				return nil, valueError("bad escape (end of pattern) in the replacement")
			}
			return append(parts, part{text: s}), nil
		}
		if i > 0 {
			parts = append(parts, part{text: s[:i]})
		}
		p, n, err := parseEscape(s[i+1:])
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
		s = s[i+1+n:]
	}
	return parts, nil
}

// parseEscape reads what stands behind a backslash, and how many bytes that are.
func parseEscape(s string) (part, int, error) {
	switch c := s[0]; {
	case c == 'g' && strings.HasPrefix(s, "g<") && strings.Contains(s, ">"):
		end := strings.IndexByte(s, '>')
		return part{group: s[2:end]}, end + 1, nil
	case c >= '1' && c <= '9':
		n := 1
		if len(s) > 1 && s[1] >= '0' && s[1] <= '9' {
			n = 2
		}
		return part{group: s[:n]}, n, nil
	case c == '0':
		n := 1
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			n++
		}
		code, _ := strconv.ParseUint(s[:n], 8, 32)
		return part{text: string(rune(code))}, n, nil
	case strings.IndexByte(`abfnrtv\`, c) >= 0:
		return part{text: string("\a\b\f\n\r\t\v\\"[strings.IndexByte(`abfnrtv\`, c)])}, 1, nil
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return part{}, 0, valueError(`bad escape \%c in the replacement`, c)
	default:
		return part{text: `\` + string(c)}, 1, nil
	}
}

func expand(parts []part, m *regexp2.Match) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		if p.group == "" {
			b.WriteString(p.text)
			continue
		}
		g := groupOf(m, p.group)
		if g == nil {
			return "", valueError("invalid group reference %s", p.group)
		}
		b.WriteString(g.String())
	}
	return b.String(), nil
}

func groupOf(m *regexp2.Match, name string) *regexp2.Group {
	if n, err := strconv.Atoi(name); err == nil {
		return m.GroupByNumber(n)
	}
	return m.GroupByName(name)
}

func (a *extension) regexSearch(c *jinja.Call, in any) (any, error) {
	if len(c.Args) == 0 {
		return nil, typeError("regex_search misses its argument 'regex'")
	}
	s, err := regexText(c, in)
	if err != nil {
		return nil, err
	}
	pattern, ok := c.Args[0].(string)
	if !ok {
		return nil, typeError("the pattern of regex_search must be a str, not %s", value.TypeName(c.Args[0]))
	}
	groups, err := groupArguments(c.Args[1:])
	if err != nil {
		return nil, err
	}
	re, err := a.patterns.compile(pattern, value.Truth(c.Kwargs.Value("ignorecase")), value.Truth(c.Kwargs.Value("multiline")))
	if err != nil {
		return nil, err
	}
	m, err := re.FindStringMatch(s)
	if err != nil || m == nil {
		return nil, err
	}
	if len(groups) == 0 {
		return m.String(), nil
	}
	out := make([]any, len(groups))
	for i, name := range groups {
		g := groupOf(m, name)
		if g == nil {
			return nil, value.Errorf(value.IndexError, "no such group: %s", name)
		}
		out[i] = groupValue(g)
	}
	return out, nil
}

// groupArguments are the groups that \1 and \g<name> ask for.
func groupArguments(args []any) ([]string, error) {
	var out []string
	for _, arg := range args {
		s, _ := arg.(string)
		switch {
		case strings.HasPrefix(s, `\g<`) && strings.HasSuffix(s, ">"):
			out = append(out, s[3:len(s)-1])
		case strings.HasPrefix(s, `\`) && strings.Trim(s[1:], "0123456789") == "" && len(s) > 1:
			out = append(out, s[1:])
		default:
			return nil, valueError("Unknown argument %s of regex_search", value.Repr(arg))
		}
	}
	return out, nil
}

// groupValue is what a group matched, none if it took no part.
func groupValue(g *regexp2.Group) any {
	if len(g.Captures) == 0 {
		return nil
	}
	return g.String()
}

func (a *extension) regexFindAll(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("regex!", "multiline", "ignorecase")
	if err != nil {
		return nil, err
	}
	s, err := regexText(c, in)
	if err != nil {
		return nil, err
	}
	pattern, err := p.Text(0, "")
	if err != nil {
		return nil, err
	}
	re, err := a.patterns.compile(pattern, p.Bool(2, false), p.Bool(1, false))
	if err != nil {
		return nil, err
	}
	out := []any{}
	m, err := re.FindStringMatch(s)
	for ; m != nil && err == nil; m, err = re.FindNextMatch(m) {
		out = append(out, found(m))
	}
	return out, err
}

// found is a match as findall reports it: the text, the only group, or a tuple of the groups.
func found(m *regexp2.Match) any {
	groups := m.Groups()
	switch len(groups) {
	case 1:
		return m.String()
	case 2:
		return groups[1].String()
	}
	out := make(value.Tuple, len(groups)-1)
	for i := range out {
		out[i] = groups[i+1].String()
	}
	return out
}

func (a *extension) regexEscape(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("re_type")
	if err != nil {
		return nil, err
	}
	s, err := regexText(c, in)
	if err != nil {
		return nil, err
	}
	kind, err := p.Text(0, "python")
	if err != nil {
		return nil, err
	}
	special := map[string]string{"python": "()[]{}?*+-|^$\\.&~# \t\n\r\v\f", "posix_basic": `].[^$*\`}[kind]
	if special == "" {
		return nil, valueError("Invalid regex type (%s)", kind)
	}
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}
