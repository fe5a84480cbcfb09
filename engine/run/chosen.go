package run

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/jinja"
)

// This file holds tasks whose module is a template: `action: "{{ ansible_pkg_mgr }} name=x"`.

// choose is the worker for the task with the module that its action names for this host.
func (w *worker) choose(env jinja.Env) (*worker, error) {
	name, err := w.textIn(w.task.Chosen, env)
	if err != nil {
		return nil, fmt.Errorf("Error processing keyword 'action': %w", err)
	}
	m, ok := w.r.Compiler.ModuleFor(name, w.task)
	if !ok {
		return nil, fmt.Errorf("couldn't resolve module/action '%s'. This often indicates a misspelling, missing collection, or incorrect module path.", name)
	}
	t := *w.task
	t.Module, t.Action = m, name
	chosen := *w
	chosen.task, chosen.ref.Action = &t, name
	return &chosen, nil
}
