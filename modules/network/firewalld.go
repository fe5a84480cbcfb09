package network

import (
	"context"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Firewalld keeps what zones of firewalld let through.
var Firewalld = module.Define(module.Spec{
	Name: "ansible.posix.firewalld",
	Doc:  "Keep what a zone of the firewall firewalld lets through, now and at boot.",
}, planFirewalld)

type firewalldArgs struct {
	State              string  `arg:"state,required,choices=absent|disabled|enabled|present" doc:"Whether it is let through; present and absent are for zones and their targets."`
	Zone               string  `arg:"zone" doc:"The zone; the default one if none is given."`
	Permanent          bool    `arg:"permanent,default=no" doc:"Keep it for the next start."`
	Immediate          bool    `arg:"immediate,default=no" doc:"Let it hold now; that is so anyway if it is not permanent."`
	Offline            bool    `arg:"offline,default=no" doc:"Allow a firewall that does not run."`
	Timeout            int     `arg:"timeout,default=0" doc:"Seconds after which what holds now ends; 0: never."`
	Service            *string `arg:"service" doc:"A service that firewalld knows by name."`
	Port               *string `arg:"port" doc:"A port, or a range: 6443/tcp, 30000-32767/udp."`
	PortForward        []any   `arg:"port_forward,elements=dict" doc:"One port to pass on: port, proto, toport and maybe toaddr."`
	Protocol           *string `arg:"protocol" doc:"A protocol."`
	Source             *string `arg:"source" doc:"Where packets of the zone come from; permanent must be given with it."`
	Interface          *string `arg:"interface" doc:"An interface of the zone, which must be given with it."`
	RichRule           *string `arg:"rich_rule" doc:"A rule in firewalld's rich language."`
	ICMPBlock          *string `arg:"icmp_block" doc:"A type of ICMP messages to block."`
	ICMPBlockInversion *bool   `arg:"icmp_block_inversion" doc:"Whether all ICMP messages but those are blocked."`
	Forward            *bool   `arg:"forward" doc:"Whether packets go from one interface of the zone to another."`
	Masquerade         *bool   `arg:"masquerade" doc:"Whether packets that leave the zone have its own address."`
	Target             *string `arg:"target,choices=default|ACCEPT|DROP|%%REJECT%%" doc:"What becomes of packets that nothing lets through; the zone must be given with it."`
}

// zoneItem is one thing that a zone has or has not, and how firewall-cmd speaks of it.
type zoneItem struct {
	name    string // of the argument
	flag    string // --add-FLAG, --remove-FLAG, --query-FLAG
	value   string // behind the flag; empty: none
	wanted  bool
	msg     string // what a change is called at the end; empty: nothing
	on, off string // what it is called before that: "Added %s to zone %s" and so on
	timeout bool
}

func planFirewalld(ctx context.Context, v module.View, a firewalldArgs) (module.Plan, error) {
	items, err := a.items()
	if err == nil {
		err = a.check(items)
	}
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	z := zoneTask{args: a, item: a.ofZone()}
	switch {
	case len(items) > 0:
		z.item = items[0]
	case a.State != "absent" && a.State != "present":
		return module.Done(module.Result{}.With("msg", "")), nil
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at firewalld", firewalldProbe, nil, append([]string{a.Zone, yes(a.Permanent), yes(a.Immediate || !a.Permanent)}, z.item.looking()...)...))
	if err != nil {
		return module.Plan{}, err
	}
	if f.Next() == "" {
		return onhost.Missing("firewall-cmd"), nil
	}
	z.running = f.Next() == "y"
	z.zone = f.Next()
	permanent, now := zoneAnswer{f.Next(), f.Next(), f.Next()}, zoneAnswer{f.Next(), f.Next(), f.Next()}
	return z.plan(permanent, now), f.Err()
}

func yes(b bool) string {
	if b {
		return "y"
	}
	return "n"
}

// firewalldProbe answers whether there is firewalld, whether it runs, the zone, and what the query says for good and now: output, errors and
// status of each. $1 zone, $2 y: for good, $3 y: now; then comes the query.
const firewalldProbe = `
zone=$1 good=$2 now=$3
shift 3
say "$(command -v firewall-cmd || command -v firewall-offline-cmd)"
if firewall-cmd --state >/dev/null 2>&1; then run=y ask=firewall-cmd for_good="firewall-cmd --permanent"; else run=n ask=firewall-offline-cmd for_good=$ask now=n; fi
say $run
[ -n "$zone" ] || zone=$($ask --get-default-zone)
say "$zone"
query() {
	if [ "$1" = n ]; then say; say; say; return; fi
	tool=$2
	shift 2
	[ "$1" = --get-zones ] || set -- --zone="$zone" "$@"
	errors=$($tool "$@" 2>&1 >&3)
	rc=$?
	say; say "$errors"; say $rc # the output stands before the end of its field already
}
exec 3>&1
query "$good" "$for_good" "$@"
query "$now" "$ask" "$@"
`

// zoneAnswer is what a query has said.
type zoneAnswer struct{ out, errors, rc string }

// zoneTask is a task of the module, after the look.
type zoneTask struct {
	args    firewalldArgs
	item    zoneItem
	running bool
	zone    string
}

// permanentOnly is the failure of what cannot hold now alone.
const permanentOnly = "Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or the 'immediate' flag to 'true'."

func (z zoneTask) plan(permanent, now zoneAnswer) module.Plan {
	a := z.args
	immediate := a.Immediate || !a.Permanent
	if a.Offline && !a.Permanent {
		return module.Done(module.Fail("offline cannot be enabled unless permanent changes are allowed"))
	}
	if a.Offline && !z.running {
		immediate = !a.Permanent
	}
	switch {
	case immediate && !z.running:
		return module.Done(module.Fail("firewall is not currently running, unable to perform immediate actions without a running firewall daemon"))
	case immediate && (z.item.flag == "zone" || z.item.flag == "target"):
		return module.Done(module.Fail(permanentOnly))
	}
	var steps []onhost.Step
	msg := map[[2]bool]string{{true, true}: "Permanent and Non-Permanent(immediate) operation", {true, false}: "Permanent operation", {false, true}: "Non-permanent operation"}[[2]bool{a.Permanent, immediate}]
	for _, side := range []struct {
		asked   bool
		is      zoneAnswer
		forGood bool
	}{{a.Permanent, permanent, true}, {immediate, now, false}} {
		if !side.asked {
			continue
		}
		has, err := z.item.answered(side.is, z.zone)
		if err != "" {
			return module.Done(module.Fail("ERROR: Exception caught: %s", err))
		}
		if has != z.item.wanted {
			steps = append(steps, onhost.Step{Argv: z.command(side.forGood), Refused: func(out module.Output) module.Result { return z.failed(out, msg) }})
		}
	}
	r := module.Result{}.With("msg", z.told(msg, len(steps) > 0))
	if len(steps) == 0 {
		return module.Done(r)
	}
	return onhost.Plan(r, steps).Predicting(module.Result{}) // check mode says no more than that it would
}

// told puts the message together.
func (z zoneTask) told(msg string, changed bool) string {
	i := z.item
	if changed {
		text := i.off
		if i.wanted {
			text = i.on
		}
		if text != "" {
			msg += ", " + strings.ReplaceAll(text, "ZONE", z.zone)
		}
		if i.msg != "" {
			msg += ", " + i.msg
		}
	}
	if !z.running {
		msg += ", (offline operation: only on-disk configs were altered)"
	}
	return msg
}

func (z zoneTask) failed(out module.Output, msg string) module.Result {
	text := strings.TrimPrefix(onhost.Said(out), "Error: ")
	if strings.Contains(text, "INVALID_SERVICE") {
		msg += ", Services are defined by port/tcp relationship and named as they are in /etc/services (on most systems)"
	}
	return module.Fail("ERROR: Exception caught: %s %s", text, msg)
}

// command makes the words that bring the item into its state.
func (z zoneTask) command(forGood bool) []string {
	i := z.item
	argv := []string{"firewall-cmd"}
	switch {
	case !z.running:
		argv[0] = "firewall-offline-cmd"
	case forGood:
		argv = append(argv, "--permanent")
	}
	switch {
	case i.flag == "zone" && i.wanted:
		return append(argv, "--new-zone="+z.zone)
	case i.flag == "zone":
		return append(argv, "--delete-zone="+z.zone)
	}
	argv = append(argv, "--zone="+z.zone)
	switch {
	case i.flag == "target" && i.wanted:
		return append(argv, "--set-target="+i.value)
	case i.flag == "target":
		return append(argv, "--set-target=default")
	case i.flag == "interface" && i.wanted:
		return append(argv, "--change-interface="+i.value)
	case i.wanted && i.timeout && !forGood && z.args.Timeout > 0:
		return append(argv, i.word("add"), fmt.Sprintf("--timeout=%d", z.args.Timeout))
	case i.wanted:
		return append(argv, i.word("add"))
	case i.flag == "service" && !z.running: // --remove-service of the offline tool is of an older kind
		return append(argv, "--remove-service-from-zone="+i.value)
	}
	return append(argv, i.word("remove"))
}

func (i zoneItem) word(verb string) string {
	if i.value == "" {
		return "--" + verb + "-" + i.flag
	}
	return "--" + verb + "-" + i.flag + "=" + i.value
}

// looking are the words that ask how it is.
func (i zoneItem) looking() []string {
	switch i.flag {
	case "zone":
		return []string{"--get-zones"}
	case "target":
		return []string{"--get-target"}
	}
	return []string{i.word("query")}
}

// answered reads the answer to looking, or the error that it is.
func (i zoneItem) answered(is zoneAnswer, zone string) (has bool, failed string) {
	if is.rc != "0" && is.rc != "1" {
		return false, strings.TrimPrefix(is.errors, "Error: ")
	}
	switch i.flag {
	case "zone":
		return strings.Contains(" "+strings.Join(strings.Fields(is.out), " ")+" ", " "+zone+" "), ""
	case "target":
		return strings.TrimSpace(is.out) == i.value, ""
	}
	return is.rc == "0", ""
}

// ofZone is the zone itself, which a task without any item is about.
func (a firewalldArgs) ofZone() zoneItem {
	return zoneItem{name: "zone", flag: "zone", wanted: a.State == "present", on: "Added zone ZONE", off: "Removed zone ZONE",
		msg: "Changed zone " + a.Zone + " to " + a.State}
}
