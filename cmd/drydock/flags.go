package main

import (
	"slices"

	"github.com/urfave/cli/v2"
)

// runFlags are the options of ansible-playbook, and --output.
func runFlags() []cli.Flag {
	return slices.Concat(selection(), connection(), behaviour(), vaultFlags())
}

// subjects say what a verb is about: hosts, tasks and variables.
func subjects() []cli.Flag {
	return []cli.Flag{
		list("inventory", "`INVENTORY`: a file, a folder, or host,list, (again for more)", "i", "inventory-file"),
		list("limit", "only hosts of this `PATTERN`, or @FILE with one pattern a line", "l"),
		list("tags", "only tasks with one of these `TAGS`", "t"),
		list("skip-tags", "no tasks with one of these `TAGS`"),
		list("extra-vars", "`VARS`: k=v, YAML, JSON, or @FILE; stronger than all others", "e"),
	}
}

// loading says how playbooks are read and hosts looked at, for verbs that are no run.
func loading() []cli.Flag {
	return []cli.Flag{
		text("forks", "how many hosts at a time (`N`; default 5)", "f"),
		on("skip-unsupported", "do not refuse the playbook for tasks whose module drydock lacks"),
		on("verbose", "say more; -vv, -vvv say more yet", "v"),
		list("module-path", "`PATH` of folders with modules of your own, between colons (again for more)", "M"),
	}
}

func selection() []cli.Flag {
	return append(subjects(),
		text("start-at-task", "begin at the task of this `NAME`"),
		text("plan", "refuse to run if the world is no longer that of this `FILE`, which drydock plan --output json has written"),
		on("list-hosts", "print the hosts that match, run nothing"),
		on("list-tasks", "print the tasks that would run, run nothing"),
		on("list-tags", "print all tags, run nothing"),
		on("syntax-check", "only read and check the playbook"),
		on("step", "ask before each task"),
	)
}

func connection() []cli.Flag {
	return []cli.Flag{
		text("user", "connect as this `USER`", "u"),
		text("private-key", "the `FILE` of the private key", "key-file"),
		text("connection", "the kind of connection: ssh or local (`KIND`)", "c"),
		text("timeout", "`SECONDS` until a connection is given up", "T"),
		text("ssh-common-args", "`ARGS` for all SSH connections, as on the command line of ssh"),
		text("ssh-extra-args", "`ARGS` for SSH connections, as on the command line of ssh"),
		text("sftp-extra-args", "accepted; files go through the same connection (`ARGS`)"),
		text("scp-extra-args", "accepted; files go through the same connection (`ARGS`)"),
		on("ask-pass", "ask for the connection's password", "k"),
		text("connection-password-file", "`FILE` with the connection's password", "conn-pass-file"),
		on("become", "act as another user", "b"),
		text("become-method", "sudo, su or doas (`METHOD`)"),
		text("become-user", "act as this `USER`; default root"),
		on("ask-become-pass", "ask for the password of become", "K"),
		text("become-password-file", "`FILE` with the password of become", "become-pass-file"),
	}
}

func behaviour() []cli.Flag {
	return []cli.Flag{
		on("check", "change nothing, say what would change", "C"),
		on("diff", "show what changes in files", "D"),
		text("forks", "how many hosts at a time (`N`; default 5)", "f"),
		on("skip-unsupported", "let tasks whose module drydock lacks fail when they are reached, instead of refusing the playbook"),
		on("force-handlers", "run handlers even where a task has failed"),
		on("wait", "wait for a maintenance window that is closed, instead of ending with 3"),
		on("flush-cache", "forget the facts of earlier runs"),
		on("verbose", "say more; -vv, -vvv say more yet", "v"),
		text("guard", "whether nodes of clusters are guarded: auto, require (hosts of no cluster may not be disrupted either) or off (`HOW`)"),
		list("accept", "let a finding of the guard pass: `CHECK` or CHECK=SUBJECT (again for more)"),
		on("no-journal", "keep no journal of the run, which cannot be resumed then (nor with DRYDOCK_NO_JOURNAL=1)"),
		text("output", "`FORM`: ansible, plain, quiet, json, jsonl, minimal or oneline"),
		list("module-path", "`PATH` of folders with modules of your own, between colons (again for more)", "M"),
	}
}

func text(name, usage string, more ...string) cli.Flag {
	return &cli.StringFlag{Name: name, Aliases: more, Usage: usage}
}

func list(name, usage string, more ...string) cli.Flag {
	return &cli.StringSliceFlag{Name: name, Aliases: more, Usage: usage}
}

func on(name, usage string, more ...string) cli.Flag {
	return &cli.BoolFlag{Name: name, Aliases: more, Usage: usage, Count: new(int)}
}
