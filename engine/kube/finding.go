package kube

// What the checks before a disruption come to. Each check is a pure function over objects in the file of its subject; here stand the form of its
// answer and the list of all checks, by which a person accepts one.

import "strings"

// Finding is what one check found.
type Finding struct {
	Check string   // its name, as --accept takes it
	About string   // the node, volume or server that it is about, as --accept takes it
	Also  []string // other names of the same: a volume's claim
	Found string   // in words
	Mend  string   // what would change it; empty: it holds, or passes by itself
	Grade Grade
}

// Grade is what a Finding means for the disruption.
type Grade string

// The grades.
const (
	Sound   Grade = "holds"  // nothing to say against it
	Passing Grade = "waits"  // speaks against it now, and may pass by itself
	Broken  Grade = "breaks" // speaks against it, and waiting will not help
)

// The names of the checks.
const (
	CheckNode        = "node"
	CheckOtherNode   = "other-node"
	CheckOtherRun    = "other-run"
	CheckKured       = "kured-lock"
	CheckUpgradePlan = "upgrade-plan"
	CheckQuorum      = "etcd-quorum"
	CheckLeaderLast  = "etcd-leader-last"
	CheckServer      = "api-server"
	CheckReturned    = "node-returned"
	CheckLonghorn    = "longhorn"
	CheckFaulted     = "longhorn-faulted"
	CheckDegraded    = "longhorn-degraded"
	CheckMoving      = "longhorn-moving"
	CheckNoPlace     = "longhorn-no-place"
	CheckSingle      = "longhorn-single-replica"
	CheckFailed      = "longhorn-replicas-failed"
	CheckAway        = "longhorn-replica-away"
	CheckNodeGone    = "longhorn-replica-node-gone"
	CheckEviction    = "longhorn-block-for-eviction"
	CheckManual      = "longhorn-manual-attachment"
	CheckOrphan      = "longhorn-orphan-engine"
	CheckStorageNode = "longhorn-node"
	CheckAttached    = "longhorn-attached"
	CheckMounted     = "longhorn-mounted"
	CheckSettled     = "longhorn-settled"
)

// Check is one check, for people.
type Check struct {
	Name  string
	About string // what its subjects are: node, volume or claim
	Doc   string // what must hold
}

// Checks lists all checks, in the order in which they are told.
func Checks() []Check {
	const node, volume = "node", "volume or claim"
	return []Check{
		{CheckNode, node, "the node is in the cluster, and nobody else has it in work"},
		{CheckOtherNode, node, "every other node is Ready and takes pods"},
		{CheckOtherRun, node, "no node is in work by another run"},
		{CheckKured, node, "kured reboots no node"},
		{CheckUpgradePlan, "plan", "no Plan of the system-upgrade-controller is being applied"},
		{CheckQuorum, node, "etcd keeps its quorum without this member, counting those that are dead"},
		{CheckLeaderLast, node, "etcd's leader is the last server to go (only told)"},
		{CheckServer, node, "another server answers for the API meanwhile (only told)"},
		{CheckReturned, node, "the node that was disrupted before is back: booted, Ready, with its storage drivers"},
		{CheckLonghorn, node, "Longhorn's objects can be read"},
		{CheckFaulted, volume, "no volume is faulted"},
		{CheckDegraded, volume, "every volume in use has all its replicas, and none is being rebuilt"},
		{CheckMoving, volume, "no volume is being attached or detached"},
		{CheckNoPlace, volume, "every volume can get all its replicas"},
		{CheckSingle, volume, "no volume has its only replica on the node"},
		{CheckFailed, volume, "a volume with a replica on the node has a usable one elsewhere"},
		{CheckAway, volume, "that other replica is on a node that is there and takes pods"},
		{CheckNodeGone, volume, "no replica is recorded on a node that was deleted: Longhorn would block every drain"},
		{CheckEviction, volume, "node-drain-policy does not ask replicas to leave the node first"},
		{CheckManual, volume, "no volume is attached to the node by hand: nothing would detach it"},
		{CheckOrphan, volume, "every engine that runs on the node has its record: Longhorn would wait for it for ever"},
		{CheckStorageNode, node, "Longhorn's other nodes are ready, and take replicas"},
		{CheckAttached, volume, "no volume is attached to the node when it goes down"},
		{CheckMounted, node, "nothing of Longhorn is mounted on the host, and no iSCSI session of it is open, when it goes down"},
		{CheckSettled, volume, "volumes are whole, and stay so for a while, before the next node"},
	}
}

// Names tells whether a person's word names what the finding is about.
func (f Finding) Names(word string) bool {
	if strings.EqualFold(word, f.About) {
		return true
	}
	for _, also := range f.Also {
		if also != "" && word == also {
			return true
		}
	}
	return false
}

// Accept is the option by which a person accepts the finding; empty for one that holds.
func (f Finding) Accept() string {
	if f.Grade == Sound {
		return ""
	}
	about := f.About
	if len(f.Also) > 0 && f.Also[0] != "" {
		about = f.Also[0]
	}
	return "--accept " + f.Check + "=" + about
}

// without leaves out the findings of one grade.
func without(all []Finding, g Grade) []Finding {
	var out []Finding
	for _, f := range all {
		if f.Grade != g {
			out = append(out, f)
		}
	}
	return out
}

// Against are the findings that speak against a disruption.
func Against(all []Finding) []Finding { return without(all, Sound) }
