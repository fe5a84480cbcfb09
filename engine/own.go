package engine

import (
	"github.com/drydock-dev/drydock/engine/own"
)

// ownModules finds modules of the content's own: the command line's folders come before those of ansible.cfg.
func (j *Job) ownModules() *own.Library {
	var dirs []string
	for _, dir := range append(append([]string(nil), j.ModulePath...), j.Config.ModulePath...) {
		dirs = append(dirs, j.tree.Abs(dir))
	}
	return own.New(own.Options{
		Files: j.tree, Modules: dirs, Utils: j.Config.ModuleUtilsPath, Collections: j.Config.CollectionsPath, Python: j.Config.InterpreterPython,
	})
}
