package network

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// UFW keeps rules and settings of ufw.
var UFW = module.Define(module.Spec{
	Name:    "community.general.ufw",
	Aliases: []string{"ansible.builtin.ufw"},
	Doc:     "Keep rules and settings of the firewall ufw.",
}, planUFW)

type ufwArgs struct {
	State        string  `arg:"state,choices=enabled|disabled|reloaded|reset" doc:"What the firewall is to be, or to do."`
	Default      string  `arg:"default,alias=policy,choices=allow|deny|reject" doc:"What becomes of packets that no rule decides on."`
	Logging      string  `arg:"logging,choices=full|high|low|medium|off|on" doc:"How much is logged."`
	Direction    string  `arg:"direction,choices=in|incoming|out|outgoing|routed" doc:"Which way, for a rule (in, out) or for default (incoming, outgoing, routed)."`
	Delete       bool    `arg:"delete,default=no" doc:"Remove the rule."`
	Route        bool    `arg:"route,default=no" doc:"The rule is about packets that are passed on."`
	Insert       *int    `arg:"insert" doc:"The place of a new rule."`
	InsertFrom   string  `arg:"insert_relative_to,default=zero,choices=zero|first-ipv4|last-ipv4|first-ipv6|last-ipv6" doc:"What that place is counted from."`
	Rule         string  `arg:"rule,choices=allow|deny|limit|reject" doc:"What the rule does."`
	Interface    *string `arg:"interface,alias=if" doc:"The interface, with direction."`
	InterfaceIn  *string `arg:"interface_in,alias=if_in" doc:"The interface a packet comes in by."`
	InterfaceOut *string `arg:"interface_out,alias=if_out" doc:"The interface a packet goes out by."`
	Log          bool    `arg:"log,default=no" doc:"Log what the rule matches."`
	FromIP       string  `arg:"from_ip,default=any,alias=from|src" doc:"Where packets come from."`
	FromPort     *string `arg:"from_port" doc:"The port they come from."`
	ToIP         string  `arg:"to_ip,default=any,alias=dest|to" doc:"Where they go."`
	ToPort       *string `arg:"to_port,alias=port" doc:"The port they go to: 22, 80,443, 1000:2000."`
	Proto        string  `arg:"proto,alias=protocol,choices=ah|any|esp|ipv6|tcp|udp|gre|igmp|vrrp" doc:"The protocol."`
	Name         *string `arg:"name,alias=app" doc:"An application that ufw knows by name, instead of ports."`
	Comment      *string `arg:"comment" doc:"A comment at the rule."`
}

func (a ufwArgs) check() string {
	given := 0
	for _, b := range []bool{a.Name != nil, a.Proto != "", a.Logging != ""} {
		if b {
			given++
		}
	}
	switch {
	case given > 1:
		return "parameters are mutually exclusive: name|proto|logging"
	case a.Direction != "" && a.InterfaceIn != nil:
		return "parameters are mutually exclusive: direction|interface_in"
	case a.Direction != "" && a.InterfaceOut != nil:
		return "parameters are mutually exclusive: direction|interface_out"
	case a.State == "" && a.Default == "" && a.Rule == "" && a.Logging == "":
		return "one of the following is required: state, default, rule, logging"
	case a.Interface != nil && a.Direction == "":
		return "missing parameter(s) required by 'interface': direction"
	case a.Default != "" && (a.Direction == "in" || a.Direction == "out"):
		return `For default, direction must be one of "outgoing", "incoming" and "routed", or direction must not be specified.`
	case a.Rule != "" && a.Direction != "" && a.Direction != "in" && a.Direction != "out":
		return `For rules, direction must be one of "in" and "out", or direction must not be specified.`
	case a.Rule != "" && !a.Route && has(a.InterfaceIn) && has(a.InterfaceOut):
		return "Only route rules can combine interface_in and interface_out"
	}
	return ""
}

// ufwRules is where the rules stand, as Ansible reads them.
const ufwRules = "/lib/ufw/user.rules /lib/ufw/user6.rules /etc/ufw/user.rules /etc/ufw/user6.rules /var/lib/ufw/user.rules /var/lib/ufw/user6.rules"

// ufwState answers how the firewall is and which rules it has.
const ufwState = `
said=$(LANG=C ufw status verbose 2>&1; rc=$?; echo .; exit $rc)
rc=$?
say "${said%.}"; say $rc
say "$(grep -h '^### tuple' ` + ufwRules + ` 2>/dev/null)"
`

// ufwProbe answers the tools and the state and, if $1 is numbered, the rules with their numbers, or if it is rule, what a dry run of the rule, which
// is given as further arguments, makes of them.
const ufwProbe = `
say "$(command -v ufw)"
say "$(command -v grep)"
command -v ufw >/dev/null || exit 0
` + ufwState + `
what=$1
[ $# = 0 ] || shift
case $what in
numbered) say "$(ufw status numbered)" ;;
rule)
	exec 3>&1
	errors=$(LANG=C ufw --dry-run "$@" 2>&1 >&3)
	rc=$?
	say; say "$errors"; say $rc ;; # the output stands before the end of its field already
esac
`

// firewall is how ufw is.
type firewall struct {
	path, grep    string
	status, rules string
}

func readFirewall(f *onhost.Fields, w *firewall) (failed *module.Result) {
	status, rc := f.Next(), f.Next()
	w.status, w.rules = status, f.Next()
	if rc != "0" {
		r := module.Fail("%s", status).With("commands", []any{w.path + " status verbose"})
		return &r
	}
	return nil
}

func planUFW(ctx context.Context, v module.View, a ufwArgs) (module.Plan, error) {
	if msg := a.check(); msg != "" {
		return module.Done(module.Fail("%s", msg)), nil
	}
	t := ufwTask{args: a}
	var asks []string
	switch {
	case a.Rule != "" && a.Insert != nil && !a.Delete && a.InsertFrom != "zero":
		asks = []string{"numbered"} // the words of the rule depend on the answer
	case a.Rule != "":
		t.rule = a.words("")
		asks = append([]string{"rule"}, t.rule...)
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at ufw", ufwProbe, nil, asks...))
	if err != nil {
		return module.Plan{}, err
	}
	w := firewall{path: f.Next(), grep: f.Next()}
	if w.path == "" {
		return onhost.Missing("ufw"), nil
	}
	if failed := readFirewall(f, &w); failed != nil {
		return module.Done(*failed), f.Err()
	}
	t.was = w
	if len(asks) == 1 {
		t.rule = a.words(f.Next())
		if f, err = onhost.Look(ctx, v, onhost.Probe("look at ufw", ufwProbe, nil, append([]string{"rule"}, t.rule...)...)); err != nil {
			return module.Plan{}, err
		}
		for range 5 {
			f.Next() // the same as before
		}
	}
	if a.Rule != "" {
		if failed := t.foresee(f.Next(), f.Next(), f.Next()); failed != nil {
			return module.Done(*failed), f.Err()
		}
	}
	return t.plan(), f.Err()
}

// ufwTask is a task of the module, after the look.
type ufwTask struct {
	args ufwArgs
	was  firewall
	rule []string // what ufw is given for the rule
	will bool     // the rule changes something
}

// plan runs the commands if one of them changes something. ufw is told all of them then, as by Ansible.
func (t ufwTask) plan() module.Plan {
	commands, certain, changes, maybe := t.commands()
	if !changes && !maybe {
		return module.Done(module.Result{Msg: strings.TrimRight(t.was.status, " \n")}.With("commands", t.toldAfter(commands, false)))
	}
	diff := module.Diff{}
	for _, c := range commands {
		diff.After += "ufw " + strings.Join(c, " ") + "\n"
	}
	foreseen := t.told(nil, "") // check mode tells of the dry run only
	if t.rule != nil {
		foreseen = t.told([][]string{t.rule}, "--dry-run ")
	}
	plan := module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		return t.carry(ctx, h, commands, certain)
	}).Predicting(module.Result{}.With("commands", foreseen))
	if !changes {
		return plan.Quietly()
	}
	return plan
}

// told is the list of the commands that a result shows: looking, and then those given to ufw. prefix stands before each of them.
func (t ufwTask) told(commands [][]string, prefix string) []any {
	out := []any{t.was.path + " status verbose", t.was.grep + " -h '^### tuple' " + ufwRules}
	for _, c := range commands {
		if c[0] != "-f" && c[0] != "logging" && c[0] != "default" {
			out = append(out, t.was.path+" --version")
		}
		out = append(out, t.was.path+" "+prefix+t.shown(c))
	}
	return out
}

// toldAfter is told with the look afterwards, which needs no rules where the change is certain.
func (t ufwTask) toldAfter(commands [][]string, certain bool) []any {
	out := append(t.told(commands, ""), t.was.path+" status verbose")
	if !certain {
		out = append(out, t.was.grep+" -h '^### tuple' "+ufwRules)
	}
	return out
}

// shown writes a command as Ansible does, who quotes names and comments.
func (t ufwTask) shown(words []string) string {
	var out []string
	for i, w := range words {
		if i > 0 && (words[i-1] == "app" || words[i-1] == "comment") {
			w = "'" + w + "'"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

func (t ufwTask) carry(ctx context.Context, h module.Host, commands [][]string, certain bool) (module.Result, error) {
	for i, c := range commands {
		out, err := onhost.Run(ctx, h, append([]string{"env", "LANG=C", "ufw"}, c...)...)
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			msg := out.Stderr
			if msg == "" {
				msg = out.Stdout
			}
			return module.Fail("%s", msg).With("commands", t.told(commands[:i+1], "")), nil
		}
	}
	out, err := h.Exec(ctx, onhost.Probe("look at ufw again", ufwState, nil))
	if err != nil {
		return module.Result{}, err
	}
	f := onhost.Read(out)
	now := firewall{path: t.was.path}
	if failed := readFirewall(f, &now); failed != nil {
		return *failed, f.Err()
	}
	return module.Result{
		Changed: certain || now.status != t.was.status || now.rules != t.was.rules, Msg: strings.TrimRight(now.status, " \n"),
	}.With("commands", t.toldAfter(commands, certain)), f.Err()
}

var (
	loggingOf = regexp.MustCompile(`Logging: (on|off)(?: \(([a-z]+)\))?`)
	defaultOf = regexp.MustCompile(`Default: (deny|allow|reject) \(incoming\), (deny|allow|reject) \(outgoing\), (deny|allow|reject|disabled) \(routed\)`)
)

// commands are what ufw is told, whether one of them is a change whatever comes of it, whether one is foreseen to be, and whether one may
// write something down that the state does not show.
func (t ufwTask) commands() (list [][]string, certain, changes, maybe bool) {
	a := t.args
	if a.State != "" {
		verb := map[string]string{"enabled": "enable", "disabled": "disable", "reloaded": "reload", "reset": "reset"}[a.State]
		list = append(list, []string{"-f", verb})
		certain = a.State == "reloaded" || a.State == "reset"
		active := strings.Contains(t.was.status, " active")
		changes = certain || active == (a.State == "disabled")
	}
	if a.Default != "" {
		words := []string{"default", a.Default}
		if a.Direction != "" {
			words = append(words, a.Direction)
		}
		list = append(list, words)
		other, hidden := t.otherDefault()
		changes, maybe = changes || other, hidden
	}
	if a.Rule != "" {
		list = append(list, t.rule)
		changes = changes || t.will
	}
	if a.Logging != "" {
		list = append(list, []string{"logging", a.Logging})
		other := t.otherLogging()
		certain, changes = certain || other, changes || other
	}
	return list, certain, changes, maybe
}

// otherDefault tells whether the default is another, or hidden: that of packets passed on does not show while none are.
func (t ufwTask) otherDefault() (other, hidden bool) {
	m := defaultOf.FindStringSubmatch(t.was.status)
	if m == nil {
		return true, false
	}
	now := map[string]string{"": m[1], "incoming": m[1], "outgoing": m[2], "routed": m[3]}[t.args.Direction]
	return now != t.args.Default && now != "disabled", now == "disabled"
}

func (t ufwTask) otherLogging() bool {
	m := loggingOf.FindStringSubmatch(t.was.status)
	switch {
	case m == nil:
		return true
	case t.args.Logging == "off":
		return m[1] != "off"
	case m[1] == "off":
		return true
	}
	return t.args.Logging != "on" && t.args.Logging != m[2]
}

func itoa(n int) string { return strconv.Itoa(n) }
