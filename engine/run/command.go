package run

import (
	"cmp"
	"strings"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/module"
)

// line makes the text for the login shell of a command with the environment of its task; shell runs the lines that name no other.
func line(c module.Cmd, env []string, shell string) string {
	if c.Raw {
		return c.Shell
	}
	var b strings.Builder
	for _, kv := range append(append([]string(nil), env...), c.Env...) {
		name, val, _ := strings.Cut(kv, "=")
		b.WriteString("export " + name + "=" + conn.Quote(val) + "; ")
	}
	if c.Dir != "" {
		b.WriteString("cd " + quoteHome(c.Dir) + " && ")
	}
	switch {
	case c.Script != "":
		b.WriteString("exec " + conn.Quote(append([]string{"/bin/sh", "-c", c.Script, "drydock"}, c.Args...)...))
	case c.Shell != "":
		b.WriteString("exec " + conn.Quote(cmp.Or(c.Executable, shell, "/bin/sh"), "-c", c.Shell))
	default:
		b.WriteString("exec " + conn.Quote(c.Argv...))
	}
	return b.String()
}

// quoteHome quotes a path and leaves a ~ at its beginning to the shell.
func quoteHome(path string) string {
	if path == "~" {
		return "~"
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return "~/" + conn.Quote(rest)
	}
	return conn.Quote(path)
}
