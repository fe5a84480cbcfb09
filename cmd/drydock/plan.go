package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/preview"
)

// exitBlocked is the code of a plan that must not be carried out as the world is.
const exitBlocked = 2

func (a *app) planVerb() verb {
	return verb{
		name: "plan", args: "PLAYBOOK...", usage: "say what a run would do to the nodes and what speaks against it, touching nothing; 0: ready, 2: blocked",
		flags: planFlags(), run: a.plan,
	}
}

func planFlags() []cli.Flag {
	return slices.Concat(subjects(), []cli.Flag{
		text("output", "`FORM`: text, or json, which drydock run --plan reads"),
		list("accept", "count a finding of the guard as accepted: `CHECK` or CHECK=SUBJECT (again for more)"),
		text("guard", "auto, require (hosts of no cluster may not be disrupted either) or off (`HOW`)"),
		on("all", "name every package, pod and volume instead of counting them"),
	}, connection(), loading(), vaultFlags())
}

// plan looks at what a run would come to.
func (a *app) plan(ctx context.Context, c *cli.Context) error {
	if c.NArg() == 0 {
		return &exit{exitUsage, fmt.Errorf("which playbook? drydock plan [options] PLAYBOOK...; see --help")}
	}
	form := first(c.String("output"), "text")
	if form != "text" && form != "json" {
		return &exit{exitUsage, fmt.Errorf("--output: %q is none of json, text", form)}
	}
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return err
	}
	o, err := a.options(c, cfg)
	if err != nil {
		return err
	}
	p, err := a.preview(ctx, o)
	if err != nil {
		return err
	}
	if form == "json" {
		err = preview.WriteJSON(a.out, p)
	} else {
		err = preview.WriteText(a.out, p, preview.Style{Width: a.columns(), Color: a.color(cfg), All: c.Bool("all")})
	}
	if err != nil {
		return err
	}
	if !p.Ready {
		return &exit{code: exitBlocked}
	}
	return nil
}

// preview reads the content and looks at the world. What earlier runs kept of facts is neither used nor renewed.
func (a *app) preview(ctx context.Context, o engine.Options) (preview.Preview, error) {
	o.Machine.FactCache, o.FlushCache, o.Confirm = nil, false, nil
	job, ds := engine.Load(o)
	if err := a.tell(ds); err != nil {
		return preview.Preview{}, err
	}
	p, err := job.Preview(ctx, lookout{a})
	if err != nil {
		return p, a.ended(exitError, err, nil)
	}
	return p, nil
}

// lookout lets only warnings of a look through.
type lookout struct{ *app }

// Emit shows a warning.
func (l lookout) Emit(e event.Event) error {
	if m, ok := e.(event.Message); ok && m.Level == "warning" {
		fmt.Fprintln(l.err, "[WARNING]: "+m.Text)
	}
	return nil
}

// columns is how wide text for people may be: that of the screen, within what can be read.
func (a *app) columns() int { return min(max(a.width, 60), 120) }

// planned are the options of a run: those of the command line, held to a plan where one is given.
func (a *app) planned(ctx context.Context, c *cli.Context, cfg *config.Config) (engine.Options, error) {
	if file := c.String("plan"); file != "" {
		return a.heldTo(ctx, file, c, cfg)
	}
	return a.options(c, cfg)
}

// heldTo makes a run keep to a plan: what the command line does not say is taken from it, and a world that is no longer the planned one ends the
// run before anything is touched.
func (a *app) heldTo(ctx context.Context, file string, c *cli.Context, cfg *config.Config) (engine.Options, error) {
	data, err := os.ReadFile(a.at(file))
	if err != nil {
		return engine.Options{}, &exit{exitError, fmt.Errorf("--plan: %w", err)}
	}
	then, err := preview.Read(data)
	if err != nil {
		return engine.Options{}, &exit{exitError, fmt.Errorf("--plan %s: %w", file, err)}
	}
	o, err := a.options(c, cfg)
	if err != nil {
		return o, err
	}
	follow(&o, then.Asked, c)
	if a.resumed != nil {
		return o, nil // what differs now, the run itself has done
	}
	now, err := a.preview(ctx, o)
	if err != nil {
		return o, err
	}
	return o, a.compared(then, now, file)
}

// follow takes from a plan what the command line leaves open.
func follow(o *engine.Options, asked preview.Asked, c *cli.Context) {
	if len(o.Playbooks) == 0 {
		o.Playbooks = asked.Playbooks
	}
	if !c.IsSet("inventory") {
		o.Inventory = asked.Inventory
	}
	if !c.IsSet("limit") {
		o.Limit = asked.Limit
	}
	if !c.IsSet("tags") {
		o.Tags = asked.Tags
	}
	if !c.IsSet("skip-tags") {
		o.SkipTags = asked.SkipTags
	}
}

// compared refuses a world that has drifted from a plan, or in which the plan is blocked.
func (a *app) compared(then, now preview.Preview, file string) error {
	drift := preview.Drift(then, now)
	for _, d := range drift {
		fmt.Fprintln(a.err, "  "+d.String())
	}
	if len(drift) > 0 {
		return &exit{exitBlocked, fmt.Errorf("the world is not the one of %s any more (%s); nothing was touched: plan anew", file, differences(len(drift)))}
	}
	if now.Ready {
		return nil
	}
	for _, b := range now.Open() {
		fmt.Fprintln(a.err, "  "+strings.TrimSpace(b.Check+" "+b.About)+": "+b.Found)
	}
	return &exit{exitBlocked, fmt.Errorf("%s is blocked; nothing was touched", file)}
}

func differences(n int) string {
	if n == 1 {
		return "1 difference"
	}
	return fmt.Sprintf("%d differences", n)
}
