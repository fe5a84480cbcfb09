package engine

import (
	"io/fs"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/vars"
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
	// Script answers what an inventory script prints, by a key of the script and its arguments; run runs it. nil: it is run.
	Script func(key string, run func() (stdout, stderr []byte, err error)) (stdout, stderr []byte, err error)
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

// Var answers a variable of a host as it stands before any play: by inventory, files of variables, extra variables, and what earlier runs kept of
// facts. false: nothing gives it a value, or one that can be worked out.
func (j *Job) Var(host, name string) (any, bool) {
	dir := j.baseDir()
	if dirs := j.playbookDirs(); len(dirs) > 0 {
		dir = dirs[0]
	}
	env := j.store.Snapshot(vars.Scope{Host: host, PlaybookDir: dir, Magic: j.magic})
	v, ok, err := env.Lookup(name)
	if err != nil || !ok {
		return nil, false
	}
	v, err = jinja.Resolve(v, env)
	return v, err == nil
}

// Known are the names of the variables that inventory, files of variables and extra variables give a host, in order.
func (j *Job) Known(host string) []string {
	dir := j.baseDir()
	if dirs := j.playbookDirs(); len(dirs) > 0 {
		dir = dirs[0]
	}
	names, _ := j.store.Trails(host, dir)
	slices.Sort(names)
	return names
}
