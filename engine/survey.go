package engine

import (
	"errors"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/export"
	"github.com/drydock-dev/drydock/engine/vars"
)

// Survey reads inventories and what is said about their hosts, without a playbook: for those who want to look, not to run. BaseDir of the
// options is the folder whose group_vars and host_vars count as a playbook's would; empty: the working directory.
func Survey(o Options) (*Job, diag.List) {
	j := newJob(o)
	ds := j.readInventory()
	if ds.HasErrors() {
		return j, ds
	}
	ds.Add(j.flushCache()...)
	j.magic = j.runMagic()
	var more diag.List
	j.store, more = vars.NewStore(j.Inventory, vars.Options{
		Lang: j.lang, Tree: j.tree, Config: o.Config, ExtraVars: j.extras, HashMerge: o.Config.HashBehaviour == "merge",
		InjectFacts: o.Config.InjectFacts, PlaybookDirs: []string{j.baseDir()},
	})
	ds.Add(more...)
	return j, ds
}

func (j *Job) baseDir() string {
	if j.BaseDir == "" {
		return j.Machine.Cwd
	}
	return j.tree.Abs(j.BaseDir)
}

// Exporter writes the inventory; own asks for each group's and host's own variables only.
func (j *Job) Exporter(own bool) *export.Exporter {
	return &export.Exporter{Inventory: j.Inventory, Vars: j.store, Limit: j.limit, Dir: j.baseDir(), DirNamed: j.BaseDir != "", Own: own}
}

// ErrNotOneHost says that a pattern that must name one host names none or several.
var ErrNotOneHost = errors.New("you must pass a single valid host to --host parameter")

// OneHost returns the one host that a pattern stands for, whatever the limit says.
func (j *Job) OneHost(pattern string) (string, error) {
	names, _, err := j.Inventory.Match(pattern)
	if err == nil && len(names) != 1 {
		err = ErrNotOneHost
	}
	if err != nil {
		return "", err
	}
	return names[0], nil
}

// Trails are the variables of a host and, for each, the places that give it a value, the strongest first; locked is the file of variables that
// stays shut for want of a password.
func (j *Job) Trails(host string) (names []string, trails map[string][]vars.Said, locked error) {
	names, trails = j.store.Trails(host, j.baseDir())
	if e := j.store.Locked(host, j.baseDir()); e != nil {
		locked = e
	}
	return names, trails, locked
}
