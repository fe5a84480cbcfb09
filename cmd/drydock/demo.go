package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/preview"
	"github.com/drydock-dev/drydock/engine/settings"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/modules"
)

// demoSpeed is how fast the clock of a demonstration runs: slow enough to be followed, quick enough for a coffee's first sip.
const demoSpeed = 100

func (a *app) demoVerb() verb {
	return verb{
		name: "demo", usage: "maintain a simulated K3s cluster with Longhorn before your eyes, in this process",
		flags: []cli.Flag{
			list("fault", "let a fault loose: `NAME[=ON][@EVENT]`; help lists them (again for more)"),
			text("speed", "how many times as fast as real the clock runs (`N`, 1 to 1000; default 100)"),
			text("seed", "of all that is random (`N`; default 1)"),
			text("servers", "how many servers the cluster has (`N`; default 3)"),
			text("agents", "how many agents the cluster has (`N`; default 3)"),
			text("output", "`FORM` of the run: cluster (what happens to it), or those of drydock run"),
			text("guard", "whether the guard is asked: auto, require or off (`HOW`)"),
			list("accept", "let a finding of the guard pass: `CHECK` or CHECK=SUBJECT (again for more)"),
			on("keep", "leave inventory, key and kubeconfig behind"),
			on("hold", "wait for Enter at the end, with the cluster up: look at it with kubectl and ssh"),
			on("verbose", "say more; -vv, -vvv say more yet", "v"),
		},
		run: a.demo,
	}
}

// demonstration is one that is under way.
type demonstration struct {
	*app
	cli   *cli.Context
	cfg   *config.Config
	dir   string
	spec  twin.Spec
	site  *twin.Site
	seen  acting
	quick float64
	why   string // what ended the run early
}

// demo starts a cluster, shows the plan, carries it out and judges what was done.
func (a *app) demo(ctx context.Context, c *cli.Context) error {
	if c.NArg() > 0 {
		return &exit{exitUsage, fmt.Errorf("demo takes options only, not %q", c.Args().First())}
	}
	d := &demonstration{app: a, cli: c}
	if helped, err := d.asked(); helped || err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "drydock-demo-")
	if err != nil {
		return err
	}
	d.dir = dir
	if !c.Bool("keep") {
		defer os.RemoveAll(dir)
	}
	if d.site, err = twin.Start(ctx, d.spec); err != nil {
		return &exit{exitUsage, err}
	}
	defer d.site.Close()
	return d.show(ctx)
}

// asked reads the options; helped says that a list of the faults was all that was wanted.
func (d *demonstration) asked() (helped bool, err error) {
	figures := map[string]int{"speed": demoSpeed, "seed": 1, "servers": 3, "agents": 3}
	for name := range figures {
		if d.cli.IsSet(name) {
			n, err := strconv.Atoi(d.cli.String(name))
			if err != nil || n < 0 || name == "speed" && (n < 1 || n > 1000) || name != "agents" && n == 0 {
				return false, &exit{exitUsage, fmt.Errorf("--%s: %q is no number that it takes", name, d.cli.String(name))}
			}
			figures[name] = n
		}
	}
	d.spec = twin.Sized(figures["servers"], figures["agents"])
	d.spec.Speed, d.spec.Seed = float64(figures["speed"]), uint64(figures["seed"])
	d.quick = d.spec.Speed
	if form := first(d.cli.String("output"), "cluster"); form != "cluster" && views[form] == nil {
		return false, &exit{exitUsage, fmt.Errorf("--output: %q is neither cluster nor a form of drydock run", form)}
	}
	d.spec.Faults, helped, err = d.faults(d.cli)
	return helped, err
}

// faults reads --fault; with help it lists them instead.
func (a *app) faults(c *cli.Context) (out []twin.Fault, helped bool, err error) {
	for _, text := range c.StringSlice("fault") {
		if text == "help" {
			a.listFaults()
			return nil, true, nil
		}
		f, err := twin.ParseFault(text)
		if err != nil {
			return nil, false, &exit{exitUsage, fmt.Errorf("--fault: %w; --fault help lists them", err)}
		}
		out = append(out, f)
	}
	return out, false, nil
}

// listFaults names the faults with what each may be on.
func (a *app) listFaults() {
	for _, f := range twin.Faults() {
		fmt.Fprintf(a.out, "%-24s %s\n", f.Name, f.Doc)
		if f.Takes != "" {
			fmt.Fprintf(a.out, "%-24s   %s\n", "", paint(a.color(nil), dim, "="+f.Takes))
		}
	}
	fmt.Fprint(a.out, "\nWhat follows = may be left out. With @EVENT behind it a fault waits for the first such event:\ncordoned, pod-ending, package, going-down, down, up, k3s-started, uncordoned.\n")
}

// show is the whole of it, from the cluster as it is to the verdict.
func (d *demonstration) show(ctx context.Context) error {
	hosts, err := d.site.Inventory(d.dir)
	if err != nil {
		return err
	}
	kubeconfig := filepath.Join(d.dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, d.site.API.Kubeconfig(), 0o600); err != nil {
		return err
	}
	d.introduce(hosts, kubeconfig)
	o, err := d.options(hosts)
	if err != nil {
		return err
	}
	if err := d.plan(ctx, o); err != nil {
		return err
	}
	job, ds := engine.Load(o)
	if err := d.tell(ds); err != nil {
		return err
	}
	code, err := d.carry(ctx, job)
	if err != nil {
		return err
	}
	sound := d.judge(code)
	if err := d.hold(ctx); err != nil {
		return err
	}
	if !sound {
		return &exit{code: exitError}
	}
	return nil
}

// options are those of a run of the shipped playbook: nothing but the folder of the demonstration is looked at, no setting of the user's.
func (d *demonstration) options(hosts string) (engine.Options, error) {
	nothing := func(string) (string, bool) { return "", false }
	cfg, ds := config.Load(config.Machine{Getenv: nothing, Cwd: d.dir, Home: d.dir, ReadFile: source.ReadDisk, Stat: os.Stat})
	d.cfg = cfg
	if err := d.tell(ds); err != nil {
		return engine.Options{}, err
	}
	guarded, err := d.guarded()
	return engine.Options{
		Guard: guarded, Settings: settings.Default(),
		Playbooks: []string{"maintenance.yml"}, Inventory: []string{hosts}, Config: cfg, Registry: modules.Builtin(), Embedded: source.Embedded(d.dir, drydock.Content),
		Forks: 5, Verbosity: d.cli.Count("verbose"), Machine: engine.Machine{Getenv: nothing, Cwd: d.dir, Home: d.dir, User: "demo", Clock: d.site.Clock},
	}, err
}

// guarded is the guard of the run. Who asks for a cluster that cannot spare a server has said that the API may be away.
func (d *demonstration) guarded() (*guard.Config, error) {
	cfg, err := d.guard(d.cli, settings.Default())
	if err != nil {
		return nil, err
	}
	servers := 0
	for _, n := range d.spec.Nodes {
		if n.Role == twin.Server {
			servers++
		}
	}
	if cfg.Holder = "the demonstration"; servers < 3 {
		cfg.Accept = append(cfg.Accept, kube.CheckQuorum)
	}
	return cfg, nil
}

// plan shows what the run would do.
func (d *demonstration) plan(ctx context.Context, o engine.Options) error {
	d.heading("$ drydock plan -i hosts.yml maintenance.yml")
	p, err := d.preview(ctx, o)
	if err != nil {
		return err
	}
	return preview.WriteText(d.out, p, preview.Style{Width: d.page(), Color: d.color(nil)})
}

// acting keeps what a run announces and answers.
type acting struct {
	view   event.Sink
	events []event.Event
}

// Emit keeps an event and shows it.
func (k *acting) Emit(e event.Event) error {
	switch e.(type) {
	case event.ApplyStarted, event.HostResult:
		k.events = append(k.events, e)
	}
	return k.view.Emit(e)
}

// carry runs the playbook and shows it.
func (d *demonstration) carry(ctx context.Context, job *engine.Job) (int, error) {
	d.heading("$ drydock run -i hosts.yml maintenance.yml")
	view, finish, err := d.viewOf(job)
	if err != nil {
		return 0, err
	}
	d.seen.view = view
	soft, hard, done := d.stop()
	defer done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-hard:
			cancel()
		case <-ctx.Done():
		}
	}()
	code, err := job.Run(ctx, &d.seen, soft)
	finish()
	if err != nil && ctx.Err() == nil { // another run's hold on the cluster, say: that is the end of the run, and not of the demonstration
		d.why = err.Error()
		return code, nil
	}
	return code, err
}

// viewOf picks how the run is shown.
func (d *demonstration) viewOf(job *engine.Job) (event.Sink, func(), error) {
	if form := first(d.cli.String("output"), "cluster"); form != "cluster" {
		view, err := d.view(d.cli, d.cfg, d.out, job, form)
		return view, func() {}, err
	}
	s := newStage(d.out, d.site, stageStyle{color: d.color(nil), live: d.tty, width: d.page()})
	return s, s.finish, nil
}

// page is how wide a demonstration is: a screen's width, else what a file can be read at.
func (d *demonstration) page() int {
	if d.width == 0 {
		return 100
	}
	return d.columns()
}

// hold waits for Enter where that was asked for.
func (d *demonstration) hold(ctx context.Context) error {
	if !d.cli.Bool("hold") {
		return nil
	}
	fmt.Fprint(d.out, "\nThe cluster stays up for you to look at. Enter ends it. ")
	pressed := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(d.in).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		pressed <- err
	}()
	soft, _, done := d.stop()
	defer done()
	select {
	case err := <-pressed:
		return err
	case <-soft:
	case <-ctx.Done():
	}
	return nil
}

// verdictPause is how long after its end an act may still show in the cluster.
const verdictPause = time.Minute
