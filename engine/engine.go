// Package engine is the door to the house: it reads content and inventories into a Job and runs it. Only cmd and tests
// import it.
package engine

import (
	"path/filepath"
	"slices"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/own"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/settings"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
	"github.com/drydock-dev/drydock/engine/vault"
)

// Options are a command line, read, and the machine it was typed on.
type Options struct {
	Playbooks []string
	Inventory []string // as given; empty: as configured
	Limit     string   // a pattern, or @file
	Tags      []string
	SkipTags  []string
	ExtraVars []string       // k=v, YAML, JSON, @file
	Vault     *vault.Keyring // nil: no passwords
	BaseDir   string         // --playbook-dir: for Survey and ad-hoc tasks, which have no playbook

	Config   *config.Config
	Settings *settings.Settings // drydock.yml; nil: there is none
	Guard    *guard.Config      // what keeps clusters from harm; nil: nobody is asked. The run's id is that of Begin
	Registry *module.Registry
	Embedded source.Layer // content within the binary; the zero Layer: none
	Machine  Machine
	Conn     Connection

	Begin         event.RunStarted  // what is told of the run: its id, command line and version; the rest is added
	Resumed       *event.RunResumed // a run is taken up again, of which this is told; nil: it begins
	Memory        run.Memory        // nil: the run cannot be taken up again
	Check, Diff   bool
	Wait          bool // a closed window is waited for, instead of being the end
	Forks         int
	StartAt       string
	Confirm       func(task string) (run.Answer, error)
	Console       run.Console // for the task debugger
	ForceHandlers bool
	Verbosity     int
	ModulePath    []string // --module-path: folders with modules of the user's own

	Instead *Instead // nil: hosts and this machine are what they are

	given source.Layer // content of the command line itself

	Late            bool // mistakes that Ansible finds when a task is reached are that task's failure then, not errors of Load
	FlushCache      bool // what Machine.FactCache holds of the inventory's hosts is removed
	SkipUnsupported bool // tasks whose module is not there fail alone when they are reached
}

// Connection is what the command line says about reaching hosts; it is stronger than ansible.cfg, weaker than variables.
type Connection struct {
	User, KeyFile, Kind      string
	Timeout                  int // seconds; 0: as configured
	CommonArgs, ExtraArgs    string
	Password, BecomePassword func() (string, error) // nil: nobody asked for one
	Become                   bool
	BecomeMethod, BecomeUser string
}

// Machine is the machine that Drydock runs on.
type Machine struct {
	Getenv    func(name string) (string, bool)
	Cwd       string // absolute
	Home      string
	User      string
	Terminal  module.Terminal
	Learned   module.Learned
	FactCache vars.FactCache // nil: none
	Clock     module.Clock   // nil: the real one
}

// Job is content that has been read and found sound, ready to run.
type Job struct {
	Options
	Inventory *inventory.Inventory
	Program   *program.Program
	limit     map[string]bool
	limits    []string   // the patterns of it
	extras    *value.Map // the extra variables, read
	tree      *source.Tree
	lang      *jinja.Language
	compiler  *program.Compiler
	store     *vars.Store
	magic     *value.Map
	clients   *kube.Clients
	own       *own.Library
	plugins   *own.Plugins
	looking   bool // nothing may be written, not even here
}

// Load reads everything a run needs and reports every mistake it finds; without errors in the list the Job may run. No host is touched.
func Load(o Options) (*Job, diag.List) {
	j := newJob(o)
	ds := j.readInventory()
	if j.limit != nil && len(j.limit) == 0 {
		ds.Add(diag.Diagnostic{Summary: "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.", Missing: true})
	}
	j.compiler = program.NewCompiler(program.Options{
		Own:  j.own,
		Tree: j.tree, Lang: j.lang, Registry: o.Registry, RolesPath: o.Config.RolesPath, CollectionsPath: o.Config.CollectionsPath, ExtraVars: j.extras,
		Late: o.Late, SkipUnsupported: o.SkipUnsupported, PrivateRoles: o.Config.PrivateRoles(),
	})
	var more diag.List
	j.Program, more = j.compiler.Compile(o.Playbooks)
	ds.Add(more...)
	ds.Add(j.checkSettings()...)
	for _, file := range j.own.Unused() {
		ds.Warnf(diag.Span{Pos: diag.Pos{File: file}}, "this plugin runs only inside Ansible; Drydock does without it")
	}
	ds = weighed(ds, o.Config.DuplicateKey)
	if ds.HasErrors() {
		return j, ds
	}
	ds.Add(j.flushCache()...)
	j.magic = j.runMagic()
	j.store, more = vars.NewStore(j.Inventory, vars.Options{
		Lang: j.lang, Tree: j.tree, Config: o.Config, ExtraVars: j.extras, HashMerge: o.Config.HashBehaviour == "merge",
		Cache: o.Machine.FactCache, InjectFacts: o.Config.InjectFacts, PlaybookDirs: j.playbookDirs(),
	})
	ds.Add(more...)
	if !o.Late {
		ds.Add(j.unknownTags()...)
	}
	return j, ds
}

func newJob(o Options) *Job {
	j := &Job{Options: o, clients: kube.NewClients()}
	j.clients.NoPrograms = o.Instead != nil
	layers := []source.Layer{source.Disk()}
	if o.given.FS != nil {
		layers = append(layers, o.given)
	}
	if o.Embedded.FS != nil {
		layers = append(layers, o.Embedded)
	}
	j.tree = source.NewTree(o.Machine.Cwd, layers...).Unlock(o.Vault)
	j.own = j.ownModules()
	j.plugins = j.ownPlugins()
	j.lang = j.language()
	return j
}

func (j *Job) language() *jinja.Language {
	l := jinja.New()
	l.Plugin = j.plugins.Find
	l.AllowBrokenConditionals, l.Late, l.Unvault = j.Config.AllowBrokenConditionals, j.Late, j.unvault
	ansible.Extend(l, j.templateIO())
	return l
}

// readInventory reads the inventories and what the limit leaves of them.
func (j *Job) readInventory() diag.List {
	var ds diag.List
	j.extras, ds = j.extraVars()
	inv, more := j.loadInventory()
	ds.Add(more...)
	j.Inventory = inv
	if j.Limit == "" || ds.HasErrors() {
		return ds
	}
	patterns, err := inventory.ReadLimit(j.Limit, j.tree.ReadFile)
	if err != nil {
		ds.Add(diag.Diagnostic{Summary: "--limit: " + err.Error(), Missing: true})
		return ds
	}
	j.limits = patterns
	names, warnings, err := inv.Match(patterns...)
	for _, w := range warnings {
		if d := (diag.Diagnostic{Severity: diag.Warning, Summary: w}); j.Config.HostPatternMismatch != "ignore" {
			if j.Config.HostPatternMismatch == "error" {
				d.Severity, d.Missing = diag.Error, true
			}
			ds.Add(d)
		}
	}
	if err != nil {
		ds.Add(diag.Diagnostic{Summary: "--limit: " + err.Error(), Missing: true})
		return ds
	}
	j.limit = map[string]bool{}
	for _, n := range names {
		j.limit[n] = true
	}
	return ds
}

func (j *Job) loadInventory() (*inventory.Inventory, diag.List) {
	sources := j.Options.Inventory
	if len(sources) == 0 {
		sources = j.Config.Inventory
	}
	return inventory.Load(sources, inventory.Options{
		Tree: j.tree, Lang: j.lang, Config: j.Config, Script: j.inventoryScript,
		ExtraVars: j.extras, Late: j.Late,
	})
}

// reload reads the inventories again while a run is under way.
func (j *Job) reload() (*inventory.Inventory, error) {
	inv, ds := j.loadInventory()
	return inv, ds.Err()
}

// flushCache removes what earlier runs kept of localhost and all hosts of the inventory, whatever the limit, as Ansible does.
func (j *Job) flushCache() diag.List {
	var ds diag.List
	if !j.FlushCache || j.Machine.FactCache == nil {
		return ds
	}
	names := []string{"localhost"}
	for _, h := range j.Inventory.Hosts() {
		names = append(names, h.Name)
	}
	for _, name := range names {
		if err := j.Machine.FactCache.Forget(name); err != nil {
			ds.Warnf(diag.Span{}, "the facts of %s that earlier runs kept could not be removed: %v", name, err)
		}
	}
	return ds
}

func (j *Job) playbookDirs() []string {
	var out []string
	for _, p := range j.Playbooks {
		out = append(out, filepath.Dir(j.tree.Abs(p)))
	}
	return out
}

// Used lists the files that were read, with their origin and digest.
func (j *Job) Used() []source.Use { return j.tree.Used() }

// runOptions is everything that the job says to a run.
func (j *Job) runOptions(sink event.Sink, stop <-chan struct{}) run.Options {
	return run.Options{
		Program: j.Program, Compiler: j.compiler, Inventory: j.Inventory, Limit: j.limits, Vars: j.store, Lang: j.lang,
		Sink: &fileTeller{Sink: sink, tree: j.tree, told: map[source.Use]bool{}}, Begin: j.begin(), Memory: j.Memory, Connect: j.connectorFor(sink), Settings: j.connectionDefaults(), Reload: j.reload, Services: j.service, Content: j.tree,
		Between: j.between(), Hooks: j.anyHooks(),
		Clock: j.Machine.Clock, Magic: j.magic, Forks: j.Forks, Check: j.Check, Diff: j.Diff,
		Tags: j.Tags, Skip: j.SkipTags, StartAt: j.StartAt, Confirm: j.Confirm,
		MissingHandlers: !j.Config.ErrorOnMissingHandler, PatternMismatch: j.Config.HostPatternMismatch, ShowArgs: j.Config.DisplayTaskArgs,
		Console: j.Console, Debug: j.Config.TaskDebugger, DebugIgnored: j.Config.DebuggerIgnoresErrors,
		ForceHandlers: j.ForceHandlers || j.Config.ForceHandlers, Gathering: j.Config.Gathering,
		AnyFatal: j.Config.AnyErrorsFatal, GatherSubset: j.Config.GatherSubset, Managed: j.Config.AnsibleManaged, NoLog: j.Config.NoLog, Strategy: j.Config.Strategy, TaskTimeout: j.Config.TaskTimeout,
		AsyncDir: j.Config.AsyncDir, PollInterval: j.Config.PollInterval,
		Verbosity: j.Verbosity, RemoteTmp: j.Config.RemoteTmp, KeepFiles: j.Config.KeepRemoteFiles,
		Stop: stop, Trace: j.Verbosity >= 3,
	}
}

// weighed makes of keys that are written twice what duplicate_dict_key says: a warning, an error, nothing.
func weighed(ds diag.List, twice string) diag.List {
	if twice == "ignore" {
		return slices.DeleteFunc(ds, func(d diag.Diagnostic) bool { return d.Twice })
	}
	for i := range ds {
		if ds[i].Twice && twice == "error" {
			ds[i].Severity = diag.Error
		}
	}
	return ds
}
