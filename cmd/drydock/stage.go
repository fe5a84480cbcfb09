package main

// The view of a run that tells what happens to a cluster: a line for each thing that happens, by the clock of the cluster, and on a terminal below
// them how every node is now.

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/value"
)

type stageStyle struct {
	color, live bool
	width       int
}

// stage is the view. It hears the run's events and the twin's.
type stage struct {
	stageStyle
	out   io.Writer
	site  *twin.Site
	begun time.Time

	mu       sync.Mutex
	nodes    map[string]*actor
	order    []string
	now      string // what the run does
	health   map[string]string
	voters   string
	drawn    int // lines of the block below
	failures map[string]bool
	quit     chan struct{}
	done     sync.WaitGroup
}

// actor is a node as the view knows it.
type actor struct {
	word     string // what it does, in a word or two
	since    time.Time
	taken    time.Time
	pods     int      // that were moved and not told of
	packages []string // that were changed and not told of
}

func newStage(out io.Writer, site *twin.Site, style stageStyle) *stage {
	s := &stage{stageStyle: style, out: out, site: site, begun: site.Clock.Now(), nodes: map[string]*actor{}, health: map[string]string{}, failures: map[string]bool{}, quit: make(chan struct{})}
	for _, n := range site.Spec().Nodes {
		s.order = append(s.order, n.Node)
		s.nodes[n.Node] = &actor{word: "waiting"}
	}
	for _, e := range site.Trace() {
		if e.Kind == twin.Robust {
			s.health[e.Object] = e.To
		}
	}
	site.Follow(s.happens)
	if s.live {
		s.done.Go(s.redraw)
	}
	return s
}

// redraw renews the block below as long as the run goes on.
func (s *stage) redraw() {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.mu.Lock()
			s.clear()
			s.draw()
			s.mu.Unlock()
		case <-s.quit:
			return
		}
	}
}

// finish leaves the lines and takes the block away.
func (s *stage) finish() {
	close(s.quit)
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.live = false
}

// Emit shows an event of the run.
func (s *stage) Emit(e event.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := e.(type) {
	case event.PlayStarted:
		if e.Name != s.now {
			s.now = e.Name
		}
	case event.TaskStarted:
		s.now = e.Task.Name
	case event.HostProgress:
		s.now = e.Host + ": " + e.Message
	case event.HostResult:
		if (e.Status == event.Failed || e.Status == event.Unreachable) && !e.Item {
			msg, _ := e.Result.Get("msg")
			s.line(e.Host, red, string(e.Status)+": "+e.Task.Name+": "+oneLine(value.Str(msg)))
		}
	}
	return nil
}

// happens shows what happens in the cluster.
func (s *stage) happens(e twin.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[e.Node]
	if n == nil {
		n = &actor{}
	}
	switch e.Kind {
	case twin.PodEnding:
		n.pods++
		return
	case twin.PackageChanged:
		s.moved(e, n)
		n.word = "patching"
		n.packages = append(n.packages, e.Object)
		return
	case twin.Robust:
		s.robust(e)
	case twin.Voters:
		s.voters = fmt.Sprintf("%d of %d", e.Alive, e.Total)
		s.line("etcd", dim, s.voters+" voters")
	case twin.Accident:
		s.line(e.Host, red, "fails, by a fault")
	case twin.ForeignCordon:
		s.line(e.Node, yellow, "somebody else cordons it")
	default:
		s.turns(e, n)
	}
}

// turns shows what a node has come to.
func (s *stage) turns(e twin.Event, n *actor) {
	switch e.Kind {
	case twin.Cordoned:
		n.word, n.taken, n.pods = "draining", e.At, 0
		s.line(e.Node, bold, "out of service: cordoned")
	case twin.GoingDown:
		s.moved(e, n)
		s.patched(e, n)
		n.word, n.since = "rebooting", e.At
		s.line(e.Node, dim, "going down for a reboot")
	case twin.Up:
		n.word = "starting"
		s.line(e.Node, dim, fmt.Sprintf("up again after %s, kernel %s", brief(e.At.Sub(n.since)), s.site.Hosts[e.Host].Kernel()))
	case twin.NotReady:
		s.line(e.Node, yellow, "not Ready, says the cluster")
	case twin.Ready:
		s.line(e.Node, dim, "Ready")
	case twin.Uncordoned:
		s.patched(e, n)
		n.word = "done"
		took := ""
		if !n.taken.IsZero() {
			took = ", " + brief(e.At.Sub(n.taken)) + " after it was taken out"
		}
		s.line(e.Node, green, "back in service"+took)
	}
}

func (s *stage) moved(e twin.Event, n *actor) {
	if n.pods > 0 {
		s.line(e.Node, dim, fmt.Sprintf("drained: %d pods moved to other nodes", n.pods))
	}
	n.pods = 0
}

func (s *stage) patched(e twin.Event, n *actor) {
	if len(n.packages) > 0 {
		s.line(e.Node, dim, fmt.Sprintf("patched: %s", strings.Join(n.packages, ", ")))
	}
	n.packages = nil
}

// robust shows when volumes stop being healthy, and when all are again.
func (s *stage) robust(e twin.Event) {
	before := s.sick()
	s.health[e.Object] = e.To
	switch after := s.sick(); {
	case e.To == "faulted":
		s.line("storage", red, "volume "+e.Object+" is faulted")
	case before == 0 && after > 0:
		s.line("storage", yellow, "volumes are degraded: a replica is on the node that is away")
	case before > 0 && after == 0:
		s.line("storage", green, fmt.Sprintf("all %d volumes are healthy again", len(s.health)))
	}
}

// sick counts the volumes in use that lack a replica.
func (s *stage) sick() int {
	n := 0
	for _, word := range s.health {
		if word == "degraded" || word == "faulted" {
			n++
		}
	}
	return n
}

// line prints one above the block.
func (s *stage) line(who, color, text string) {
	s.clear()
	at := s.site.Clock.Now().Sub(s.begun).Round(time.Second)
	head := fmt.Sprintf("%3d:%02d  %-10s ", int(at.Minutes()), int(at.Seconds())%60, who)
	for i, part := range wrapped(text, s.width-len(head)) {
		if i > 0 {
			head = strings.Repeat(" ", len(head))
		}
		fmt.Fprintln(s.out, head+paint(s.color, color, part))
	}
	s.draw()
}

// wrapped breaks a text between words.
func wrapped(text string, width int) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(text) {
		if line != "" && len(line)+1+len(w) > width {
			out, line = append(out, line), ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	return append(out, line)
}

// clear takes the block away.
func (s *stage) clear() {
	if s.drawn > 0 {
		fmt.Fprintf(s.out, "\x1b[%dA\x1b[J", s.drawn)
	}
	s.drawn = 0
}

// draw puts the block below the lines.
func (s *stage) draw() {
	if !s.live {
		return
	}
	state := fmt.Sprintf("volumes: %d of %d healthy", len(s.health)-s.sick(), len(s.health))
	if s.voters != "" {
		state += "   etcd: " + s.voters + " voters"
	}
	lines := append(s.roll(), state)
	if s.now != "" {
		lines = append(lines, paint(s.color, dim, cut("> "+s.now, s.width-1)))
	}
	fmt.Fprintln(s.out, strings.Join(lines, "\n"))
	s.drawn = len(lines)
}

// roll names the nodes with what each does, on as many lines as they need.
func (s *stage) roll() []string {
	lines, used := []string{""}, s.width
	for _, name := range s.order {
		word := s.nodes[name].word
		room := len(name) + len(word) + 3
		if used += room; used >= s.width {
			lines, used = append(lines, ""), room
		}
		color := map[string]string{"waiting": dim, "done": green}[word]
		lines[len(lines)-1] += name + " " + paint(s.color, first(color, yellow), word) + "  "
	}
	return lines
}

func cut(s string, width int) string {
	if len(s) > width {
		return s[:max(width-3, 0)] + "..."
	}
	return s
}
