package ansible

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// JMESPath is the query language of json_query. It is lexed here, parsed to a tree of closures (jmespath_parse.go) and run on plain
// values.

// jmesToken is a word of a query; kind is the operator itself, or one of name, string (a key in double quotes), literal, number.
type jmesToken struct {
	kind string
	text string
	val  any
}

var jmesOperators = []string{"[]", "[?", "||", "&&", "==", "!=", "<=", ">=", ".", "*", "[", "]", "{", "}", ",", ":", "|", "(", ")", "<", ">", "!", "@", "&"}

func lexJMES(s string) ([]jmesToken, error) {
	var out []jmesToken
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case isWordByte(c) && (c < '0' || c > '9'):
			n := i
			for n < len(s) && isWordByte(s[n]) {
				n++
			}
			out = append(out, jmesToken{kind: "name", text: s[i:n]})
			i = n
			continue
		case c == '-' || (c >= '0' && c <= '9'):
			n := i + 1
			for n < len(s) && s[n] >= '0' && s[n] <= '9' {
				n++
			}
			v, ok := wholeOf(strings.TrimPrefix(s[i:n], "-"))
			if !ok {
				return nil, valueError("json_query: bad number in %s", value.Repr(s))
			}
			if c == '-' {
				v = -v
			}
			out = append(out, jmesToken{kind: "number", val: v})
			i = n
			continue
		case c == '"' || c == '\'' || c == '`':
			t, n, err := jmesQuoted(s[i:])
			if err != nil {
				return nil, err
			}
			out = append(out, t)
			i += n
			continue
		}
		op := ""
		for _, o := range jmesOperators {
			if strings.HasPrefix(s[i:], o) {
				op = o
				break
			}
		}
		if op == "" {
			return nil, valueError("json_query: unexpected '%c' in %s", c, value.Repr(s))
		}
		out = append(out, jmesToken{kind: op})
		i += len(op)
	}
	return append(out, jmesToken{kind: "end"}), nil
}

func isWordByte(c byte) bool {
	return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

// jmesQuoted reads a quoted word: "key", 'text' or `JSON`.
func jmesQuoted(s string) (jmesToken, int, error) {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i] != quote {
			continue
		}
		body := s[1:i]
		switch quote {
		case '\'':
			return jmesToken{kind: "literal", val: strings.ReplaceAll(body, `\'`, "'")}, i + 1, nil
		case '"':
			v, err := value.ParseJSON([]byte(s[:i+1]))
			if err != nil {
				return jmesToken{}, 0, valueError("json_query: bad key %s: %s", s[:i+1], err)
			}
			return jmesToken{kind: "string", text: value.Str(v)}, i + 1, nil
		}
		body = strings.ReplaceAll(body, "\\`", "`")
		v, err := value.ParseJSON([]byte(strings.TrimSpace(body)))
		if err != nil {
			v = strings.TrimSpace(body) // a bare word is text, as older queries write it
		}
		return jmesToken{kind: "literal", val: v}, i + 1, nil
	}
	return jmesToken{}, 0, valueError("json_query: %c is not closed in %s", quote, value.Repr(s))
}
