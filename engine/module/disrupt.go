package module

// Disruption is what an Apply takes from a cluster, or gives back to it. Before it the engine asks its guard; a module cannot pass by.
type Disruption struct {
	Kind Disrupting
	Node string // the Node that the arguments name (k8s_drain); empty: the one that the task's host is
	What string // in words, for people: "reboot", "stop of k3s-agent"
	// Access are the arguments by which the task reaches the cluster that has the Node, Kubeconfig is the file that a command names for it; nil and
	// empty: as the machine is set up.
	Access     Args
	Kubeconfig string
}

// Disrupting is the manner of a Disruption.
type Disrupting string

// The manners, from the least to the most.
const (
	NoDisruption Disrupting = ""
	Uncordon     Disrupting = "uncordon" // gives a node back
	Cordon       Disrupting = "cordon"   // takes no pod away, but Longhorn reacts to it
	Upgrade      Disrupting = "upgrade"  // of packages: daemons restart, kernels lose their modules
	Drain        Disrupting = "drain"
	Restart      Disrupting = "restart" // of K3s: pods go on meanwhile
	Stop         Disrupting = "stop"    // of what pods and volumes live on, without a boot: k3s-killall.sh, containerd, iscsid
	Reboot       Disrupting = "reboot"
)

// DisruptionOf tells what a call of a module with these arguments would take away. Arguments count as they are given; those that Plan
// would refuse may be there.
func DisruptionOf(m Module, args Args) Disruption {
	if s := m.Spec(); s.Disrupts != nil {
		return s.Disrupts(args)
	}
	return Disruption{}
}

// Args are the arguments of a call, by name: what a Spec's Disrupts reads.
type Args interface{ Value(key any) any }
