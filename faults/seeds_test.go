package faults

// Runs with random faults. The seed is all that they depend on: cluster, content, faults and their moments, deaths, stops and resumptions. What the
// machine that tests run on is slow in may still move a fault by some records.

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/twin"
)

// TestSeeds plays so many random runs. Whatever happens to them, the invariants hold.
func TestSeeds(t *testing.T) {
	for i := range *seeds {
		t.Run(fmt.Sprintf("seed-%d", *seed+uint64(i)), func(t *testing.T) {
			t.Parallel()
			l := drawn(*seed + uint64(i))
			l.play(t)
			t.Log(l)
			if t.Failed() {
				t.Logf("to see it again: make faults SEED=%d SEEDS=1", l.seed)
			}
		})
	}
}

// lot is what a seed has drawn.
type lot struct {
	seed    uint64
	random  *rand.Rand
	spec    twin.Spec
	content content
	faults  []string
	accept  []string
	extra   []string
	story   []string // what became of it
}

func (l *lot) String() string {
	return fmt.Sprintf("%s on %d nodes, faults %q, accepted %q: %s", l.content.name, len(l.spec.Nodes), l.faults, l.accept, strings.Join(l.story, "; "))
}

func (l *lot) chance(of, in int) bool { return l.random.IntN(in) < of }

func drawn(seed uint64) *lot {
	l := &lot{seed: seed, random: rand.New(rand.NewPCG(seed, 0xd0c))}
	servers := 1 + l.random.IntN(3)
	l.spec = sized(servers, max(2-servers, 0)+l.random.IntN(2))
	l.spec.Seed, l.spec.NoLonghorn = seed+1, l.chance(1, 4)
	l.content = []content{ordinary(), ordinary(), ordinary(), shipped(), careless()}[l.random.IntN(5)]
	if servers < 3 && l.chance(2, 3) {
		l.accept = []string{kube.CheckQuorum}
	}
	if l.accept != nil && servers == 2 {
		l.extra = []string{"k3s_node_maintenance_allow_quorum_loss=true"} // the shipped role asks for itself, too
	}
	for range l.random.IntN(4) {
		l.faults = append(l.faults, l.fault())
	}
	return l
}

// moments are when faults of a kind may come. What takes a replica or a voter away while a machine is down is an accident that no run can be
// judged by.
func moments(f twin.FaultDoc) []string {
	if f.Case >= "F13" && f.Case <= "F24" {
		return []string{"", "@cordoned", "@pod-ending", "@uncordoned"}
	}
	return []string{"", "@cordoned", "@pod-ending", "@going-down", "@down", "@up", "@k3s-started", "@uncordoned"}
}

// fault draws one, on a node where it takes one.
func (l *lot) fault() string {
	all := slices.DeleteFunc(twin.Faults(), func(f twin.FaultDoc) bool { return l.spec.NoLonghorn && f.Case >= "F13" && f.Case <= "F19" })
	f := all[l.random.IntN(len(all))]
	text := f.Name
	if f.Takes == "host" || f.Takes == "node" {
		nodes := l.spec.Nodes
		if f.Case == "F22" {
			nodes = slices.DeleteFunc(slices.Clone(nodes), func(n twin.Node) bool { return n.Role != twin.Server })
		}
		text += "=" + nodes[l.random.IntN(len(nodes))].Name
	}
	at := moments(f)
	return text + at[l.random.IntN(len(at))]
}

// processes is how many a run has at most.
const processes = 4

// end says after how many records a process dies or is asked to stop; 0: neither. The last one lives.
func (l *lot) end(process int) (dies, stops int) {
	dies, stops = 1+l.random.IntN(400), 1+l.random.IntN(300)
	switch l.random.IntN(5) {
	case 0, 1:
		stops = 0
	case 2:
		dies = 0
	default:
		dies, stops = 0, 0
	}
	if process == processes-1 {
		return 0, 0
	}
	return dies, stops
}

// harmless tells whether nothing is in the way of the run: it must get to its end, by itself or resumed.
func (l *lot) harmless() bool {
	return len(l.faults) == 0 && l.content.name != "careless" && (l.accept != nil || l.spec.Nodes[min(2, len(l.spec.Nodes)-1)].Role == twin.Server && len(l.spec.Nodes) > 2)
}

// play carries it out: some processes die, some are asked to stop, all are taken up again, a few times at most.
func (l *lot) play(t *testing.T) {
	b := lay(t, l.spec)
	for _, f := range l.faults {
		b.harm(f)
	}
	if l.chance(1, 2) {
		b.pause(2 * time.Minute)
	}
	p := plan{accept: l.accept, extra: l.extra}
	o := outcome{}
	for i := range processes {
		p.dies, p.stops = l.end(i)
		o = b.begin(l.content, p)
		l.story = append(l.story, fmt.Sprintf("exit %d after %d records (dies %d, stops %d)", o.code, o.records, p.dies, p.stops))
		if errors.Is(o.err, journal.ErrFinished) || o.code == 0 && !o.died {
			break
		}
		p.resume = o.run
		b.pause(time.Duration(l.random.IntN(600)) * time.Second)
	}
	if l.harmless() {
		if o.code != 0 && !errors.Is(o.err, journal.ErrFinished) {
			t.Errorf("nothing stands against it, and it does not finish: %d, %v\n%s", o.code, o.err, b.failures())
		}
		b.whole()
	}
	if l.chance(1, 5) {
		o := b.begin(ordinary(), plan{accept: l.accept, extra: l.extra})
		l.story = append(l.story, fmt.Sprintf("a second run: exit %d, refused by %q", o.code, o.refusedBy()))
	}
	b.sound()
}
