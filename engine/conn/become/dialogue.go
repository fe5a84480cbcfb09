package become

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/engine/conn"
)

// dialogue is the conversation with sudo or su before a command begins. As a Reader it is the standard input: nothing until
// something is to be said, then the password, then the command's own input.
type dialogue struct {
	m        Method
	marker   string // the line the command begins with
	prompt   string // what sudo asks with
	password string
	stdin    io.Reader

	stdout, stderr listener

	mu    sync.Mutex
	moved *sync.Cond // something below has changed
	say   []byte     // not yet read part of the password line
	asked int        // how often the password was asked for
	begun bool       // the marker was seen on the standard error
	over  bool       // nothing more is to be read
}

func newDialogue(m Method, key, password string, c conn.Command) *dialogue {
	d := &dialogue{m: m, marker: "BECOME-SUCCESS-" + key, prompt: "[sudo via drydock, key=" + key + "] password: ",
		password: password, stdin: c.Stdin}
	d.moved = sync.NewCond(&d.mu)
	d.stdout = listener{d: d, to: c.Stdout}
	d.stderr = listener{d: d, to: c.Stderr, tellsBegin: true}
	return d
}

// script is the command with the marker before it.
func (d *dialogue) script(line string) string {
	return "echo " + d.marker + "; echo " + d.marker + " >&2\n" + line
}

// Read waits until there is something to say.
func (d *dialogue) Read(p []byte) (int, error) {
	d.mu.Lock()
	for len(d.say) == 0 && !d.begun && !d.over {
		d.moved.Wait()
	}
	if len(d.say) > 0 {
		n := copy(p, d.say)
		d.say = d.say[n:]
		d.mu.Unlock()
		return n, nil
	}
	begun := d.begun
	d.mu.Unlock()
	if !begun || d.stdin == nil {
		return 0, io.EOF
	}
	return d.stdin.Read(p)
}

// listener is one output of the command. It keeps what comes before the marker and passes on what comes after it.
type listener struct {
	d          *dialogue
	to         io.Writer
	tellsBegin bool
	passing    bool
	held       []byte
	heard      int // up to here prompts were dealt with
}

func (l *listener) Write(p []byte) (int, error) {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	rest := p
	if !l.passing {
		l.held = append(l.held, p...)
		rest = l.d.hear(l)
	}
	if l.passing && l.to != nil && len(rest) > 0 {
		if _, err := l.to.Write(rest); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// hear looks through what is held: for the marker, after which what follows is the command's, and for a prompt.
func (d *dialogue) hear(l *listener) (rest []byte) {
	line := []byte(d.marker + "\n")
	if i := bytes.Index(l.held, line); i >= 0 {
		rest = l.held[i+len(line):]
		l.passing, l.held = true, l.held[:i]
		if l.tellsBegin {
			d.begun = true
			d.moved.Broadcast()
		}
		return rest
	}
	if d.asks(l.held[l.heard:]) {
		l.heard = len(l.held)
		d.answer()
	}
	return nil
}

// asks tells whether text ends in a question for the password. sudo asks with our words. su asks in the language of the machine:
// an unfinished line that ends in a colon, unless it is the beginning of a message of su itself.
func (d *dialogue) asks(text []byte) bool {
	if d.m.Name == "sudo" {
		return bytes.Contains(text, []byte(d.prompt))
	}
	last := string(text[bytes.LastIndexByte(text, '\n')+1:])
	if strings.HasPrefix(last, path.Base(d.m.Exe)+":") {
		return false
	}
	last = strings.TrimRight(last, " \t")
	return strings.HasSuffix(last, ":") || strings.HasSuffix(last, "：")
}

// answer says the password the first time. Who asks again has refused it, and is told that there is no more.
func (d *dialogue) answer() {
	d.asked++
	if d.asked == 1 && d.m.Password != nil {
		d.say = []byte(d.password + "\n")
	} else {
		d.over = true
	}
	d.moved.Broadcast()
}

// finish ends the conversation and judges it.
func (d *dialogue) finish(exit int, err error) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	d.moved.Broadcast()
	if d.begun || err != nil {
		return exit, err
	}
	return 0, fmt.Errorf("%s: %w", d.complaint(exit), conn.ErrBecome)
}

// complaint says why the command never began: in Ansible's words about the password, else in the program's own.
func (d *dialogue) complaint(exit int) string {
	said := strings.TrimSpace(strings.ReplaceAll(string(d.stderr.held), d.prompt, ""))
	lower := strings.ToLower(said)
	has := func(texts ...string) bool {
		for _, t := range texts {
			if strings.Contains(lower, t) {
				return true
			}
		}
		return false
	}
	switch {
	case d.m.Password == nil && (d.asked > 0 || has("authentication failure")), has("a password is required", "a terminal is required"):
		return "Missing " + d.m.Name + " password"
	case d.m.Name == "doas" && has("required"):
		return "Missing doas password, which doas reads from a terminal only: it needs a nopass rule"
	case d.asked > 1, has("try again", "incorrect password", "authentication failure"):
		return "Incorrect " + d.m.Name + " password"
	case d.m.Name == "su" && d.asked > 0 && has("su: permission denied", "su: incorrect"):
		return "Incorrect su password"
	case said == "":
		said = strings.TrimSpace(string(d.stdout.held))
	}
	if said == "" {
		return fmt.Sprintf("%s ended with exit status %d before the command began", d.m.Name, exit)
	}
	return d.m.Name + " refused: " + said
}
