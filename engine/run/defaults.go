package run

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds module_defaults: which of them are a task's.

// actionGroups are the groups of modules that module_defaults can name, as far as Drydock has modules in them; a short name is one of Ansible's
// own, which stands for those of the collections.
var actionGroups = map[string][]string{
	"group/kubernetes.core.k8s":  {"k8s", "k8s_exec", "k8s_info", "k8s_log", "k8s_scale", "k8s_service", "k8s_cp", "k8s_drain"},
	"group/kubernetes.core.helm": {"helm", "helm_info", "helm_repository"},
}

// groupsOf are the names of the groups that a module is in, weakest first.
func groupsOf(module string) []string {
	var out []string
	for group, names := range actionGroups {
		short, ok := strings.CutPrefix(module, "kubernetes.core.")
		if !ok || !slices.Contains(names, short) {
			continue
		}
		if strings.HasSuffix(group, ".k8s") {
			out = append(out, "group/k8s", "group/ansible.builtin.k8s")
		}
		out = append(out, group)
	}
	return out
}

// defaults are the arguments that module_defaults gives a task: those of the groups of its module, over them those of the module itself. Of
// several module_defaults that name the same, the innermost counts as a whole. What the task gives itself is not evaluated.
func (w *worker) defaults(env jinja.Env) (*value.Map, error) {
	out := &value.Map{}
	given, err := w.givenDefaults(env)
	if err != nil {
		return nil, err
	}
	for name, raw := range given.All() {
		if w.task.Args.Has(name) {
			continue
		}
		v, err := jinja.Resolve(raw, env)
		if err != nil {
			return nil, unresolved(value.Str(name), err)
		}
		if _, omit := v.(value.Omit); !omit {
			out.Set(name, v)
		}
	}
	return out, nil
}

// givenDefaults are the arguments of defaults as they were written.
func (w *worker) givenDefaults(env jinja.Env) (*value.Map, error) {
	out := &value.Map{}
	if len(w.task.ModuleDefaults) == 0 {
		return out, nil
	}
	spec := w.task.Module.Spec()
	names := append(groupsOf(spec.Name), spec.Name)
	if spec.Name == "ansible.builtin.gather_facts" {
		names = append([]string{"ansible.builtin.setup"}, names...) // what it calls
	}
	for _, name := range names {
		for _, d := range slices.Backward(w.task.ModuleDefaults) {
			m, ok := d.(*value.Map)
			if !ok || !m.Has(name) {
				continue
			}
			v := m.Value(name)
			if t, ok := v.(*jinja.Template); ok { // all of them at once
				var err error
				if v, err = t.Eval(env); err != nil {
					return nil, unresolved("module_defaults", err)
				}
			}
			if args, ok := v.(*value.Map); ok {
				out.Merge(args)
			}
			break
		}
	}
	return out, nil
}
