package ssh

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/conn"
)

// session is one command on its way: a channel of the connection. It is our own and not x/crypto's Session, because that
// one waits for the input to be read, and for every process that has inherited the output.
type session struct {
	ch       xssh.Channel
	requests <-chan *xssh.Request
}

// quietAfterExit is how long output must have been still, after the command itself has ended, for us to give up the processes it
// left behind (`daemon &`): as long as Ansible gives them.
const quietAfterExit = time.Second

var (
	errNoStatus = errors.New("the session ended without an exit status")
	errNoExec   = errors.New("the server refuses to run commands")
)

// run starts the command and waits for its end.
func (s session) run(cmd conn.Command, out *gate, quiet time.Duration) (int, error) {
	ok, err := s.ch.SendRequest("exec", true, xssh.Marshal(struct{ Line string }{cmd.Line}))
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, errNoExec
	}
	go func() {
		if cmd.Stdin != nil {
			_, _ = io.Copy(s.ch, cmd.Stdin) // fails when the command has ended without reading it all, which is its right
		}
		_ = s.ch.CloseWrite()
	}()
	drained := make(chan struct{})
	go func() {
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = io.Copy(out.out, s.ch) })
		wg.Go(func() { _, _ = io.Copy(out.err, s.ch.Stderr()) })
		wg.Wait()
		close(drained)
	}()
	return s.wait(drained, out, quiet)
}

// wait reads the end of the command from the channel's requests; their end is the end of the channel.
func (s session) wait(drained <-chan struct{}, out *gate, quiet time.Duration) (int, error) {
	exit, known := 0, false
	var still <-chan time.Time
	for {
		select {
		case r, open := <-s.requests:
			if !open {
				<-drained
				if !known {
					return 0, errNoStatus
				}
				return exit, nil
			}
			if code, ok := exitCode(r); ok {
				exit, known = code, true
				out.moved() // what came before does not count
				still = time.After(quiet)
			}
			if r.WantReply {
				_ = r.Reply(false, nil)
			}
		case <-still:
			if !out.moved() {
				return exit, nil
			}
			still = time.After(quiet)
		}
	}
}

// exitCode reads an exit status from a request. Death by signal n is 128+n.
func exitCode(r *xssh.Request) (int, bool) {
	switch r.Type {
	case "exit-status":
		var m struct{ Status uint32 }
		err := xssh.Unmarshal(r.Payload, &m)
		return int(m.Status), err == nil
	case "exit-signal":
		var m struct {
			Signal string
			Core   bool
			Text   string
			Lang   string
		}
		err := xssh.Unmarshal(r.Payload, &m)
		return 128 + signalNumbers[m.Signal], err == nil
	}
	return 0, false
}

// signalNumbers are the numbers of the signals that RFC 4254 names, which are the same on all systems that matter.
var signalNumbers = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "SEGV": 11, "PIPE": 13, "ALRM": 14, "TERM": 15,
}

// cancel asks for the end of the command and closes the channel.
func (s session) cancel() {
	_, _ = s.ch.SendRequest("signal", false, xssh.Marshal(struct{ Signal string }{"TERM"}))
	_ = s.ch.Close()
}

// openSession opens a session, or returns when ctx ends; what then comes late is closed.
func (c *Connection) openSession(ctx context.Context) (session, error) {
	type opened struct {
		session
		err error
	}
	result := make(chan opened, 1)
	go func() {
		ch, requests, err := c.link.client.OpenChannel("session", nil)
		result <- opened{session{ch, requests}, err}
	}()
	select {
	case r := <-result:
		if r.err == nil && c.link.agent { // without an answer: a server may refuse, as ssh -A accepts too
			_, _ = r.ch.SendRequest("auth-agent-req@openssh.com", false, nil)
		}
		return r.session, r.err
	case <-ctx.Done():
		go func() {
			if r := <-result; r.err == nil {
				go xssh.DiscardRequests(r.requests)
				_ = r.ch.Close()
			}
			c.slots.leave()
		}()
		return session{}, ctx.Err()
	}
}
