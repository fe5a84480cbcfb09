package moduletest

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

// Answer is what a Script says to commands whose Line matches On: equal, or beginning with it when On ends in "*". Of several that match
// the first is taken; one with Times is used up.
type Answer struct {
	On     string
	Rc     int
	Stdout string
	Stderr string
	Err    error
	Times  int            // 0: any number of times
	Writes bool           // only an Exec may run it; a Query of it fails the test
	Do     func(c string) // called with the line, so that a test can let time or state move on
}

// Script is a module.Host that runs nothing: it answers the commands it was told and fails the test at any other.
type Script struct {
	Control *Controller
	Answers []*Answer
	// OnReset and Dialer answer Reset and Dial; nil refuses.
	OnReset func() error
	Dialer  func(network, address string) (net.Conn, error)
	Wrote   map[string]string // what WriteFile was given, by path

	t     testing.TB
	calls []Call
	said  []string
}

// NewScript makes a host of answers.
func NewScript(t testing.TB, answers ...Answer) *Script {
	s := &Script{t: t, Control: NewController(), Wrote: map[string]string{}}
	s.Add(answers...)
	return s
}

// Add appends answers.
func (s *Script) Add(answers ...Answer) {
	for i := range answers {
		s.Answers = append(s.Answers, &answers[i])
	}
}

// View is the host as a plan sees it.
func (s *Script) View() module.View { return viewOf{s} }

// Calls returns what was asked so far.
func (s *Script) Calls() []Call { return append([]Call(nil), s.calls...) }

// Said returns what the module has told by Progress.
func (s *Script) Said() []string { return append([]string(nil), s.said...) }

// Name is "testhost".
func (s *Script) Name() string { return "testhost" }

// Controller returns Control.
func (s *Script) Controller() module.Controller { return s.Control }

// Progress keeps the message.
func (s *Script) Progress(message string) { s.said = append(s.said, message) }

// Query answers a command that only looks.
func (s *Script) Query(ctx context.Context, c module.Cmd) (module.Output, error) {
	return s.answer(ctx, "query", c)
}

// Exec answers any command.
func (s *Script) Exec(ctx context.Context, c module.Cmd) (module.Output, error) {
	return s.answer(ctx, "exec", c)
}

func (s *Script) answer(ctx context.Context, verb string, c module.Cmd) (module.Output, error) {
	line := Line(c)
	s.calls = append(s.calls, Call{verb, line})
	if err := ctx.Err(); err != nil {
		return module.Output{}, err
	}
	a := s.find(line)
	if a == nil {
		s.t.Errorf("the module asked for a command that this test does not know: %s", line)
		return module.Output{}, fmt.Errorf("unknown command: %s", line)
	}
	if a.Writes && verb == "query" {
		s.t.Errorf("the module ran by Query what changes the host: %s", line)
	}
	if a.Do != nil {
		a.Do(line)
	}
	return module.Output{Rc: a.Rc, Stdout: a.Stdout, Stderr: a.Stderr}, a.Err
}

func (s *Script) find(line string) *Answer {
	for i, a := range s.Answers {
		prefix, open := strings.CutSuffix(a.On, "*")
		if line != a.On && !(open && strings.HasPrefix(line, prefix)) {
			continue
		}
		if a.Times > 0 {
			if a.Times--; a.Times == 0 {
				s.Answers = append(s.Answers[:i:i], s.Answers[i+1:]...)
			}
		}
		return a
	}
	return nil
}

// WriteFile keeps what it is given in Wrote.
func (s *Script) WriteFile(_ context.Context, path string, r io.Reader, _ fs.FileMode) error {
	s.calls = append(s.calls, Call{"write", path})
	b, err := io.ReadAll(r)
	s.Wrote[path] = string(b)
	return err
}

// Dial asks Dialer.
func (s *Script) Dial(_ context.Context, network, address string) (net.Conn, error) {
	if s.Dialer == nil {
		return nil, fmt.Errorf("this test has no network, asked for %s %s", network, address)
	}
	return s.Dialer(network, address)
}

// Reset asks OnReset.
func (s *Script) Reset(context.Context) error {
	s.calls = append(s.calls, Call{"reset", ""})
	if s.OnReset == nil {
		return fmt.Errorf("this test knows no reset")
	}
	return s.OnReset()
}
