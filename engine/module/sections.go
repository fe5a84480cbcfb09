package module

import "strings"

// Sections splits the output of a probe script that looks at several things in one round trip: a line "@@ NAME" begins the section
// NAME, which holds the lines up to the next one, each with its end. What stands before the first such line has the name "".
func Sections(out string) map[string]string {
	sections := map[string]string{}
	name, start := "", 0
	for at := 0; at < len(out); {
		end := len(out)
		if i := strings.IndexByte(out[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if next, ok := strings.CutPrefix(out[at:end], "@@ "); ok {
			sections[name] += out[start:at]
			name, start = strings.TrimSpace(next), end
			sections[name] += ""
		}
		at = end
	}
	sections[name] += out[start:]
	return sections
}

// Lines splits a text at its line ends and leaves out empty lines.
func Lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			out = append(out, line)
		}
	}
	return out
}
