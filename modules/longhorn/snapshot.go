package longhorn

// longhorn_snapshot: a snapshot of every volume in use, and the older ones of the same owner removed.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Snapshot takes snapshots of volumes.
var Snapshot = module.Define(module.Spec{
	Name:  "drydock.core.longhorn_snapshot",
	Doc:   "Take a snapshot of every attached Longhorn volume, wait until it can be used, and remove older ones that were taken by the same owner.",
	Lacks: kube.Lacks(),
}, planSnapshot)

type snapshotArgs struct {
	kube.Access
	Place
	Name    string   `arg:"name" doc:"Snapshots are called NAME-VOLUME; those that are there already are not taken again. Without it each call takes new ones, called OWNER-VOLUME-TIME."`
	Volumes []string `arg:"volumes" doc:"Only these volumes, each of which must be attached."`
	Node    string   `arg:"node" doc:"Only volumes that are in use on this node."`
	Owner   string   `arg:"owner,default=drydock" doc:"Who takes them: the value of their label drydock.dev/taken-by."`
	Keep    int      `arg:"keep,default=0" doc:"How many snapshots of this owner stay of each volume, the newest; 0: all."`
	Timeout int      `arg:"timeout,default=300" doc:"Seconds for all of them to be ready."`
}

// snapping is what is to be done.
type snapping struct {
	args  snapshotArgs
	names map[string]string // of the snapshot of each volume
	take  []string          // volumes whose snapshot is not there yet
	wait  []string          // volumes whose snapshot is there or will be, ready or not
	prune []kube.Snapshot
}

func planSnapshot(ctx context.Context, v module.View, a snapshotArgs) (module.Plan, error) {
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault)), nil
	}
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	s, err := kube.ReadStorage(ctx, r, a.Namespace)
	if err != nil {
		return failed(ctx, err)
	}
	volumes, why := a.choose(s)
	if why != "" {
		return module.Done(module.Fail("%s", why)), nil
	}
	have, err := kube.Snapshots(ctx, r, a.Namespace, a.Owner)
	if err != nil {
		return failed(ctx, err)
	}
	job := a.decide(volumes, have, module.ClockOf(v.Controller()).Now())
	if job.idle(have) {
		return module.Done(job.result()), nil
	}
	return module.Change(job.diff(have), job.carryOut).Predicting(job.result()), nil
}

// fault is what is wrong with the arguments; empty: nothing.
func (a snapshotArgs) fault() string {
	for key, text := range map[string]string{"name": a.Name, "owner": a.Owner} {
		if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || strings.Trim(text, "-.") != text || len(text) > 63 {
			return fmt.Sprintf("%s: %q is no name: it may have small letters, digits, - and ., and up to 63 of them", key, text)
		}
	}
	if a.Owner == "" {
		return "owner must not be empty"
	}
	return ""
}

// choose picks the volumes, by name; why says which of those asked for cannot be had.
func (a snapshotArgs) choose(s kube.Storage) (volumes []string, why string) {
	missing := slices.Clone(a.Volumes)
	for _, v := range s.Volumes {
		asked := slices.Contains(a.Volumes, v.Name)
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == v.Name })
		if len(a.Volumes) > 0 && !asked || a.Node != "" && v.Status.CurrentNodeID != a.Node {
			continue
		}
		can, cannot := kube.Snapshotable(v)
		switch {
		case can:
			volumes = append(volumes, v.Name)
		case asked:
			return nil, fmt.Sprintf("volume %s cannot be snapshotted: %s", v.Name, cannot)
		}
	}
	if len(missing) > 0 {
		return nil, "no such volume: " + strings.Join(missing, ", ")
	}
	slices.Sort(volumes)
	return volumes, ""
}

// decide compares what there is with what is to be. Ready snapshots count for keep, and what is older than the last of them goes.
func (a snapshotArgs) decide(volumes []string, have []kube.Snapshot, now time.Time) snapping {
	j := snapping{args: a, names: map[string]string{}, wait: volumes}
	for _, v := range volumes {
		j.names[v] = a.nameOf(v, now)
		named := func(s kube.Snapshot) bool { return s.Name == j.names[v] && s.Volume == v && !s.Ending }
		kept := 1 // the one of this task
		if !slices.ContainsFunc(have, named) {
			j.take = append(j.take, v)
		}
		for _, s := range have {
			switch {
			case s.Volume != v || s.Ending || named(s):
			case a.Keep > 0 && kept >= a.Keep:
				j.prune = append(j.prune, s)
			case s.Ready:
				kept++
			}
		}
	}
	return j
}

func (a snapshotArgs) nameOf(volume string, now time.Time) string {
	if a.Name != "" {
		return a.Name + "-" + volume
	}
	return a.Owner + "-" + volume + "-" + now.UTC().Format("20060102-150405")
}

// idle tells whether nothing is left to do: every snapshot is there and ready.
func (j snapping) idle(have []kube.Snapshot) bool {
	return len(j.take) == 0 && len(j.prune) == 0 && len(j.unready(have)) == 0
}

// unready says of each snapshot that is not ready why.
func (j snapping) unready(have []kube.Snapshot) []string {
	var out []string
	for _, v := range j.wait {
		i := slices.IndexFunc(have, func(s kube.Snapshot) bool { return s.Name == j.names[v] })
		switch {
		case i < 0:
			out = append(out, "snapshot "+j.names[v]+" of volume "+v+": it is gone, or somebody else has taken it")
		case have[i].Error != "":
			out = append(out, "snapshot "+j.names[v]+" of volume "+v+": "+have[i].Error)
		case !have[i].Ready:
			out = append(out, "snapshot "+j.names[v]+" of volume "+v+": not ready")
		}
	}
	return out
}

// settled tells that waiting longer changes nothing: each snapshot is ready, or has an error.
func (j snapping) settled(have []kube.Snapshot) bool {
	for _, v := range j.wait {
		i := slices.IndexFunc(have, func(s kube.Snapshot) bool { return s.Name == j.names[v] })
		if i >= 0 && have[i].Error == "" && !have[i].Ready {
			return false
		}
	}
	return true
}

// carryOut takes the snapshots, waits for all of them, and only then removes older ones.
func (j snapping) carryOut(ctx context.Context, h module.Host) (module.Result, error) {
	c, err := kube.Open(ctx, h, j.args.Access)
	if err != nil {
		return broken(ctx, err)
	}
	for _, v := range j.take {
		if err := kube.TakeSnapshot(ctx, c, j.args.Namespace, j.args.Owner, j.names[v], v); err != nil && !kube.AlreadyExists(err) {
			return broken(ctx, fmt.Errorf("snapshot %s of volume %s: %w", j.names[v], v, err))
		}
	}
	h.Progress(fmt.Sprintf("waiting for %d snapshots to be ready", len(j.wait)))
	var last []kube.Snapshot
	_, err = kube.AwaitSnapshots(ctx, c, j.args.Namespace, j.args.Owner, time.Duration(j.args.Timeout)*time.Second, func(list []kube.Snapshot) bool {
		last = list
		return j.settled(list)
	})
	if err != nil {
		return broken(ctx, err)
	}
	if bad := j.unready(last); len(bad) > 0 {
		r := module.Fail("after up to %d s: %s", j.args.Timeout, strings.Join(bad, "; "))
		r.Changed = len(j.take) > 0
		return r, nil
	}
	for _, s := range j.prune {
		if err := kube.DropSnapshot(ctx, c, j.args.Namespace, s); err != nil {
			return broken(ctx, fmt.Errorf("remove snapshot %s: %w", s.Name, err))
		}
	}
	r := j.result()
	r.Changed = len(j.take) > 0 || len(j.prune) > 0
	return r, nil
}

// broken makes of an error while acting a failed result, or leaves it an error, as failed does for a plan.
func broken(ctx context.Context, err error) (module.Result, error) {
	p, err := failed(ctx, err)
	return p.Result(), err
}

func (j snapping) result() module.Result {
	list, gone := []any{}, []any{}
	for _, v := range j.wait {
		list = append(list, value.NewMap("name", j.names[v], "volume", v, "taken", slices.Contains(j.take, v)))
	}
	for _, s := range j.prune {
		gone = append(gone, s.Name)
	}
	return module.Result{}.With("longhorn", true).With("snapshots", list).With("removed", gone)
}

// diff lists the owner's snapshots of these volumes before and after.
func (j snapping) diff(have []kube.Snapshot) module.Diff {
	var before, after []string
	for _, s := range have {
		if !slices.Contains(j.wait, s.Volume) || s.Ending {
			continue
		}
		before = append(before, s.Name)
		if !slices.Contains(j.prune, s) {
			after = append(after, s.Name)
		}
	}
	for _, v := range j.take {
		after = append(after, j.names[v])
	}
	return module.Text(lines(before), lines(after))
}

func lines(names []string) string {
	slices.Sort(names)
	out := ""
	for _, n := range names {
		out += n + "\n"
	}
	return out
}
