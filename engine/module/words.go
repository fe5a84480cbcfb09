// Words of a shell's command line: quoting, and what only the host's shell can fill in.
package module

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/words"
)

// Quote makes a text one word for a POSIX shell.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

var (
	homeOf   = regexp.MustCompile(`^~([a-z_][a-z0-9_-]*)?(/|$)`)
	variable = regexp.MustCompile(`\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})`)
)

// HostWord makes a path one word for a POSIX shell in which the host's shell fills in a leading ~ or ~user and $NAME or ${NAME}; a variable
// that is not set stays as it is written, as in Ansible's path arguments. It stands right of an assignment.
func HostWord(path string) string {
	tilde := strings.TrimSuffix(homeOf.FindString(path), "/")
	rest := path[len(tilde):]
	if tilde == "~" {
		tilde = `"$HOME"`
	}
	if tilde != "" && strings.HasPrefix(rest, "/") {
		tilde, rest = tilde+"/", rest[1:]
	}
	var b strings.Builder
	b.WriteString(tilde)
	for {
		m := variable.FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		text := rest[m[0]:m[1]]
		name := strings.Trim(text, "${}")
		b.WriteString(Quote(rest[:m[0]]) + `"${` + name + `-\` + strings.Replace(text, "}", `\}`, 1) + `}"`)
		rest = rest[m[1]:]
	}
	if rest != "" || b.Len() == 0 {
		b.WriteString(Quote(rest))
	}
	return b.String()
}

// Script makes the command that runs a script of our own with paths as $1, $2 and so on, each filled in on the host as HostWord says,
// and then further arguments. The script's first line is a comment that names it.
func Script(text string, paths []string, rest ...string) Cmd {
	if !slices.ContainsFunc(paths, NeedsHost) {
		return Cmd{Script: text, Args: append(slices.Clone(paths), rest...)}
	}
	name, body, _ := strings.Cut(text, "\n")
	var b strings.Builder
	set := "set --"
	for i, p := range paths {
		fmt.Fprintf(&b, "p%d=%s\n", i, HostWord(p))
		set += fmt.Sprintf(` "$p%d"`, i)
	}
	return Cmd{Script: name + "\n" + b.String() + set + " \"$@\"\n" + body, Args: rest}
}

// NeedsHost tells whether only the host knows what the path means.
func NeedsHost(path string) bool { return strings.HasPrefix(path, "~") || strings.Contains(path, "$") }

// SplitWords splits a command line into words as Python's shlex does: quotes and backslashes, no expansion, no comments.
func SplitWords(line string) ([]string, error) { return words.Texts(line) }
