package preview

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// This file holds what makes two looks at the world different ones: what somebody who said yes to the first would want to know of the second.

// Difference is one thing that is no longer as it was.
type Difference struct {
	Path string `json:"path"` // nodes.worker-1.packages.linux-image-amd64
	Then string `json:"then"` // empty: it was not there
	Now  string `json:"now"`  // empty: it is not there any more
}

// String says it in a line.
func (d Difference) String() string {
	switch {
	case d.Then == "":
		return d.Path + ": new, " + d.Now
	case d.Now == "":
		return d.Path + ": gone, was " + d.Then
	}
	return d.Path + ": was " + d.Then + ", is " + d.Now
}

// Drift names what differs between a preview and a later one: the nodes, their places, roles and cordons, the packages that would come, pods that
// cannot be moved, volumes and their replicas, quorum, the content itself, and the hosts of the inventory. What changes all the time without
// meaning anything for the run is left out: pods that move freely, where volumes are attached, ages, estimates.
func Drift(then, now Preview) []Difference {
	a, b := essence(then), essence(now)
	keys := slices.Sorted(maps.Keys(a))
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var out []Difference
	for _, k := range keys {
		if a[k] != b[k] {
			out = append(out, Difference{k, a[k], b[k]})
		}
	}
	return out
}

// essence is what counts, by path.
func essence(p Preview) map[string]string {
	e := map[string]string{
		"asked.playbooks":  strings.Join(p.Asked.Playbooks, " "),
		"asked.inventory":  strings.Join(p.Asked.Inventory, " "),
		"asked.limit":      p.Asked.Limit,
		"asked.tags":       strings.Join(p.Asked.Tags, ","),
		"asked.skip_tags":  strings.Join(p.Asked.SkipTags, ","),
		"asked.extra_vars": strings.Join(p.Asked.ExtraVars, ","),
		"hosts":            strings.Join(p.Hosts, " "),
		"order":            strings.Join(p.order(), " "),
	}
	for _, f := range p.Files {
		e["files."+f.Name] = f.Origin + " " + f.SHA256
	}
	for _, c := range p.Clusters {
		for _, m := range c.Members {
			e["clusters."+c.ID+"."+m.Node] = m.essence()
		}
	}
	times := map[string]int{}
	for _, n := range p.Nodes {
		at := "nodes." + n.Host
		if times[n.Host]++; times[n.Host] > 1 { // a further play has the host again
			at += fmt.Sprintf("(%d)", times[n.Host])
		}
		n.essence(e, at+".")
	}
	return e
}

func (p Preview) order() []string {
	var out []string
	for _, n := range p.Nodes {
		out = append(out, n.Host+"@"+strconv.Itoa(n.Batch))
	}
	return out
}

func (m Member) essence() string {
	words := []string{string(m.Role)}
	for _, w := range []struct {
		on   bool
		word string
	}{{m.Etcd, "etcd"}, {!m.Ready, "not ready"}, {m.Cordoned, "cordoned"}} {
		if w.on {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ", ")
}

func (n Node) essence(e map[string]string, at string) {
	e[at+"seen"] = strconv.FormatBool(n.Seen)
	e[at+"node"] = n.Node
	e[at+"cluster"] = n.Cluster
	e[at+"role"] = string(n.Role)
	e[at+"kernel"] = n.Kernel.Running
	e[at+"reboot"] = fmt.Sprintf("%s, needed %t", n.Reboot.Planned, n.Reboot.Needed)
	for _, s := range n.Steps {
		e[at+"steps."+s.Kind+"."+s.Task] = fmt.Sprintf("sure %t", s.Sure)
	}
	for _, p := range n.Packages {
		name := p.Name
		if p.Arch != "" {
			name += ":" + p.Arch
		}
		e[at+"packages."+name] = strings.TrimPrefix(change(p), p.Name+" ")
	}
	for _, p := range n.Pods {
		if text := p.trouble(); text != "" {
			e[at+"pods."+p.Name] = text
		}
	}
	for _, v := range n.Volumes {
		e[at+"volumes."+v.Name] = fmt.Sprintf("replica here %t, %d elsewhere", v.Replica, v.Elsewhere)
	}
	if q := n.Quorum; q != nil {
		e[at+"quorum"] = fmt.Sprintf("%d members, %d healthy, %d needed, %d left", q.Members, q.Healthy, q.Needed, q.Left)
	}
}

// trouble is why a pod is not moved, or what its move costs; empty: nothing.
func (p Pod) trouble() string {
	switch {
	case p.Fate == Refused:
		return "refused: " + p.Why
	case p.Waits != "":
		return "waits: " + p.Waits
	case len(p.Pinned) > 0:
		return "down until the node is back: " + strings.Join(p.Pinned, ", ")
	}
	return ""
}
