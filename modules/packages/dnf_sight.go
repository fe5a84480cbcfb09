// What the probe of dnf says, read into a dnfSight.

package packages

import (
	"context"
	_ "embed"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

//go:embed dnf_probe.sh
var dnfProbe string

// dnfSight is what one look at a host with dnf has shown.
type dnfSight struct {
	missing string   // why there is no dnf
	want    []string // specifications that dnf has to deal with
	none    []string // those that name nothing that is installed
	sim     string   // what dnf said it would do
	lists   map[string]string
	had     []rpm // what is installed of the packages in the table
}

// look runs the probe by ask, which is a Query or, in an Apply, an Exec.
func (j *dnfJob) look(ctx context.Context, ask run) (dnfSight, error) {
	a := j.args
	names := a.Name
	if a.all() {
		names = nil
	}
	options := a.options()
	if a.List != "" && a.UpdateCache {
		options = append(options, "--refresh")
	}
	args := []string{a.what(), strings.Join(options, "\n"), a.Installroot, flagged(flagWord{"update_only", a.UpdateOnly}), a.List}
	out, err := ask(ctx, module.Cmd{Script: dnfProbe, Args: append(args, names...)})
	if err != nil {
		return dnfSight{}, err
	}
	return readDnfProbe(out.Stdout), nil
}

func readDnfProbe(out string) dnfSight {
	s := module.Sections(out)
	seen := dnfSight{sim: s["sim"], lists: s, had: readHad(s["had"])}
	if other, ok := s["missing"]; ok {
		seen.missing = "nor yum or microdnf"
		if other = strings.TrimSpace(other); other != "" {
			seen.missing = "only " + strings.Join(module.Lines(other), " and ") + ", which is not supported"
		}
	}
	for _, line := range module.Lines(s["picked"]) {
		if spec, ok := strings.CutPrefix(line, "want "); ok {
			seen.want = append(seen.want, spec)
		} else if spec, ok := strings.CutPrefix(line, "none "); ok {
			seen.none = append(seen.none, spec)
		}
	}
	return seen
}

// dnfStep is a line of dnf's table of what it would do.
type dnfStep struct{ section, name, arch, version string }

// tableSection is the heading of a part of the table: "Installing:", "Upgrading:", "Removing unused dependencies:".
var tableSection = regexp.MustCompile(`^(Installing|Upgrading|Reinstalling|Downgrading|Removing)([a-z ]*):$`)

// readDnfTable reads the table of a transaction. A name too long for its column stands on a line of its own, so words are gathered until
// a row is whole.
func readDnfTable(sim string) []dnfStep {
	var steps []dnfStep
	var row []string
	section := ""
	for _, line := range module.Lines(sim) {
		if m := tableSection.FindStringSubmatch(line); m != nil {
			section, row = m[1], nil
			continue
		}
		if !strings.HasPrefix(line, " ") || strings.HasPrefix(strings.TrimSpace(line), "replacing ") {
			if !strings.HasPrefix(line, " ") {
				section = ""
			}
			continue
		}
		if section == "" {
			continue
		}
		if row = append(row, strings.Fields(line)...); len(row) >= 5 {
			steps, row = append(steps, dnfStep{section, row[0], row[1], row[2]}), nil
		}
	}
	return steps
}

// changes tells whether dnf would change anything that the task allows.
func (s dnfSight) changes(a dnfArgs) bool {
	return strings.Contains(s.sim, "Transaction Summary") && (a.AllowDowngrade || !s.onlyDowngrades())
}

// onlyDowngrades says that all that dnf would do is to go back to older versions: without allow_downgrade that is nothing to do.
func (s dnfSight) onlyDowngrades() bool {
	steps := readDnfTable(s.sim)
	for _, step := range steps {
		if step.section != "Downgrading" {
			return false
		}
	}
	return len(steps) > 0
}

// foretold are the lines of Ansible's results for the table.
func (s dnfSight) foretold() []any {
	var out []any
	for _, step := range readDnfTable(s.sim) {
		word := "Installed: "
		if step.section == "Removing" {
			word = "Removed: "
		}
		out = append(out, word+step.name+"-"+step.version+"."+step.arch)
	}
	return out
}

// locked says that dnf calculated nothing, because another process holds its lock.
func (s dnfSight) locked() bool {
	_, _, locked := dnfLock(s.sim)
	return locked
}

// summary is the part of the simulation for people: the table.
func (s dnfSight) summary() string {
	_, table, found := strings.Cut(s.sim, "\n====")
	if !found {
		return ""
	}
	table, _, _ = strings.Cut("===="+table, "Operation aborted")
	return table
}

// nothing is the result when dnf has nothing to do.
func (s dnfSight) nothing() module.Result {
	var results []any
	for _, spec := range s.none {
		results = append(results, "No match for argument: "+spec)
	}
	return dnfResult("Nothing to do", results)
}

var (
	noMatch  = regexp.MustCompile(`(?m)^No match for argument: (.*)$`)
	unable   = regexp.MustCompile(`(?m)^Error: Unable to find a match: (.*)$`)
	dnfError = regexp.MustCompile(`(?m)^(?:Error|Failed to resolve the transaction): ?((?:.*\n?)*)`)
)

// failure is the result when dnf would refuse, nil if it would not.
func (s dnfSight) failure(a dnfArgs) *module.Result {
	if !strings.Contains(s.sim, "Error:") && !strings.Contains(s.sim, "Failed to resolve") && !unable.MatchString(s.sim) || a.what() == "none" {
		return nil
	}
	var failures []any
	missing := noMatch.FindAllStringSubmatch(s.sim, -1)
	if len(missing) == 0 {
		missing = unable.FindAllStringSubmatch(s.sim, -1)
	}
	for _, m := range missing {
		failures = append(failures, "No package "+m[1]+" available.")
	}
	if m := dnfError.FindStringSubmatch(s.sim); m != nil && len(failures) == 0 {
		failures = append(failures, strings.TrimSpace(m[1]))
	}
	if len(missing) == 0 {
		r := module.Fail("%v", failures[0]).With("failures", failures).With("rc", 1).With("results", []any{})
		return &r
	}
	r := module.Fail("Failed to install some of the specified packages").With("failures", failures).With("rc", 1).With("results", []any{})
	return &r
}

// listed is the answer of list.
func listed(s dnfSight) module.Result {
	results := append(packageRows(s.lists["installed"], "installed"), packageRows(s.lists["available"], "available")...)
	for _, line := range module.Lines(s.lists["repos"]) {
		results = append(results, dict("repoid", strings.Fields(line)[0], "state", "enabled"))
	}
	if e := dnfError.FindStringSubmatch(s.lists["available"]); e != nil {
		return module.Fail("%s", strings.TrimSpace(e[1])).With("rc", 1).With("results", []any{})
	}
	r := dnfResult("", results)
	r.Data.Delete("rc")
	return r
}

// packageRows reads lines of name|epoch|version|release|arch|repository.
func packageRows(text, state string) []any {
	var out []any
	for _, line := range module.Lines(text) {
		f := strings.Split(line, "|")
		if len(f) != 6 {
			continue
		}
		epoch := f[1]
		if epoch == "(none)" || epoch == "" {
			epoch = "0"
		}
		nevra := epoch + ":" + f[0] + "-" + f[2] + "-" + f[3] + "." + f[4]
		out = append(out, dict("arch", f[4], "envra", nevra, "epoch", epoch, "name", f[0], "nevra", nevra,
			"release", f[3], "repo", f[5], "version", f[2], "yumstate", state))
	}
	return out
}
