package packages

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Homebrew installs, upgrades and removes packages with Homebrew.
var Homebrew = module.Define(module.Spec{
	Name: "community.general.homebrew",
	Doc:  "Install, upgrade and remove packages with Homebrew.",
}, planHomebrew)

type homebrewArgs struct {
	Name           []string `arg:"name,alias=pkg|package|formula" doc:"The packages."`
	Path           string   `arg:"path,type=path,default=/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin" doc:"Where to look for brew besides."`
	State          string   `arg:"state,default=present,choices=present|installed|latest|upgraded|head|linked|unlinked|absent|removed|uninstalled" doc:"What they are to be."`
	Update         bool     `arg:"update_homebrew,default=no" doc:"Update Homebrew itself first."`
	UpgradeAll     bool     `arg:"upgrade_all,default=no,alias=upgrade" doc:"Upgrade everything first."`
	InstallOptions []string `arg:"install_options,alias=options" doc:"Options of install, without their hyphens."`
	UpgradeOptions []string `arg:"upgrade_options" doc:"Options of upgrade, without their hyphens."`
	Formula        bool     `arg:"force_formula,default=no" doc:"Take the names for formulae, not for casks."`
}

// brewProbe answers where brew is and what it knows of packages, as JSON, with its errors and status. $1 further folders, then come the
// arguments of brew info; none: no package is asked for.
const brewProbe = `
PATH=$PATH:$1
shift
say "$(command -v brew)"
command -v brew >/dev/null || exit 0
[ $# -gt 0 ] || exit 0
export HOMEBREW_NO_AUTO_UPDATE=True LC_ALL=C
errors=
out=$(brew info --json=v2 "$@" 2>/dev/null)
rc=$?
[ $rc = 0 ] || errors=$(brew info --json=v2 "$@" 2>&1 >/dev/null)
say "$out"; say "$errors"; say $rc
`

// brew is a task of the module.
type brew struct {
	homebrewArgs
	names []string
	path  string
	// what is known of the packages
	installed, outdated map[string]bool
}

var noPackageName = regexp.MustCompile(`[^\w./+\-:@]`)

func planHomebrew(ctx context.Context, v module.View, a homebrewArgs) (module.Plan, error) {
	b := brew{homebrewArgs: a}
	for _, name := range a.Name {
		b.names = append(b.names, strings.ToLower(name))
	}
	failed, err := b.look(ctx, v.Query)
	switch {
	case err != nil:
		return module.Plan{}, err
	case failed != nil:
		return module.Done(*failed), nil
	case b.path == "":
		return onhost.Missing("brew"), nil
	}
	d, failed := b.decide()
	if failed != nil && !a.Update && !a.UpgradeAll {
		return module.Done(*failed), nil
	}
	switch {
	case a.Update:
		d.foretold = "Homebrew would be updated."
	case a.UpgradeAll:
		d.foretold = "Homebrew packages would be upgraded."
	case len(d.commands) == 0:
		return module.Done(b.result(d, d.msg)), nil
	}
	foretold := b.result(brewDeeds{}, d.foretold) // check mode lists no packages
	return module.Change(module.Text("", d.foretold+"\n"), func(ctx context.Context, h module.Host) (module.Result, error) {
		return b.carry(ctx, h, d)
	}).Predicting(foretold), nil
}

// look asks brew about the packages.
func (b *brew) look(ctx context.Context, ask run) (*module.Result, error) {
	args := []string{}
	if len(b.names) > 0 {
		args = slices.Clone(b.names)
		if b.Formula {
			args = append(args, "--formula")
		}
	}
	var bad []string
	for _, name := range b.names {
		if name == "" || noPackageName.MatchString(name) {
			bad = append(bad, name)
		}
	}
	if len(bad) > 0 {
		r := module.Fail("Invalid package%s: %s", several(bad), strings.Join(bad, ", "))
		return &r, nil
	}
	out, err := ask(ctx, onhost.Probe("look at Homebrew", brewProbe, nil, append([]string{b.Path}, args...)...))
	if err != nil {
		return nil, err
	}
	f := onhost.Read(out)
	b.path, b.installed, b.outdated = f.Next(), map[string]bool{}, map[string]bool{}
	if b.path == "" || len(args) == 0 {
		return nil, f.Err()
	}
	text, errors, rc := f.Next(), f.Next(), f.Next()
	if rc != "0" {
		msg := strings.TrimSpace(errors)
		if msg == "" {
			msg = "Unknown failure with exit code " + rc
		}
		r := module.Fail("%s", msg)
		return &r, f.Err()
	}
	return b.read(text), f.Err()
}

// read takes in what brew info says, by the names that were asked for.
func (b *brew) read(text string) *module.Result {
	v, err := value.ParseJSON([]byte(text))
	all, ok := v.(*value.Map)
	if err != nil || !ok {
		r := module.Fail("brew info answers what is no JSON")
		return &r
	}
	for _, keys := range [][3]string{{"formulae", "name", "full_name"}, {"casks", "token", "full_token"}} {
		list, _ := all.Value(keys[0]).([]any)
		for _, x := range list {
			m, _ := x.(*value.Map)
			names := []string{value.Str(m.Value(keys[1])), value.Str(m.Value(keys[2]))}
			if tap, ok := m.Value("tap").(string); ok && tap != "" {
				names = append(names, tap+"/"+names[0])
			}
			aliases, _ := m.Value("aliases").([]any)
			for _, a := range aliases {
				names = append(names, value.Str(a))
			}
			if r := b.note(m, names); r != nil {
				return r
			}
		}
	}
	return nil
}

// note keeps how a package is, under the one name it was asked for by.
func (b *brew) note(m *value.Map, names []string) *module.Result {
	slices.Sort(names)
	asked := slices.DeleteFunc(slices.Compact(names), func(n string) bool { return !slices.Contains(b.names, n) })
	if len(asked) != 1 {
		r := module.Fail("Package names are missing or ambiguous: %s", strings.Join(asked, ", "))
		return &r
	}
	switch x := m.Value("installed").(type) {
	case []any:
		b.installed[asked[0]] = len(x) > 0
	case string:
		b.installed[asked[0]] = x != ""
	}
	b.outdated[asked[0]] = m.Value("outdated") == true
	return nil
}
