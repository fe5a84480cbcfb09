package kube

// The other nodes: none of them may be out of service while one is taken away. And the marks by which a run says that it has a node in work.

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/drydock-dev/drydock/engine/value"
)

// The annotations of a node that a run has in work.
const (
	MarkRun    = "drydock.dev/cordoned-by"
	MarkAt     = "drydock.dev/cordoned-at"
	MarkReason = "drydock.dev/reason"
	MarkBefore = "drydock.dev/was-unschedulable"
)

// Marks are what a node's annotations say of the run that has it in work. The zero Marks: none has.
type Marks struct {
	Run    string
	At     time.Time
	Reason string
	Before bool // it took no pods before the run came
}

// MarksOf reads a node's annotations.
func (c Census) MarksOf(node string) Marks {
	n, _ := c.node(node)
	return marksOf(n)
}

func marksOf(n corev1.Node) Marks {
	a := n.Annotations
	m := Marks{Run: a[MarkRun], Reason: a[MarkReason], Before: a[MarkBefore] == "true"}
	m.At, _ = time.Parse(time.RFC3339, a[MarkAt])
	return m
}

// Mark writes the annotations of a node, and takes them away with the zero Marks. The node's resource version is not asked: the Lease
// keeps other runs away, and nobody else writes these.
func Mark(ctx context.Context, c Cluster, node string, m Marks) error {
	notes := value.NewMap(MarkRun, nil, MarkAt, nil, MarkReason, nil, MarkBefore, nil)
	if m.Run != "" {
		notes = value.NewMap(MarkRun, m.Run, MarkAt, m.At.UTC().Format(time.RFC3339), MarkReason, m.Reason, MarkBefore, fmt.Sprint(m.Before))
	}
	_, err := c.Write(ctx, Write{Verb: Patch, Patch: Merge, Kind: nodes, Name: node, Body: value.NewMap("metadata", value.NewMap("annotations", notes))})
	return err
}

// Others checks the nodes besides one: Ready, taking pods, in nobody's work. run is the run that asks.
func (c Census) Others(node, run string) []Finding {
	var out []Finding
	for _, n := range c.Nodes {
		if n.Name == node {
			continue
		}
		out = append(out, c.other(n, run)...)
	}
	if out == nil {
		out = []Finding{{Check: CheckOtherNode, About: node, Grade: Sound, Found: allOthers(len(c.Nodes) - 1)}}
	}
	return out
}

func allOthers(n int) string {
	switch {
	case n <= 0:
		return "the cluster has no other node"
	case n == 1:
		return "the other node takes pods and is Ready"
	}
	return fmt.Sprintf("all %d other nodes take pods and are Ready", n)
}

func (c Census) other(n corev1.Node, run string) []Finding {
	var out []Finding
	m := marksOf(n)
	switch {
	case n.Spec.Unschedulable && m.Run == run && run != "":
		out = append(out, Finding{Check: CheckOtherNode, About: n.Name, Grade: Broken,
			Found: fmt.Sprintf("this run itself has node %s out of service%s", n.Name, c.since(m)),
			Mend:  "take the nodes one after the other: serial: 1"})
	case n.Spec.Unschedulable && m.Run != "":
		out = append(out, Finding{Check: CheckOtherRun, About: n.Name, Also: []string{"", m.Run}, Grade: Broken,
			Found: fmt.Sprintf("node %s is cordoned by run %s%s", n.Name, m.Run, c.since(m)),
			Mend:  fmt.Sprintf("let that run end, or go on with it where it was begun: drydock resume %s; if it is lost: kubectl uncordon %s", m.Run, n.Name)})
	case n.Spec.Unschedulable:
		out = append(out, Finding{Check: CheckOtherNode, About: n.Name, Grade: Broken,
			Found: fmt.Sprintf("node %s is cordoned%s, by no run of Drydock", n.Name, c.cordonedSince(n)),
			Mend:  "find out who did it; then kubectl uncordon " + n.Name})
	}
	if why := unready(n); why != "" {
		out = append(out, Finding{Check: CheckOtherNode, About: n.Name, Grade: Passing, Found: fmt.Sprintf("node %s %s", n.Name, why),
			Mend: "bring node " + n.Name + " back, or take it out of the cluster"})
	}
	return out
}

func (c Census) since(m Marks) string {
	if m.At.IsZero() {
		return ""
	}
	return fmt.Sprintf(" since %s (%s ago)", m.At.UTC().Format("15:04:05 MST"), ago(c.Now.Sub(m.At)))
}

// cordonedSince reads when a node was cordoned off the taint that the control plane sets with it.
func (c Census) cordonedSince(n corev1.Node) string {
	for _, t := range n.Spec.Taints {
		if t.Key == corev1.TaintNodeUnschedulable && t.TimeAdded != nil {
			return c.since(Marks{At: t.TimeAdded.Time})
		}
	}
	return ""
}

// ago says a duration as people do.
func ago(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// MarkedBy names the nodes that a run has in work by their marks.
func (c Census) MarkedBy(run string) []string {
	var out []string
	for _, n := range c.Nodes {
		if m := marksOf(n); m.Run == run && run != "" {
			out = append(out, n.Name)
		}
	}
	slices.Sort(out)
	return out
}
