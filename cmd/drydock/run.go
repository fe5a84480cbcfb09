package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/factcache"
	"github.com/drydock-dev/drydock/engine/learned"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/vars"
	"github.com/drydock-dev/drydock/modules"
)

func (a *app) runVerb() verb {
	return verb{
		name: "run", args: "PLAYBOOK...", usage: "carry out playbooks; the options are ansible-playbook's",
		flags: runFlags(), run: a.runPlaybooks,
	}
}

// runPlaybooks reads, lists or runs what a command line names.
func (a *app) runPlaybooks(ctx context.Context, c *cli.Context) error {
	if c.NArg() == 0 && c.String("plan") == "" {
		return &exit{exitUsage, fmt.Errorf("which playbook? drydock [run] [options] PLAYBOOK...; see --help")}
	}
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return err
	}
	o, err := a.planned(ctx, c, cfg)
	if err != nil {
		return err
	}
	job, ds := engine.Load(o)
	if err := a.tell(ds); err != nil {
		return err
	}
	if done, err := a.lists(c, job); done {
		return err
	}
	return a.carryOut(ctx, c, cfg, job, "ansible", func(view event.Sink, out io.Writer) event.Sink {
		if !cfg.RetryFiles {
			return view
		}
		return &retrySink{Sink: view, file: a.retryFile(cfg, job), out: out}
	})
}

// config reads ansible.cfg and the environment.
func (a *app) config() (*config.Config, diag.List) {
	return config.Load(config.Machine{Getenv: a.getenv, Cwd: a.cwd, Home: a.home, ReadFile: source.ReadDisk, Stat: os.Stat})
}

// tell prints diagnostics and makes errors among them the end, with 4 or, where something is missing, 1,
// and with 5 for what an option was given.
func (a *app) tell(ds diag.List) error {
	if len(ds) == 0 {
		return nil
	}
	p := diag.Printer{Width: a.width, Color: a.color(nil), Line: diag.Lines(a.readContent)}
	if a.late {
		p.ErrorWord, p.WarningWord = "[ERROR]", "[WARNING]"
		ds = inAnsiblesWords(ds)
	}
	if err := p.Print(a.err, ds.Sorted()); err != nil {
		return err
	}
	if !ds.HasErrors() {
		return nil
	}
	code := exitError
	for _, d := range ds {
		switch {
		case d.Severity != diag.Error || d.Missing:
		case d.Option:
			return &exit{code: exitOptions}
		default:
			code = exitParse
		}
	}
	return &exit{code: code}
}

// readContent reads a file for an excerpt, from the disk or from within the binary.
func (a *app) readContent(name string) ([]byte, error) {
	return source.NewTree(a.cwd, source.Disk(), source.Embedded(a.cwd, drydock.Content)).ReadFile(name)
}

// lists prints what --list-hosts, --list-tasks, --list-tags and --syntax-check want and tells whether one was given.
func (a *app) lists(c *cli.Context, job *engine.Job) (bool, error) {
	l := engine.Lists{Hosts: c.Bool("list-hosts"), Tasks: c.Bool("list-tasks"), Tags: c.Bool("list-tags")}
	if l == (engine.Lists{}) && !c.Bool("syntax-check") {
		return false, nil
	}
	text, mistakes := job.Listing(l)
	if err := a.tell(mistakes); err != nil {
		return true, err
	}
	fmt.Fprint(a.out, text)
	return true, nil
}

func (a *app) color(cfg *config.Config) bool {
	if _, no := a.getenv("NO_COLOR"); no || cfg != nil && cfg.NoColor {
		return false
	}
	return a.tty || cfg != nil && cfg.ForceColor
}

// options makes the engine's options of the command line, where it is silent of ansible.cfg.
func (a *app) options(c *cli.Context, cfg *config.Config) (engine.Options, error) {
	forks, err := number(c, "forks", cfg.Forks)
	if err != nil {
		return engine.Options{}, err
	}
	timeout, err := number(c, "timeout", cfg.Timeout)
	if err != nil {
		return engine.Options{}, err
	}
	kept, ds := a.settings()
	if err := a.tell(ds); err != nil {
		return engine.Options{}, err
	}
	t := newTerminal(a.streams)
	o := engine.Options{
		Settings:  kept,
		Playbooks: c.Args().Slice(), Inventory: c.StringSlice("inventory"), Limit: strings.Join(c.StringSlice("limit"), ","),
		Tags: tags(c, "tags", cfg.RunTags), SkipTags: tags(c, "skip-tags", cfg.SkipTags), ExtraVars: c.StringSlice("extra-vars"),
		Config: cfg, Registry: modules.Builtin(), Embedded: source.Embedded(a.cwd, drydock.Content),
		Check: c.Bool("check"), Diff: c.Bool("diff") || cfg.DiffAlways, Wait: c.Bool("wait"), Forks: forks, StartAt: c.String("start-at-task"),
		Late: a.late, FlushCache: c.Bool("flush-cache"), SkipUnsupported: c.Bool("skip-unsupported"), ModulePath: modulePath(c),
		ForceHandlers: c.Bool("force-handlers"), Verbosity: max(c.Count("verbose"), cfg.Verbosity),
		Machine: engine.Machine{Getenv: a.getenv, Cwd: a.cwd, Home: a.home, User: login(), Terminal: t, Learned: a.learned(), FactCache: a.factCache(cfg)},
	}
	if o.Guard, err = a.guard(c, kept); err != nil {
		return o, err
	}
	o.Console = console{t, a.out}
	if c.Bool("step") {
		o.Confirm = confirm(t)
	}
	if o.Vault, err = a.keyring(c, cfg, t); err != nil {
		return o, err
	}
	o.Conn, err = a.connection(c, cfg, t)
	o.Conn.Timeout = timeout
	return o, err
}

// modulePath splits what --module-path a:b --module-path c gives.
func modulePath(c *cli.Context) []string {
	var out []string
	for _, p := range c.StringSlice("module-path") {
		out = append(out, filepath.SplitList(p)...)
	}
	return out
}

func number(c *cli.Context, flag string, otherwise int) (int, error) {
	if !c.IsSet(flag) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(c.String(flag))
	if err != nil || n < 1 {
		return 0, &exit{exitUsage, fmt.Errorf("--%s: %q is not a whole number above 0", flag, c.String(flag))}
	}
	return n, nil
}

// tags splits what --tags a,b --tags c gives.
func tags(c *cli.Context, flag string, otherwise []string) []string {
	if !c.IsSet(flag) {
		return otherwise
	}
	var out []string
	for _, s := range c.StringSlice(flag) {
		for _, t := range strings.Split(s, ",") {
			if t = strings.TrimSpace(t); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

func login() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// stateDir is where what outlives runs is kept; empty: there is no place.
func (a *app) stateDir() string {
	dir, ok := a.getenv("XDG_STATE_HOME")
	if !ok || dir == "" {
		if a.home == "" {
			return ""
		}
		dir = filepath.Join(a.home, ".local", "state")
	}
	return filepath.Join(dir, "drydock")
}

// learned opens the file of earlier measurements. A run without it only waits less cleverly, so trouble is a warning.
func (a *app) learned() module.Learned {
	dir := a.stateDir()
	if dir == "" {
		return nil
	}
	f, err := learned.Open(filepath.Join(dir, "learned.json"))
	if err != nil {
		fmt.Fprintf(a.err, "[WARNING]: what earlier runs have learned is not used: %v\n", err)
		return nil
	}
	return f
}

// factCache opens the folder of facts that ansible.cfg names, if it names one.
func (a *app) factCache(cfg *config.Config) vars.FactCache {
	if !strings.HasSuffix(cfg.FactCaching, "jsonfile") {
		return nil
	}
	if cfg.FactCachingConnection == "" {
		fmt.Fprintln(a.err, "[WARNING]: fact_caching = jsonfile needs a folder in fact_caching_connection; no facts are kept")
		return nil
	}
	return factcache.Open(cfg.FactCachingConnection, cfg.FactCachingPrefix, time.Duration(cfg.FactCachingTimeout)*time.Second, time.Now)
}

// confirm asks before each task, for --step.
func confirm(t *terminal) func(string) (run.Answer, error) {
	return func(task string) (run.Answer, error) {
		s, err := t.Ask(context.Background(), "Perform task: "+task+" (N)o/(y)es/(c)ontinue: ", true)
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "y", "yes":
			return run.Yes, err
		case "c", "continue":
			return run.Continue, err
		}
		return run.No, err
	}
}

// carryOut runs the job and ends with its exit code. Around the view, which writes to out, may stand what else the verb does with events.
func (a *app) carryOut(ctx context.Context, c *cli.Context, cfg *config.Config, job *engine.Job, usual string, around func(view event.Sink, out io.Writer) event.Sink) error {
	out, closeLog, err := a.output(cfg)
	if err != nil {
		return err
	}
	defer closeLog()
	view, err := a.view(c, cfg, out, job, usual)
	if err != nil {
		return err
	}
	kept, err := a.keep(c, job)
	if err != nil {
		return err
	}
	view = kept.before(around(view, out))
	soft, hard, done := a.stop()
	defer done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-soft:
			fmt.Fprintln(a.err, "\ndrydock: stopping: what is begun ends, rescue and always run; ctrl+C again stops now")
		case <-ctx.Done():
			return
		}
		select {
		case <-hard:
			cancel()
		case <-ctx.Done():
		}
	}()
	code, err := job.Run(ctx, view, soft)
	err = a.ended(code, err, soft)
	return kept.close(err)
}

// ended makes the end of the process of the end of a run.
func (a *app) ended(code int, err error, soft <-chan struct{}) error {
	if list, ok := run.Diagnostics(err); ok {
		if told := a.tell(list); told != nil {
			return &exit{code: max(code, exitError)}
		}
	}
	if err == nil {
		select {
		case <-soft:
			return &exit{code: exitInterrupt}
		default:
		}
	}
	if code == exitOK && err == nil {
		return nil
	}
	return &exit{code, err}
}

// output is where results go: the screen and, with log_path, a file.
func (a *app) output(cfg *config.Config) (io.Writer, func(), error) {
	if cfg.LogPath == "" {
		return a.out, func() {}, nil
	}
	f, err := os.OpenFile(cfg.LogPath, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, &exit{exitError, fmt.Errorf("log_path: %w", err)}
	}
	return io.MultiWriter(a.out, f), func() { f.Close() }, nil
}
