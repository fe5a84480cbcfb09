package jinja

import (
	"regexp"
	"slices"
	"strings"
)

// The filter urlize, which makes links of the addresses in a text.

// hostName is a name with a top-level domain; barePlaces are those that are links without a scheme.
const (
	hostName   = `(?:[\pL\pN_%-]+\.)*(?:[a-z]{2,63}|xn--[\pL\pN_%]{2,59})`
	barePlace  = `(?:[\pL\pN_%-]{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)`
	addressV4  = `[0-9]{1,3}(?:\.[0-9]{1,3}){3}`
	addressV6  = `\[(?:[0-9a-f]{0,4}:){2}(?:[0-9a-f]{0,4}:?){1,6}\]`
	afterPlace = `(?::[0-9]{1,5})?(?:[/?#]\S*)?`
)

var (
	linkPattern = regexp.MustCompile(`(?i)^(?:(?:https?://|www\.)` + hostName + `|` + barePlace + `|https?://(?:` + addressV4 + `|` + addressV6 + `))` +
		afterPlace + `$`)
	emailPattern = regexp.MustCompile(`^\S+@[\pL\pN_][\pL\pN_.-]*\.[\pL\pN_]+$`)
)

// linker makes links.
type linker struct {
	limit   int
	rel     string // the attribute, or empty
	target  string
	schemes []string
}

func urlizeFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("trim_url_limit", "nofollow", "target", "rel", "extra_schemes")
	if err != nil {
		return nil, err
	}
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	limit, err1 := p.OptInt(0, 0)
	target, _, err2 := p.OptText(2)
	rel, _, err3 := p.OptText(3)
	if err := firstError(err1, err2, err3); err != nil {
		return nil, err
	}
	l := linker{limit: limit}
	words := append(strings.Fields(rel), "noopener")
	if p.Bool(1, false) {
		words = append(words, "nofollow")
	}
	slices.Sort(words)
	l.rel = ` rel="` + escaper.Replace(strings.Join(slices.Compact(words), " ")) + `"`
	if target != "" {
		l.target = ` target="` + escaper.Replace(target) + `"`
	}
	if schemes := p.Any(4, nil); schemes != nil {
		items, err := Iterate(schemes)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			scheme, err := c.Text(it)
			if err != nil {
				return nil, err
			}
			l.schemes = append(l.schemes, scheme)
		}
	}
	return l.text(escaper.Replace(s)), nil
}

// text makes links in a text, word by word.
func (l linker) text(s string) string {
	var b strings.Builder
	for s != "" {
		space := len(s) - len(strings.TrimLeft(s, " \t\n\r\v\f"))
		b.WriteString(s[:space])
		s = s[space:]
		end := strings.IndexAny(s, " \t\n\r\v\f")
		if end < 0 {
			end = len(s)
		}
		b.WriteString(l.word(s[:end]))
		s = s[end:]
	}
	return b.String()
}

// word makes a word that is an address a link; marks around it stay outside.
func (l linker) word(word string) string {
	head, core := "", word
	for more := true; more; {
		more = false
		for _, m := range []string{"(", "<", "&lt;"} {
			if strings.HasPrefix(core, m) {
				head, core, more = head+m, core[len(m):], true
			}
		}
	}
	core, tail := splitTail(core)
	return head + l.link(core) + tail
}

// splitTail cuts closing marks off the end of an address, but not the bracket that closes one inside it.
func splitTail(core string) (address, tail string) {
	for more := true; more; {
		more = false
		for _, m := range []string{")", ">", ".", ",", "\n", "&gt;"} {
			if strings.HasSuffix(core, m) {
				tail, core, more = m+tail, core[:len(core)-len(m)], true
			}
		}
	}
	for _, pair := range [][2]string{{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}} {
		for strings.Count(core, pair[0]) > strings.Count(core, pair[1]) {
			i := strings.Index(tail, pair[1])
			if i < 0 {
				break
			}
			i += len(pair[1])
			core, tail = core+tail[:i], tail[i:]
		}
	}
	return core, tail
}

func (l linker) link(address string) string {
	shown := address
	if r := []rune(address); l.limit > 0 && len(r) > l.limit {
		shown = string(r[:l.limit]) + "..."
	}
	a := func(href, attrs, shown string) string { return `<a href="` + href + `"` + attrs + `>` + shown + `</a>` }
	mail, isMail := strings.CutPrefix(address, "mailto:")
	switch {
	case linkPattern.MatchString(address):
		href := address
		if !strings.HasPrefix(href, "https://") && !strings.HasPrefix(href, "http://") {
			href = "https://" + href
		}
		return a(href, l.rel+l.target, shown)
	case isMail && emailPattern.MatchString(mail):
		return a(address, "", mail)
	case strings.Contains(address, "@") && !strings.HasPrefix(address, "www.") && !strings.HasPrefix(address, "@") &&
		!strings.Contains(address, ":") && emailPattern.MatchString(address):
		return a("mailto:"+address, "", address)
	}
	for _, scheme := range l.schemes {
		if address != scheme && strings.HasPrefix(address, scheme) {
			return a(address, l.rel+l.target, address)
		}
	}
	return address
}
