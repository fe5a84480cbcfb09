//go:build e2e

package e2e

// The witness: watches the API for the whole of a run and says afterwards whether the promise held at every moment.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

type witness struct {
	stop context.CancelFunc
	done sync.WaitGroup

	mu      sync.Mutex
	out     map[string]string          // nodes out of service now, and why
	worst   string                     // the largest set of them there was
	most    int                        // its size
	cordons map[string]int             // how often each node was cordoned
	boots   map[string]map[string]bool // boot IDs that each Node reported
	broken  []string                   // budgets seen with fewer healthy pods than they demand
	marks   map[string]bool            // nodes that ever carried our annotation
}

// testify begins to watch; the watching ends with the test or with a verdict.
func testify(t *testing.T) *witness {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	w := &witness{
		stop: stop, out: map[string]string{}, cordons: map[string]int{}, boots: map[string]map[string]bool{}, marks: map[string]bool{},
	}
	t.Cleanup(w.end)
	began := make(chan struct{}, 2)
	for path, see := range map[string]func(object){nodesPath: w.node, budgetsPath: w.budget} {
		var once sync.Once
		w.done.Go(func() {
			bed.cluster.watch(ctx, path, func(o object) { see(o); once.Do(func() { began <- struct{}{} }) })
		})
	}
	<-began
	<-began
	return w
}

func (w *witness) end() {
	w.stop()
	w.done.Wait()
}

func (w *witness) node(o object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := o.Metadata.Name
	if w.boots[name] == nil {
		w.boots[name] = map[string]bool{}
	}
	w.boots[name][o.Status.NodeInfo.BootID] = true
	w.marks[name] = w.marks[name] || o.Metadata.Annotations[mark] != ""
	was := w.out[name]
	delete(w.out, name)
	switch {
	case o.Spec.Unschedulable:
		w.out[name] = "cordoned"
	case !o.ready():
		w.out[name] = "not Ready"
	}
	if w.out[name] == "cordoned" && was != "cordoned" {
		w.cordons[name]++
	}
	if len(w.out) > w.most {
		w.most, w.worst = len(w.out), fmt.Sprint(w.out)
	}
}

func (w *witness) budget(o object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.Status.CurrentHealthy < o.Status.DesiredHealthy {
		w.broken = append(w.broken, fmt.Sprintf("%s: %d of %d", o.Metadata.Name, o.Status.CurrentHealthy, o.Status.DesiredHealthy))
	}
}

// oneAtATime asserts the promise: never two nodes out of service, never a budget overdrawn.
func (w *witness) oneAtATime(t *testing.T) {
	t.Helper()
	w.end()
	if w.most > 1 {
		t.Errorf("%d nodes were out of service at once: %s", w.most, w.worst)
	}
	if len(w.broken) > 0 {
		t.Errorf("disruption budgets were overdrawn: %s", strings.Join(w.broken, "; "))
	}
}

// touched asserts which nodes were ever cordoned or rebooted, and that no other was.
func (w *witness) touched(t *testing.T, want ...string) {
	t.Helper()
	w.end()
	var got []string
	for _, n := range all {
		if w.cordons[n] > 0 || len(w.boots[n]) > 1 || w.marks[n] {
			got = append(got, n)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("nodes touched: %v, want %v", got, want)
	}
}

// mark is the annotation that a node under maintenance carries.
const mark = "drydock.dev/unschedulable-before"
