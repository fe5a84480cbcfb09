package ssh

import (
	"fmt"
	"sync"
	"time"

	xssh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// link is a connection that is logged in, watched by keepalives.
type link struct {
	t       target
	client  *xssh.Client
	gone    chan struct{} // closed when the connection has ended
	release func()        // gives back the jump host this goes through
	agent   bool          // the agent is forwarded to sessions

	mu    sync.Mutex
	cause string // why it ended, where we know better than the network
}

func newLink(t target, c *xssh.Client, o Options) *link {
	l := &link{t: t, client: c, gone: make(chan struct{}), release: func() {}}
	if t.forwardAgent && t.agent != "" {
		l.agent = agent.ForwardToRemote(c, t.agent) == nil
	}
	go func() {
		err := c.Wait()
		l.blame(reason(err))
		close(l.gone)
	}()
	if t.alive.Interval > 0 {
		ticks, stop := o.Ticks(t.alive.Interval)
		go l.keepAlive(ticks, stop)
	}
	return l
}

// keepAlive asks at each tick whether the other side is there, and closes the connection when Count ticks in a row found the
// last question unanswered.
func (l *link) keepAlive(ticks <-chan time.Time, stop func()) {
	defer stop()
	answered := make(chan struct{}, 1)
	waiting, missed := false, 0
	for {
		select {
		case <-l.gone:
			return
		case <-answered:
			waiting, missed = false, 0
		case <-ticks:
			if !waiting {
				waiting = true
				go l.ask(answered)
				continue
			}
			if missed++; missed >= l.t.alive.Count {
				l.blame(fmt.Sprintf("no answer for %v (Timeout, server %s not responding)", l.t.alive.Interval*time.Duration(missed), l.t.host))
				go l.client.Close() // may wait for what cannot be sent
				return
			}
		}
	}
}

// ask sends one question. Every answer is an answer, a failure too.
func (l *link) ask(answered chan<- struct{}) {
	if _, _, err := l.client.SendRequest("keepalive@openssh.com", true, nil); err == nil {
		answered <- struct{}{}
	}
}

// blame notes why the connection ends; the first to know is right.
func (l *link) blame(cause string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause == "" {
		l.cause = cause
	}
}

func (l *link) dead() bool {
	select {
	case <-l.gone:
		return true
	default:
		return false
	}
}

// lost is the error of all that was under way when the connection ended.
func (l *link) lost(err error, kinds ...error) error {
	l.mu.Lock()
	cause := l.cause
	l.mu.Unlock()
	if cause == "" {
		cause = reason(err)
	}
	e := unreachable(err, "ssh: connection to %s lost: %s", l.t, cause).(*Error)
	e.Kinds = append(e.Kinds, kinds...)
	return e
}

// close ends the connection, and the leases it holds.
func (l *link) close() {
	l.blame("closed by us")
	_ = l.client.Close() // an error says that it is closed
	l.release()
}
