package conn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
)

// Redialer is a connection that is made when it is first needed, and made anew after Reset or after it died. It never runs a
// command twice: only a command that was surely not started (ErrNotStarted) goes over a new connection by itself.
type Redialer struct {
	dial func(ctx context.Context) (Connection, error)
	turn chan struct{} // holds one token: who has it may dial

	mu      sync.Mutex
	current Connection // nil: not connected
	closed  bool
}

// Redial makes a Redialer of a function that connects. Nothing is dialled yet.
func Redial(dial func(ctx context.Context) (Connection, error)) *Redialer {
	r := &Redialer{dial: dial, turn: make(chan struct{}, 1)}
	r.turn <- struct{}{}
	return r
}

// Run runs the command on the present connection, or on a new one.
func (r *Redialer) Run(ctx context.Context, c Command) (int, error) {
	at, fresh, err := r.connect(ctx)
	if err != nil {
		return 0, err
	}
	exit, err := at.Run(ctx, c)
	if !errors.Is(err, ErrUnreachable) {
		return exit, err
	}
	r.drop(at)
	if fresh || !errors.Is(err, ErrNotStarted) {
		return exit, err
	}
	if at, _, err = r.connect(ctx); err != nil {
		return 0, err
	}
	if exit, err = at.Run(ctx, c); errors.Is(err, ErrUnreachable) {
		r.drop(at)
	}
	return exit, err
}

// Dial opens a connection as seen from the machine, connecting to it first if need be.
func (r *Redialer) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	at, _, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	d, ok := As[Dialer](at)
	if !ok {
		return nil, errors.New("this kind of connection cannot be dialled through")
	}
	c, err := d.Dial(ctx, network, address)
	if errors.Is(err, ErrUnreachable) {
		r.drop(at)
	}
	return c, err
}

// Reset drops the present connection, with what runs on it; the next use connects anew.
func (r *Redialer) Reset() {
	r.mu.Lock()
	at := r.current
	r.mu.Unlock()
	if at != nil {
		r.drop(at)
	}
}

// Connected tells whether there is a connection, which may have died unnoticed.
func (r *Redialer) Connected() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current != nil
}

// Close drops the connection for good.
func (r *Redialer) Close() error {
	r.mu.Lock()
	at := r.current
	r.current, r.closed = nil, true
	r.mu.Unlock()
	if at == nil {
		return nil
	}
	return at.Close()
}

// connect gives the present connection, or dials; fresh tells that it dialled. Those who come meanwhile wait for the same.
func (r *Redialer) connect(ctx context.Context) (at Connection, fresh bool, err error) {
	select {
	case <-r.turn:
		defer func() { r.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	if at, err := r.present(); at != nil || err != nil {
		return at, false, err
	}
	if at, err = r.dial(ctx); err != nil {
		return nil, false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		_ = at.Close() // nobody is there to use it
		return nil, false, errClosed
	}
	r.current = at
	return at, true, nil
}

var errClosed = fmt.Errorf("the connection was closed: %w", ErrUnreachable)

func (r *Redialer) present() (Connection, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	return r.current, nil
}

// drop forgets at, if it is still the present one, and closes it. Its error says what is known already: that it is dead.
func (r *Redialer) drop(at Connection) {
	r.mu.Lock()
	if r.current == at {
		r.current = nil
	}
	r.mu.Unlock()
	_ = at.Close()
}
