package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
)

func (a *app) rehearseVerb() verb {
	return verb{
		name: "rehearse", args: "PLAYBOOK...", usage: "carry playbooks out on a simulated cluster made to your inventory, with every fault in turn; nothing of yours is touched",
		flags: rehearseFlags(), run: a.rehearse,
	}
}

func rehearseFlags() []cli.Flag {
	return slices.Concat(subjects(), []cli.Flag{
		list("fault", "only with this fault, `NAME[=ON][@EVENT]`; none: without any; help lists them (again for more, one after the other)"),
		text("guard", "whether nodes of clusters are guarded: auto, require or off (`HOW`)"),
		list("accept", "let a finding of the guard pass: `CHECK` or CHECK=SUBJECT (again for more)"),
		on("like-cluster", "make the cluster like the live one: its nodes, workloads, budgets and volumes are read, nothing is written"),
		text("seed", "of all that is random (`N`; default 1)"),
		text("output", "`FORM`: table or json"),
	}, connection(), loading(), vaultFlags())
}

// rehearsal is a playbook on its way through the faults.
type rehearsal struct {
	*app
	options engine.Options
	spec    twin.Spec
	hosts   []string // of the inventory that are nodes
	dir     string   // for keys
	scripts printed
	configs []string // where a kubeconfig is looked for on this machine
}

// rehearse makes a twin of the inventory for each fault and tells what the playbook does to it.
func (a *app) rehearse(ctx context.Context, c *cli.Context) error {
	form := first(c.String("output"), "table")
	if form != "table" && form != "json" {
		return &exit{exitUsage, fmt.Errorf("--output: %q is neither table nor json", form)}
	}
	faults, helped, err := a.rehearsed(c)
	if helped || err != nil {
		return err
	}
	if c.NArg() == 0 {
		return &exit{exitUsage, fmt.Errorf("which playbook? drydock rehearse [options] PLAYBOOK...; see --help")}
	}
	r, err := a.prepare(ctx, c)
	if err != nil {
		return err
	}
	defer os.RemoveAll(r.dir)
	told := r.reporter(form)
	told.begin(r, len(faults))
	rows, err := r.each(ctx, faults, told.row)
	if err != nil {
		return err
	}
	if err := told.end(rows); err != nil {
		return err
	}
	if slices.ContainsFunc(rows, func(o outcome) bool { return o.Outcome == harm }) {
		return &exit{code: exitUsage}
	}
	return nil
}

// each rehearses with each fault, as many at a time as the machine has processors, and tells the rows in their order.
func (r *rehearsal) each(ctx context.Context, faults []*twin.Fault, tell func(outcome)) ([]outcome, error) {
	type end struct {
		row outcome
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	soft, _, done := r.stop()
	defer done()
	go func() {
		select {
		case <-soft:
			cancel()
		case <-ctx.Done():
		}
	}()
	ends := make([]chan end, len(faults))
	slots := make(chan struct{}, runtime.NumCPU())
	for i, f := range faults {
		ends[i] = make(chan end, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			row, err := r.once(ctx, f)
			ends[i] <- end{row, err}
		}()
	}
	var rows []outcome
	for _, c := range ends {
		e := <-c
		if e.err != nil {
			return rows, e.err
		}
		rows = append(rows, e.row)
		tell(e.row)
	}
	return rows, nil
}

// rehearsed are the faults that were asked for, else none and then each that there is.
func (a *app) rehearsed(c *cli.Context) (out []*twin.Fault, helped bool, err error) {
	asked := c.StringSlice("fault")
	if len(asked) == 0 {
		out = append(out, nil)
		for _, d := range twin.Faults() {
			out = append(out, &twin.Fault{Name: d.Name})
		}
		return out, false, nil
	}
	for _, text := range asked {
		switch text {
		case "help":
			a.listFaults()
			return nil, true, nil
		case "none":
			out = append(out, nil)
			continue
		}
		f, err := twin.ParseFault(text)
		if err != nil {
			return nil, false, &exit{exitUsage, fmt.Errorf("--fault: %w; --fault help lists them", err)}
		}
		out = append(out, &f)
	}
	return out, false, nil
}

// prepare reads the user's content and makes of it what the twin is to be.
func (a *app) prepare(ctx context.Context, c *cli.Context) (*rehearsal, error) {
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return nil, err
	}
	o, err := a.options(c, cfg)
	if err != nil {
		return nil, err
	}
	seed, err := number(c, "seed", 1)
	if err != nil {
		return nil, err
	}
	r := &rehearsal{app: a, options: o}
	r.options.Machine.Learned, r.options.Machine.Terminal, r.options.Confirm, r.options.FlushCache = nil, nil, nil, false
	if cache := o.Machine.FactCache; cache != nil {
		r.options.Machine.FactCache = remembered{cache}
	}
	r.settle(cfg)
	r.options.Instead = &engine.Instead{Refuse: unrehearsed, Script: r.scripts.once} // nothing else is run while the content is read either
	job, ds := engine.Load(r.options)
	if err := a.tell(ds); err != nil {
		return nil, err
	}
	if r.spec, err = likeness(job); err != nil {
		return nil, &exit{exitError, err}
	}
	r.spec.Seed, r.spec.Controller = uint64(seed), true
	r.configs = r.kubeconfigs(job)
	if c.Bool("like-cluster") {
		if err := r.likeCluster(ctx, o); err != nil {
			return nil, err
		}
	}
	for _, n := range r.spec.Nodes {
		if n.Role != twin.Alone && job.Inventory.Host(n.Name) != nil {
			r.hosts = append(r.hosts, n.Name)
		}
	}
	r.dir, err = os.MkdirTemp("", "drydock-rehearse-")
	return r, err
}

// printed is what inventory scripts have printed: each is run once for all rehearsals.
type printed struct {
	mu   sync.Mutex
	said map[string]answered
}

type answered struct {
	stdout, stderr []byte
	err            error
}

func (p *printed) once(key string, run func() ([]byte, []byte, error)) ([]byte, []byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.said[key]
	if !ok {
		a.stdout, a.stderr, a.err = run()
		if p.said == nil {
			p.said = map[string]answered{}
		}
		p.said[key] = a
	}
	return a.stdout, a.stderr, a.err
}

// settle takes out of the settings what would make a rehearsal wait for the world: windows of maintenance, alerts of a Prometheus.
func (r *rehearsal) settle(cfg *config.Config) {
	if r.options.Settings != nil {
		s := *r.options.Settings
		s.Windows, s.Prometheus.URL = nil, nil
		r.options.Settings = &s
	}
	quiet := *cfg
	quiet.LogPath, quiet.RetryFiles = "", false
	r.options.Config = &quiet
}

// remembered are facts that earlier runs kept, to be read only.
type remembered struct{ vars.FactCache }

// Keep keeps nothing.
func (remembered) Keep(string, *value.Map) error { return nil }

// Forget forgets nothing.
func (remembered) Forget(string) error { return nil }

// kubeconfigs are the files of this machine in which content may look for the cluster: those of the environment, of variables that are called so,
// and the usual ones.
func (r *rehearsal) kubeconfigs(job *engine.Job) []string {
	paths := map[string]bool{filepath.Join(r.home, ".kube/config"): true, "/root/.kube/config": true, "/home/ops/.kube/config": true, "/etc/rancher/k3s/k3s.yaml": true}
	add := func(text string) {
		for _, p := range filepath.SplitList(text) {
			if rest, ok := strings.CutPrefix(p, "~/"); ok {
				p = filepath.Join(r.home, rest)
			}
			if p != "" && !strings.ContainsAny(p, "\n{") {
				paths[r.at(p)] = true
			}
		}
	}
	for _, name := range []string{"KUBECONFIG", "K8S_AUTH_KUBECONFIG"} {
		text, _ := r.getenv(name)
		add(text)
	}
	for _, h := range job.Inventory.Hosts() {
		for _, name := range job.Known(h.Name) {
			if !strings.Contains(strings.ToLower(name), "kubeconfig") {
				continue
			}
			if v, ok := job.Var(h.Name, name); ok {
				if text, ok := v.(string); ok {
					add(text)
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(paths))
}
