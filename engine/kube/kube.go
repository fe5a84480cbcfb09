// Package kube reaches a Kubernetes cluster, and decides what its objects mean for a node that is to be taken out of service.
//
// A module asks Read or Open for the cluster of its task. Reader sees: it is what a plan may have, and even a dry run of a write goes
// through it, because a dry run changes nothing. Cluster also writes; as Open wants a module.Host, only an Apply has one. How the
// cluster is found (a kubeconfig given, in the environment, or K3s' own on the node) and reached (through the host's connection) is
// settled here, once.
//
// Decisions are pure functions over objects: which pods of a node must go (PlanDrain), which volume is unhealthy and whether it can
// ever be healthy (Storage). DrainPlan.Carry is the one that acts.
package kube

import (
	"context"
	"errors"
	"net/url"
)

// Kind is a kind of objects as the API server serves it.
type Kind struct {
	Group, Version string // "", "v1" for the core group
	Name           string // Deployment
	Plural         string // deployments, as in paths
	Namespaced     bool
}

// APIVersion is group/version, or the version alone for the core group.
func (k Kind) APIVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

// The kinds that this package itself works with.
var (
	nodes      = Kind{Version: "v1", Name: "Node", Plural: "nodes"}
	pods       = Kind{Version: "v1", Name: "Pod", Plural: "pods", Namespaced: true}
	namespaces = Kind{Version: "v1", Name: "Namespace", Plural: "namespaces"}
	daemonSets = Kind{Group: "apps", Version: "v1", Name: "DaemonSet", Plural: "daemonsets", Namespaced: true}
	budgets    = Kind{Group: "policy", Version: "v1", Name: "PodDisruptionBudget", Plural: "poddisruptionbudgets", Namespaced: true}
)

// Query narrows a list or a watch. The zero Query means every object of the kind.
type Query struct {
	Namespace string // empty: all
	Labels    string // a label selector
	Fields    string // a field selector
}

// List is what a list answered: the objects, and the state of the cluster they were read at.
type List struct {
	Items           []Object
	ResourceVersion string
}

// EventType tells what happened to a watched object.
type EventType string

// The types of events.
const (
	Added    EventType = "ADDED"
	Modified EventType = "MODIFIED"
	Deleted  EventType = "DELETED"
)

// Event is a change of a watched object.
type Event struct {
	Type   EventType
	Object Object
}

// Reader looks at a cluster. Errors can be asked about with NotFound, Forbidden and their like; requests that meet a server in trouble
// are tried again for a while before they fail, so that an error never means "nothing there".
type Reader interface {
	// Find resolves what a person calls a kind: its name, plural, singular or short name. ErrNoKind: the cluster has none.
	Find(ctx context.Context, apiVersion, kind string) (Kind, error)
	Get(ctx context.Context, k Kind, namespace, name string) (Object, error)
	List(ctx context.Context, k Kind, q Query) (List, error)
	// Watch sends what changes after the resource version `from`. The channel closes when the server ends the watch, when
	// that version is too old (list again) and when ctx ends.
	Watch(ctx context.Context, k Kind, q Query, from string) (<-chan Event, error)
	// DryRun asks the server what a write would give: defaults, admission and validation included, nothing stored.
	DryRun(ctx context.Context, w Write) (Written, error)
	// Raw gets what stands at a path of the server: a log, a version, a discovery document.
	Raw(ctx context.Context, path string, query url.Values) ([]byte, error)
}

// Cluster is a Reader that also writes.
type Cluster interface {
	Reader
	Write(ctx context.Context, w Write) (Written, error)
	// Exec runs a command in a container of a pod and waits for its end. A command that ran and failed is no error.
	Exec(ctx context.Context, x Exec) (Executed, error)
}

// Verb is the manner of a Write.
type Verb int

// The verbs.
const (
	Create Verb = iota
	Replace
	Patch
	Apply // server-side
	Delete
	Evict
)

// PatchType is the manner of a Patch.
type PatchType string

// The manners of a patch, named as in its content type.
const (
	StrategicMerge PatchType = "strategic-merge"
	Merge          PatchType = "merge"
	JSONPatch      PatchType = "json"
)

// Write is one change of one object.
type Write struct {
	Verb            Verb
	Kind            Kind
	Namespace, Name string
	Subresource     string // of a Patch; empty: the object itself
	// Body is the object (a *value.Map), or for a JSON patch the list of operations ([]any). Not used by Delete and Evict.
	Body  any
	Patch PatchType

	Manager string // of an Apply; empty: drydock
	Force   bool   // of an Apply: take fields over from other managers

	// For Delete and Evict; zero values leave the choice to the server.
	GraceSeconds    *int
	Propagation     string
	UID             string
	ResourceVersion string
}

// Written is the answer to a Write: the object as stored (for Delete and Evict what the server said), and the server's warnings.
type Written struct {
	Object   Object
	Warnings []string
}

// ErrNoKind says that the cluster serves no such kind.
var ErrNoKind = errors.New("the cluster has no such kind")
