package run

import (
	"path"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
)

// connection resolves how the host of a task, or the one it is delegated to, is reached, and as whom.
func (w *worker) connection(env jinja.Env, delegate string) (vars.Connection, error) {
	k, err := w.wayKeywords(env)
	if err != nil {
		return vars.Connection{}, err
	}
	if delegate != "" {
		k.Host = delegate
		if env, err = w.delegateEnv(env, delegate); err != nil {
			return vars.Connection{}, err
		}
	}
	how, err := vars.ResolveConnection(env, k, w.r.Settings)
	if err != nil {
		return how, err
	}
	how.Password = w.r.bus.secrets.keep(how.Password)
	how.BecomePassword = w.r.bus.secrets.keep(how.BecomePassword)
	return how, nil
}

// wayKeywords evaluates what the task says about the way to its host.
func (w *worker) wayKeywords(env jinja.Env) (vars.ConnectionKeywords, error) {
	t := w.task
	k := vars.ConnectionKeywords{Host: w.host}
	for _, f := range []struct {
		into *any
		from any
	}{
		{&k.Connection, t.Connection}, {&k.RemoteUser, t.RemoteUser}, {&k.Port, t.Port},
		{&k.Become, t.Become}, {&k.BecomeMethod, t.BecomeMethod}, {&k.BecomeUser, t.BecomeUser},
		{&k.BecomeFlags, t.BecomeFlags}, {&k.BecomeExe, t.BecomeExe},
	} {
		v, err := jinja.Resolve(f.from, env)
		if err != nil {
			return k, err
		}
		*f.into = v
	}
	return k, nil
}

// delegateEnv is the environment of the host that a task is delegated to: its own variables, over them those of the task. It is read
// from the snapshot, because a worker may not ask the store. A host that the inventory does not have is an address.
func (w *worker) delegateEnv(env jinja.Env, name string) (jinja.Env, error) {
	own := value.NewMap("inventory_hostname", name)
	for _, m := range append(append([]*value.Map(nil), w.task.Vars...), w.task.OwnVars) {
		own.Merge(m)
	}
	all, _, err := env.Lookup("hostvars")
	if err != nil {
		return nil, err
	}
	if hosts, ok := all.(value.Object); ok {
		host, found, err := hosts.Get(name)
		if err != nil {
			return nil, err
		}
		if of, ok := host.(value.Object); found && ok {
			return &overlay{under: objectEnv{of}, local: own}, nil
		}
	}
	own.Set("ansible_host", name)
	return &overlay{under: objectEnv{noVars{}}, local: own}, nil
}

// delegated adds to a task's variables those that say how the host it is delegated to is reached. They are weaker than what says so of the
// task's own host: only where nobody has given that one an address do arguments see the other's.
func (w *worker) delegated(env jinja.Env, name string) (jinja.Env, error) {
	other, err := w.delegateEnv(env, name)
	if err != nil {
		return nil, err
	}
	way, local := value.NewMap("ansible_host", name), value.NewMap("ansible_host", name)
	if given(env, "ansible_host") {
		local.Delete("ansible_host")
	}
	for _, k := range []string{"ansible_host", "ansible_port", "ansible_user", "ansible_connection"} {
		v, ok, err := other.Lookup(k)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		way.Set(k, v)
		if !given(env, k) {
			local.Set(k, v)
		}
	}
	way.Set("inventory_hostname", name)
	return &overlay{under: env, local: local.Set("ansible_delegated_vars", value.NewMap(name, way))}, nil
}

// given tells whether somebody has given a variable a value, and not the run alone a default.
func given(env jinja.Env, name string) bool {
	switch e := env.(type) {
	case *overlay:
		return e.local.Has(name) || given(e.under, name)
	case *dimmed:
		return given(e.under, name)
	case *vars.Snapshot:
		from, _, ok := e.Origin(name)
		return ok && from != vars.ByDefault
	}
	_, ok, err := env.Lookup(name)
	return ok && err == nil
}

// objectEnv makes an environment of an object's keys.
type objectEnv struct{ of value.Object }

// Lookup asks the object.
func (e objectEnv) Lookup(name string) (any, bool, error) { return e.of.Get(name) }

// noVars is a host of which nothing is known.
type noVars struct{}

// Get has no answer.
func (noVars) Get(any) (any, bool, error) { return nil, false, nil }

// Keys are none.
func (noVars) Keys() []any { return nil }

// way tells a module how the task's host is reached. It is asked of the host's own variables: those of the task show, where it is delegated,
// the address of another.
func (m *machine) way() (*module.Way, error) {
	w := m.w
	own, delegate := m.how, ""
	if w.task.DelegateTo != nil {
		delegate = m.name
		var err error
		if own, err = w.connection(m.env, w.host); err != nil {
			return nil, err
		}
	}
	return &module.Way{
		Here: m.here(), Kind: m.how.Kind, Names: []string{w.host, own.Host}, DelegateTo: delegate, File: m.contentFile,
		Host: own.Host, Port: own.Port, User: own.User, KeyFile: m.how.KeyFile, Args: own.Args, Password: own.Password,
		Become: m.how.Become, BecomeMethod: m.how.BecomeMethod, BecomeUser: m.how.BecomeUser,
	}, nil
}

// contentFile is the absolute path of a file of the content; one that is not there is beside the playbook.
func (m *machine) contentFile(name string) string {
	found, err := m.Controller().Find("files", name)
	if err != nil {
		dir, _ := m.variable("playbook_dir")
		found = path.Join(value.Str(dir), name)
	}
	return m.w.r.Content.Abs(found)
}

// here is the machine that Drydock runs on, with the leave to act that m has and the lock of check mode.
func (m *machine) here() *machine {
	how := vars.Connection{Kind: "local", Host: "localhost"}
	h := &machine{w: m.w, name: "localhost", env: m.env, how: how, vars: m.vars, act: m.act}
	h.below = m.w.r.pool.get(how)
	h.login = conn.Record(h.below, nil, h.recorded)
	h.open = h.login
	if m.w.checks(m.w.task, m.env) {
		h.login = conn.ReadOnly(h.login)
	}
	h.conn = h.login
	return h
}
