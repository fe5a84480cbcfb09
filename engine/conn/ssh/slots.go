package ssh

import (
	"context"
	"sync"
)

// slots count the sessions of one connection. How many the server allows (MaxSessions) is learned from its first refusal; from then
// on a command waits for a session to end instead of being refused.
type slots struct {
	mu    sync.Mutex
	inUse int
	limit int           // 0: not known
	freed chan struct{} // closed, and made anew, when a session ends
}

func newSlots() *slots { return &slots{freed: make(chan struct{})} }

// enter takes a slot, waiting for one if need be.
func (s *slots) enter(ctx context.Context) error {
	for {
		s.mu.Lock()
		if s.limit == 0 || s.inUse < s.limit {
			s.inUse++
			s.mu.Unlock()
			return nil
		}
		freed := s.freed
		s.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leave gives a slot back.
func (s *slots) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inUse--
	close(s.freed)
	s.freed = make(chan struct{})
}

// refused gives back a slot that the server did not grant, and learns from it. False means that no other session is open, so
// that waiting is of no use.
func (s *slots) refused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inUse--
	if s.inUse == 0 {
		s.limit = 0
		return false
	}
	s.limit = s.inUse
	return true
}
