// Python's regular expressions, as playbooks write them, on an engine that speaks .NET's: patterns are translated, and so are the texts
// that replace a match.
package files

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// patience is how long one match may take: a pattern that backtracks without end becomes an error.
const patience = 5 * time.Second

// pattern is a compiled regular expression. Groups are counted as Python counts them, named ones among the others.
type pattern struct {
	re        *regexp2.Regexp
	names     map[string]int
	groups    int
	multiline bool // as its own flags say: (?m)
}

// compile translates and compiles a pattern. Errors are like those of Python's re.
func compile(text string, options regexp2.RegexOptions) (*pattern, error) {
	t := translation{src: text, pattern: &pattern{names: map[string]int{}}}
	if err := t.run(); err != nil {
		return nil, fmt.Errorf("invalid regular expression %q: %w", text, err)
	}
	re, err := regexp2.Compile(t.out.String(), options)
	if err != nil {
		return nil, fmt.Errorf("invalid regular expression %q: %w", text, err)
	}
	re.MatchTimeout = patience
	t.re = re
	return t.pattern, nil
}

// translation is the walk over a pattern of Python.
type translation struct {
	*pattern
	src string // what is left
	out strings.Builder
}

func (t *translation) run() error {
	for t.src != "" {
		var err error
		switch t.src[0] {
		case '\\':
			err = t.escape()
		case '[':
			err = t.class()
		case '(':
			err = t.group()
		case '{':
			t.bounds()
		default:
			t.copy(1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copy takes n bytes as they are.
func (t *translation) copy(n int) {
	t.out.WriteString(t.src[:n])
	t.src = t.src[n:]
}

// replace writes something else for the next n bytes.
func (t *translation) replace(n int, by string) {
	t.out.WriteString(by)
	t.src = t.src[n:]
}

// escape takes a backslash and what it stands before. What .NET gives a meaning and Python does not is written without it.
func (t *translation) escape() error {
	r, size := utf8.DecodeRuneInString(t.src[1:])
	switch {
	case size == 0:
		return fmt.Errorf("bad escape (end of pattern)")
	case r == 'Z':
		t.replace(2, `\z`)
	case r == 'U' && len(t.src) >= 10:
		code, err := strconv.ParseUint(t.src[2:10], 16, 32)
		if err != nil || code > utf8.MaxRune {
			return fmt.Errorf("bad escape %s", t.src[:10])
		}
		t.replace(10, regexp2.Escape(string(rune(code))))
	case isLetter(r) && !strings.ContainsRune("AbBdDsSwWafnrtvxu", r):
		return fmt.Errorf(`bad escape \%c`, r)
	case r == '_' || r == '<' || r == '\'' || r >= utf8.RuneSelf:
		t.replace(1+size, string(r))
	default:
		t.copy(1 + size)
	}
	return nil
}

func isLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

// class takes a set in brackets; a bracket within it means itself, where .NET would subtract a set.
func (t *translation) class() error {
	t.copy(1)
	if strings.HasPrefix(t.src, "^") {
		t.copy(1)
	}
	for first := true; t.src != ""; first = false {
		switch c := t.src[0]; {
		case c == ']' && !first:
			t.copy(1)
			return nil
		case c == ']' || c == '[':
			t.replace(1, `\`+string(c))
		case c == '\\':
			if err := t.escape(); err != nil {
				return err
			}
		default:
			t.copy(1)
		}
	}
	return fmt.Errorf("unterminated character set")
}

var (
	namedGroup  = regexp.MustCompile(`^\(\?P<([^>)]*)>`)
	namedRef    = regexp.MustCompile(`^\(\?P=([^)]*)\)`)
	conditional = regexp.MustCompile(`^\(\?\(([^)]*)\)`)
	flags       = regexp.MustCompile(`^\(\?([aiLmsux]+)(-[imsx]+)?([:)])`)
	otherGroup  = regexp.MustCompile(`^\(\?([:=!>]|<[=!])`)
	comment     = regexp.MustCompile(`^\(\?#[^)]*\)`)
	openBounds  = regexp.MustCompile(`^\{,\d*\}`)
)

// group takes what an opening parenthesis begins. Groups lose their names, because .NET counts named groups after all others.
func (t *translation) group() error {
	if m := namedGroup.FindStringSubmatch(t.src); m != nil {
		if _, ok := t.names[m[1]]; ok || m[1] == "" {
			return fmt.Errorf("redefinition of group name %q", m[1])
		}
		t.groups++
		t.names[m[1]] = t.groups
		t.replace(len(m[0]), "(")
		return nil
	}
	if m := namedRef.FindStringSubmatch(t.src); m != nil {
		return t.refer(m, `\k<%d>`)
	}
	if m := conditional.FindStringSubmatch(t.src); m != nil {
		return t.refer(m, "(?(%d)")
	}
	if m := flags.FindStringSubmatch(t.src); m != nil {
		t.setFlags(m)
		return nil
	}
	if m := comment.FindString(t.src); m != "" {
		t.src = t.src[len(m):]
		return nil
	}
	if m := otherGroup.FindString(t.src); m != "" {
		t.copy(len(m))
		return nil
	}
	if strings.HasPrefix(t.src, "(?") {
		return fmt.Errorf("unknown extension %.4s", t.src)
	}
	t.groups++
	t.copy(1)
	return nil
}

// refer writes the number of the group that m names, in a form.
func (t *translation) refer(m []string, form string) error {
	n, err := t.numberOf(m[1])
	t.replace(len(m[0]), fmt.Sprintf(form, n))
	return err
}

// numberOf is the number of a group that is given by number or name.
func (p *pattern) numberOf(group string) (int, error) {
	if n, err := strconv.Atoi(group); err == nil {
		if n < 0 || n > p.groups {
			return 0, fmt.Errorf("invalid group reference %d", n)
		}
		return n, nil
	}
	n, ok := p.names[group]
	if !ok {
		return 0, fmt.Errorf("unknown group name '%s'", group)
	}
	return n, nil
}

// setFlags leaves out the flags of Python that say what is so anyhow (u, a, L).
func (t *translation) setFlags(m []string) {
	kept := strings.NewReplacer("a", "", "L", "", "u", "").Replace(m[1])
	t.multiline = t.multiline || m[3] == ")" && strings.Contains(kept, "m")
	if kept+m[2] == "" && m[3] == ")" {
		t.replace(len(m[0]), "")
		return
	}
	t.replace(len(m[0]), "(?"+kept+m[2]+m[3])
}

// bounds takes a brace: {,3} is {0,3}.
func (t *translation) bounds() {
	if m := openBounds.FindString(t.src); m != "" {
		t.replace(len(m), "{0"+m[1:])
		return
	}
	t.copy(1)
}

// runesOf is a text for the engine. A byte that is no UTF-8 becomes a code of its own that no text has, as in Python, and comes back whole.
func runesOf(text string) []rune {
	out := make([]rune, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			r = strayByte + rune(text[i])
		}
		out = append(out, r)
		i += size
	}
	return out
}

// strayByte and the byte make the code.
const strayByte = 0xDC00

func textFrom(runes []rune) string {
	var b strings.Builder
	for _, r := range runes {
		if r >= strayByte+0x80 && r <= strayByte+0xFF {
			b.WriteByte(byte(r - strayByte))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// search finds the first match in a text; nil: there is none.
func (p *pattern) search(text string) (*regexp2.Match, error) {
	return p.re.FindRunesMatch(runesOf(text))
}

// piece is a part of a text that replaces a match: a text, or with group ≥ 0 what that group matched.
type piece struct {
	text  string
	group int
}

// replacement reads a text with \1, \g<name> and escapes, for matches of the pattern.
func (p *pattern) replacement(s string) ([]piece, error) {
	var out []piece
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '\\')
		if i < 0 {
			return append(out, piece{s[at:], -1}), nil
		}
		out = append(out, piece{s[at : at+i], -1})
		at += i
		next, n, err := p.reference(s[at+1:], at)
		if err != nil {
			return nil, err
		}
		out = append(out, next)
		at += 1 + n
	}
}

var (
	groupRef = regexp.MustCompile(`^(?:g<([^>]*)>|([1-9][0-9]?))`)
	octalRef = regexp.MustCompile(`^(?:0[0-7]{0,2}|[0-3][0-7]{2})`)
)

// simple are the escapes that stand for a single character.
var simple = map[byte]string{'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v", '\\': `\`}

// reference reads what stands behind the backslash at a position of a replacement, and how many bytes that are.
func (p *pattern) reference(s string, at int) (piece, int, error) {
	if s == "" {
		return piece{}, 0, fmt.Errorf("bad escape (end of pattern) at position %d", at)
	}
	if m := octalRef.FindString(s); m != "" {
		code, err := strconv.ParseUint(m, 8, 8)
		return piece{string(rune(code)), -1}, len(m), err
	}
	if m := groupRef.FindStringSubmatch(s); m != nil {
		n, err := p.numberOf(m[1] + m[2])
		if err != nil && m[2] != "" {
			err = fmt.Errorf("%w at position %d", err, at+1)
		}
		return piece{group: n}, len(m[0]), err
	}
	if text, ok := simple[s[0]]; ok {
		return piece{text, -1}, 1, nil
	}
	if isLetter(rune(s[0])) {
		return piece{}, 0, fmt.Errorf(`bad escape \%c at position %d`, s[0], at)
	}
	return piece{`\`, -1}, 0, nil
}

// expand makes the text that replaces a match. A group that took no part is empty.
func expand(pieces []piece, m *regexp2.Match) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
		if p.group >= 0 {
			b.WriteString(textFrom(m.GroupByNumber(p.group).Runes()))
		}
	}
	return b.String()
}
