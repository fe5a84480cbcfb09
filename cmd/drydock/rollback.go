package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/rollback"
	"github.com/drydock-dev/drydock/engine/value"
)

func (a *app) rollbackVerb() verb {
	return verb{
		name: "rollback", args: "RUN --node HOST", usage: "give a node the packages back that it had before a run, in a maintenance of its own",
		flags: rollbackFlags(), run: a.rollback,
	}
}

// maintenance is the playbook that takes a node through its maintenance, and the groups that it is for.
const maintenance, maintained = "maintenance.yml", "k3s_workers:k3s_masters"

// rollbackFlags are its own, and those of run that say how hosts are reached and what is shown. What is not given is as it was in the run.
func rollbackFlags() []cli.Flag {
	no := []string{"limit", "tags", "skip-tags", "start-at-task", "list-hosts", "list-tasks", "list-tags", "syntax-check", "step", "flush-cache", "force-handlers", "plan"}
	return append([]cli.Flag{
		text("node", "the `HOST`, by its name in the inventory or in the cluster"),
		on("remove-new", "also remove the packages that were not there before"),
		on("yes", "do not ask before it begins", "y"),
		text("playbook", "a `PLAYBOOK` of your own that applies the role k3s_node_maintenance to the node; else "+maintenance),
	}, slices.DeleteFunc(runFlags(), func(f cli.Flag) bool { return slices.Contains(no, f.Names()[0]) })...)
}

// rollback reads a run, asks the node, shows the way back, and goes it.
func (a *app) rollback(ctx context.Context, c *cli.Context) error {
	if c.NArg() != 1 || c.String("node") == "" {
		return &exit{exitUsage, errors.New("of which run, and on which node? drydock rollback RUN --node HOST; see --help")}
	}
	run, err := a.runs().Find(c.Args().First())
	if err != nil {
		return &exit{exitError, err}
	}
	host, changes, err := changesOf(run, c.String("node"))
	if err != nil {
		return &exit{exitError, err}
	}
	if err := a.asRecorded(c, run); err != nil {
		return err
	}
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return err
	}
	o, err := a.options(c, cfg)
	if err != nil {
		return err
	}
	way, err := a.wayBack(ctx, o, host, changes, c.Bool("remove-new"))
	if err != nil {
		return err
	}
	if a.resumed == nil {
		fmt.Fprintf(a.out, "Rollback of run %s on %s:\n", run.ID, host)
		if agreed, err := a.agreed(ctx, c, way, host); err != nil || !agreed {
			return err
		}
	}
	job, err := a.backwards(c, o, host, way)
	if err != nil {
		return err
	}
	return a.carryOut(ctx, c, cfg, job, "ansible", func(view event.Sink, _ io.Writer) event.Sink { return view })
}

// changesOf are the changes of a run to the packages of a host, which may be called by the name of its Node.
func changesOf(run *journal.Run, name string) (host string, changes []event.Package, err error) {
	events, err := run.Events()
	if err != nil {
		return "", nil, err
	}
	hosts := rollback.Hosts(events)
	host = name
	if node := rollback.HostOf(events, name); node != "" && !slices.Contains(hosts, name) {
		host = node
	}
	switch changes = rollback.Changes(events, host); {
	case len(changes) > 0:
		return host, changes, nil
	case len(hosts) == 0:
		return "", nil, fmt.Errorf("run %s has changed no packages at all", run.ID)
	}
	return "", nil, fmt.Errorf("run %s has changed no packages on %s; those of %s", run.ID, name, strings.Join(hosts, ", "))
}

// wayBack asks the host what it has and what its repositories have. Where a version seems to be gone, the host's index may only be old: it is
// refreshed, unless nothing may be changed, and asked again.
func (a *app) wayBack(ctx context.Context, o engine.Options, host string, changes []event.Package, removeNew bool) (rollback.Way, error) {
	for refreshed := o.Check; ; refreshed = true {
		answer, err := a.ask(ctx, o, host, "drydock.core.package_versions", value.NewMap("name", listed(rollback.Names(changes))))
		if err != nil {
			return nil, err
		}
		now := rollback.ReadState(answer)
		way := rollback.Decide(changes, now, removeNew)
		if refreshed || len(way.Blocked()) == 0 {
			return way, nil
		}
		if _, err := a.ask(ctx, o, host, "ansible.builtin."+now.Manager, value.NewMap("update_cache", true)); err != nil {
			return nil, err
		}
	}
}

// ask carries out one task on a host, as root, of which nothing is shown or kept, and returns its result.
func (a *app) ask(ctx context.Context, o engine.Options, host, module string, args *value.Map) (*value.Map, error) {
	text, err := args.MarshalJSON()
	if err != nil {
		return nil, err
	}
	o.Conn.Become, o.Check = true, false // the role becomes root, too: what root's package manager has is what counts
	job, ds := engine.LoadAdHoc(o, engine.AdHoc{Pattern: host, Module: module, Args: string(text)})
	if err := a.tell(ds); err != nil {
		return nil, err
	}
	if hosts, _, err := job.Targets(host); err != nil || !slices.Contains(hosts, host) {
		return nil, &exit{exitError, fmt.Errorf("the inventory has no host %s", host)}
	}
	var said event.HostResult
	code, err := job.Run(ctx, sinkFunc(func(e event.Event) error {
		if r, ok := e.(event.HostResult); ok {
			said = r
		}
		return nil
	}), nil)
	switch {
	case err != nil:
		return nil, &exit{max(code, exitError), err}
	case said.Result == nil:
		return nil, &exit{max(code, exitError), fmt.Errorf("%s did not answer", host)}
	case said.Status != event.OK && said.Status != event.Changed:
		return nil, &exit{max(code, exitError), fmt.Errorf("%s cannot be asked for its packages: %s", host, value.Str(said.Result.Value("msg")))}
	}
	return said.Result, nil
}

// listed is a list of texts as a value.
func listed(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}

// sinkFunc is a function that receives events.
type sinkFunc func(event.Event) error

// Emit calls it.
func (f sinkFunc) Emit(e event.Event) error { return f(e) }

// agreed shows the way and asks whether to go it. What is in the way ends it here, before anything is touched.
func (a *app) agreed(ctx context.Context, c *cli.Context, way rollback.Way, host string) (bool, error) {
	a.showWay(way)
	if blocked := way.Blocked(); len(blocked) > 0 {
		var why []string
		for _, s := range blocked {
			why = append(why, fmt.Sprintf("%s %s: %s", s.Name, first(s.From, s.To), s.Blocked))
		}
		return false, &exit{exitBlocked, fmt.Errorf("%s is not touched: %s", host, strings.Join(why, "; "))}
	}
	if way.Idle() {
		fmt.Fprintf(a.out, "Nothing is to be done.\n")
		return false, nil
	}
	if c.Bool("yes") || c.Bool("check") {
		return true, nil
	}
	t := newTerminal(a.streams)
	if !t.present() {
		return false, &exit{exitUsage, errors.New("nobody is there to be asked: with --yes it begins, with --check it shows what would happen")}
	}
	answer, err := t.Ask(ctx, "Cordon, drain, install these, reboot where needed and give the node back? (y/N) ", true)
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", err
}

// showWay prints a line for each package.
func (a *app) showWay(way rollback.Way) {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  package\tbefore the run\tafter it\tnow\t")
	for _, s := range way {
		name := s.Name
		if s.Arch != "" && s.Arch != "all" && s.Arch != "noarch" {
			name += " (" + s.Arch + ")"
		}
		does := map[rollback.Action]string{
			rollback.Install: "to be installed: " + s.From, rollback.Remove: "to be removed", rollback.Restored: "is as it was",
			rollback.Stay: "stays: --remove-new removes it",
		}[s.Action]
		if s.Blocked != "" {
			does = s.Blocked
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", name, first(s.From, "-"), first(s.To, "-"), first(strings.Join(s.Now, ", "), "-"), does)
	}
	w.Flush()
}

// backwards is one maintenance of the node that installs versions instead of upgrading.
func (a *app) backwards(c *cli.Context, o engine.Options, host string, way rollback.Way) (*engine.Job, error) {
	install, remove := way.Packages()
	vars, err := value.NewMap("k3s_node_maintenance_packages", listed(install), "k3s_node_maintenance_packages_absent", listed(remove)).MarshalJSON()
	if err != nil {
		return nil, err
	}
	o.Playbooks, o.Limit, o.ExtraVars = []string{first(c.String("playbook"), maintenance)}, host, append(slices.Clip(o.ExtraVars), string(vars))
	job, ds := engine.Load(o)
	if err := a.tell(ds); err != nil {
		return nil, err
	}
	if hosts, _, err := job.Targets(maintained); !c.IsSet("playbook") && (err != nil || !slices.Contains(hosts, host)) {
		return nil, &exit{exitError, fmt.Errorf("%s is in none of the groups that %s is for (%s); --playbook names one of your own", host, maintenance, maintained)}
	}
	return job, nil
}
