package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/modules"
)

func (a *app) completionVerb() verb {
	return verb{name: "completion", args: "bash|zsh|fish", usage: "print what a shell needs to complete drydock's words", run: a.completion}
}

// scripts hand a line to drydock and offer what it answers; where it answers nothing, the shell offers files.
var scripts = map[string]string{
	"bash": `# source <(drydock completion bash)
_drydock() {
  local IFS=$'\n'
  COMPREPLY=($(drydock __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -o bashdefault -F _drydock drydock
`,
	"zsh": `#compdef drydock
# source <(drydock completion zsh)
_drydock() {
  local -a found
  found=("${(@f)$(drydock __complete "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[*]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _drydock drydock
`,
	"fish": `# drydock completion fish | source
function __drydock_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (drydock __complete $words[2..-1] 2>/dev/null)
  if test -n "$found"
    printf '%s\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c drydock -f -a '(__drydock_complete)'
`,
}

func (a *app) completion(_ context.Context, c *cli.Context) error {
	text, ok := scripts[c.Args().First()]
	if !ok {
		return &exit{exitUsage, fmt.Errorf("for which shell? drydock completion bash, zsh or fish")}
	}
	fmt.Fprint(a.out, text)
	return nil
}

// complete prints what may stand for the last of the words, a line each.
func (a *app) complete(words []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	for _, s := range a.candidates(words[:len(words)-1], last) {
		if strings.HasPrefix(s, last) {
			fmt.Fprintln(a.out, s)
		}
	}
}

func (a *app) candidates(before []string, last string) []string {
	v := &a.verbs[0]
	if len(before) == 0 && !strings.HasPrefix(last, "-") {
		return a.verbNames()
	}
	if len(before) > 0 {
		if named := a.verbNamed(before[0]); named != nil {
			v, before = named, before[1:]
		}
	}
	if len(v.actions) > 0 && len(before) == 0 {
		return actionNames(v)
	}
	if len(before) > 0 {
		if action := v.action(before[0]); action != nil {
			v, before = action, before[1:]
		}
	}
	if strings.HasPrefix(last, "-") {
		return flagNames(v.flags)
	}
	if len(before) > 0 {
		if flag := flagNamed(v.flags, before[len(before)-1]); flag != nil {
			return a.valuesOf(v.name, flag.Names()[0], before)
		}
	}
	switch v.name {
	case "doc":
		return modules.Builtin().Names()
	case "exec", "vars":
		return a.hostNames(before)
	case "resume", "rollback", "show":
		ids, _ := a.runs().IDs()
		return ids
	case "completion":
		return []string{"bash", "zsh", "fish"}
	}
	return nil
}

func (a *app) verbNames() []string {
	names := []string{"help", "version"}
	for _, v := range a.verbs {
		names = append(names, v.name)
	}
	slices.Sort(names)
	return names
}

func actionNames(v *verb) []string {
	var names []string
	for _, x := range v.actions {
		names = append(names, strings.TrimPrefix(x.name, v.name+" "))
	}
	return names
}

// flagNames are the long names of flags.
func flagNames(flags []cli.Flag) []string {
	var out []string
	for _, f := range flags {
		for _, n := range f.Names() {
			if len(n) > 1 {
				out = append(out, "--"+n)
			}
		}
	}
	return append(sorted(out), "--help")
}

// flagNamed is the flag that a word names, if a value follows it.
func flagNamed(flags []cli.Flag, word string) cli.Flag {
	name := strings.TrimLeft(word, "-")
	if name == word || name == "" {
		return nil
	}
	for _, f := range flags {
		if slices.Contains(f.Names(), name) && f.(cli.DocGenerationFlag).TakesValue() {
			return f
		}
	}
	return nil
}

// valuesOf are what may stand after a flag of a verb; nothing leaves it to the shell.
func (a *app) valuesOf(verb, flag string, before []string) []string {
	switch flag {
	case "limit", "host", "node":
		return a.hostNames(before)
	case "module-name":
		return modules.Builtin().Names()
	case "output":
		return outputs(verb)
	}
	return nil
}

// outputs are the forms of --output, which takes a file where a verb has none.
func outputs(verb string) []string {
	switch verb {
	case "lint", "plan":
		return []string{"json", "text"}
	case "runs":
		return []string{"json", "table"}
	case "show":
		return []string{"json", "jsonl", "text"}
	case "run", "exec", "rollback":
		return slices.Sorted(maps.Keys(views))
	}
	return nil
}

// hostNames are the hosts and groups of the inventory that the words so far name.
func (a *app) hostNames(before []string) []string {
	var sources []string
	for i, w := range before[:max(0, len(before)-1)] {
		if w == "-i" || w == "--inventory" {
			sources = append(sources, before[i+1])
		}
	}
	cfg, _ := a.config()
	job, _ := engine.Survey(engine.Options{
		Inventory: sources, Config: cfg, Machine: engine.Machine{Getenv: a.getenv, Cwd: a.cwd, Home: a.home}, Late: true,
	})
	return namesIn(job.Inventory)
}

func namesIn(inv *inventory.Inventory) []string {
	var out []string
	for _, g := range inv.Groups() {
		out = append(out, g.Name)
	}
	for _, h := range inv.Hosts() {
		out = append(out, h.Name)
	}
	return sorted(out)
}
