package preview

import (
	"fmt"
	"slices"
	"strings"
)

// This file holds the lines of one node.

// packages are counted; kernels are named.
func (t *sheet) packages(n Node) string {
	if !n.Has("packages") && !n.Has("upgrade") {
		return ""
	}
	if len(n.Packages) == 0 && n.hindered(CheckPackages) {
		return "not known"
	}
	if len(n.Packages) == 0 {
		return "none pending"
	}
	var come, leave, kernels, all []string
	for _, p := range n.Packages {
		switch {
		case p.To == "":
			leave = append(leave, p.Name)
		default:
			come = append(come, p.Name)
		}
		if p.Kernel && p.To != "" {
			kernels = append(kernels, p.Name+" "+p.To)
		}
		all = append(all, change(p))
	}
	if t.All {
		return strings.Join(all, ", ")
	}
	text := fmt.Sprintf("%d pending", len(come))
	if len(come) > 0 && len(come) <= 3 && len(kernels) == 0 {
		text += " (" + strings.Join(come, ", ") + ")"
	}
	if len(leave) > 0 {
		text += ", removes " + shortened(leave, 3)
	}
	if len(kernels) > 0 {
		text += "; kernel: " + shortened(kernels, 1)
	}
	return text
}

// hindered tells whether a check speaks against the node.
func (n Node) hindered(check string) bool {
	return slices.ContainsFunc(n.Blockers, func(b Blocker) bool { return b.Check == check })
}

func change(p Package) string {
	switch {
	case p.To == "":
		return p.Name + " is removed"
	case p.From == "":
		return p.Name + " " + p.To
	}
	return p.Name + " " + p.From + " -> " + p.To
}

func rebootText(n Node) string {
	why := strings.Join(n.Reboot.Why, "; ")
	switch {
	case n.Reboot.Planned == Never && n.Reboot.Needed:
		return "needed (" + why + "), but this run has none"
	case n.Reboot.Planned == Never:
		return ""
	case n.Reboot.Planned == Surely && why == "":
		return "yes"
	case n.Reboot.Needed:
		return "yes: " + why
	case n.Reboot.Planned == Surely:
		return "yes"
	}
	return "only if the system asks for one after the upgrade"
}

// pods are counted by their fate; those that mean trouble are named.
func (t *sheet) pods(n Node) string {
	switch {
	case !n.Has("drain"):
		return ""
	case !n.Drained:
		return "not drained as a whole: which of them move, the run decides"
	}
	moves, stays := 0, 0
	var lose, down, all []string
	for _, p := range n.Pods {
		switch p.Fate {
		case Moves:
			moves++
		case Stays:
			stays++
		}
		if p.Fate == Moves && p.Why != "" {
			lose = append(lose, p.Name+" ("+costs[p.Why]+")")
		}
		if len(p.Pinned) > 0 {
			down = append(down, p.Name+" (claim "+strings.Join(p.Pinned, ", ")+")")
		}
		all = append(all, p.Name+" "+string(p.Fate))
	}
	text := fmt.Sprintf("%d move, %d stay", moves, stays)
	if len(n.Pods) == 0 {
		text = "none"
	}
	if t.All && len(all) > 0 {
		text += ": " + strings.Join(all, ", ")
	}
	if len(lose) > 0 {
		text += "; " + shortened(lose, 2)
	}
	if len(down) > 0 {
		text += "; down until the node is back: " + shortened(down, 3)
	}
	return text
}

// costs say what it means that a pod is moved all the same, by the reason against it.
var costs = map[string]string{
	"with local storage":          "loses its emptyDir",
	"not managed by a controller": "is not made anew",
	"of a DaemonSet that is gone": "is not made anew",
}

// volumes are counted; those that are left with one replica are named.
func (t *sheet) volumes(n Node) string {
	if len(n.Volumes) == 0 {
		return ""
	}
	attached := 0
	var thin, all []string
	for _, v := range n.Volumes {
		if v.Attached {
			attached++
		}
		name := v.Name
		if v.Claim != "" {
			name = v.Claim
		}
		if v.Replica && v.Elsewhere == 1 {
			thin = append(thin, name)
		}
		all = append(all, fmt.Sprintf("%s (%s elsewhere)", name, count(v.Elsewhere, "replica")))
	}
	text := fmt.Sprintf("%d here, %d in use", len(n.Volumes), attached)
	if t.All {
		return text + ": " + strings.Join(all, ", ")
	}
	if len(thin) > 0 {
		text += "; one replica is left meanwhile of " + shortened(thin, 3)
	}
	return text
}
