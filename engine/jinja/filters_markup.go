package jinja

import (
	"html"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

func addMarkupFilters(l *Language) {
	l.Filters["escape"] = escapeFilter
	l.Filters["e"] = escapeFilter
	l.Filters["forceescape"] = forceEscapeFilter
	l.Filters["safe"] = safeFilter
	l.Filters["striptags"] = stripTagsFilter
	l.Filters["urlize"] = urlizeFilter
	l.Filters["xmlattr"] = xmlAttrFilter
	l.Filters["tojson"] = toJSONFilter
	l.Filters["pprint"] = pprintFilter
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;")

// markup is text that is safe in HTML: escaping it again changes nothing. For all else it is text.
type markup string

// TypeName is Python's name of the type.
func (markup) TypeName() string { return "Markup" }

// String is the text.
func (m markup) String() string { return string(m) }

// Final makes it text.
func (m markup) Final() (any, error) { return string(m), nil }

// unmarked makes markup text, and leaves other values as they are.
func unmarked(v any) any {
	if m, ok := v.(markup); ok {
		return string(m)
	}
	return v
}

// keepsMarkup are the filters that treat markup otherwise than text.
func keepsMarkup(name string) bool {
	switch name {
	case "escape", "e", "safe", "type_debug", "default", "d":
		return true
	}
	return false
}

func escapeFilter(c *Call, in any) (any, error) {
	if _, ok := in.(markup); ok {
		return in, nil
	}
	return forceEscapeFilter(c, in)
}

func forceEscapeFilter(c *Call, in any) (any, error) {
	s, err := c.Str(in)
	return markup(escaper.Replace(s)), err
}

func safeFilter(c *Call, in any) (any, error) {
	s, err := c.Str(in)
	return markup(s), err
}

var (
	commentPattern = regexp.MustCompile(`(?s)<!--.*?-->`)
	tagPattern     = regexp.MustCompile(`(?s)<.*?>`)
)

func stripTagsFilter(c *Call, in any) (any, error) {
	s, err := c.Str(in)
	s = tagPattern.ReplaceAllString(commentPattern.ReplaceAllString(s, ""), "")
	return html.UnescapeString(strings.Join(strings.Fields(s), " ")), err
}

func xmlAttrFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("autospace")
	if err != nil {
		return nil, err
	}
	m, ok := AsMap(in)
	if !ok {
		return nil, typeError("xmlattr needs a mapping, not %s", value.TypeName(in))
	}
	var b strings.Builder
	for k, v := range m.All() {
		if err := use(v); err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		key, err := c.Text(k)
		if err != nil {
			return nil, err
		}
		if strings.ContainsAny(key, " \t\n\r\f/>=") {
			return nil, valueError("invalid character in attribute name: %s", value.Repr(key))
		}
		val, err := c.Str(v)
		if err != nil {
			return nil, err
		}
		if b.Len() > 0 || p.Bool(0, true) {
			b.WriteByte(' ')
		}
		b.WriteString(escaper.Replace(key) + `="` + escaper.Replace(val) + `"`)
	}
	return b.String(), nil
}

var scriptEscaper = strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`)

func toJSONFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("indent")
	if err != nil {
		return nil, err
	}
	indent, err := p.OptInt(0, 0)
	if err != nil {
		return nil, err
	}
	o := JSONOptions{SortKeys: true}
	if p.Any(0, nil) != nil {
		o.Indented, o.Indent = true, indent
	}
	s, err := EncodeJSON(in, o)
	return scriptEscaper.Replace(s), err
}

func pprintFilter(c *Call, in any) (any, error) {
	_, err := c.Bind()
	if err = firstError(err, useDeep(in)); err != nil {
		return nil, err
	}
	return value.Repr(objectMaps(in)), nil
}
