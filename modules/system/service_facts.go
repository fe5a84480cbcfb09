package system

import (
	"context"
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// ServiceFacts reads which services a host has and how they are.
var ServiceFacts = module.Define(module.Spec{
	Name: "ansible.builtin.service_facts",
	Doc:  "Read the services of the host and their states as facts.",
}, planServiceFacts)

type serviceFactsArgs struct{}

//go:embed service_facts.sh
var serviceProbe string

func planServiceFacts(ctx context.Context, v module.View, _ serviceFactsArgs) (module.Plan, error) {
	out, err := v.Query(ctx, module.Cmd{Script: serviceProbe})
	if err != nil {
		return module.Plan{}, err
	}
	s := module.Sections(out.Stdout)
	services := &value.Map{}
	initServices(services, s["sysv"])
	openrcServices(services, s["openrc"])
	systemdServices(services, s)
	if services.Len() == 0 {
		return module.Done(module.Result{Skipped: true, Msg: "Failed to find any services. This can be due to privileges or some other configuration issue."}), nil
	}
	return module.Done(module.Result{Facts: dict("services", services)}), nil
}

func addService(services *value.Map, name, state, status, source string) {
	d := dict("name", name, "state", state)
	if status != "" {
		d.Set("status", status)
	}
	services.Set(name, d.Set("source", source))
}

// initLine is a line of service --status-all: " [ + ]  ssh".
var initLine = regexp.MustCompile(`^ *\[ ([+-]) \] +(\S+)`)

func initServices(services *value.Map, text string) {
	for _, line := range module.Lines(text) {
		if m := initLine.FindStringSubmatch(line); m != nil {
			addService(services, m[2], word(m[1] == "+", "running", "stopped"), "", "sysv")
		}
	}
}

// openrcLine is a line of rc-status -a -s -m: " sshd    [  started 00:10:02 (0) ]".
var openrcLine = regexp.MustCompile(`^ +(\S+) +\[ +(\w+)`)

func openrcServices(services *value.Map, text string) {
	for _, line := range module.Lines(text) {
		if m := openrcLine.FindStringSubmatch(line); m != nil {
			addService(services, m[1], m[2], "", "openrc")
		}
	}
}

// troubles are words of systemctl that take the place of a unit's status.
var troubles = []string{"not-found", "masked", "failed"}

// systemdServices joins the units that systemd has in memory with the unit files; of files without a unit the state is asked for
// besides.
func systemdServices(services *value.Map, s map[string]string) {
	for _, line := range module.Lines(s["units"]) {
		fields := strings.Fields(strings.TrimLeft(line, "●*○↻× "))
		if len(fields) < 4 || !strings.HasSuffix(fields[0], ".service") {
			continue
		}
		status := fields[2]
		for _, t := range troubles {
			if slices.Contains(fields[1:4], t) {
				status = t
			}
		}
		addService(services, fields[0], word(fields[3] == "running", "running", "stopped"), status, "systemd")
	}
	states := unitStates(s["states"])
	for _, line := range module.Lines(s["files"]) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasSuffix(fields[0], ".service") {
			continue
		}
		have, known := services.Value(fields[0]).(*value.Map)
		switch {
		case !known:
			state := "unknown"
			if got, ok := states[fields[0]]; ok {
				state = got
			}
			addService(services, fields[0], state, fields[1], "systemd")
		case !slices.Contains(troubles, value.Str(have.Value("status"))):
			have.Set("status", fields[1])
		}
	}
}

// unitStates reads blocks of Names= and ActiveState= as systemctl show prints them for several units. An alias is among the names.
func unitStates(text string) map[string]string {
	states := map[string]string{}
	for block := range strings.SplitSeq(text, "\n\n") {
		p := readProperties(block)
		for _, name := range strings.Fields(value.Str(p.Value("Names"))) {
			states[name] = value.Str(p.Value("ActiveState"))
		}
	}
	return states
}
