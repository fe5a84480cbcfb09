package run

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what lasts for a whole run of programs that are brought to hosts: where they lie, and that they are removed.

// farewell is how long the removal of what was brought may take on one host.
const farewell = 10 * time.Second

// lodgings are the folders on hosts, by the way to the host and the user there.
type lodgings struct {
	mu  sync.Mutex
	all map[string]*lodging
}

type lodging struct {
	module.Lodging
	below *conn.Redialer
	conn  conn.Connection
}

// of is the lodging of a machine's user, whose folder may not have been made yet.
func (l *lodgings) of(m *machine) *lodging {
	key := m.how.Key()
	if m.how.Become {
		key += "\x00" + strings.Join([]string{m.how.BecomeMethod, m.how.BecomeUser, m.how.BecomeExe, m.how.BecomeFlags}, "\x00")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[string]*lodging{}
	}
	if l.all[key] == nil {
		l.all[key] = &lodging{below: m.below, conn: m.open}
	}
	return l.all[key]
}

// clear removes the folders of hosts that can still be reached, all at once. A run that was cancelled does it too.
func (l *lodgings) clear(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	var wg sync.WaitGroup
	for _, one := range l.all {
		if one.Dir == "" || !one.below.Connected() {
			continue
		}
		wg.Go(func() {
			// What cannot be removed stays: the run is over, and its result does not hang on it.
			_, _ = one.conn.Run(ctx, conn.Command{Line: "rm -rf " + conn.Quote(one.Dir)})
		})
	}
	wg.Wait()
}

// taskFacts is what a program of the content's own is told about its task.
func (c *controller) taskFacts() *module.Task {
	w := c.m.w
	return &module.Task{
		Action: w.task.Action, Diff: w.showsDiffOf(w.task, c.m.env), NoLog: w.hides(w.task, c.m.env), Verbosity: w.r.Verbosity,
		KeepFiles: w.r.KeepFiles, RemoteTmp: c.m.remoteTmp(), Shell: c.m.how.Executable, Var: c.m.variable,
		Lodging: &w.r.lodgings.of(c.m).Lodging,
	}
}

// variable evaluates a variable of the task; what cannot be evaluated is not there.
func (m *machine) variable(name string) (any, bool) {
	return variableIn(m.env, name)
}

func variableIn(env jinja.Env, name string) (any, bool) {
	raw, ok, err := env.Lookup(name)
	if err != nil || !ok {
		return nil, false
	}
	v, err := jinja.Resolve(raw, env)
	if _, omit := v.(value.Omit); err != nil || omit {
		return nil, false
	}
	return v, true
}

// remoteTmp is the folder for temporary files on the host.
func (m *machine) remoteTmp() string {
	if v, ok := m.variable("ansible_remote_tmp"); ok && v != nil {
		return value.Str(v)
	}
	return m.w.r.RemoteTmp
}
