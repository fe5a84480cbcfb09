package conn

import "strings"

// Quote makes a line of words that a POSIX shell takes apart into exactly these words. A NUL cannot be in a word of a
// command line; it is left out, as shells do.
func Quote(args ...string) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		quoteWord(&b, strings.ReplaceAll(a, "\x00", ""))
	}
	return b.String()
}

func quoteWord(b *strings.Builder, a string) {
	if a != "" && !strings.ContainsFunc(a, special) {
		b.WriteString(a)
		return
	}
	b.WriteByte('\'')
	b.WriteString(strings.ReplaceAll(a, "'", `'"'"'`))
	b.WriteByte('\'')
}

// special tells which characters need quotes. What is not surely harmless in every shell is special: "=" because zsh expands
// a leading one, "~", "{" and "^" for others.
func special(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("_-./:@%+,", r)
}
