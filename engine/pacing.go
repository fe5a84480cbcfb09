package engine

import (
	"path"
	"slices"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/pace"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/settings"
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
	return pace.New(pace.Options{Settings: s, Clock: clock, Learned: j.Machine.Learned, Wait: j.Wait, Cluster: pace.FindCluster(s.Kubeconfig)})
}

// hooks names the hooks around a disruption of a host.
func (j *Job) hooks(kind module.Disrupting, lookup func(string) (any, bool)) (before, after string, err error) {
	own, mistakes := j.settings().For(lookup)
	if err := mistakes.Err(); err != nil {
		return "", "", err
	}
	h := own.Hooks
	switch kind {
	case module.Drain:
		return j.hook(h.PreDrain), j.hook(h.PostDrain), nil
	case module.Reboot:
		return j.hook(h.PreReboot), j.hook(h.PostReboot), nil
	case module.Uncordon:
		return "", j.hook(h.PostUncordon), nil
	}
	return "", "", nil
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
