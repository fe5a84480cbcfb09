package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/value"
)

// stringMethods are the methods of Python's str.
func stringMethods() map[string]Func {
	return map[string]Func{
		"upper": mapped(upper), "lower": mapped(strings.ToLower), "title": mapped(title), "capitalize": mapped(capitalize),
		"swapcase": mapped(swapCase), "casefold": mapped(func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "ß", "ss") }),
		"split": split, "rsplit": rsplit, "splitlines": splitLines, "partition": partition, "rpartition": rpartition,
		"strip": stripper(true, true), "lstrip": stripper(true, false), "rstrip": stripper(false, true),
		"replace": replaceMethod, "join": joinMethod, "format": formatMethod, "format_map": formatMapMethod,
		"startswith": affix(strings.HasPrefix), "endswith": affix(strings.HasSuffix),
		"removeprefix": cut(strings.TrimPrefix), "removesuffix": cut(strings.TrimSuffix),
		"find": finder(strings.Index, false), "rfind": finder(strings.LastIndex, false),
		"index": finder(strings.Index, true), "rindex": finder(strings.LastIndex, true), "count": countMethod,
		"isdigit": all(isDigit), "isdecimal": all(unicode.IsDigit), "isnumeric": all(unicode.IsNumber),
		"isalpha": all(unicode.IsLetter), "isalnum": all(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }),
		"isspace": all(unicode.IsSpace), "isupper": cased(unicode.IsUpper, unicode.IsLower), "islower": cased(unicode.IsLower, unicode.IsUpper),
		"isidentifier": asks(isIdentifier), "isprintable": asks(isPrintable), "istitle": asks(isTitle), "isascii": asks(isASCII),
		"zfill": zfill, "ljust": justify(0), "rjust": justify(1), "center": justify(2), "expandtabs": expandTabs,
		"encode": encodeMethod, "translate": translateMethod, "maketrans": makeTransMethod,
	}
}

func mapped(fn func(string) string) Func {
	return func(c *Call, in any) (any, error) {
		if _, err := c.BindPositional(); err != nil {
			return nil, err
		}
		return fn(in.(string)), nil
	}
}

// specialUpper makes upper-case of letters that become more than one.
var specialUpper = strings.NewReplacer("ß", "SS", "ŉ", "ʼN", "ﬀ", "FF", "ﬁ", "FI", "ﬂ", "FL", "ﬃ", "FFI", "ﬄ", "FFL", "ﬅ", "ST", "ﬆ", "ST")

func upper(s string) string { return strings.ToUpper(specialUpper.Replace(s)) }

// title begins each run of letters with an upper-case one.
func title(s string) string {
	inWord := false
	var b strings.Builder
	for _, r := range s {
		switch {
		case inWord:
			b.WriteRune(unicode.ToLower(r))
		case r == 'ß':
			b.WriteString("Ss")
		default:
			b.WriteRune(unicode.ToTitle(r))
		}
		inWord = unicode.IsLetter(r)
	}
	return b.String()
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToTitle(r)) + strings.ToLower(s[n:])
}

func swapCase(s string) string {
	return strings.ReplaceAll(strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s), "ß", "SS")
}

func texts(parts []string) []any {
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out
}

// splitParams are the separator (given: not none) and the greatest number of splits (-1: any).
func splitParams(c *Call) (sep string, given bool, n int, err error) {
	p, err := c.Bind("sep", "maxsplit")
	if err != nil {
		return "", false, 0, err
	}
	if sep, given, err = p.OptText(0); err != nil {
		return "", false, 0, err
	}
	if given && sep == "" {
		return "", false, 0, valueError("empty separator")
	}
	n, err = p.Int(1, -1)
	return sep, given, n, err
}

func split(c *Call, in any) (any, error) {
	sep, given, n, err := splitParams(c)
	if err != nil {
		return nil, err
	}
	s := in.(string)
	if !given {
		return texts(splitSpace(s, n)), nil
	}
	if n < 0 {
		return texts(strings.Split(s, sep)), nil
	}
	return texts(strings.SplitN(s, sep, n+1)), nil
}

// splitSpace splits at runs of white space, at most n times (-1: any).
func splitSpace(s string, n int) []string {
	out := []string{}
	for s = strings.TrimLeftFunc(s, unicode.IsSpace); s != ""; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		if n >= 0 && len(out) == n {
			return append(out, s)
		}
		i := strings.IndexFunc(s, unicode.IsSpace)
		if i < 0 {
			return append(out, s)
		}
		out = append(out, s[:i])
		s = s[i:]
	}
	return out
}

func rsplit(c *Call, in any) (any, error) {
	sep, given, n, err := splitParams(c)
	if err != nil || n < 0 {
		if err == nil {
			return split(c, in)
		}
		return nil, err
	}
	s := in.(string)
	var out []any
	for ; n > 0; n-- {
		var i, j int
		if given {
			i = strings.LastIndex(s, sep)
			j = i + len(sep)
		} else {
			s = strings.TrimRightFunc(s, unicode.IsSpace)
			i = strings.LastIndexFunc(s, unicode.IsSpace)
			j = i + 1
		}
		if i < 0 {
			break
		}
		out = append([]any{s[j:]}, out...)
		s = s[:i]
	}
	if !given {
		if s = strings.TrimRightFunc(s, unicode.IsSpace); s == "" {
			return append([]any{}, out...), nil
		}
	}
	return append([]any{s}, out...), nil
}

func splitLines(c *Call, in any) (any, error) {
	p, err := c.Bind("keepends")
	if err != nil {
		return nil, err
	}
	keep := p.Bool(0, false)
	s := in.(string)
	out := []any{}
	for s != "" {
		i := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		if i < 0 {
			return append(out, s), nil
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		if strings.HasPrefix(s[i:], "\r\n") {
			n = 2
		}
		if keep {
			out = append(out, s[:i+n])
		} else {
			out = append(out, s[:i])
		}
		s = s[i+n:]
	}
	return out, nil
}

func oneText(c *Call, name string) (string, error) {
	p, err := c.BindPositional(name + "!")
	if err != nil {
		return "", err
	}
	return p.Text(0, "")
}

// separator is the separator of partition.
func separator(c *Call) (string, error) {
	sep, err := oneText(c, "sep")
	if err == nil && sep == "" {
		err = valueError("empty separator")
	}
	return sep, err
}

func partition(c *Call, in any) (any, error) {
	sep, err := separator(c)
	if err != nil {
		return nil, err
	}
	before, after, found := strings.Cut(in.(string), sep)
	if !found {
		return value.Tuple{before, "", ""}, nil
	}
	return value.Tuple{before, sep, after}, nil
}

func rpartition(c *Call, in any) (any, error) {
	sep, err := separator(c)
	if err != nil {
		return nil, err
	}
	s := in.(string)
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return value.Tuple{"", "", s}, nil
	}
	return value.Tuple{s[:i], sep, s[i+len(sep):]}, nil
}

func stripper(left, right bool) Func {
	return func(c *Call, in any) (any, error) {
		p, err := c.Bind("chars")
		if err != nil {
			return nil, err
		}
		set, given, err := p.OptText(0)
		if err != nil {
			return nil, err
		}
		drop := unicode.IsSpace
		if given {
			drop = func(r rune) bool { return strings.ContainsRune(set, r) }
		}
		s := in.(string)
		if left {
			s = strings.TrimLeftFunc(s, drop)
		}
		if right {
			s = strings.TrimRightFunc(s, drop)
		}
		return s, nil
	}
}

func replaceMethod(c *Call, in any) (any, error) {
	p, err := c.Bind("old!", "new!", "count")
	if err != nil {
		return nil, err
	}
	old, err1 := p.Text(0, "")
	to, err2 := p.Text(1, "")
	n, err3 := p.Int(2, -1)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return nil, err
		}
	}
	return replaceText(in.(string), old, to, n)
}

func joinMethod(c *Call, in any) (any, error) {
	over, err := one(c, "iterable")
	if err != nil {
		return nil, err
	}
	items, err := Iterate(over)
	if err != nil {
		return nil, err
	}
	parts := make([]string, len(items))
	for i, it := range items {
		s, ok := it.(string)
		if !ok {
			return nil, typeError("sequence item %d: expected str instance, %s found", i, value.TypeName(it))
		}
		parts[i] = s
	}
	return joinTexts(parts, in.(string))
}

// within is the part of a string that optional start and end parameters select, and where it starts in characters.
func within(p Params, s string, start int) (part string, offset int, err error) {
	if !p.Has(start) && !p.Has(start+1) {
		return s, 0, nil
	}
	runes := []rune(s)
	indices, err := sliceValue{p.Any(start, nil), p.Any(start+1, nil), nil}.indices(len(runes))
	if err != nil || len(indices) == 0 {
		return "", 0, err
	}
	return string(runes[indices[0] : indices[len(indices)-1]+1]), indices[0], nil
}

func affix(has func(s, affix string) bool) Func {
	return func(c *Call, in any) (any, error) {
		p, err := c.BindPositional("prefix!", "start", "end")
		if err != nil {
			return nil, err
		}
		s, _, err := within(p, in.(string), 1)
		if err != nil {
			return nil, err
		}
		options := value.Tuple{p.Any(0, nil)}
		if t, ok := p.Any(0, nil).(value.Tuple); ok {
			options = t
		}
		for _, o := range options {
			text, ok := o.(string)
			if !ok {
				return nil, typeError("%s first arg must be str or a tuple of str, not %s", c.Name, value.TypeName(o))
			}
			if has(s, text) {
				return true, nil
			}
		}
		return false, nil
	}
}

func cut(fn func(s, affix string) string) Func {
	return func(c *Call, in any) (any, error) {
		s, err := oneText(c, "affix")
		if err != nil {
			return nil, err
		}
		return fn(in.(string), s), nil
	}
}

func finder(index func(s, sub string) int, must bool) Func {
	return func(c *Call, in any) (any, error) {
		p, err := c.BindPositional("sub!", "start", "end")
		if err != nil {
			return nil, err
		}
		sub, err := p.Text(0, "")
		if err != nil {
			return nil, err
		}
		part, offset, err := within(p, in.(string), 1)
		if err != nil {
			return nil, err
		}
		i := index(part, sub)
		if i < 0 {
			if must {
				return nil, valueError("substring not found")
			}
			return -1, nil
		}
		return offset + utf8.RuneCountInString(part[:i]), nil
	}
}

func countMethod(c *Call, in any) (any, error) {
	p, err := c.BindPositional("sub!", "start", "end")
	if err != nil {
		return nil, err
	}
	sub, err := p.Text(0, "")
	if err != nil {
		return nil, err
	}
	part, _, err := within(p, in.(string), 1)
	return strings.Count(part, sub), err
}
