// Package preview says beforehand what a run would do to the nodes of a cluster, and what speaks against it. Look asks the hosts and the cluster
// and changes nothing; what it makes of their answers, a Preview, is data: shown as text, written as JSON, and compared with a later one (Drift),
// so that a run can refuse when the world is no longer the one that somebody has looked at.
package preview

import (
	"slices"
	"time"
)

// Version is the number of the form of a Preview as JSON. It grows when a field changes its meaning.
const Version = 1

// Preview is what a run would come to.
type Preview struct {
	Version  int       `json:"version"`
	Made     time.Time `json:"made"`
	Asked    Asked     `json:"asked"`
	Files    []File    `json:"files"`    // that the run reads, by name
	Hosts    []string  `json:"hosts"`    // of the inventory, in its order
	Clusters []Cluster `json:"clusters"` // that nodes below belong to
	Nodes    []Node    `json:"nodes"`    // in the order in which the run takes them
	Blockers []Blocker `json:"blockers"` // of the run as a whole
	Notes    []string  `json:"notes"`    // of the run as a whole
	Ready    bool      `json:"ready"`
	Duration Duration  `json:"duration"` // of all nodes, one after the other
}

// Asked is what the command line asked for.
type Asked struct {
	Playbooks []string `json:"playbooks"`
	Inventory []string `json:"inventory"`
	Limit     string   `json:"limit"`
	Tags      []string `json:"tags"`
	SkipTags  []string `json:"skip_tags"`
	ExtraVars []string `json:"extra_vars"` // their names
}

// File is one file that the run reads.
type File struct {
	Name   string `json:"name"`
	Origin string `json:"origin"` // disk, embedded
	SHA256 string `json:"sha256"`
}

// Cluster is a cluster that the run would disrupt.
type Cluster struct {
	ID      string   `json:"id"`     // the identity of its namespace kube-system
	Server  string   `json:"server"` // the address of its API server, as the kubeconfig has it
	Asked   string   `json:"asked"`  // the way by which it was asked: the kubeconfig of host master-1
	Members []Member `json:"members"`
	Storage bool     `json:"longhorn"`
}

// Member is a node of a cluster as the cluster sees it.
type Member struct {
	Node     string `json:"node"`
	Role     Role   `json:"role"`
	Etcd     bool   `json:"etcd"`
	Ready    bool   `json:"ready"`
	Cordoned bool   `json:"cordoned"`
}

// Role is what a node is in its cluster.
type Role string

// The roles.
const (
	Server Role = "server"
	Agent  Role = "agent"
)

// Node is one host that the run would disrupt, and what it is in its cluster.
type Node struct {
	Order    int       `json:"order"` // from 1
	Batch    int       `json:"batch"` // those of one batch are worked on together
	Host     string    `json:"host"`
	Node     string    `json:"node"`
	Cluster  string    `json:"cluster"`
	Role     Role      `json:"role"`
	Etcd     bool      `json:"etcd"`
	Cordoned bool      `json:"cordoned"`
	Play     string    `json:"play"`
	Seen     bool      `json:"seen"` // false: the host could not be looked at, and nothing below was found out
	Steps    []Step    `json:"steps"`
	Packages []Package `json:"packages"`
	Kernel   Kernel    `json:"kernel"`
	Reboot   Reboot    `json:"reboot"`
	Drained  bool      `json:"drained"` // as a whole, so that pods says all of it
	Pods     []Pod     `json:"pods"`
	Volumes  []Volume  `json:"volumes"`
	Quorum   *Quorum   `json:"quorum"` // nil: no etcd member
	Duration Duration  `json:"duration"`
	Blockers []Blocker `json:"blockers"`
	Notes    []string  `json:"notes"`
}

// Step is a task that disrupts the node.
type Step struct {
	Kind string `json:"kind"` // upgrade, cordon, drain, restart, reboot, uncordon, packages
	Task string `json:"task"`
	Sure bool   `json:"sure"` // false: it depends on what the run finds
}

// Package is one package that would change.
type Package struct {
	Name   string `json:"name"`
	Arch   string `json:"arch"` // empty: not known
	From   string `json:"from"` // empty: not known, or not installed
	To     string `json:"to"`   // empty: it is removed
	Kernel bool   `json:"kernel"`
}

// Kernel is what runs and what would run after a reboot.
type Kernel struct {
	Running   string `json:"running"`
	Installed string `json:"installed"` // the newest of the running kernel's flavour; empty: not known
}

// Reboot is whether the node would be rebooted.
type Reboot struct {
	Needed  bool     `json:"needed"` // already now, or by a kernel among the packages
	Why     []string `json:"why"`
	Planned Planned  `json:"planned"`
}

// Planned is whether the playbook has a reboot for the node.
type Planned string

// The answers.
const (
	Never   Planned = "no"
	Perhaps Planned = "depends" // on what the run finds
	Surely  Planned = "yes"
)

// Pod is a pod on the node and what a drain does with it.
type Pod struct {
	Name   string   `json:"name"` // namespace/name
	Fate   Fate     `json:"fate"`
	Why    string   `json:"why"`
	Waits  string   `json:"waits"`  // what keeps it from being evicted at the moment
	Pinned []string `json:"pinned"` // claims that hold it to this node: it stays down until the node is back
}

// Fate is what a drain does with a pod.
type Fate string

// The fates.
const (
	Moves   Fate = "moves"
	Stays   Fate = "stays"
	Refused Fate = "refused"
)

// Volume is a Longhorn volume that the node holds a replica of, or that is attached to it.
type Volume struct {
	Name      string `json:"name"`
	Claim     string `json:"claim"`
	Attached  bool   `json:"attached"`
	Replica   bool   `json:"replica"`   // one of its usable replicas is on the node
	Elsewhere int    `json:"elsewhere"` // usable replicas on other nodes
	Health    string `json:"health"`
}

// Quorum is etcd's arithmetic for one member that goes away.
type Quorum struct {
	Members int    `json:"members"` // that etcd counts, dead ones too
	Healthy int    `json:"healthy"` // voters, the node's own included
	Needed  int    `json:"needed"`
	Left    int    `json:"left"` // healthy voters without this node
	Holds   bool   `json:"holds"`
	Leader  bool   `json:"leader"`
	Words   string `json:"words"`
}

// Blocker is a reason for which the run must not begin.
type Blocker struct {
	Check    string `json:"check"`
	About    string `json:"about"`
	Found    string `json:"found"`
	Mend     string `json:"mend"`     // what would change it
	Passes   bool   `json:"passes"`   // it may pass by itself; a run waits for that
	Accept   string `json:"accept"`   // the flag that overrides this one check; empty: nothing does
	Accepted bool   `json:"accepted"` // it was given
}

// Duration is an estimate.
type Duration struct {
	Seconds int    `json:"seconds"` // 0: nobody knows
	From    string `json:"from"`    // what it is taken from
}

// Open are the blockers of the whole preview that nobody has accepted.
func (p Preview) Open() []Blocker {
	all := slices.Clone(p.Blockers)
	for _, n := range p.Nodes {
		all = append(all, n.Blockers...)
	}
	return slices.DeleteFunc(all, func(b Blocker) bool { return b.Accepted })
}

// Blocked tells whether something speaks against the node that nobody has accepted.
func (n Node) Blocked() bool {
	return slices.ContainsFunc(n.Blockers, func(b Blocker) bool { return !b.Accepted })
}

// NewKernel tells whether a kernel is among the packages of the node.
func (n Node) NewKernel() bool {
	return slices.ContainsFunc(n.Packages, func(p Package) bool { return p.Kernel && p.To != "" })
}

// Has tells whether the run comes, or may come, to a step of a kind.
func (n Node) Has(kind string) bool {
	return slices.ContainsFunc(n.Steps, func(s Step) bool { return s.Kind == kind })
}
