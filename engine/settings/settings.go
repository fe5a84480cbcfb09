// Package settings reads drydock.yml: how a cluster is to be maintained, apart from any playbook. Each key is declared once, with its reader
// and its words for people; reading, checking, the names that are near to a mistyped one, and docs/drydock-yml.md come from that.
//
// Every mistake of the file is reported with its place. Nothing in it is a template: it is read before there is anything to ask.
package settings

import (
	"errors"
	"io/fs"
	"net/url"
	"regexp"
	"time"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/window"
)

// File is the name under which settings lie in a project's folder.
const File = "drydock.yml"

// Settings are what the file says; what it does not say has its default.
type Settings struct {
	Path         string // of the file; empty: there is none
	Guard        string // auto, require, off; empty: not said
	Accept       []string
	Kubeconfig   string
	Windows      window.Set
	Prometheus   Prometheus
	BlockingPods []string // label selectors
	PodScope     string   // node, cluster
	BlockedFor   time.Duration
	Hooks        Hooks
	NodeSoak     time.Duration
	PreDownload  bool
	EtcdSnapshot *Keep // nil: not said
	Volumes      *Keep // snapshots of Longhorn's volumes; nil: none are made
	JournalKeep  int
}

// Prometheus tells where alerts are asked for and which of them block.
type Prometheus struct {
	URL        *url.URL       // nil: nobody is asked
	Filter     *regexp.Regexp // of names of alerts; nil: all block
	MatchOnly  bool           // those that the filter matches block; else those that it does not match
	FiringOnly bool           // pending alerts do not block
	Timeout    time.Duration
}

// Hooks are task files of the user's own around what happens to a node; empty: none.
type Hooks struct {
	PreDrain, PostDrain, PreReboot, PostReboot, PostUncordon string
}

// Keep is how many of something stay.
type Keep struct{ Count int }

// Default is what holds without a file.
func Default() *Settings {
	return &Settings{
		PodScope: "node", BlockedFor: 30 * time.Minute, JournalKeep: 100,
		Prometheus: Prometheus{Timeout: 10 * time.Second},
	}
}

// Load reads the settings of a file through a reader of files. A file that is not there is no mistake unless it was asked for by name.
func Load(path string, named bool, read func(path string) ([]byte, error)) (*Settings, diag.List) {
	s := Default()
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return s, nil
	}
	var ds diag.List
	if err != nil {
		ds.Add(diag.Diagnostic{Summary: "the settings cannot be read: " + err.Error(), Missing: errors.Is(err, fs.ErrNotExist)})
		return s, ds
	}
	s.Path = path
	docs, ds := source.Parse(path, data)
	for _, d := range docs[min(1, len(docs)):] {
		ds.Addf(d.Span(), "the settings are one document, this is a second")
	}
	if len(docs) > 0 && !docs[0].IsNull() {
		r := &reader{ds: &ds}
		mapping(r, docs[0], "drydock.yml", keys(), s)
	}
	return s, ds
}

// HostVar is the prefix of a variable of a host or a role that says for it what drydock.yml says for all.
const HostVar = "drydock_"

// HostVars are the names of the variables by which hosts say their own.
func HostVars() []string {
	var out []string
	for _, f := range keys() {
		if f.host {
			out = append(out, HostVar+f.name)
		}
	}
	return out
}

// For gives the settings of one host: those of the file, with what its variables say over them. Only the keys that Describe marks can be
// said by a host. Variables are answered evaluated; mistakes name the variable.
func (s *Settings) For(lookup func(name string) (any, bool)) (*Settings, diag.List) {
	own := *s
	var ds diag.List
	for _, f := range keys() {
		if !f.host {
			continue
		}
		v, ok := lookup(HostVar + f.name)
		if !ok {
			continue
		}
		r := &reader{ds: &ds, variable: HostVar + f.name}
		f.read(r, nodeOf(v), &own)
	}
	return &own, ds
}
