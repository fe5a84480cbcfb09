package preview

import (
	"slices"
	"time"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// This file makes a Preview of what was seen. It asks nobody.

func (l *looker) preview() Preview {
	p := Preview{Version: Version, Made: l.Now().UTC().Truncate(time.Second)}
	for _, f := range l.fields {
		p.Clusters = append(p.Clusters, f.cluster())
		p.Blockers, p.Notes = append(p.Blockers, f.blockers...), append(p.Notes, f.notes...)
		for _, x := range kube.Against(f.found) {
			p.Blockers = append(p.Blockers, blockerOf(l.Guard, x))
		}
	}
	for i, s := range l.subjects {
		n := s.describe(l.Guard)
		n.Order = i + 1
		n.Duration = l.estimate(s.Host, n)
		p.Nodes = append(p.Nodes, n)
		p.Duration.Seconds += n.Duration.Seconds
	}
	apart(p.Nodes)
	p.Blockers = append(p.Blockers, shared(p.Nodes)...)
	p.Duration.From = l.fill(p.Nodes, &p.Duration)
	p.Blockers, p.Notes = append(p.Blockers, l.held...), append(p.Notes, l.notes...)
	if text := room(l.Windows, l.Now(), p.Nodes); text != "" {
		p.Notes = append(p.Notes, text)
	}
	p.Ready = len(p.Open()) == 0
	return p
}

// describe is a host as the preview has it.
func (s *subject) describe(g *guard.Guard) Node {
	n := Node{
		Host: s.Host, Batch: s.Batch, Play: s.Play, Seen: s.met == nil, Steps: s.steps(), Packages: s.packages.changes,
		Kernel: s.sight.kernel(), Notes: s.packages.notes,
	}
	n.Reboot = s.reboot(n)
	if s.met != nil {
		n.Blockers = []Blocker{{
			Check: CheckReach, About: s.Host, Found: s.met.Error(), Mend: "see that the host answers, or leave it out with --limit",
		}}
		return n
	}
	for _, text := range s.unread {
		n.Blockers = append(n.Blockers, Blocker{
			Check: CheckContent, About: s.Host, Found: "a file that it may include is not known before the run: " + text,
			Mend: "name the file without what only the run finds out",
		})
	}
	if s.sight.unsure != "" {
		n.Notes = append(n.Notes, s.sight.unsure)
	}
	s.situate(g, &n)
	n.Blockers = append(n.Blockers, s.packages.blockers...)
	return n
}

// apart finds nodes of one cluster that the run would have out of service at the same time. Packages alone take nothing away.
func apart(nodes []Node) {
	takes := func(n Node) bool {
		return n.Has(string(module.Cordon)) || n.Has(string(module.Drain)) || n.Has(string(module.Restart)) || n.Has(string(module.Stop)) || n.Has(string(module.Reboot))
	}
	for i := range nodes {
		var with []string
		for k, other := range nodes {
			if k != i && other.Batch == nodes[i].Batch && other.Cluster == nodes[i].Cluster && takes(other) && takes(nodes[i]) {
				with = append(with, other.Host)
			}
		}
		if len(with) > 0 {
			nodes[i].Blockers = append(nodes[i].Blockers, Blocker{
				Check: CheckTogether, About: nodes[i].Host, Found: "the run would take it out of service together with " + shortened(with, 3),
				Mend: "serial: 1 in the play",
			})
		}
	}
}

// shared takes what speaks against several nodes alike (a volume that is not well, a node that is cordoned) off the nodes: it is one thing.
func shared(nodes []Node) []Blocker {
	times := map[Blocker]int{}
	for _, n := range nodes {
		for _, b := range n.Blockers {
			times[b]++
		}
	}
	var out []Blocker
	for i := range nodes {
		nodes[i].Blockers = slices.DeleteFunc(nodes[i].Blockers, func(b Blocker) bool {
			if times[b] < 2 {
				return false
			}
			if !slices.Contains(out, b) {
				out = append(out, b)
			}
			return true
		})
	}
	return out
}

// steps are the disrupting tasks, in order, each kind and task once.
func (s *subject) steps() []Step {
	var out []Step
	for _, p := range s.prospects {
		if !matters(p) && p.Disruption.Kind != module.Uncordon {
			continue
		}
		step := Step{Kind: string(p.Disruption.Kind), Task: p.Task, Sure: p.Sure}
		if step.Kind == "" {
			step.Kind = "packages"
		}
		same := func(x Step) bool { return x.Kind == step.Kind && x.Task == step.Task }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i].Sure = out[i].Sure || step.Sure
			continue
		}
		out = append(out, step)
	}
	return out
}

// reboot weighs what the system asks for, what is pending, and what the playbook has.
func (s *subject) reboot(n Node) Reboot {
	r := Reboot{Why: slices.Clone(s.sight.request), Planned: Never}
	if n.Kernel.stale() {
		r.Why = append(r.Why, "kernel "+n.Kernel.Installed+" is installed and "+n.Kernel.Running+" runs")
	}
	if n.NewKernel() {
		r.Why = append(r.Why, "a kernel is among the packages")
	}
	r.Needed = len(r.Why) > 0
	for _, step := range n.Steps {
		switch {
		case step.Kind != string(module.Reboot):
		case step.Sure:
			r.Planned = Surely
		case r.Planned == Never:
			r.Planned = Perhaps
		}
	}
	return r
}

// estimate is how long a node will take, by what it took before.
func (l *looker) estimate(host string, n Node) Duration {
	if l.Past == nil {
		return Duration{}
	}
	nodes, reboots := l.Past(host)
	if d := median(nodes); d > 0 {
		return Duration{Seconds: int(d.Seconds()), From: "past runs of this node"}
	}
	if d := median(reboots); d > 0 && n.Reboot.Planned != Never && n.Reboot.Needed {
		return Duration{Seconds: int(d.Seconds()), From: "past reboots of this node"}
	}
	return Duration{}
}

// fill gives nodes that nobody has a measure of what the others take, and says what the sum is made of.
func (l *looker) fill(nodes []Node, sum *Duration) string {
	var known []time.Duration
	for _, n := range nodes {
		if n.Duration.Seconds > 0 {
			known = append(known, time.Duration(n.Duration.Seconds)*time.Second)
		}
	}
	if len(known) == 0 {
		return ""
	}
	usual := int(median(known).Seconds())
	for i := range nodes {
		if nodes[i].Duration.Seconds == 0 {
			nodes[i].Duration = Duration{Seconds: usual, From: "what the other nodes take"}
			sum.Seconds += usual
		}
	}
	return "past runs"
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return list[len(list)/2]
}
