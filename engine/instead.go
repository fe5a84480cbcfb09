package engine

import (
	"io/fs"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/run"
)

// Instead is what a rehearsal has in place of the hosts and of the machine that Drydock runs on: content is read from the real one, and that is
// all that reaches it.
type Instead struct {
	// Connect reaches every host, those of local connections among them.
	Connect run.Connector
	// Disk takes what is brought home from hosts.
	Disk module.Disk
	// Refuse is told what would have happened on this machine outside of any connection (a lookup that runs a program, asks the network or
	// writes a file) and answers the error that it fails with.
	Refuse func(what string) error
}

// veil lets templates only read.
func (i *Instead) veil(io ansible.IO) ansible.IO {
	if i == nil {
		return io
	}
	io.Pipe = func(line string) (string, int, error) { return "", 0, i.Refuse("lookup pipe: " + line) }
	io.HTTP = func(r ansible.Request) ([]byte, int, error) { return nil, 0, i.Refuse("lookup url: " + r.URL) }
	io.Resolve = func(name, _ string) ([]string, error) { return nil, i.Refuse("lookup dig: " + name) }
	io.WriteFile = func(name string, _ []byte, _ fs.FileMode) error { return i.Refuse("lookup password: write " + name) }
	return io
}

// connectorFor is what reaches hosts: over SSH or on this machine, or what stands in for both.
func (j *Job) connectorFor(sink event.Sink) run.Connector {
	if j.Instead != nil {
		return j.Instead.Connect
	}
	return newConnector(j, sink)
}
