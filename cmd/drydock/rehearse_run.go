package main

// One rehearsal: a site, a run on it, and what was seen.

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/twin/disk"
	"github.com/drydock-dev/drydock/engine/vars"
)

// once carries the playbook out on a fresh twin with a fault; nil: without any.
func (r *rehearsal) once(ctx context.Context, fault *twin.Fault) (outcome, error) {
	spec, name := r.spec, "none"
	if fault != nil {
		spec.Faults, name = []twin.Fault{*fault}, fault.String()
	}
	site, err := twin.Start(ctx, spec)
	if err != nil {
		if fault == nil {
			return outcome{}, &exit{exitError, err}
		}
		return outcome{Fault: name, Outcome: impossible, Why: err.Error()}, nil
	}
	defer site.Close()
	dir, err := os.MkdirTemp(r.dir, "site-")
	if err != nil {
		return outcome{}, err
	}
	s := &rehearsing{site: site, dir: dir, shared: ssh.NewShared(nil), heard: map[string]int{}}
	if err := s.open(r.configs); err != nil {
		return outcome{}, err
	}
	code, err := s.run(ctx, r)
	if err != nil && ctx.Err() != nil {
		return outcome{}, err
	}
	o := s.outcome(code, err, len(r.hosts))
	o.Fault = name
	return o, nil
}

// rehearsing is a run on a site.
type rehearsing struct {
	site   *twin.Site
	dir    string
	shared *ssh.Shared

	events  []event.Event
	mu      sync.Mutex     // for refused: templates are evaluated everywhere
	refused []string       // what would have happened on the controller outside of any connection
	heard   map[string]int // how many unknown commands of a machine are told of already
	strange int            // how many strangers are
	lacks   []lack
}

// open writes down how the machines of the site are reached, and puts a kubeconfig wherever one may be looked for on the controller.
func (s *rehearsing) open(configs []string) error {
	known := ""
	for _, m := range s.site.Machines {
		known += m.KnownHostsLine()
	}
	key, err := s.site.Machines[s.site.Spec().Nodes[0].Name].ClientKey("")
	err = errors.Join(err, os.WriteFile(filepath.Join(s.dir, "key"), key, 0o600), os.WriteFile(filepath.Join(s.dir, "known_hosts"), []byte(known), 0o600))
	if s.site.API == nil {
		return err
	}
	for _, path := range configs {
		err = errors.Join(err, s.site.Hosts[twin.ControllerName].Disk().Set(path, string(s.site.Kubeconfig()), 0o644))
	}
	return err
}

// run carries out what the user has, with the twin instead of hosts and controller.
func (s *rehearsing) run(ctx context.Context, r *rehearsal) (int, error) {
	o := r.options
	o.Machine.Clock = s.site.Clock
	o.Instead = &engine.Instead{Connect: s, Disk: away{s.site.Hosts[twin.ControllerName].Root()}, Refuse: s.refuse, Script: r.scripts.once}
	job, ds := engine.Load(o)
	if err := ds.Err(); err != nil {
		return exitParse, err
	}
	return job.Run(ctx, s, nil)
}

// Connect implements run.Connector: every host is a machine of the site, the machine that Drydock runs on among them.
func (s *rehearsing) Connect(ctx context.Context, how vars.Connection) (conn.Connection, error) {
	name := s.machine(how.Name)
	if how.Kind == "local" {
		name = twin.ControllerName
	}
	m := s.site.Machines[name]
	user := how.User
	if n := s.node(name); user != "root" {
		user = n.User
	}
	return ssh.Dial(ctx, ssh.Options{
		Host: m.Host(), Port: m.Port(), User: user, PrivateKeyFile: filepath.Join(s.dir, "key"), KnownHosts: []string{filepath.Join(s.dir, "known_hosts")},
		ConfigFiles: []string{}, Home: s.dir, Login: user, ConnectTimeout: 10 * time.Second, Shared: s.shared,
	})
}

var _ run.Connector = (*rehearsing)(nil)

// machine is the one that a host of the inventory is: those that no inventory of the beginning names are the controller.
func (s *rehearsing) machine(host string) string {
	if _, ok := s.site.Machines[host]; ok {
		return host
	}
	return twin.ControllerName
}

func (s *rehearsing) node(name string) twin.Node {
	for _, n := range s.site.Spec().Nodes {
		if n.Name == name {
			return n
		}
	}
	return twin.Node{Name: name, User: "ops"}
}

// refuse notes what is not done, and why it fails.
func (s *rehearsing) refuse(what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, what)
	return unrehearsed(what)
}

// unrehearsed is the error of what a rehearsal leaves undone.
func unrehearsed(what string) error {
	return errors.New("a rehearsal does not do this on your machine: " + what)
}

// Emit keeps the events, and sees which tasks asked for what the twin does not know.
func (s *rehearsing) Emit(e event.Event) error {
	switch e := e.(type) {
	case event.ApplyStarted, event.Gate, event.Retry:
		s.events = append(s.events, e)
	case event.HostResult:
		s.events = append(s.events, e)
		s.missed(e)
	}
	return nil
}

// missed notes what a task has asked for in vain.
func (s *rehearsing) missed(e event.HostResult) {
	for _, name := range []string{s.machine(e.Host), s.machine(e.DelegatedTo), twin.ControllerName} {
		unknown := s.site.Hosts[name].Unknown()
		for _, what := range unknown[min(s.heard[name], len(unknown)):] {
			s.note(e, "command "+what)
		}
		s.heard[name] = len(unknown)
	}
	all := s.site.Strangers()
	for _, address := range all[s.strange:] {
		s.note(e, "address "+address)
	}
	s.strange = len(all)
	s.mu.Lock()
	refused := s.refused
	s.refused = nil
	s.mu.Unlock()
	for _, what := range refused {
		s.note(e, what)
	}
}

func (s *rehearsing) note(e event.HostResult, what string) {
	for _, l := range s.lacks {
		if l.What == what && l.Task == e.Task.Name {
			return
		}
	}
	s.lacks = append(s.lacks, lack{What: what, Task: e.Task.Name, Host: e.Host, At: e.Task.Pos.String()})
}

// away is the disk of the controller's twin, as modules write to the controller.
type away struct{ view disk.View }

// Read returns a file.
func (a away) Read(path string) ([]byte, error) {
	data, err := a.view.ReadFile(home(path))
	if err != nil {
		return nil, errors.Join(err, fs.ErrNotExist)
	}
	return data, nil
}

// Write replaces a file.
func (a away) Write(path string, data []byte) error {
	path = home(path)
	if err := a.view.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return a.view.WriteFile(path, data, 0o644)
}

func home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return "/root/" + rest
	}
	return path
}
