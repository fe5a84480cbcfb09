// The words of a rule of iptables.

package network

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// ruleArgs are what a rule is made of.
type ruleArgs struct {
	Protocol         *string    `arg:"protocol" doc:"The protocol: tcp, udp, icmp; as in all texts of a rule, a ! before it negates."`
	Source           *string    `arg:"source" doc:"Where packets come from."`
	ToSource         *string    `arg:"to_source" doc:"The new source, with jump SNAT."`
	Destination      *string    `arg:"destination" doc:"Where packets go."`
	ToDestination    *string    `arg:"to_destination" doc:"The new destination, with jump DNAT."`
	Match            []string   `arg:"match" doc:"Extensions to match by."`
	TCPFlags         *value.Map `arg:"tcp_flags" doc:"flags to look at, and flags_set that are to be set."`
	Jump             *string    `arg:"jump" doc:"What to do with the packet: a target or a chain."`
	Gateway          *string    `arg:"gateway" doc:"Where the copy goes, with jump TEE."`
	LogPrefix        *string    `arg:"log_prefix" doc:"The text before each line of the log."`
	LogLevel         *string    `arg:"log_level,choices=0|1|2|3|4|5|6|7|emerg|alert|crit|error|warning|notice|info|debug" doc:"The level of the log."`
	Goto             *string    `arg:"goto" doc:"The chain to go on in, without coming back."`
	InInterface      *string    `arg:"in_interface" doc:"The interface a packet comes in by."`
	OutInterface     *string    `arg:"out_interface" doc:"The interface a packet goes out by."`
	Fragment         *string    `arg:"fragment" doc:"Further fragments of a packet."`
	SetCounters      *string    `arg:"set_counters" doc:"Counters to begin with: packets and bytes."`
	SourcePort       *string    `arg:"source_port" doc:"The port packets come from, or a range a:b."`
	DestinationPort  *string    `arg:"destination_port" doc:"The port packets go to, or a range a:b."`
	DestinationPorts []string   `arg:"destination_ports" doc:"Several of them."`
	ToPorts          *string    `arg:"to_ports" doc:"The new port, with jump REDIRECT and its like."`
	DSCPMark         *string    `arg:"set_dscp_mark" doc:"The DSCP mark to set."`
	DSCPClass        *string    `arg:"set_dscp_mark_class" doc:"The DSCP class to set."`
	Comment          *string    `arg:"comment" doc:"A comment in the rule."`
	CTState          []string   `arg:"ctstate" doc:"States of the connection."`
	SrcRange         *string    `arg:"src_range" doc:"A range of sources."`
	DstRange         *string    `arg:"dst_range" doc:"A range of destinations."`
	MatchSet         *string    `arg:"match_set" doc:"A set of ipset."`
	MatchSetFlags    *string    `arg:"match_set_flags" doc:"What of a packet is looked for in the set."`
	Limit            *string    `arg:"limit" doc:"How often the rule matches on average: 5/minute."`
	LimitBurst       *string    `arg:"limit_burst" doc:"How often before the limit counts."`
	UIDOwner         *string    `arg:"uid_owner" doc:"The user that sends."`
	GIDOwner         *string    `arg:"gid_owner" doc:"The group that sends."`
	RejectWith       *string    `arg:"reject_with" doc:"What to answer, with jump REJECT, which it implies."`
	ICMPType         *string    `arg:"icmp_type" doc:"The type of an ICMP message."`
	SYN              string     `arg:"syn,default=ignore,choices=ignore|match|negate" doc:"Whether it is a packet that opens a TCP connection."`
}

// ruleWords gathers the words of a rule.
type ruleWords struct{ words []string }

// add adds a flag with its value, which a leading ! negates.
func (w *ruleWords) add(flag string, v *string) {
	switch {
	case v == nil || *v == "":
	case (*v)[0] == '!':
		w.words = append(w.words, "!", flag, (*v)[1:])
	default:
		w.words = append(w.words, flag, *v)
	}
}

func (w *ruleWords) list(flag string, v []string) {
	if len(v) > 0 {
		w.words = append(w.words, flag, strings.Join(v, ","))
	}
}

// with adds words if a value is given.
func (w *ruleWords) with(given bool, words ...string) {
	if given {
		w.words = append(w.words, words...)
	}
}

func has(v *string) bool { return v != nil && *v != "" }

// rule makes the words of the rule, in Ansible's order, in which iptables -C finds what was made before.
func (a ruleArgs) rule(icmp string) []string {
	w := &ruleWords{}
	w.add("-p", a.Protocol)
	w.add("-s", a.Source)
	w.add("-d", a.Destination)
	for _, m := range a.Match {
		w.add("-m", &m)
	}
	w.tcpFlags(a.TCPFlags)
	w.add("-j", a.Jump)
	if a.Jump != nil && strings.EqualFold(*a.Jump, "tee") {
		w.add("--gateway", a.Gateway)
	}
	w.add("--log-prefix", a.LogPrefix)
	w.add("--log-level", a.LogLevel)
	w.add("--to-destination", a.ToDestination)
	w.with(len(a.DestinationPorts) > 0, "-m", "multiport")
	w.list("--dports", a.DestinationPorts)
	w.add("--to-source", a.ToSource)
	w.add("-g", a.Goto)
	w.add("-i", a.InInterface)
	w.add("-o", a.OutInterface)
	w.add("-f", a.Fragment)
	w.add("-c", a.SetCounters)
	w.add("--source-port", a.SourcePort)
	w.add("--destination-port", a.DestinationPort)
	w.add("--to-ports", a.ToPorts)
	dscp := a.Jump != nil && strings.EqualFold(*a.Jump, "dscp")
	w.add("--set-dscp", a.DSCPMark)
	w.with(has(a.DSCPMark) && !dscp, "-j", "DSCP")
	w.add("--set-dscp-class", a.DSCPClass)
	w.with(has(a.DSCPClass) && !dscp, "-j", "DSCP")
	w.with(a.SYN == "match", "--syn")
	w.with(a.SYN == "negate", "!", "--syn")
	a.matches(w)
	w.owner("--uid-owner", a.UIDOwner)
	w.owner("--gid-owner", a.GIDOwner)
	w.with(a.Jump == nil && has(a.RejectWith), "-j", "REJECT")
	w.add("--reject-with", a.RejectWith)
	w.add(icmp, a.ICMPType)
	w.with(has(a.Comment), "-m", "comment")
	w.add("--comment", a.Comment)
	return w.words
}

func (w *ruleWords) tcpFlags(flags *value.Map) {
	list := func(key string) (string, bool) {
		var out []string
		v, ok := flags.Get(key)
		l, isList := v.([]any)
		if !isList && ok {
			l = []any{v}
		}
		for _, x := range l {
			out = append(out, value.Str(x))
		}
		return strings.Join(out, ","), ok
	}
	if flags == nil {
		return
	}
	look, ok1 := list("flags")
	set, ok2 := list("flags_set")
	w.with(ok1 && ok2, "--tcp-flags", look, set)
}

// matches adds what belongs to extensions, with the extension itself where it is not among those of match.
func (a ruleArgs) matches(w *ruleWords) {
	named := func(ext string) bool { return slices.Contains(a.Match, ext) }
	switch {
	case named("conntrack"):
		w.list("--ctstate", a.CTState)
	case named("state"):
		w.list("--state", a.CTState)
	case len(a.CTState) > 0:
		w.with(true, "-m", "conntrack")
		w.list("--ctstate", a.CTState)
	}
	w.with(!named("iprange") && (has(a.SrcRange) || has(a.DstRange)), "-m", "iprange")
	w.add("--src-range", a.SrcRange)
	w.add("--dst-range", a.DstRange)
	w.with(!named("set") && has(a.MatchSet), "-m", "set")
	w.add("--match-set", a.MatchSet)
	if a.MatchSetFlags != nil && (named("set") || has(a.MatchSet)) {
		w.words = append(w.words, *a.MatchSetFlags)
	}
	w.with(has(a.Limit) || has(a.LimitBurst), "-m", "limit")
	w.add("--limit", a.Limit)
	w.add("--limit-burst", a.LimitBurst)
}

// owner adds who sends; "match" and "negate" alone stand for anybody.
func (w *ruleWords) owner(flag string, v *string) {
	if !has(v) {
		return
	}
	w.words = append(w.words, "-m", "owner")
	switch *v {
	case "match":
		w.words = append(w.words, flag)
	case "negate":
		w.words = append(w.words, "!", flag)
	}
	w.add(flag, v)
}
