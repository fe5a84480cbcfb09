package cluster

// Faults by name: one table. Each is let loose by Inject and, where that means something, ended by Heal.

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Argument says what a named fault takes.
type Argument string

// The arguments of faults. All of them may be left out: then a node, volume, pod or budget is chosen.
const (
	OnNode   Argument = "node"
	OnVolume Argument = "volume"
	OnPod    Argument = "namespace/pod"                  // or the beginning of its name
	OnBudget Argument = "namespace/budget"               // pdb-after: with :n behind it
	ForTime  Argument = "duration"                       // of the twin's clock
	OnNone   Argument = ""                               // takes none
	OnOwner  Argument = "node, or node,annotation=value" // other-node-cordoned
)

// Named is a fault that has a name.
type Named struct {
	Name string
	Doc  string
	Case string // of the suite of faults: F01
	Ref  string // what it happened to
	Arg  Argument

	inject func(c *Cluster, arg string) error
	heal   func(c *Cluster)
}

// Faults lists the faults that can be injected, by name.
func Faults() []Named {
	all := slices.Concat(requestFaults(), storageFaults(), nodeFaults(), etcdFaults(), rivalFaults())
	slices.SortFunc(all, func(a, b Named) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func faultNamed(name string) (Named, error) {
	all := Faults()
	i := slices.IndexFunc(all, func(n Named) bool { return n.Name == name })
	if i < 0 {
		return Named{}, fmt.Errorf("the twin's cluster has no fault %q", name)
	}
	return all[i], nil
}

// Inject lets a named fault loose; what arg means, Named.Arg says.
func (c *Cluster) Inject(name, arg string) error {
	f, err := faultNamed(name)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := f.inject(c, arg); err != nil {
		return fmt.Errorf("fault %s: %w", name, err)
	}
	c.world.reconcile()
	return nil
}

// Heal ends a named fault. What it broke mends itself from there on; what it only left behind stays.
func (c *Cluster) Heal(name string) error {
	f, err := faultNamed(name)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.heal != nil {
		f.heal(c)
		c.world.reconcile()
	}
	return nil
}

// aNode is the node of an argument, or the last one there is.
func (c *Cluster) aNode(arg string) (string, error) {
	all := c.world.all("nodes")
	if arg == "" && len(all) > 0 {
		return nameOf(all[len(all)-1]), nil
	}
	if _, ok := c.world.see("nodes", "", arg); !ok {
		return "", fmt.Errorf("there is no node %q", arg)
	}
	return arg, nil
}

// aServer is the server of an argument, or the last one there is.
func (c *Cluster) aServer(arg string) (string, error) {
	for i := len(c.etcd.members) - 1; i >= 0; i-- {
		if m := c.etcd.members[i]; m.Node != "" && (arg == "" || arg == m.Node) {
			return m.Node, nil
		}
	}
	return "", fmt.Errorf("there is no member of etcd %q", arg)
}

// aVolume is the volume of an argument, by its name or its claim's; or the first that is in use.
func (c *Cluster) aVolume(arg string) (map[string]any, error) {
	for _, v := range c.world.all(volumes) {
		claim := text(v, "status", "kubernetesStatus", "namespace") + "/" + text(v, "status", "kubernetesStatus", "pvcName")
		if arg == nameOf(v) || arg == claim || arg == "" && text(v, "status", "state") == "attached" {
			return v, nil
		}
	}
	return nil, fmt.Errorf("there is no volume %q", arg)
}

// object finds an object of a namespace by its name or how that begins; without an argument the first one of the namespace default.
func (c *Cluster) object(resource, arg string) (map[string]any, error) {
	namespace, name, ok := strings.Cut(arg, "/")
	if !ok {
		namespace, name = "default", arg
	}
	for _, o := range c.world.all(resource) {
		if namespaceOf(o) == namespace && strings.HasPrefix(nameOf(o), name) {
			return o, nil
		}
	}
	return nil, fmt.Errorf("there is nothing called %q in %s", arg, resource)
}

func span(arg string, otherwise time.Duration) (time.Duration, error) {
	if arg == "" {
		return otherwise, nil
	}
	return time.ParseDuration(arg)
}
