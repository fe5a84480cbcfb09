package machine

import (
	"net"
	"sync"
)

// wire is an accepted connection that can be made silent and can be reset.
type wire struct {
	net.Conn
	hush *hush
	once sync.Once
	gone chan struct{} // closed by Close, so that nobody waits on in silence
}

func newWire(c net.Conn, h *hush) *wire { return &wire{Conn: c, hush: h, gone: make(chan struct{})} }

// Read gives bytes only while there is no silence: what arrived during it is given when it ends.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.hush.wait(w.gone)
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	w.hush.wait(w.gone)
	return w.Conn.Write(p)
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.gone) })
	return w.Conn.Close()
}

// reset closes with a TCP reset instead of a FIN. Errors mean that it is closed already.
func (w *wire) reset() {
	if t, ok := w.Conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = w.Close()
}

// hush is the silence of a machine: a switch that readers and writers wait on.
type hush struct {
	mu   sync.Mutex
	over chan struct{} // nil: there is no silence
}

func newHush() *hush { return &hush{} }

func (h *hush) set(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case on && h.over == nil:
		h.over = make(chan struct{})
	case !on && h.over != nil:
		close(h.over)
		h.over = nil
	}
}

// wait returns when there is no silence, or when gone is closed.
func (h *hush) wait(gone <-chan struct{}) {
	h.mu.Lock()
	over := h.over
	h.mu.Unlock()
	if over == nil {
		return
	}
	select {
	case <-over:
	case <-gone:
	}
}
