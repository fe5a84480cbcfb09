package preview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// WriteJSON writes a preview as a document that Read understands.
func WriteJSON(w io.Writer, p Preview) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p.filled())
}

// Read reads what WriteJSON has written. What this version does not know is an error, not passed over: a plan that is half understood is none.
func Read(data []byte) (Preview, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Preview{}, fmt.Errorf("it is not the JSON of drydock plan --output json: %w", err)
	}
	if head.Version != Version {
		return Preview{}, fmt.Errorf("it is a plan of version %d, and this drydock reads version %d: plan anew", head.Version, Version)
	}
	var p Preview
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Preview{}, err
	}
	return p, nil
}

// filled puts an empty list in the place of every one that is nil, so that a program finds lists where lists are promised.
func (p Preview) filled() Preview {
	p.Asked.Playbooks, p.Asked.Inventory = list(p.Asked.Playbooks), list(p.Asked.Inventory)
	p.Asked.Tags, p.Asked.SkipTags, p.Asked.ExtraVars = list(p.Asked.Tags), list(p.Asked.SkipTags), list(p.Asked.ExtraVars)
	p.Files, p.Hosts, p.Blockers, p.Notes = list(p.Files), list(p.Hosts), list(p.Blockers), list(p.Notes)
	p.Clusters, p.Nodes = list(p.Clusters), list(p.Nodes)
	for i := range p.Clusters {
		p.Clusters[i].Members = list(p.Clusters[i].Members)
	}
	for i, n := range p.Nodes {
		n.Steps, n.Packages, n.Volumes = list(n.Steps), list(n.Packages), list(n.Volumes)
		n.Blockers, n.Notes, n.Reboot.Why = list(n.Blockers), list(n.Notes), list(n.Reboot.Why)
		n.Pods = list(n.Pods)
		for k := range n.Pods {
			n.Pods[k].Pinned = list(n.Pods[k].Pinned)
		}
		p.Nodes[i] = n
	}
	return p
}

// list is a copy that is never nil.
func list[T any](in []T) []T { return append([]T{}, in...) }
