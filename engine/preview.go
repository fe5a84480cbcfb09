package engine

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/pace"
	"github.com/drydock-dev/drydock/engine/preview"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/value"
)

// Preview looks at all that the job would disrupt and says what it would come to. Nothing is changed, on no host, in no cluster and not on the
// machine that Drydock runs on. A job that has made a preview is not run: it has learned what a run would find out in its own time.
func (j *Job) Preview(ctx context.Context, sink event.Sink) (preview.Preview, error) {
	defer j.clients.Close()
	defer j.plugins.Close()
	j.looking = true
	setup, ok := j.Registry.Lookup("ansible.builtin.setup")
	if !ok {
		panic("there is no module setup")
	}
	scout := run.NewScout(j.runOptions(sink, nil))
	defer scout.Close()
	turns, err := turnsOf(scout)
	if err != nil {
		return preview.Preview{}, err
	}
	var hosts []string
	for _, h := range j.Inventory.Hosts() {
		hosts = append(hosts, h.Name)
	}
	o := preview.Options{Turns: turns, Setup: setup, Hosts: hosts, Forks: j.Forks, Now: j.clock().Now, Past: j.past, Held: j.held}
	if o.Guard, err = guard.New(j.looked()); err != nil {
		return preview.Preview{}, err
	}
	if j.Settings != nil {
		o.Windows = j.Settings.Windows
	}
	p, err := preview.Look(ctx, o)
	if err != nil {
		return p, err
	}
	if o.Guard.Mode() == guard.Off {
		p.Notes = append(p.Notes, unguarded)
	}
	p.Asked = j.asked()
	p.Files = j.files()
	p.Hosts = hosts
	return p, nil
}

// looked is the guard of a plan, which is never asked for leave. One that is off is asked all the same: the plan says what it would have found.
func (j *Job) looked() guard.Config {
	if j.Guard == nil {
		return guard.Config{}
	}
	return *j.Guard
}

// held tells what a run would wait for before hosts, if it came to them now.
func (j *Job) held(ctx context.Context, hosts []string, site guard.Site) (by []string, why string, err error) {
	h, err := j.pace().Now(ctx, pace.Ahead{Hosts: hosts, Site: site})
	return h.By, h.Why, err
}

// turnsOf are the hosts of a run in their order, as a preview sees them.
func turnsOf(scout *run.Scout) ([]preview.Turn, error) {
	legs, err := scout.Legs()
	if err != nil {
		return nil, err
	}
	var out []preview.Turn
	batch := 0
	for _, leg := range legs {
		for _, hosts := range leg.Batches {
			batch++
			for _, h := range hosts {
				out = append(out, turn(scout, leg, batch, h))
			}
		}
	}
	return out, nil
}

func turn(scout *run.Scout, leg *run.Leg, batch int, host string) preview.Turn {
	return preview.Turn{
		Play: leg.Name, Batch: batch, Host: host,
		Site: leg.Site(host),
		Learn: func(facts *value.Map) error {
			scout.Learn(host, facts)
			return leg.Begin(host)
		},
		Prospects: func(wants func(module.Module) bool) (out []preview.Prospect, unread []string) {
			found, unread := leg.Prospects(host, wants)
			for _, p := range found {
				out = append(out, preview.Prospect{
					Task: p.Ref.Name, Module: p.Module, Args: p.Args, Unknown: p.Unknown, Sure: p.Sure, Disruption: p.Disruption, Open: p.Open,
				})
			}
			return out, unread
		},
	}
}

func (j *Job) clock() module.Clock {
	if j.Machine.Clock == nil {
		return module.RealClock{}
	}
	return j.Machine.Clock
}

// nodeTime is the subject under which runs keep how long a node takes as a whole.
const nodeTime = "node"

// past is what was measured of a host in earlier runs.
func (j *Job) past(host string) (nodes, reboots []time.Duration) {
	if j.Machine.Learned == nil {
		return nil, nil
	}
	return j.Machine.Learned.Past(host, nodeTime), j.Machine.Learned.Past(host, "reboot")
}

// asked is the command line as far as it decides what a run does. Of extra variables only the names are told: their values may be secrets.
func (j *Job) asked() preview.Asked {
	a := preview.Asked{
		Playbooks: j.Playbooks, Inventory: j.Inventory.Sources(), Limit: j.Limit, Tags: j.Tags, SkipTags: j.SkipTags,
	}
	for _, name := range j.extras.Keys() {
		a.ExtraVars = append(a.ExtraVars, value.Str(name))
	}
	slices.Sort(a.ExtraVars)
	return a
}

// files are those that were read, named from the working directory where they lie below it.
func (j *Job) files() []preview.File {
	var out []preview.File
	for _, u := range j.Used() {
		name := u.Path
		if rel, err := filepath.Rel(j.Machine.Cwd, j.tree.Abs(name)); err == nil && !strings.HasPrefix(rel, "..") {
			name = rel
		}
		out = append(out, preview.File{Name: name, Origin: u.Origin, SHA256: u.SHA256})
	}
	slices.SortFunc(out, func(a, b preview.File) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b preview.File) bool { return a.Name == b.Name })
}
