package network

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// IPTables keeps rules, chains and policies of iptables.
var IPTables = module.Define(module.Spec{
	Name: "ansible.builtin.iptables",
	Doc:  "Keep a rule, a chain or a policy of iptables in the running kernel.",
}, planIPTables)

type iptablesArgs struct {
	Table           string  `arg:"table,default=filter,choices=filter|nat|mangle|raw|security" doc:"The table."`
	State           string  `arg:"state,default=present,choices=absent|present" doc:"Whether the rule or chain is to be there."`
	Action          string  `arg:"action,default=append,choices=append|insert" doc:"Where a new rule goes: at the end, or before rule_num."`
	IPVersion       string  `arg:"ip_version,default=ipv4,choices=ipv4|ipv6|both" doc:"Which protocol's rules."`
	Chain           *string `arg:"chain" doc:"The chain. Required but with flush."`
	RuleNum         *string `arg:"rule_num" doc:"The place of a new rule with action insert."`
	Wait            *string `arg:"wait" doc:"Seconds to wait for others that change rules."`
	Flush           bool    `arg:"flush,default=no" doc:"Remove all rules of the chain, or of the table."`
	Policy          string  `arg:"policy,choices=ACCEPT|DROP|QUEUE|RETURN" doc:"What becomes of packets that no rule decides on."`
	ChainManagement bool    `arg:"chain_management,default=no" doc:"Make or remove the chain itself, where no rule is given."`
	Numeric         bool    `arg:"numeric,default=no" doc:"Do not look up names when listing."`
	ruleArgs
}

// setFlags are the choices of match_set_flags.
var setFlags = []string{"src", "dst", "src,dst", "dst,src", "src,src", "dst,dst"}

func (a iptablesArgs) check() string {
	tee := a.Jump != nil && strings.EqualFold(*a.Jump, "tee")
	switch {
	case a.DSCPMark != nil && a.DSCPClass != nil:
		return "parameters are mutually exclusive: set_dscp_mark|set_dscp_mark_class"
	case a.Flush && a.Policy != "":
		return "parameters are mutually exclusive: flush|policy"
	case (a.DSCPMark != nil || a.DSCPClass != nil) && a.Jump == nil:
		name := "set_dscp_mark"
		if a.DSCPClass != nil {
			name = "set_dscp_mark_class"
		}
		return "missing parameter(s) required by '" + name + "': jump"
	case tee && a.Gateway == nil:
		return "jump is " + *a.Jump + " but all of the following are missing: gateway"
	case !a.Flush && a.Chain == nil:
		return "flush is False but all of the following are missing: chain"
	case has(a.MatchSetFlags) && !slices.Contains(setFlags, *a.MatchSetFlags):
		return "value of match_set_flags must be one of: " + strings.Join(setFlags, ", ") + ", got: " + *a.MatchSetFlags
	case (has(a.LogPrefix) || has(a.LogLevel)) && a.Jump != nil && *a.Jump != "LOG":
		return "Logging options can only be used with the LOG jump target."
	}
	return ""
}

func planIPTables(ctx context.Context, v module.View, a iptablesArgs) (module.Plan, error) {
	if msg := a.check(); msg != "" {
		return module.Done(module.Fail("%s", msg)), nil
	}
	both := a.IPVersion == "both"
	rule := a.rule(map[string]string{"ipv4": "--icmp-type", "ipv6": "--icmpv6-type", "both": "--icmp-type --icmpv6-type"}[a.IPVersion])
	r := module.Result{}.With("ip_version", a.IPVersion).With("table", a.Table).With("chain", orNil(a.Chain)).With("flush", a.Flush).
		With("rule", strings.Join(rule, " ")).With("state", a.State).With("chain_management", a.ChainManagement).With("wait", orNil(a.Wait))
	if a.Jump == nil && (a.LogPrefix != nil || a.LogLevel != nil) {
		log := "LOG"
		a.Jump = &log
	}
	var tools []firewallTool
	if a.IPVersion == "ipv4" || both {
		tools = append(tools, firewallTool{"iptables", a.rule("--icmp-type")})
	}
	if a.IPVersion == "ipv6" || both {
		tools = append(tools, firewallTool{"ip6tables", a.rule("--icmpv6-type")})
	}
	return a.plan(ctx, v, tools, len(rule) > 0, r)
}

// firewallTool is iptables or ip6tables, with the rule as it takes it.
type firewallTool struct {
	name string
	rule []string
}

// plan looks by -C or -L, and decides.
func (a iptablesArgs) plan(ctx context.Context, v module.View, tools []firewallTool, hasRule bool, r module.Result) (module.Plan, error) {
	var script strings.Builder
	for _, t := range tools {
		look := a.looking(t, hasRule)
		for i, w := range look {
			look[i] = module.Quote(w)
		}
		script.WriteString("say \"$(command -v " + t.name + ")\"\nsaid=$(" + strings.Join(look, " ") + " 2>&1)\nrc=$?\nsay \"$said\"; say $rc\n")
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at iptables", script.String(), nil))
	if err != nil {
		return module.Plan{}, err
	}
	var steps []onhost.Step
	changed := false
	for _, t := range tools {
		path, said, rc := f.Next(), f.Next(), f.Next()
		if path == "" {
			return onhost.Missing(t.name), f.Err()
		}
		if a.Policy != "" && rc != "0" {
			return module.Done(t.refused(path, a.looking(t, hasRule))(module.Output{Rc: atoi(rc), Stderr: said + "\n"})), f.Err()
		}
		argv, changes, fails := a.decide(t, hasRule, said, rc == "0")
		if fails != "" {
			return module.Done(module.Fail("%s", fails)), f.Err()
		}
		changed = changed || changes
		if argv != nil {
			steps = append(steps, onhost.Step{Argv: argv, Refused: t.refused(path, argv)})
		}
	}
	if changed && len(steps) == 0 { // a chain that is not managed: Ansible calls that a change, too
		return module.Change(module.Diff{}, func(context.Context, module.Host) (module.Result, error) {
			r.Changed = true
			return r, nil
		}).Predicting(r), f.Err()
	}
	return onhost.Plan(r, steps), f.Err()
}

// refused is the failure of a command of the tool that stands at path.
func (t firewallTool) refused(path string, argv []string) func(module.Output) module.Result {
	return func(out module.Output) module.Result {
		return refused(out).With("cmd", strings.Join(append([]string{path}, argv[1:]...), " "))
	}
}

// command makes the words of iptables for an action.
func (a iptablesArgs) command(t firewallTool, action string, rule ...string) []string {
	argv := []string{t.name, "-t", a.Table, action}
	if a.Chain != nil {
		argv = append(argv, *a.Chain)
	}
	if action == "-I" && a.RuleNum != nil && *a.RuleNum != "" {
		argv = append(argv, *a.RuleNum)
	}
	if a.Wait != nil && *a.Wait != "" {
		argv = append(argv, "-w", *a.Wait)
	}
	return append(argv, rule...)
}

// looking is the command that tells how it is.
func (a iptablesArgs) looking(t firewallTool, hasRule bool) []string {
	switch {
	case a.Flush:
		return []string{"true"}
	case a.Policy == "" && hasRule:
		return a.command(t, "-C", t.rule...)
	case a.Numeric:
		return a.command(t, "-L", "--numeric")
	}
	return a.command(t, "-L")
}

var policyOf = regexp.MustCompile(`\(policy ([A-Z]+)\)`)

// decide says what is to be run, and whether that, or the lack of it, is a change.
func (a iptablesArgs) decide(t firewallTool, hasRule bool, said string, there bool) (argv []string, changed bool, fails string) {
	present := a.State == "present"
	switch {
	case a.Flush:
		return a.command(t, "-F"), true, ""
	case a.Policy != "":
		head, _, _ := strings.Cut(said, "\n")
		m := policyOf.FindStringSubmatch(head)
		switch {
		case m == nil:
			return nil, false, "Can't detect current policy"
		case m[1] == a.Policy:
			return nil, false, ""
		}
		return a.command(t, "-P", a.Policy), true, ""
	case there == present:
		return nil, false, ""
	case hasRule && present && a.Action == "insert":
		return a.command(t, "-I", t.rule...), true, ""
	case hasRule && present:
		return a.command(t, "-A", t.rule...), true, ""
	case hasRule:
		return a.command(t, "-D", t.rule...), true, ""
	case !a.ChainManagement:
		return nil, true, ""
	case present:
		return a.command(t, "-N"), true, ""
	}
	return a.command(t, "-X"), true, ""
}
