package module

import (
	"fmt"
	"sort"
	"strings"
)

// Registry is a set of modules by name. It is filled at start-up and only read afterwards.
type Registry struct {
	byName  map[string]Module
	modules []Module
}

// NewRegistry makes a registry of modules. It panics if two have one name: a programmer's mistake, at start-up.
func NewRegistry(ms ...Module) *Registry {
	r := &Registry{byName: map[string]Module{}}
	for _, m := range ms {
		r.modules = append(r.modules, m)
		for _, name := range append([]string{m.Spec().Name}, m.Spec().Aliases...) {
			r.add(name, m)
		}
	}
	return r
}

func (r *Registry) add(name string, m Module) {
	if _, ok := r.byName[name]; ok {
		panic("module " + name + " is registered twice")
	}
	r.byName[name] = m
	for _, prefix := range []string{"ansible.builtin.", "drydock.core."} {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			if _, taken := r.byName[short]; taken {
				panic("module " + short + " is registered twice")
			}
			r.byName[short] = m
			r.byName["ansible.legacy."+short] = m
		}
	}
}

// Lookup finds a module by its full name or, for ansible.builtin and our own, its short one. Short names of other collections, once
// part of Ansible itself (k8s, k8s_info), are found too.
func (r *Registry) Lookup(name string) (Module, bool) {
	if m, ok := r.byName[name]; ok {
		return m, true
	}
	if strings.Contains(name, ".") {
		return nil, false
	}
	for _, collection := range []string{"kubernetes.core.", "ansible.posix.", "community.general."} {
		if m, ok := r.byName[collection+name]; ok {
			return m, true
		}
	}
	return nil, false
}

// All returns every module once, by name.
func (r *Registry) All() []Module {
	out := append([]Module(nil), r.modules...)
	sort.Slice(out, func(i, j int) bool { return out[i].Spec().Name < out[j].Spec().Name })
	return out
}

// Names returns every name that Lookup knows, sorted: for suggestions.
func (r *Registry) Names() []string {
	out := make([]string, 0, len(r.byName))
	for name := range r.byName {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// ParamOf finds a parameter by its name or an alias.
func ParamOf(m Module, name string) (Param, bool) {
	for _, p := range m.Params() {
		if p.Name == name {
			return p, true
		}
		for _, a := range p.Aliases {
			if a == name {
				return p, true
			}
		}
	}
	return Param{}, false
}

// CheckRequired names the required parameters that are missing among the given argument names.
func CheckRequired(m Module, given map[string]bool) error {
	for _, p := range m.Params() {
		ok := !p.Required || given[p.Name]
		for _, a := range p.Aliases {
			ok = ok || given[a]
		}
		if !ok {
			return fmt.Errorf("missing required arguments: %s", p.Name)
		}
	}
	return nil
}
