package engine

import (
	"path"
	"slices"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/pace"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/settings"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what drydock.yml and variables of hosts say about when nodes are taken out of service, and what stands around that.

// settings are those of the file, else the defaults: hosts may say their own by variables.
func (j *Job) settings() *settings.Settings {
	if j.Settings == nil {
		return settings.Default()
	}
	return j.Settings
}

// between is what decides when the next hosts may be taken out of service.
func (j *Job) between() run.Between { return j.pace() }

func (j *Job) pace() *pace.Pace {
	clock := j.Machine.Clock
	if clock == nil {
		clock = module.RealClock{}
	}
	s := j.settings()
	return pace.New(pace.Options{Settings: s, Clock: clock, Learned: j.Machine.Learned, Wait: j.Wait, Own: j.ownSaid(settings.HostVars()...), Cluster: pace.FindCluster(s.Kubeconfig)})
}

// ownSaid tells whether one of the variables by which hosts say their own settings is written in inventory, files, command line, plays or the
// roles that they name: if none is, hosts need not be asked one by one.
func (j *Job) ownSaid(names ...string) bool {
	has := func(m *value.Map) bool { return slices.ContainsFunc(names, func(n string) bool { return m.Has(n) }) }
	for _, pb := range j.Program.Playbooks {
		for _, p := range pb.Plays {
			inRole := func(r *program.Role) bool { return has(r.Defaults) || has(r.Vars) || has(r.Params) }
			if has(p.PlayVars) || len(p.VarsFiles) > 0 || slices.ContainsFunc(p.Used, inRole) {
				return true
			}
		}
	}
	for _, dir := range j.playbookDirs() {
		for _, h := range j.Inventory.Hosts() {
			if j.store.Says(h.Name, dir, names...) {
				return true
			}
		}
	}
	return has(j.extras)
}

// anyHooks is hooks, nil where nothing names one: nothing is asked then before each task.
func (j *Job) anyHooks() run.Hooks {
	if j.settings().Hooks == (settings.Hooks{}) && !j.ownSaid(settings.HostVar+"hooks") {
		return nil
	}
	return j.hooks
}

// hooks are those of a host: what its variables say over what drydock.yml does.
func (j *Job) hooks(lookup func(string) (any, bool)) (around func(module.Disrupting) (before, after string), err error) {
	h := j.settings().Hooks
	if _, own := lookup(settings.HostVar + "hooks"); own {
		said, mistakes := j.settings().For(lookup)
		if err := mistakes.Err(); err != nil {
			return nil, err
		}
		h = said.Hooks
	}
	if h == (settings.Hooks{}) {
		return nil, nil
	}
	return func(kind module.Disrupting) (before, after string) {
		switch kind {
		case module.Drain:
			return j.hook(h.PreDrain), j.hook(h.PostDrain)
		case module.Reboot:
			return j.hook(h.PreReboot), j.hook(h.PostReboot)
		case module.Uncordon:
			return "", j.hook(h.PostUncordon)
		}
		return "", ""
	}, nil
}

// hook is the path of a hook, which is relative to the folder of drydock.yml.
func (j *Job) hook(file string) string {
	if file == "" || path.IsAbs(file) {
		return file
	}
	return path.Join(path.Dir(j.settings().Path), file)
}

// checkSettings tells what can only be seen here of what drydock.yml says.
func (j *Job) checkSettings() diag.List {
	ds := j.checkHooks()
	for _, selector := range j.settings().BlockingPods {
		if err := kube.CheckSelector(selector); err != nil {
			ds.Addf(diag.Span{Pos: diag.Pos{File: j.settings().Path}}, "blocking_pod_selectors: %q is no label selector: %v", selector, err)
		}
	}
	return ds
}

// checkHooks reads the hooks that drydock.yml names, so that their mistakes are found before a host is touched.
func (j *Job) checkHooks() diag.List {
	var ds diag.List
	h := j.settings().Hooks
	for _, pb := range j.Program.Playbooks {
		for _, p := range pb.Plays[:min(1, len(pb.Plays))] {
			for _, file := range slices.Compact([]string{h.PreDrain, h.PostDrain, h.PreReboot, h.PostReboot, h.PostUncordon}) {
				if file == "" {
					continue
				}
				_, mistakes := j.compiler.Hook(p, j.hook(file))
				for _, d := range mistakes {
					d.Notes = append(d.Notes, "a hook of "+j.settings().Path)
					ds.Add(d)
				}
			}
		}
	}
	return ds.Sorted()
}
