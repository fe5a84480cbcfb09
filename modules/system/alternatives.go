package system

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Alternatives chooses among programs that can serve under one name.
var Alternatives = module.Define(module.Spec{
	Name: "community.general.alternatives",
	Doc:  "Choose which of several programs serves under a common name, by update-alternatives.",
}, planAlternatives)

type alternativesArgs struct {
	Name        string  `arg:"name,required" doc:"The common name: editor."`
	Path        *string `arg:"path,type=path" doc:"The program that is to serve."`
	Family      *string `arg:"family" doc:"The family of programs, where update-alternatives knows families."`
	Link        *string `arg:"link,type=path" doc:"The link through which it is called; needed for a name that is new."`
	Priority    *int    `arg:"priority" doc:"How much it counts in automatic mode; 50 for one that is new."`
	State       string  `arg:"state,default=selected,choices=present|selected|absent|auto" doc:"present: it can be chosen; selected: it is; auto: the best is; absent: it cannot."`
	Subcommands []any   `arg:"subcommands,elements=dict,alias=slaves" doc:"What is chosen with it: name, path and link of each."`
}

// slave is a further link that follows the choice.
type slave struct{ name, path, link string }

// alternative is one of the programs.
type alternative struct {
	priority int
	family   string
	slaves   []slave
}

// choice is what update-alternatives says about a name.
type choice struct {
	mode, path, link string
	all              map[string]alternative
}

const alternativesProbe = `
say "$(command -v update-alternatives)"
say "$(LC_ALL=C update-alternatives --display "$2" 2>/dev/null; echo "rc $?")"
if [ -e "$1" ]; then say y; else say n; fi
say "$1"
`

func planAlternatives(ctx context.Context, v module.View, a alternativesArgs) (module.Plan, error) {
	if a.Path == nil && a.Family == nil {
		return module.Done(module.Fail("one of the following is required: path, family")), nil
	}
	wanted, err := a.slaves()
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	path := ""
	if a.Path != nil {
		path = *a.Path
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at alternatives", alternativesProbe, []string{path}, a.Name))
	if err != nil {
		return module.Plan{}, err
	}
	if f.Next() == "" {
		return onhost.Missing("update-alternatives"), nil
	}
	shown, known := strings.CutSuffix(f.Next(), "rc 0")
	if !known {
		shown = ""
	}
	t := choosing{args: a, path: path, now: parseChoice(shown, wanted), slaves: wanted}
	there := f.Next() == "y"
	t.path = f.Next()
	return t.plan(there), f.Err()
}

// slaves reads the subcommands, each of which must have its three arguments.
func (a alternativesArgs) slaves() ([]slave, error) {
	var out []slave
	for _, raw := range a.Subcommands {
		m, ok := raw.(*value.Map)
		if !ok {
			return nil, fmt.Errorf("subcommands: %s is no mapping", value.Repr(raw))
		}
		for _, key := range []string{"name", "path", "link"} {
			if !m.Has(key) {
				return nil, fmt.Errorf("missing required arguments: %s found in subcommands", key)
			}
		}
		out = append(out, slave{value.Str(m.Value("name")), value.Str(m.Value("path")), value.Str(m.Value("link"))})
	}
	return out, nil
}

var (
	modeLine    = regexp.MustCompile(`(?m)\s-\s(?:status\sis\s)?(\w*)(?:\smode|.)$`)
	pointsLine  = regexp.MustCompile(`(?m)^\s*link currently points to (.*)$`)
	linkLine    = regexp.MustCompile(`(?m)^\s*link \w+ is (.*)$`)
	slaveLink   = regexp.MustCompile(`(?m)^\s*(?:slave|follower) (\S+) is (.*)$`)
	programLine = regexp.MustCompile(`(?m)^(/.*)\s-\s(?:family\s(\S+)\s)?priority\s(\d+)((?:\s+(?:slave|follower).*)*)`)
	slavePath   = regexp.MustCompile(`(?m)^\s+(?:slave|follower) (.*): (.*)$`)
)

func parseChoice(shown string, wanted []slave) choice {
	c := choice{mode: firstOf(modeLine, shown, ""), all: map[string]alternative{}}
	if c.mode == "" {
		return c
	}
	c.path, c.link = firstOf(pointsLine, shown, ""), firstOf(linkLine, shown, "")
	links := map[string]string{}
	for _, m := range slaveLink.FindAllStringSubmatch(shown, -1) {
		links[m[1]] = m[2]
	}
	if len(links) == 0 {
		for _, s := range wanted {
			links[s.name] = s.link
		}
	}
	for _, m := range programLine.FindAllStringSubmatch(shown, -1) {
		one := alternative{priority: atoi(m[3]), family: m[2]}
		for _, s := range slavePath.FindAllStringSubmatch(m[4], -1) {
			if s[2] != "(null)" {
				one.slaves = append(one.slaves, slave{s[1], s[2], links[s[1]]})
			}
		}
		c.all[m[1]] = one
	}
	return c
}

// choosing is a task of alternatives, after the look.
type choosing struct {
	args   alternativesArgs
	path   string
	now    choice
	slaves []slave
	steps  []onhost.Step
	told   []string
}

func (t *choosing) do(msg string, argv ...string) {
	t.steps = append(t.steps, onhost.Step{Argv: append([]string{"update-alternatives"}, argv...)})
	t.told = append(t.told, msg)
}

func (t *choosing) plan(there bool) module.Plan {
	if t.args.State == "absent" {
		if _, has := t.now.all[t.path]; has {
			t.do(fmt.Sprintf("Remove alternative '%s' from '%s'.", t.path, t.args.Name), "--remove", t.args.Name, t.path)
		}
		return t.done()
	}
	if t.installs() {
		if r := t.install(there); r != nil {
			return module.Done(*r)
		}
	}
	if t.args.State == "selected" && !t.chosen() {
		arg := t.path
		if t.args.Path == nil {
			arg = *t.args.Family
		}
		t.do(fmt.Sprintf("Set alternative '%s' for '%s'.", arg, t.args.Name), "--set", t.args.Name, arg)
	}
	if t.args.State == "auto" && t.now.mode == "manual" {
		t.do(fmt.Sprintf("Set alternative to auto for '%s'.", t.args.Name), "--auto", t.args.Name)
	}
	return t.done()
}

// installs tells whether the program is new, or is to have another priority or other subcommands.
func (t *choosing) installs() bool {
	if t.args.Path == nil {
		return false
	}
	one, has := t.now.all[t.path]
	return !has || t.args.Priority != nil && *t.args.Priority != one.priority ||
		t.args.Subcommands != nil && !(within(one.slaves, t.slaves) && within(t.slaves, one.slaves))
}

func within(some, all []slave) bool {
	return !slices.ContainsFunc(some, func(s slave) bool { return !slices.Contains(all, s) })
}

func (t *choosing) install(there bool) *module.Result {
	var r module.Result
	link := t.now.link
	if t.args.Link != nil && *t.args.Link != "" {
		link = *t.args.Link
	}
	switch {
	case !there:
		r = module.Fail("Specified path %s does not exist", t.path)
		return &r
	case link == "":
		r = module.Fail("Needed to install the alternative, but unable to do so as we are missing the link")
		return &r
	}
	priority := 50
	if one, has := t.now.all[t.path]; has {
		priority = one.priority
	}
	if t.args.Priority != nil {
		priority = *t.args.Priority
	}
	argv := []string{"--install", link, t.args.Name, t.path, strconv.Itoa(priority)}
	if t.args.Family != nil {
		argv = append(argv, "--family", *t.args.Family)
	}
	for _, s := range t.slaves {
		argv = append(argv, "--slave", s.link, s.name, s.path)
	}
	t.do(fmt.Sprintf("Install alternative '%s' for '%s'.", t.path, t.args.Name), argv...)
	return nil
}

// chosen tells whether the program, or one of the family, serves now.
func (t *choosing) chosen() bool {
	if t.args.Path != nil && t.now.path == t.path {
		return true
	}
	now, has := t.now.all[t.now.path]
	return has && t.args.Family != nil && now.family == *t.args.Family
}

func (t *choosing) done() module.Plan {
	// An empty message is told as well.
	return onhost.Plan(module.Result{}.With("msg", strings.Join(t.told, " ")), t.steps)
}
