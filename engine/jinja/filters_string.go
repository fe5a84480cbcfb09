package jinja

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/value"
)

func addStringFilters(l *Language) {
	text := func(fn func(string) string) Func {
		return func(c *Call, in any) (any, error) {
			if _, err := c.Bind(); err != nil {
				return nil, err
			}
			s, err := c.Str(in)
			return fn(s), err
		}
	}
	l.Filters["upper"] = text(upper)
	l.Filters["lower"] = text(strings.ToLower)
	l.Filters["capitalize"] = text(capitalize)
	l.Filters["title"] = text(titleFilter)
	l.Filters["string"] = text(func(s string) string { return s })
	l.Filters["trim"] = trimFilter
	l.Filters["replace"] = replaceFilter
	l.Filters["center"] = centerFilter
	l.Filters["format"] = formatFilter
	l.Filters["indent"] = indentFilter
	l.Filters["truncate"] = truncateFilter
	l.Filters["wordwrap"] = wordwrapFilter
	l.Filters["wordcount"] = wordcountFilter
	l.Filters["join"] = joinFilter
	l.Filters["urlencode"] = urlencodeFilter
}

// titleFilter begins each word with an upper-case letter; words end at white space and some marks.
func titleFilter(s string) string {
	var b strings.Builder
	start := true
	for _, r := range s {
		if start {
			b.WriteString(upper(string(r)))
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
		start = unicode.IsSpace(r) || strings.ContainsRune("-([{<", r)
	}
	return b.String()
}

func trimFilter(c *Call, in any) (any, error) {
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	return stripper(true, true)(c, s)
}

func replaceFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("old!", "new!", "count")
	if err != nil {
		return nil, err
	}
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	var parts [2]string
	for i := range parts {
		if parts[i], err = c.Str(p.Any(i, nil)); err != nil {
			return nil, err
		}
	}
	n, err := p.OptInt(2, -1)
	if err != nil {
		return nil, err
	}
	return replaceText(s, parts[0], parts[1], n)
}

func centerFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("width")
	if err != nil {
		return nil, err
	}
	width, err := p.Int(0, 80)
	if err != nil {
		return nil, err
	}
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	return justified(s, width, " ", 2)
}

func formatFilter(c *Call, in any) (any, error) {
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	if len(c.Args) > 0 && c.Kwargs.Len() > 0 {
		return nil, typeError("can't handle positional and keyword arguments at the same time")
	}
	if c.Kwargs.Len() > 0 {
		return c.frame.percent(s, c.Kwargs)
	}
	return c.frame.percent(s, value.Tuple(c.Args))
}

func indentFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("width", "first", "blank")
	if err != nil {
		return nil, err
	}
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	prefix, isText := p.Any(0, 4).(string)
	if !isText {
		width, err := p.Int(0, 4)
		if err != nil {
			return nil, err
		}
		if width > 1<<16 {
			return nil, limitError("an indent of %d is too wide", width)
		}
		prefix = strings.Repeat(" ", max(width, 0))
	}
	lines := strings.Split(s, "\n")
	for i := range lines {
		if (i > 0 || p.Bool(1, false)) && (i == 0 || lines[i] != "" || p.Bool(2, false)) {
			lines[i] = prefix + lines[i]
		}
	}
	return strings.Join(lines, "\n"), nil
}

func truncateFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("length", "killwords", "end", "leeway")
	if err != nil {
		return nil, err
	}
	if items, ok := value.Items(in); ok && len(items) <= 255 && len(c.Args) == 0 {
		return in, nil // a list that is short enough stays one
	}
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	length, err1 := p.Int(0, 255)
	end, err2 := p.Text(2, "...")
	leeway, err3 := p.OptInt(3, 5)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return nil, err
		}
	}
	runes := []rune(s)
	room := length - utf8.RuneCountInString(end)
	if room < 0 || leeway < 0 {
		return nil, valueError("truncate: expected length >= %d, got %d", utf8.RuneCountInString(end), length)
	}
	if len(runes) <= length+leeway {
		return s, nil
	}
	cut := string(runes[:room])
	if !p.Bool(1, false) {
		if i := strings.LastIndexByte(cut, ' '); i >= 0 {
			cut = cut[:i]
		}
	}
	return cut + end, nil
}

func wordcountFilter(c *Call, in any) (any, error) {
	s, err := c.Str(in)
	words := regexp.MustCompile(`[\pL\pN_]+`).FindAllStringIndex(s, -1)
	return len(words), err
}

func joinFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("d", "attribute")
	if err != nil {
		return nil, err
	}
	sep, err := c.Str(p.Any(0, ""))
	if err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	get, err := c.getter(p.Any(1, nil), nil)
	if err != nil {
		return nil, err
	}
	parts := make([]string, len(items))
	for i, it := range items {
		if it, err = get(it); err != nil {
			return nil, err
		}
		if parts[i], err = c.Str(it); err != nil {
			return nil, err
		}
	}
	return joinTexts(parts, sep)
}

// quoteURL is urllib's quote: everything but letters, digits, _.-~ and the safe characters is escaped.
func quoteURL(s, safe string) string {
	var b strings.Builder
	for _, x := range []byte(s) {
		switch {
		case x < utf8.RuneSelf && (unicode.IsLetter(rune(x)) || unicode.IsDigit(rune(x))), strings.IndexByte("_.-~"+safe, x) >= 0:
			b.WriteByte(x)
		default:
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[x>>4], digits[x&15]})
		}
	}
	return b.String()
}

func urlencodeFilter(c *Call, in any) (any, error) {
	if s, ok := in.(string); ok {
		return quoteURL(s, "/"), nil
	}
	m, isMap := AsMap(in)
	if !isMap {
		items, ok := value.Items(in)
		if !ok {
			s, err := c.Str(in)
			return quoteURL(s, "/"), err
		}
		var err error
		if m, err = pairsOf(items); err != nil {
			return nil, err
		}
	}
	var parts []string
	for k, v := range m.All() {
		key, err := c.Str(k)
		if err != nil {
			return nil, err
		}
		val, err := c.Str(v)
		if err != nil {
			return nil, err
		}
		parts = append(parts, url.QueryEscape(key)+"="+url.QueryEscape(val))
	}
	return strings.Join(parts, "&"), nil
}
