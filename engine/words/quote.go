package words

import "strings"

// Quote makes a line of words that Split takes apart into exactly these, as Python's shlex does: what needs no quotes has none.
func Quote(list ...string) string {
	out := make([]string, len(list))
	for i, w := range list {
		if out[i] = w; w == "" || strings.ContainsFunc(w, needsQuotes) {
			out[i] = "'" + strings.ReplaceAll(w, "'", `'"'"'`) + "'"
		}
	}
	return strings.Join(out, " ")
}

func needsQuotes(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_@%+=:,./-", r))
}
