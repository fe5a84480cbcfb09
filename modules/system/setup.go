package system

import (
	"context"
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Setup gathers facts about a host.
var Setup = module.Define(module.Spec{
	Name: "ansible.builtin.setup",
	Doc:  "Gather facts about the host, by one script and without Python.",
}, planSetup)

// GatherFacts is what a play runs first; it does what setup does.
var GatherFacts = module.Define(module.Spec{
	Name: "ansible.builtin.gather_facts",
	Doc:  "Gather facts about the host, as a play does at its beginning.",
}, func(ctx context.Context, v module.View, a gatherArgs) (module.Plan, error) {
	return planSetup(ctx, v, a.setupArgs)
})

type setupArgs struct {
	GatherSubset  []string `arg:"gather_subset,default=all" doc:"What to gather: all, min, network, hardware, virtual, or a part of them; with ! before it, what not."`
	Filter        []string `arg:"filter" doc:"Return only facts whose name matches one of these globs."`
	FactPath      string   `arg:"fact_path,default=/etc/ansible/facts.d,type=path" doc:"The directory of local facts, *.fact."`
	GatherTimeout int      `arg:"gather_timeout,default=10" doc:"Seconds for a single thing that may hang, such as a file system of a server that is gone."`
}

type gatherArgs struct {
	setupArgs
	Parallel *bool `arg:"parallel" doc:"Has no effect: there is one module to run."`
}

//go:embed facts.sh
var factsScript string

func planSetup(ctx context.Context, v module.View, a setupArgs) (module.Plan, error) {
	groups, err := subsets(a.GatherSubset)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	args := []string{strings.Join(groups, " "), a.FactPath, fmt.Sprint(max(a.GatherTimeout, 1))}
	out, err := v.Query(ctx, module.Cmd{Script: factsScript, Args: args})
	if err != nil {
		return module.Plan{}, err
	}
	if out.Rc != 0 {
		return module.Done(module.Fail("facts could not be gathered: %s", said(out)).With("rc", out.Rc)), nil
	}
	facts := readFacts(out.Stdout, groups)
	facts.Set("gather_subset", anys(a.GatherSubset))
	facts.Set("module_setup", true)
	facts = filtered(facts, a.Filter)
	return module.Done(module.Result{Facts: facts}), nil
}

// The groups of facts that the script knows, and the parts that people may name, by group.
const (
	groupMin          = "min"
	groupPlatform     = "platform"
	groupDistribution = "distribution"
	groupHardware     = "hardware"
	groupNetwork      = "network"
	groupVirtual      = "virtual"
	groupOther        = "other"
)

var groupParts = map[string][]string{
	groupMin: {"min", "apparmor", "caps", "cmdline", "date_time", "dns", "env", "fips", "local", "lsb", "pkg_mgr", "python", "selinux",
		"service_mgr", "ssh_pub_keys", "user"},
	groupPlatform:     {"platform", "system", "machine", "architecture", "machine_id", "python_version", "kernel"},
	groupDistribution: {"distribution", "distribution_version", "distribution_release", "distribution_major_version", "os_family"},
	groupHardware:     {"hardware", "devices", "memory", "mounts", "processor", "processor_cores", "processor_count", "uptime_seconds", "lvm", "dmi"},
	groupNetwork: {"network", "interfaces", "default_ipv4", "default_ipv6", "all_ipv4_addresses", "all_ipv6_addresses", "ipv4_address",
		"ipv6_address", "locally_reachable"},
	groupVirtual: {"virtual", "virtualization_role", "virtualization_type", "virtualization_tech_guest", "virtualization_tech_host"},
	groupOther: {"fibre_channel_wwn", "iscsi", "nvme", "loadavg", "systemd", "chroot", "is_chroot", "facter", "ohai", "sysctl", "lspci",
		"env_other"},
}

// always is what min stands for.
var always = []string{groupMin, groupPlatform, groupDistribution}

// allGroups is what all stands for, in the order of the facts.
var allGroups = []string{groupPlatform, groupDistribution, groupMin, groupOther, groupHardware, groupNetwork, groupVirtual}

// subsets turns gather_subset into groups. As in Ansible, min is in unless it is excluded; a list that only excludes gathers no more than
// min; and what other facts are calculated from is in with them.
func subsets(asked []string) ([]string, error) {
	wanted := map[string]bool{}
	add := func(names ...string) {
		for _, n := range names {
			wanted[n] = true
		}
	}
	excluded := map[string]bool{}
	add(always...)
	for _, name := range asked {
		bare, not := strings.CutPrefix(strings.TrimSpace(name), "!")
		groups, ok := groupsOf(bare)
		if !ok {
			return nil, fmt.Errorf("Bad subset '%s' given to Ansible. gather_subset options allowed: all, %s", bare, strings.Join(partNames(), ", "))
		}
		switch {
		case !not:
			add(groups...)
		case bare == "min": // what is asked for by a name of its own stays
			for _, g := range always {
				excluded[g] = !asksFor(asked, g)
			}
		case bare != "all":
			for _, g := range groups {
				excluded[g] = true
			}
		}
	}
	for g, out := range excluded {
		if out && !slices.Contains(asked, g) {
			delete(wanted, g)
		}
	}
	if wanted[groupMin] || wanted[groupNetwork] {
		add(groupPlatform, groupDistribution)
	}
	if wanted[groupHardware] {
		add(groupPlatform)
	}
	return slices.DeleteFunc(slices.Clone(allGroups), func(g string) bool { return !wanted[g] }), nil
}

// asksFor tells whether one of the names is a part of a group.
func asksFor(names []string, group string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(groupParts[group], strings.TrimSpace(n)) })
}

func groupsOf(name string) ([]string, bool) {
	switch name {
	case "all":
		return allGroups, true
	case "min":
		return always, true
	}
	for g, parts := range groupParts {
		if slices.Contains(parts, name) {
			return []string{g}, true
		}
	}
	return nil, false
}

func partNames() []string {
	var names []string
	for _, parts := range groupParts {
		names = append(names, parts...)
	}
	slices.Sort(names)
	return names
}

// readFacts makes facts of what the script printed.
func readFacts(out string, groups []string) *value.Map {
	s := module.Sections(out)
	facts := &value.Map{}
	readers := map[string]func(*value.Map, map[string]string){
		groupPlatform: platformFacts, groupDistribution: distributionFacts, groupMin: minimalFacts, groupOther: otherFacts,
		groupHardware: hardwareFacts, groupNetwork: networkFacts, groupVirtual: virtualFacts,
	}
	for _, g := range groups {
		readers[g](facts, s)
	}
	return facts
}

// filtered keeps the facts that a glob matches, with or without the prefix of their names. No globs keep all.
func filtered(facts *value.Map, globs []string) *value.Map {
	globs = slices.DeleteFunc(slices.Clone(globs), func(g string) bool { return g == "" })
	if len(globs) == 0 || slices.Contains(globs, "*") {
		return facts
	}
	kept := &value.Map{}
	for k, v := range facts.All() {
		name := k.(string)
		for _, g := range globs {
			full, _ := path.Match(g, name)
			short, _ := path.Match("ansible_"+g, name)
			if full || short {
				kept.Set(name, v)
			}
		}
	}
	return kept
}

// anys turns texts into a list value; no texts are an empty list.
func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
