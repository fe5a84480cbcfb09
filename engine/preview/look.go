package preview

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/window"
)

// This file holds the order in which the world is looked at: hosts first, as the tasks before them depend on their facts, then packages and
// clusters. Whatever can be asked at once is.

// Options is what a look needs.
type Options struct {
	Turns []Turn
	Setup module.Module // gathers facts
	Hosts []string      // of the inventory
	// Held tells what holds hosts back at this moment: window, alert, pod. Nil: nothing does.
	Held func(ctx context.Context, hosts []string, site guard.Site) (by []string, why string, err error)
	// Windows are those of drydock.yml.
	Windows window.Set
	Guard   *guard.Guard // is asked where hosts are, and what a person has accepted; never for leave
	Forks   int          // how many hosts at a time
	Now     func() time.Time
	// Past are the times that a node, or its reboot alone, took in earlier runs, oldest first.
	Past func(host string) (nodes, reboots []time.Duration)
}

// subject is one host that the run would come to, while it is looked at.
type subject struct {
	Turn
	prospects []Prospect
	unread    []string

	view     module.Host // as root, for looking only
	met      error       // why it could not be met
	facts    *value.Map
	sight    sight
	packages packageLook

	drains   []drain
	drainErr error // why it cannot be told how the node is drained
	spot     guard.Spot
	lost     error   // why its node cannot be told
	blind    []error // what of its cluster could not be seen
	place    place
	later    []string // members of etcd that the run comes to after it
	mounted  []kube.Finding
	pods     []kube.PodVerdict
}

// place is what a host is in its cluster.
type place struct {
	*field
	node string
}

// Look looks at all that a run would disrupt and says what it would come to. An error is for content that cannot be read as a run; whatever
// cannot be seen of the world is a blocker of the Preview.
func Look(ctx context.Context, o Options) (Preview, error) {
	l := &looker{Options: o}
	for _, t := range o.Turns {
		l.add(ctx, t)
	}
	l.meet(ctx)
	if err := l.read(); err != nil {
		return Preview{}, err
	}
	l.each(func(s *subject) {
		for _, p := range s.prospects {
			if installs(p) && s.met == nil {
				s.packages.ask(ctx, p)
			}
		}
	})
	l.survey(ctx)
	l.hear(ctx)
	l.feel(ctx)
	l.ask(ctx)
	return l.preview(), ctx.Err()
}

type looker struct {
	Options
	subjects []*subject
	fields   []*field
	held     []Blocker // what holds the first node back now
	notes    []string
}

// wants are the tasks that matter: those that can disrupt a node or change its packages.
func wants(m module.Module) bool { return m.Spec().Disrupts != nil || changesPackages(m) }

// add takes a host in if anything that the play has for it may matter. Without the host's facts more may than will.
func (l *looker) add(ctx context.Context, t Turn) {
	prospects, unread := t.Prospects(wants)
	if len(unread) == 0 && !slices.ContainsFunc(prospects, matters) {
		return
	}
	s := &subject{Turn: t, prospects: prospects, unread: unread}
	s.view, s.met = t.Site.Reach(ctx, t.Host)
	l.subjects = append(l.subjects, s)
}

// matters tells whether a task takes something from a node or changes its packages.
func matters(p Prospect) bool {
	return installs(p) || p.Disruption.Kind != module.NoDisruption && p.Disruption.Kind != module.Uncordon
}

// each does something for all subjects, some at a time.
func (l *looker) each(do func(*subject)) {
	l.atOnce(len(l.subjects), func(i int) { do(l.subjects[i]) })
}

// atOnce does something n times, some at a time.
func (l *looker) atOnce(n int, do func(i int)) {
	free := make(chan struct{}, max(l.Forks, 1))
	var all sync.WaitGroup
	for i := range n {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			do(i)
		})
	}
	all.Wait()
}

// meet asks every host for its facts and its kernels.
func (l *looker) meet(ctx context.Context) {
	l.each(func(s *subject) {
		if s.met == nil {
			s.facts, s.met = l.factsOf(ctx, s)
		}
	})
}

func (l *looker) factsOf(ctx context.Context, s *subject) (*value.Map, error) {
	plan, err := l.Setup.Plan(ctx, s.view, value.NewMap("gather_subset", []any{"!all", "network"}))
	if err != nil {
		return nil, err
	}
	if r := plan.Result(); r.Failed {
		return nil, fmt.Errorf("%s", r.Msg)
	}
	s.sight, err = lookAt(ctx, s.view)
	return plan.Result().Facts, err
}

// read reads the tasks of every host anew, now that its facts are known, and lets those go for which nothing is left.
func (l *looker) read() error {
	for _, s := range l.subjects {
		if s.met != nil {
			continue
		}
		if err := s.Learn(s.facts); err != nil {
			return err
		}
		s.prospects, s.unread = s.Prospects(wants)
		s.packages.now = l.Now()
	}
	l.subjects = slices.DeleteFunc(l.subjects, func(s *subject) bool {
		return s.met == nil && len(s.unread) == 0 && !slices.ContainsFunc(s.prospects, matters)
	})
	return nil
}
