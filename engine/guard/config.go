package guard

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/kube"
)

// Mode is how strict the guard is.
type Mode string

// The modes.
const (
	Auto    Mode = "auto"    // hosts of a cluster are guarded, others pass
	Require Mode = "require" // a host that is no node may not be disrupted either
	Off     Mode = "off"     // there is no guard
)

// ParseMode reads a mode; empty is Auto.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case "":
		return Auto, nil
	case Auto, Require, Off:
		return m, nil
	}
	return "", fmt.Errorf("the guard is auto, require or off, not %q", s)
}

// Config is what a guard is to know of the run.
type Config struct {
	Mode       Mode
	Accept     []string // CHECK or CHECK=SUBJECT: findings that a person accepts
	Kubeconfig string   // of the cluster, on the machine that Drydock runs on; empty: it is looked for
	Run        string   // the run's id; empty: the guard makes one
	Holder     string   // who runs it, for people: user@machine
	Disrupts   bool     // the run is known to disrupt nodes: the cluster is held from its first change on
	// Runs tells of another run whether it was begun here, and whether it died without an end; nil: none is known.
	Runs   func(id string) (known, died bool)
	Limits Limits
}

// Limits are how long the guard waits for what may pass by itself. Zero fields have their defaults.
type Limits struct {
	Patience time.Duration // before this run has disrupted anything: 1 min
	Wait     time.Duration // after it has, for nodes and servers that come back: 15 min
	Still    time.Duration // for volumes that are rebuilt, without any progress: 15 min
	Settle   time.Duration // for which all must be well before the next node: 30 s
	Look     time.Duration // between two looks: 5 s
}

func (l Limits) filled() Limits {
	for field, d := range map[*time.Duration]time.Duration{
		&l.Patience: time.Minute, &l.Wait: 15 * time.Minute, &l.Still: 15 * time.Minute, &l.Settle: 30 * time.Second, &l.Look: 5 * time.Second,
	} {
		if *field == 0 {
			*field = d
		}
	}
	return l
}

// CheckCluster is the guard's own check, besides those of package kube: the host's cluster is found and answers. It cannot be accepted.
const CheckCluster = "cluster"

// Checks lists what --accept takes, for people.
func Checks() []kube.Check { return kube.Checks() }

// Guard answers whether nodes may be disrupted, for one run. It is safe for concurrent use.
type Guard struct {
	cfg    Config
	accept []acceptance

	mu       sync.Mutex // held while a decision is made, not while one waits
	clusters []*cluster
	places   map[string]*place // what became of hosts, by name
	hopeless map[string]error  // hosts that lead to no cluster
	spoken   bool              // the cluster that this machine speaks to was asked for
}

// acceptance is one --accept.
type acceptance struct{ check, subject string }

// New makes a guard. Unknown names of checks are errors.
func New(cfg Config) (*Guard, error) {
	accept, err := parseAccept(cfg.Accept)
	if err != nil {
		return nil, err
	}
	cfg.Limits = cfg.Limits.filled()
	if cfg.Run == "" {
		cfg.Run = "unjournaled-" + strings.ToLower(rand.Text()[:8])
	}
	return &Guard{cfg: cfg, accept: accept, places: map[string]*place{}, hopeless: map[string]error{}}, nil
}

// CheckAccept says what is wrong with what a person accepts; nil: nothing.
func CheckAccept(given []string) error {
	_, err := parseAccept(given)
	return err
}

// parseAccept reads what a person accepts and names what was meant by a name that is none.
func parseAccept(given []string) ([]acceptance, error) {
	var names []string
	for _, c := range Checks() {
		names = append(names, c.Name)
	}
	var out []acceptance
	for _, g := range given {
		check, subject, _ := strings.Cut(strings.TrimSpace(g), "=")
		if !slices.Contains(names, check) {
			if near := diag.Nearest(check, names); near != "" {
				return nil, fmt.Errorf("--accept %s: there is no check %q; did you mean %q?", g, check, near)
			}
			return nil, fmt.Errorf("--accept %s: there is no check %q; there are %s", g, check, strings.Join(names, ", "))
		}
		out = append(out, acceptance{check, subject})
	}
	return out, nil
}

// accepted tells whether a person has accepted a finding.
func (g *Guard) accepted(f kube.Finding) bool {
	return slices.ContainsFunc(g.accept, func(a acceptance) bool { return a.check == f.Check && (a.subject == "" || f.Names(a.subject)) })
}
