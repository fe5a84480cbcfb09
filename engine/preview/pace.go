package preview

import (
	"path"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
)

// Pace measures, while a run happens, how long each node takes from the first task of its play to the last, for the estimates of later plans. Only
// nodes that were really disrupted and came through count: one that needed nothing is done in a second, and one that failed says little.
type Pace struct {
	Next event.Sink
	Keep func(host string, took time.Duration)

	hosts map[string]*walkthrough // of the batch under way
}

// walkthrough is one node's way through its play.
type walkthrough struct {
	begin, end        time.Time
	disrupted, failed bool
}

// Emit measures, and hands on.
func (p *Pace) Emit(e event.Event) error {
	switch x := e.(type) {
	case event.PlayStarted, event.Stats:
		p.settle()
	case event.HostStarted:
		p.at(x.Host, x.At)
	case event.ApplyStarted:
		if h := p.at(x.Host, x.At); x.Disrupts != "" || takesAway(x.Task.Action) {
			h.disrupted = true
		}
	case event.HostResult:
		h := p.at(x.Host, x.At)
		h.failed = h.failed || x.Status == event.Failed || x.Status == event.Unreachable
	}
	return p.Next.Emit(e)
}

// takesAway tells of an action whether it takes a node away, for runs whose guard is off and says nothing of it.
func takesAway(action string) bool {
	name := strings.TrimPrefix(path.Ext(action), ".")
	if name == "" {
		name = action
	}
	return name == "reboot" || name == "k8s_drain"
}

func (p *Pace) at(host string, at time.Time) *walkthrough {
	h := p.hosts[host]
	if h == nil {
		h = &walkthrough{begin: at}
		if p.hosts == nil {
			p.hosts = map[string]*walkthrough{}
		}
		p.hosts[host] = h
	}
	h.end = at
	return h
}

// settle keeps what the batch has taken, and begins the next.
func (p *Pace) settle() {
	for host, h := range p.hosts {
		if took := h.end.Sub(h.begin); h.disrupted && !h.failed && took > 0 {
			p.Keep(host, took)
		}
	}
	p.hosts = nil
}
