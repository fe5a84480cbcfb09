package ansible

import (
	"math"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/words"
)

func (a *extension) addTextFilters(l *jinja.Language) {
	l.Filters["quote"] = quoteFilter
	l.Filters["split"] = splitFilter
	l.Filters["comment"] = commentFilter
	l.Filters["human_readable"] = humanReadable
	l.Filters["human_to_bytes"] = humanToBytes
	l.Filters["urlsplit"] = urlSplit
	l.Filters["urldecode"] = urlDecode
}

func quoteFilter(c *jinja.Call, in any) (any, error) {
	if in == nil {
		return "''", nil
	}
	s, err := c.Str(in)
	return words.Quote(s), err
}

func splitFilter(c *jinja.Call, in any) (any, error) {
	s, ok := in.(string)
	if !ok {
		return nil, typeError("split needs a str, not %s", value.TypeName(in))
	}
	fn, err := c.Attr(s, "split")
	if err != nil {
		return nil, err
	}
	return c.Method(fn)
}

// commentStyles are the ready-made forms of comments.
var commentStyles = map[string]map[string]string{
	"plain":  {"decoration": "# "},
	"erlang": {"decoration": "% "},
	"c":      {"decoration": "// "},
	"cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
	"xml":    {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}

func commentFilter(c *jinja.Call, in any) (any, error) {
	text, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	style := "plain"
	if len(c.Args) > 0 {
		style = value.Str(c.Args[0])
	}
	if v, ok := c.Kwargs.Get("style"); ok {
		style = value.Str(v)
	}
	preset, ok := commentStyles[style]
	if !ok {
		return nil, valueError("Invalid style '%s'.", style)
	}
	o := map[string]string{"newline": "\n", "prefix_count": "1", "postfix_count": "1"}
	for k, v := range preset {
		o[k] = v
	}
	if d, ok := c.Kwargs.Get("decoration"); ok {
		o["decoration"] = value.Str(d)
	}
	o["prefix"] = strings.TrimRight(o["decoration"], " \t\n")
	o["postfix"] = o["prefix"]
	for k, v := range c.Kwargs.All() {
		o[value.Str(k)] = value.Str(v)
	}
	return decorate(text, o)
}

func decorate(text string, o map[string]string) (string, error) {
	before, err1 := strconv.Atoi(o["prefix_count"])
	after, err2 := strconv.Atoi(o["postfix_count"])
	if err1 != nil || err2 != nil || before > 1000 || after > 1000 {
		return "", valueError("the counts of comment must be small numbers")
	}
	newline := o["newline"]
	var b strings.Builder
	if o["beginning"] != "" {
		b.WriteString(o["beginning"] + newline)
	}
	if prefix := o["prefix"]; prefix != "" {
		if prefix != newline {
			prefix += newline
		}
		b.WriteString(strings.Repeat(prefix, max(before, 0)))
	}
	deco := o["decoration"]
	body := deco + strings.ReplaceAll(text, newline, newline+deco)
	b.WriteString(strings.ReplaceAll(body, deco+newline, strings.TrimRight(deco, " \t\n")+newline))
	b.WriteString(strings.Repeat(newline+o["postfix"], max(after, 0)))
	if o["end"] != "" {
		b.WriteString(newline + o["end"])
	}
	return b.String(), nil
}

// sizes are the units of human sizes, the biggest first.
var sizes = []struct {
	letter string
	power  int
}{{"Y", 80}, {"Z", 70}, {"E", 60}, {"P", 50}, {"T", 40}, {"G", 30}, {"M", 20}, {"K", 10}, {"B", 0}}

func humanReadable(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("isbits", "unit")
	if err != nil {
		return nil, err
	}
	size, ok := number(in)
	if !ok {
		return nil, typeError("human_readable() failed on bad input: %s", value.TypeName(in))
	}
	unit, _, err := p.OptText(1)
	if err != nil {
		return nil, err
	}
	base := "Bytes"
	if p.Bool(0, false) {
		base = "bits"
	}
	for _, s := range sizes {
		limit := math.Ldexp(1, s.power)
		if (unit == "" && size >= limit) || (unit != "" && strings.ToUpper(unit) == s.letter) || s.letter == "B" {
			suffix := s.letter + base[:1]
			if s.letter == "B" {
				suffix = base
			}
			return strconv.FormatFloat(size/limit, 'f', 2, 64) + " " + suffix, nil
		}
	}
	return nil, nil
}

// number is a number of any form as a float.
func number(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case bool, int, *big.Int:
		f, _ := new(big.Float).SetInt(value.Big(x)).Float64()
		return f, true
	}
	return 0, false
}

func humanToBytes(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("default_unit", "isbits")
	if err != nil {
		return nil, err
	}
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	digits := len(s) - len(strings.TrimLeft(s, "0123456789."))
	n, err := strconv.ParseFloat(s[:digits], 64)
	if err != nil {
		return nil, valueError("human_to_bytes() can't interpret %s", value.Repr(s))
	}
	unit := strings.TrimLeft(s[digits:], " ")
	if unit == "" {
		if unit, _, err = p.OptText(0); err != nil {
			return nil, err
		}
	}
	power, err := unitPower(unit, p.Bool(1, false))
	if err != nil {
		return nil, err
	}
	return int(math.RoundToEven(math.Ldexp(n, power))), nil
}

// unitPower is the power of two that a unit stands for.
func unitPower(unit string, bits bool) (int, error) {
	if unit == "" {
		return 0, nil
	}
	class, whole := "B", "byte"
	if bits {
		class, whole = "b", "bit"
	}
	for _, s := range sizes {
		if !strings.EqualFold(unit[:1], s.letter) {
			continue
		}
		names := map[string]string{"Y": "yotta", "Z": "zetta", "E": "exa", "P": "peta", "T": "tera", "G": "giga", "M": "mega", "K": "kilo"}
		full := names[s.letter] + whole
		lower := strings.ToLower(unit)
		if len(unit) == 1 || unit == s.letter+class && s.letter != "B" || lower == full && s.letter != "B" || lower == whole {
			return s.power, nil
		}
		return 0, valueError("human_to_bytes() can't interpret the unit %s", value.Repr(unit))
	}
	return 0, value.Errorf(value.KeyError, "human_to_bytes() can't interpret the unit %s", value.Repr(unit))
}

func urlSplit(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("query", "alias")
	if err != nil {
		return nil, err
	}
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	want, err := p.Text(0, "")
	if err != nil {
		return nil, err
	}
	parts, err := splitURL(s)
	if err != nil {
		return nil, err
	}
	if want == "" {
		return parts, nil
	}
	v, ok := parts.Get(want)
	if !ok {
		return nil, valueError("urlsplit: unknown URL component: %s", want)
	}
	return v, nil
}

// splitURL parts a URL as Python's urlsplit does.
func splitURL(s string) (*value.Map, error) {
	s = strings.TrimLeft(s, " \t\n\r")
	rest, fragment, _ := strings.Cut(s, "#")
	rest, query, _ := strings.Cut(rest, "?")
	scheme, netloc := "", ""
	if i := strings.IndexByte(rest, ':'); i > 0 && strings.Trim(strings.ToLower(rest[:i]), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == "" {
		scheme, rest = strings.ToLower(rest[:i]), rest[i+1:]
	}
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		netloc, rest = after, ""
		if i := strings.IndexByte(after, '/'); i >= 0 {
			netloc, rest = after[:i], after[i:]
		}
	}
	var user, password, host, port any
	address := netloc
	if i := strings.LastIndexByte(netloc, '@'); i >= 0 {
		name, pw, ok := strings.Cut(netloc[:i], ":")
		user, address = name, netloc[i+1:]
		if ok {
			password = pw
		}
	}
	hostText, portText := splitPort(address)
	if hostText != "" {
		host = strings.ToLower(hostText)
	}
	if portText != "" {
		n, err := strconv.Atoi(portText)
		if err != nil || n > 65535 {
			return nil, valueError("port could not be cast to integer value as %s", value.Repr(portText))
		}
		port = n
	}
	return value.NewMap("fragment", fragment, "hostname", host, "netloc", netloc, "password", password, "path", rest,
		"port", port, "query", query, "scheme", scheme, "username", user), nil
}

func splitPort(address string) (host, port string) {
	if strings.HasPrefix(address, "[") {
		if end := strings.IndexByte(address, ']'); end > 0 {
			return address[1:end], strings.TrimPrefix(address[end+1:], ":")
		}
	}
	host, port, _ = strings.Cut(address, ":")
	return host, port
}

func urlDecode(c *jinja.Call, in any) (any, error) {
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	if out, err := url.QueryUnescape(s); err == nil {
		return out, nil
	}
	return strings.ReplaceAll(s, "+", " "), nil
}
