package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/journal"
)

// version is set by the Makefile.
var version = "0.1.0-dev"

// The exit codes beyond those of a run; all are Ansible's.
const (
	exitOK        = 0
	exitError     = 1
	exitUsage     = 2
	exitParse     = 4
	exitOptions   = 5
	exitInterrupt = 99
	exitBug       = 250
)

// app is the command line: a table of verbs.
type app struct {
	*streams
	verbs []verb
	late  bool // called as Ansible's own programs: a mistake is found when Ansible finds it

	words   []string         // the verb that is carried out and its arguments, as typed
	resumed *journal.Resumed // the run that goes on; nil: one begins
}

// verb is one thing that drydock does. Each lives in a file of its own.
type verb struct {
	name, usage, args string
	flags             []cli.Flag
	run               func(ctx context.Context, c *cli.Context) error
	actions           []verb // of a verb that has some, instead of run; named "VERB ACTION"
}

// exit is an error that carries the code to end with. One without a text has been told already.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

func newApp(s *streams) *app {
	a := &app{streams: s}
	a.verbs = []verb{a.runVerb(), a.planVerb(), a.execVerb(), a.inventoryVerb(), a.varsVerb(), a.lintVerb(), a.docVerb(), a.ejectVerb(), a.completionVerb(), a.demoVerb(), a.rehearseVerb(), a.manVerb(), a.vaultVerb(), a.configVerb(),
		a.runsVerb(), a.showVerb(), a.resumeVerb(), a.rollbackVerb()}
	return a
}

// run carries out a command line and returns the exit code. Panics are our own faults: they end with 250, as in Ansible.
func (a *app) run(args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			buf := make([]byte, 8192)
			fmt.Fprintf(a.err, "drydock: this is a fault of drydock itself, please report it: %v\n%s\n", p, buf[:runtime.Stack(buf, false)])
			code = exitBug
		}
	}()
	if near := a.misspelt(args); near != "" {
		fmt.Fprintf(a.err, "drydock: %q is neither a verb nor a playbook here; did you mean %q?\n", args[1], "drydock "+near)
		return exitUsage
	}
	v, rest := a.verb(filepath.Base(args[0]), args[1:])
	if v == nil {
		return exitOK
	}
	err := a.call(v, rest)
	if err == nil {
		return exitOK
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(a.err, "drydock: "+text)
	}
	var e *exit
	if errors.As(err, &e) {
		return e.code
	}
	return exitError
}

// programs are Ansible's commands: called by one of these names, drydock is that verb and nothing else, and finds mistakes when Ansible does.
var programs = map[string]string{
	"ansible": "exec", "ansible-playbook": "run", "ansible-inventory": "inventory", "ansible-doc": "doc",
	"ansible-vault": "vault", "ansible-config": "config",
}

// verb picks what is meant: a verb's name first, else run.
func (a *app) verb(program string, args []string) (*verb, []string) {
	run := &a.verbs[0]
	if name, ok := programs[program]; ok {
		a.late = true
		return a.special(a.verbNamed(name), args)
	}
	if len(args) == 0 {
		a.help()
		return nil, nil
	}
	if v := a.verbNamed(args[0]); v != nil {
		return a.special(v, args[1:])
	}
	switch args[0] {
	case "__complete":
		a.complete(args[1:])
		return nil, nil
	case "help", "-h", "--help":
		a.help()
		return nil, nil
	case "version":
		fmt.Fprintln(a.out, a.versionLine())
		return nil, nil
	}
	return a.special(run, args)
}

// misspelt is the verb that the first word is nearly, if it is no verb and no file; empty: it is not.
func (a *app) misspelt(args []string) string {
	if programs[filepath.Base(args[0])] != "" || len(args) < 2 || strings.ContainsAny(args[1], "./") || strings.HasPrefix(args[1], "_") {
		return ""
	}
	names := []string{"help", "version"}
	for _, v := range a.verbs {
		names = append(names, v.name)
	}
	if _, err := os.Stat(a.at(args[1])); err == nil || slices.Contains(names, args[1]) {
		return ""
	}
	return diag.Nearest(args[1], names)
}

func (a *app) verbNamed(name string) *verb {
	if i := slices.IndexFunc(a.verbs, func(v verb) bool { return v.name == name }); i >= 0 {
		return &a.verbs[i]
	}
	return nil
}

// action is the one of a name; nil: there is none.
func (v *verb) action(name string) *verb {
	if i := slices.IndexFunc(v.actions, func(x verb) bool { return x.name == v.name+" "+name }); i >= 0 {
		return &v.actions[i]
	}
	return nil
}

// special answers --version and --help wherever they stand.
func (a *app) special(v *verb, args []string) (*verb, []string) {
	if len(v.actions) > 0 && len(args) > 0 {
		if x := v.action(args[0]); x != nil {
			return a.special(x, args[1:])
		}
	}
	for _, w := range args {
		switch w {
		case "--":
			return v, args
		case "--version":
			fmt.Fprintln(a.out, a.versionLine())
			return nil, nil
		case "--help", "-h":
			a.verbHelp(v)
			return nil, nil
		}
	}
	return v, args
}

func (a *app) versionLine() string {
	return fmt.Sprintf("drydock %s (%s, %s/%s), speaks ansible-core 2.19", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func (a *app) call(v *verb, args []string) error {
	if len(v.actions) > 0 {
		return &exit{exitUsage, noAction(v, args)}
	}
	a.words = append(strings.Fields(v.name), args...)
	words, err := arrange(args, v.flags)
	if err != nil {
		return &exit{exitUsage, err}
	}
	c := &cli.App{
		Name: "drydock " + v.name, Flags: v.flags, HideHelp: true, HideVersion: true, DisableSliceFlagSeparator: true,
		Writer: a.out, ErrWriter: a.err, ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return &exit{exitUsage, err} },
		Action:       func(c *cli.Context) error { return v.run(c.Context, c) },
	}
	return c.Run(append([]string{c.Name}, words...))
}

// noAction says which actions a verb has.
func noAction(v *verb, args []string) error {
	var names []string
	for _, x := range v.actions {
		names = append(names, strings.TrimPrefix(x.name, v.name+" "))
	}
	if len(args) == 0 {
		return fmt.Errorf("%s what? %s", v.name, strings.Join(names, ", "))
	}
	hint := ""
	if near := diag.Nearest(args[0], names); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("%s has no action %q but %s%s", v.name, args[0], strings.Join(names, ", "), hint)
}

func (a *app) help() {
	fmt.Fprint(a.out, `Drydock patches and reboots the nodes of K3s clusters with zero downtime, from Ansible playbooks, over SSH.

Usage:
  drydock [run] [options] PLAYBOOK...     the options are ansible-playbook's
`)
	for _, v := range a.verbs[1:] {
		fmt.Fprintf(a.out, "  drydock %-31s %s\n", v.name+" "+v.args, v.usage)
	}
	fmt.Fprint(a.out, `  drydock version

Options of run: drydock run --help
`)
}

func (a *app) verbHelp(v *verb) {
	fmt.Fprintf(a.out, "Usage: drydock %s [options] %s\n\n%s\n", v.name, v.args, v.usage)
	for _, x := range v.actions {
		fmt.Fprintf(a.out, "  drydock %-40s %s\n", x.name+" "+x.args, x.usage)
	}
	if len(v.flags) > 0 {
		fmt.Fprintln(a.out, "\nOptions:")
	}
	for _, f := range v.flags {
		fmt.Fprintln(a.out, flagHelp(f))
	}
}

// flagHelp is one option on one line or two.
func flagHelp(f cli.Flag) string {
	left, usage := flagWords(f)
	left = "  " + left
	if len(left) > 38 {
		return left + "\n" + strings.Repeat(" ", 40) + usage
	}
	return fmt.Sprintf("%-40s%s", left, usage)
}

// flagWords are the names of an option with the word for its value, and what it is for.
func flagWords(f cli.Flag) (left, usage string) {
	var names []string
	for _, n := range f.Names() {
		dash := "--"
		if len(n) == 1 {
			dash = "-"
		}
		names = append(names, dash+n)
	}
	sort.SliceStable(names, func(i, j int) bool { return len(names[i]) < len(names[j]) })
	d := f.(cli.DocGenerationFlag)
	usage = d.GetUsage()
	arg := ""
	if d.TakesValue() {
		arg = " VALUE"
		if i := strings.Index(usage, "`"); i >= 0 {
			j := strings.Index(usage[i+1:], "`") + i + 1
			arg = " " + usage[i+1:j]
			usage = usage[:i] + usage[i+1:j] + usage[j+1:]
		}
	}
	return strings.Join(names, ", ") + arg, usage
}

// at is where a file of the command line lies.
func (a *app) at(name string) string {
	if !filepath.IsAbs(name) {
		name = filepath.Join(a.cwd, name)
	}
	return name
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
