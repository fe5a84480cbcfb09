package ssh

import "strings"

// arguments are what words of ssh's command line say.
type arguments struct {
	set        []pair
	configFile string // -F; "none" means no file at all
	rest       []string
	warnings   []string
}

// pair is one setting: a keyword as written, and its value.
type pair struct{ key, value string }

// flags of ssh that take no value and mean a setting; empty: without effect here.
var plainFlags = map[byte]pair{
	'4': {"AddressFamily", "inet"}, '6': {"AddressFamily", "inet6"}, 'A': {"ForwardAgent", "yes"}, 'a': {"ForwardAgent", "no"},
	'C': {}, 'f': {}, 'G': {}, 'g': {}, 'K': {}, 'k': {}, 'M': {}, 'N': {}, 'n': {}, 'q': {}, 's': {}, 'T': {}, 't': {},
	'V': {}, 'v': {}, 'X': {}, 'x': {}, 'Y': {}, 'y': {},
}

// valueFlags take a value and mean a setting of this name; empty: without effect here.
var valueFlags = map[byte]string{
	'b': "BindAddress", 'c': "Ciphers", 'i': "IdentityFile", 'J': "ProxyJump", 'l': "User", 'm': "MACs", 'p': "Port",
	'B': "BindInterface", 'D': "DynamicForward", 'I': "PKCS11Provider", 'L': "LocalForward", 'R': "RemoteForward", 'w': "Tunnel",
	'E': "", 'e': "", 'O': "", 'P': "", 'Q': "", 'S': "",
}

// parseArgs reads words as ssh's own command line does: flags may stand together, a value may be joined to its flag.
func parseArgs(args []string) arguments {
	var a arguments
	for i := 0; i < len(args); i++ {
		w := args[i]
		if len(w) < 2 || w[0] != '-' {
			a.rest = append(a.rest, w)
			continue
		}
		for at := 1; at < len(w); at++ {
			if p, ok := plainFlags[w[at]]; ok {
				if p.key != "" {
					a.set = append(a.set, p)
				}
				continue
			}
			value := w[at+1:]
			if value == "" && i+1 < len(args) {
				i++
				value = args[i]
			}
			a.flag(w[at], value)
			break
		}
	}
	return a
}

// flag takes a flag with its value.
func (a *arguments) flag(f byte, value string) {
	name, known := valueFlags[f]
	switch {
	case f == 'o':
		a.option(value)
	case f == 'F':
		a.configFile = value
	case f == 'W':
		a.set = append(a.set, pair{"W", value})
	case !known:
		a.warnings = append(a.warnings, "unknown ssh flag -"+string(f))
	case name != "":
		a.option(name + "=" + value)
	}
}

// option takes the text of -o: Key=Value, "Key Value" or "Key = Value". A value in double quotes loses them.
func (a *arguments) option(text string) {
	text = strings.TrimSpace(text)
	end := strings.IndexAny(text, "= \t")
	if end <= 0 {
		a.warnings = append(a.warnings, "ssh option without a value: "+text)
		return
	}
	value := strings.TrimLeft(text[end:], " \t")
	value = strings.TrimSpace(strings.TrimPrefix(value, "="))
	_, warning := keyword(text[:end])
	if warning != "" {
		a.warnings = append(a.warnings, warning)
	}
	a.set = append(a.set, pair{text[:end], unquote(value)})
}

// unquote takes off double quotes around the whole value.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' && !strings.Contains(s[1:len(s)-1], `"`) {
		return s[1 : len(s)-1]
	}
	return s
}

// fields splits a value at blanks; double quotes keep blanks together.
func fields(s string) []string {
	var out []string
	var word strings.Builder
	quoted, open := false, false
	for _, r := range s {
		switch {
		case r == '"':
			quoted, open = !quoted, true
		case (r == ' ' || r == '\t') && !quoted:
			if open {
				out = append(out, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if open {
		out = append(out, word.String())
	}
	return out
}
