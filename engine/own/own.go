// Package own finds modules of the content's own (library/ beside a playbook or in a role, configured folders, collections) and calls them
// on hosts by Ansible's protocol, whatever language they are written in.
//
// A module is brought to a host once a run, into a folder that only its user can read; each call brings the arguments alone. Modules that
// import ansible.module_utils get ours, from python/: small, written for Drydock, since a host seldom has Ansible's. What the content has
// in module_utils/ lies beside it under the names that Ansible gives it.
package own

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// program is one module of the content's own.
type program struct {
	name  string // as Ansible calls it: the file's name without its ending, or namespace.collection.name
	path  string // absolute, on the controller
	body  []byte
	style style
	utils *utils // what Python modules may import
}

// Spec lets every argument through: only the module itself knows what it takes.
func (p *program) Spec() module.Spec {
	return module.Spec{Name: p.name, Doc: "A module of the content's own: " + p.path + ".", AnyArgs: true}
}

// Params are not known.
func (p *program) Params() []module.Param { return nil }

// Plan leaves everything to the module, check mode too.
func (p *program) Plan(_ context.Context, v module.View, args *value.Map) (module.Plan, error) {
	service, err := v.Controller().Service(module.TaskKey{})
	if err != nil {
		return module.Plan{}, err
	}
	task := service.(*module.Task)
	return module.Foreign(func(ctx context.Context, h module.Host, check bool) (module.Result, error) {
		c := &call{program: p, host: h, task: task, check: check}
		return c.run(ctx, args)
	}), nil
}

// leaf is the last word of a name.
func leaf(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// baseName is a file's name without its ending.
func baseName(file string) string {
	base := path.Base(file)
	return strings.TrimSuffix(base, path.Ext(base))
}
