package linux

import "strings"

// options are those of a command line, and what is left.
type options struct {
	given map[byte][]string
	order []byte
	rest  []string
}

func (o *options) has(letter byte) bool { return o.given[letter] != nil }

// value is what the last use of an option said.
func (o *options) value(letter byte, otherwise string) string {
	if v := o.given[letter]; len(v) > 0 {
		return v[len(v)-1]
	}
	return otherwise
}

func (o *options) all(letter byte) []string { return o.given[letter] }

// last is the option of some that came last, 0 if none did.
func (o *options) last(letters string) byte {
	for i := len(o.order) - 1; i >= 0; i-- {
		if strings.IndexByte(letters, o.order[i]) >= 0 {
			return o.order[i]
		}
	}
	return 0
}

func (o *options) add(letter byte, value string) {
	o.given[letter] = append(o.given[letter], value)
	o.order = append(o.order, letter)
}

// options reads the command line. letters are those known, with a colon behind one that has a value, two where it may have one; long are NAME=LETTER for the others,
// whose letters may be any that are not used. A + before the letters ends options at the first operand. On an unknown option it says so, notes it,
// and ok is false.
func (p *process) options(letters string, long ...string) (o *options, ok bool) {
	early := strings.HasPrefix(letters, "+")
	letters = strings.TrimPrefix(letters, "+")
	o = &options{given: map[byte][]string{}}
	args := p.operands()
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			o.rest = append(o.rest, args[i+1:]...)
			return o, true
		case len(a) < 2 || a[0] != '-':
			if early {
				o.rest = append(o.rest, args[i:]...)
				return o, true
			}
			o.rest = append(o.rest, a)
		case strings.HasPrefix(a, "--"):
			if i, ok = o.long(a[2:], letters, long, args, i); !ok {
				return o, p.unknownOption(a)
			}
		default:
			if i, ok = o.cluster(a[1:], letters, args, i); !ok {
				return o, p.unknownOption(a)
			}
		}
	}
	return o, true
}

func (p *process) unknownOption(a string) bool {
	p.refuse(a)
	return false
}

func takesValue(letters string, at int) bool { return at+1 < len(letters) && letters[at+1] == ':' }

// mayTake tells whether a value may follow, in the same word only: two colons.
func mayTake(letters string, at int) bool { return at+2 < len(letters) && letters[at+1:at+3] == "::" }

func (o *options) long(word, letters string, long, args []string, i int) (int, bool) {
	name, value, hasValue := strings.Cut(word, "=")
	for _, l := range long {
		full, letter, _ := strings.Cut(l, "=")
		if full != name {
			continue
		}
		at := strings.Index(letters, letter)
		if at >= 0 && takesValue(letters, at) && !mayTake(letters, at) && !hasValue {
			if i++; i >= len(args) {
				return i, false
			}
			value = args[i]
		}
		o.add(letter[0], value)
		return i, true
	}
	return i, false
}

func (o *options) cluster(word, letters string, args []string, i int) (int, bool) {
	for k := 0; k < len(word); k++ {
		at := strings.IndexByte(letters, word[k])
		if at < 0 || word[k] == ':' {
			return i, false
		}
		if !takesValue(letters, at) {
			o.add(word[k], "")
			continue
		}
		value := word[k+1:]
		if value == "" && !mayTake(letters, at) {
			if i++; i >= len(args) {
				return i, false
			}
			value = args[i]
		}
		o.add(word[k], value)
		return i, true
	}
	return i, true
}
