// Package become runs commands as another user: sudo, su and doas around any connection.
//
// The password is never part of a command line. It is written to the standard input, and only when the program asks for it;
// the command's own input follows when the command has begun. Where it begins is told by a marker of random letters that it
// writes to both outputs before anything else: what came before it (prompts, lectures, warnings of sudo) is not the
// command's and is dropped, and without it the command has not run at all. All of this costs no extra round trip.
//
// Seen on real machines: sudo -S and the su of Debian and util-linux read one line, byte for byte, from a standard input that is no
// terminal; busybox su asks on the standard output; doas reads passwords from a terminal only, so it works with nopass rules.
package become

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/conn"
)

// Method says whom to become, and how.
type Method struct {
	Name string // sudo (also when empty), su or doas
	User string // empty: root
	// Password is called once for each command; it is expected to remember. nil: there is no password.
	Password func() (string, error)
	Flags    string // replaces the default flags, as become_flags does in Ansible
	Exe      string // the program; empty: the name
}

// Known tells whether there is a method of this name.
func Known(name string) bool {
	_, ok := lines[name]
	return ok
}

// lines make the command line of each method.
var lines = map[string]func(m Method, a attempt) string{"sudo": sudoLine, "su": suLine, "doas": doasLine}

// attempt is what one use of a method is made of.
type attempt struct {
	script   string // what /bin/sh is to run
	prompt   string // what sudo is to ask with
	password bool   // there is one
}

// Wrap makes a connection whose commands run as another user. A connection that cannot become this user answers with an error
// that wraps conn.ErrBecome.
func Wrap(c conn.Connection, m Method) conn.Connection {
	if m.Name == "" {
		m.Name = "sudo"
	}
	if m.User == "" {
		m.User = "root"
	}
	if m.Exe == "" {
		m.Exe = m.Name
	}
	return &wrapped{below: c, m: m}
}

type wrapped struct {
	below conn.Connection
	m     Method
}

// Run runs the command as the other user.
func (w *wrapped) Run(ctx context.Context, c conn.Command) (int, error) {
	line, ok := lines[w.m.Name]
	if !ok {
		return 0, fmt.Errorf("become_method %q is not supported (sudo, su, doas are): %w", w.m.Name, conn.ErrBecome)
	}
	password := ""
	if w.m.Password != nil {
		var err error
		if password, err = w.m.Password(); err != nil {
			return 0, fmt.Errorf("the password for %s: %w: %w", w.m.Name, err, conn.ErrBecome)
		}
	}
	key := rand.Text()
	d := newDialogue(w.m, key, password, c)
	inner := c
	inner.Line = line(w.m, attempt{script: d.script(c.Line), prompt: d.prompt, password: w.m.Password != nil})
	inner.Stdout, inner.Stderr = &d.stdout, &d.stderr
	if w.m.Password != nil || w.m.Name == "su" && c.Stdin != nil { // else nothing is asked for, and the input need not wait
		inner.Stdin = d
	}
	exit, err := w.below.Run(ctx, inner)
	return d.finish(exit, err)
}

// Close closes the connection below.
func (w *wrapped) Close() error { return w.below.Close() }

// Unwrap gives the connection below.
func (w *wrapped) Unwrap() conn.Connection { return w.below }

func sudoLine(m Method, a attempt) string {
	flags := strings.Fields(m.Flags)
	if m.Flags == "" {
		flags = []string{"-H"}
	}
	flags = without(flags, 'n', "--non-interactive")
	if a.password {
		flags = append(without(flags, 'S', "--stdin"), "-S", "-p", a.prompt)
	} else {
		flags = append(flags, "-n")
	}
	return conn.Quote(append(append([]string{m.Exe}, flags...), "-u", m.User, "/bin/sh", "-c", a.script)...)
}

// suLine gives the other user's shell one command, whatever shell that is.
func suLine(m Method, a attempt) string {
	words := append([]string{m.Exe}, strings.Fields(m.Flags)...)
	return conn.Quote(append(words, m.User, "-c", conn.Quote("/bin/sh", "-c", a.script))...)
}

func doasLine(m Method, a attempt) string {
	flags := append(without(strings.Fields(m.Flags), 'n', ""), "-n")
	return conn.Quote(append(append([]string{m.Exe}, flags...), "-u", m.User, "/bin/sh", "-c", a.script)...)
}

// without takes a flag out of words like -H, -HSn and --stdin.
func without(words []string, short rune, long string) []string {
	var out []string
	for _, w := range words {
		if w == long && long != "" {
			continue
		}
		if strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") {
			if w = strings.ReplaceAll(w, string(short), ""); w == "-" {
				continue
			}
		}
		out = append(out, w)
	}
	return out
}
