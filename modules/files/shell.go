// Package files holds the modules that look at and change files on a host: copy, template, file, lineinfile and their kin.
//
// The host needs nothing but a POSIX shell and stat, so each module is one small script that looks (probe.go) and one that acts
// (put.go, attributes.go); what is to be done is decided in between, in pure Go.
package files

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// quote makes a text one word for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

var (
	homeOf   = regexp.MustCompile(`^~([a-z_][a-z0-9_-]*)?(/|$)`)
	variable = regexp.MustCompile(`\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})`)
)

// word makes a path one word for a POSIX shell in which the host's shell fills in a leading ~ or ~user and $NAME or ${NAME}; a variable
// that is not set stays as it is written, as in Ansible's path arguments. It stands right of an assignment.
func word(path string) string {
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
		b.WriteString(quote(rest[:m[0]]) + `"${` + name + `-\` + strings.Replace(text, "}", `\}`, 1) + `}"`)
		rest = rest[m[1]:]
	}
	if rest != "" || b.Len() == 0 {
		b.WriteString(quote(rest))
	}
	return b.String()
}

// script makes the command that runs one of our scripts with a path as $1, filled in as word does, and further arguments. The script's
// first line is a comment that names it.
func script(text, path string, rest ...string) module.Cmd {
	return fill(text, []string{path}, rest)
}

// script2 is script for two paths.
func script2(text, first, second string, rest ...string) module.Cmd {
	return fill(text, []string{first, second}, rest)
}

func fill(text string, paths, rest []string) module.Cmd {
	if !slices.ContainsFunc(paths, needsHost) {
		return module.Cmd{Script: text, Args: append(paths, rest...)}
	}
	name, body, _ := strings.Cut(text, "\n")
	var b strings.Builder
	set := "set --"
	for i, p := range paths {
		fmt.Fprintf(&b, "p%d=%s\n", i, word(p))
		set += fmt.Sprintf(` "$p%d"`, i)
	}
	return module.Cmd{Script: name + "\n" + b.String() + set + " \"$@\"\n" + body, Args: rest}
}

// needsHost tells whether only the host knows what the path means.
func needsHost(path string) bool { return strings.HasPrefix(path, "~") || strings.Contains(path, "$") }
