package run

import (
	"context"
	"sync"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/vars"
)

// pool keeps one connection for each machine and way to it, for the whole run.
type pool struct {
	connect Connector
	mu      sync.Mutex
	open    map[string]*conn.Redialer
}

func newPool(c Connector) *pool { return &pool{connect: c, open: map[string]*conn.Redialer{}} }

// get returns the connection of a machine; it is dialled when the first command runs.
func (p *pool) get(c vars.Connection) *conn.Redialer {
	key := c.Key()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[key] == nil {
		p.open[key] = conn.Redial(func(ctx context.Context) (conn.Connection, error) { return p.connect.Connect(ctx, c) })
	}
	return p.open[key]
}

// close ends all connections.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		c.Close()
	}
}
