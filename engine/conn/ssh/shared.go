package ssh

import (
	"context"
	"sync"
)

// Shared is what the connections of one run have in common: keys that were unlocked, so that each passphrase is asked for
// once; connections to jump hosts, so that a bastion sees one login and not one a host; warnings already given.
type Shared struct {
	prompt func(question string) (string, error)

	mu     sync.Mutex
	keys   map[string]*lockedKey
	jumps  map[string]*jump
	warned map[string]bool
}

// NewShared makes a Shared. prompt asks the person at the terminal for a passphrase; nil means that nobody can be asked.
func NewShared(prompt func(question string) (string, error)) *Shared {
	return &Shared{prompt: prompt, keys: map[string]*lockedKey{}, jumps: map[string]*jump{}, warned: map[string]bool{}}
}

// once passes each warning on the first time only.
func (s *Shared) once(warn func(string)) func(string) {
	return func(text string) {
		s.mu.Lock()
		again := s.warned[text]
		s.warned[text] = true
		s.mu.Unlock()
		if !again {
			warn(text)
		}
	}
}

// key gives the locked key of a file; all connections get the same one.
func (s *Shared) key(path string, read func() *lockedKey) *lockedKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys[path] == nil {
		s.keys[path] = read()
	}
	return s.keys[path]
}

// jump is a connection to a jump host, shared by those who go through it.
type jump struct {
	ready chan struct{} // closed when link or err is set
	link  *link
	err   error
	users int
}

// lease gives the connection to a jump host, opening it if nobody has it open. release gives it back; the last one closes it.
func (s *Shared) lease(ctx context.Context, name string, open func() (*link, error)) (l *link, release func(), err error) {
	j, first := s.join(name)
	if first {
		go func() { // not for one caller alone: who came later goes on when the first has given up
			j.link, j.err = open()
			close(j.ready)
			s.leave(name, j)
		}()
	}
	select {
	case <-j.ready:
	case <-ctx.Done():
		s.leave(name, j)
		return nil, nil, ctx.Err()
	}
	if j.err != nil {
		s.leave(name, j)
		return nil, nil, j.err
	}
	return j.link, sync.OnceFunc(func() { s.leave(name, j) }), nil
}

// join counts us in; first tells that we are the one to open it. A connection that has died is not joined any more.
func (s *Shared) join(name string) (j *jump, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j = s.jumps[name]
	if j != nil && !j.spoilt() {
		j.users++
		return j, false
	}
	j = &jump{ready: make(chan struct{}), users: 2} // we, and the goroutine that opens it
	s.jumps[name] = j
	return j, true
}

// spoilt tells that a jump is known not to work (any more).
func (j *jump) spoilt() bool {
	select {
	case <-j.ready:
		return j.err != nil || j.link.dead()
	default:
		return false
	}
}

func (s *Shared) leave(name string, j *jump) {
	s.mu.Lock()
	j.users--
	last := j.users == 0
	if last && s.jumps[name] == j {
		delete(s.jumps, name)
	}
	s.mu.Unlock()
	if last && j.link != nil {
		j.link.close()
	}
}
