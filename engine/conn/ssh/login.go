package ssh

import (
	"errors"
	"fmt"
	"strings"

	xssh "golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/conn"
)

// The methods of authentication that we have.
const (
	methodKey      = "publickey"
	methodKeyboard = "keyboard-interactive"
	methodPassword = "password"
)

// login is the authentication at one hop: what is tried, and what is to be said if all of it fails.
type login struct {
	t        target
	password func() (string, error) // nil: none
	verifier *verifier
	keys     keyring

	offered []string // what the server takes
	started bool     // the host key was accepted and authentication has begun
	tried   []string
	notes   []string // why something was not tried
	banner  string
	refused bool // the password was given once and was not taken
	done    []func()
}

// methods are for ClientConfig.Auth, in the configured order.
func (l *login) methods() []xssh.AuthMethod {
	var out []xssh.AuthMethod
	for _, m := range l.t.methods {
		switch {
		case m == methodKey:
			out = append(out, xssh.PublicKeysCallback(l.offerKeys))
		case m == methodKeyboard && l.password != nil:
			out = append(out, xssh.KeyboardInteractive(l.answer))
		case m == methodPassword && l.password != nil:
			out = append(out, xssh.PasswordCallback(l.givePassword))
		}
	}
	return out
}

// next is called before each attempt. It only listens.
func (l *login) next(c *xssh.ClientAuthContext) (xssh.AuthMethod, error) {
	l.started, l.offered = true, c.AllowedMethods
	return nil, nil
}

func (l *login) offerKeys() ([]xssh.Signer, error) {
	list, done := l.keys.signers()
	l.done = append(l.done, done)
	if len(list) > 0 {
		l.tried = append(l.tried, fmt.Sprintf("publickey (%d %s)", len(list), plural(len(list), "key", "keys")))
	}
	return list, nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// answer answers questions of the server with the password: the first hidden one. What else it asks nobody can answer.
func (l *login) answer(_, _ string, questions []string, echos []bool) ([]string, error) {
	answers := make([]string, len(questions))
	for i, q := range questions {
		if echos[i] {
			return nil, l.skip(fmt.Sprintf("the server asks %q, which nobody can answer", strings.TrimSpace(q)))
		}
		p, err := l.givePassword()
		if err != nil {
			return nil, err
		}
		answers[i] = p
	}
	return answers, nil
}

// givePassword gives the password once: a server that asks again has refused it.
func (l *login) givePassword() (string, error) {
	if l.verifier.changed {
		return "", l.skip("password authentication is disabled to avoid man-in-the-middle attacks")
	}
	if l.refused {
		return "", errors.New("the password was refused")
	}
	var p string
	var err error
	l.keys.pause(func() { p, err = l.password() })
	if err != nil {
		return "", l.skip(err.Error())
	}
	l.refused = true
	l.tried = append(l.tried, "password")
	return p, nil
}

func (l *login) skip(why string) error {
	l.note(why)
	return errors.New(why)
}

func (l *login) note(why string) { l.notes = append(l.notes, why) }

func (l *login) close() {
	for _, d := range l.done {
		d()
	}
}

// denied is the error of a login that failed, in OpenSSH's words, with what was tried.
func (l *login) denied(cause error) error {
	text := fmt.Sprintf("%s@%s: Permission denied (%s)", l.t.user, l.t.host, strings.Join(l.offered, ","))
	if len(l.tried) > 0 {
		text += "; tried " + strings.Join(l.tried, ", ")
	} else {
		text += "; there was nothing to try"
	}
	if _, said, ok := strings.Cut(cause.Error(), "ssh: disconnect, reason "); ok {
		l.note("the server ended it with reason " + said)
	}
	if len(l.notes) > 0 {
		text += "; " + strings.Join(unique(l.notes), "; ")
	}
	return &Error{Text: text, Kinds: []error{conn.ErrAuth, cause}}
}
