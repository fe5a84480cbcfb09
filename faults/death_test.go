package faults

// The death of a run after every record of its journal, and its resumption.

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/twin"
)

var (
	seed  = flag.Uint64("seed", 1, "of the first random run")
	seeds = flag.Int("seeds", 4, "how many random runs there are")
	every = flag.Int("every", 1, "of the records of the shipped maintenance, which has the most, each so many-th is one to die after; which ones, the seed says")
)

// TestEveryDeath kills a run after every record and takes it up again: what came of both is what an undisturbed run makes. Unless the whole is
// asked for, some records are picked.
func TestEveryDeath(t *testing.T) {
	for _, c := range []content{ordinary(), shipped()} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := lay(t, small())
			o := b.begin(c, plan{})
			if o.code != 0 {
				t.Fatalf("undisturbed: exit %d\n%s", o.code, b.failures())
			}
			b.sound()
			b.whole()
			want := b.state()
			for _, k := range points(o.records, c) {
				t.Run(fmt.Sprintf("record-%d", k), func(t *testing.T) {
					t.Parallel()
					dies(t, c, k, want)
				})
			}
		})
	}
}

// points are the records after which a run is killed.
func points(records int, c content) []int {
	var out []int
	if *whole {
		first, step := 1, 1
		if c.name == "shipped" {
			first, step = 1+int(*seed)%*every, *every
		}
		for k := first; k <= records; k += step {
			out = append(out, k)
		}
		return out
	}
	random := rand.New(rand.NewPCG(*seed, uint64(len(c.name))))
	picked := 3
	if c.name == "shipped" {
		picked = 1
	}
	for range picked {
		out = append(out, 1+random.IntN(records))
	}
	return out
}

// dies kills a run after k records, resumes it and compares.
func dies(t *testing.T, c content, k int, want map[string]string) {
	b := lay(t, small())
	o := b.begin(c, plan{dies: k})
	if !o.died && o.code != 0 {
		t.Fatalf("it did not come to die: exit %d\n%s", o.code, b.failures())
	}
	b.pause(time.Duration(k%7) * 20 * time.Second)
	if o.died {
		next := b.begin(c, plan{resume: o.run})
		if next.code != 0 || next.err != nil {
			t.Errorf("resumed: exit %d, %v\n%s", next.code, next.err, b.failures())
		}
	}
	b.sound()
	b.whole()
	for node, n := range b.cordons() {
		if n != [2]int{1, 1} {
			t.Errorf("%s was cordoned %d times and given back %d times", node, n[0], n[1])
		}
	}
	if got := b.state(); !maps.Equal(got, want) {
		t.Errorf("it is\n%s\nundisturbed\n%s", lines(got), lines(want))
	}
}

// cordons counts how often each node was cordoned and given back.
func (b *bed) cordons() map[string][2]int {
	out := map[string][2]int{}
	for _, e := range b.site.Trace().Since() {
		n := out[e.Node]
		switch e.Kind {
		case twin.Cordoned:
			n[0]++
		case twin.Uncordoned:
			n[1]++
		default:
			continue
		}
		out[e.Node] = n
	}
	return out
}

// state is how hosts and nodes are left, in words.
func (b *bed) state() map[string]string {
	out := map[string]string{}
	for _, n := range b.site.Spec().Nodes {
		h := b.site.Hosts[n.Name]
		words := []string{"kernel " + h.Kernel(), fmt.Sprintf("booted %d times", h.Boots())}
		for _, p := range n.Packages {
			words = append(words, p.Name+" "+h.Installed(p.Name))
		}
		o, _ := b.site.API.Get("nodes", "", n.Node)
		spec, _ := o["spec"].(map[string]any)
		meta, _ := o["metadata"].(map[string]any)
		notes, _ := meta["annotations"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(notes)) {
			// On a node that takes pods the guard's marks mean nothing. A process that dies right after the last uncordon leaves them there.
			if strings.Contains(name, "drydock") && spec["unschedulable"] == true {
				words = append(words, fmt.Sprintf("%s: %v", name, notes[name]))
			}
		}
		out[n.Name] = strings.Join(words, ", ")
	}
	return out
}

func lines(m map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "  %s: %s\n", k, m[k])
	}
	return b.String()
}

// TestASoftStopAndResume presses ctrl+C at some records: what is begun ends or is undone, and resume ends the rest.
func TestASoftStopAndResume(t *testing.T) {
	for _, c := range []content{ordinary(), shipped()} {
		for _, k := range []int{9, 40, 120} {
			t.Run(fmt.Sprintf("%s/record-%d", c.name, k), func(t *testing.T) {
				if !*whole && (c.name == "shipped" || k == 120) {
					t.Skip("a run of many seconds: make faults plays it")
				}
				t.Parallel()
				b := lay(t, small())
				o := b.begin(c, plan{stops: k})
				b.sound()
				if next := b.begin(c, plan{resume: o.run}); next.code != 0 && !errors.Is(next.err, journal.ErrFinished) {
					t.Errorf("resumed: exit %d, %v\n%s", next.code, next.err, b.failures())
				}
				b.sound()
				b.whole()
			})
		}
	}
}
