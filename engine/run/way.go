package run

import (
	"github.com/drydock-dev/drydock/engine/jinja"
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

// delegated puts over a task's variables those that say how the host it is delegated to is reached: arguments see that host's address.
func (w *worker) delegated(env jinja.Env, name string) (jinja.Env, error) {
	other, err := w.delegateEnv(env, name)
	if err != nil {
		return nil, err
	}
	way := value.NewMap("ansible_host", name)
	for _, k := range []string{"ansible_host", "ansible_port", "ansible_user", "ansible_connection"} {
		v, ok, err := other.Lookup(k)
		if err != nil {
			return nil, err
		}
		if ok {
			way.Set(k, v)
		}
	}
	local := way.Clone()
	way.Set("inventory_hostname", name)
	return &overlay{under: env, local: local.Set("ansible_delegated_vars", value.NewMap(name, way))}, nil
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
