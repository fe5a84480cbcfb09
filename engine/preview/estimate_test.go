package preview

import (
	"fmt"
	"testing"
	"time"
)

func TestEstimates(t *testing.T) {
	min := time.Minute
	l := &looker{Options: Options{Past: func(host string) (nodes, reboots []time.Duration) {
		switch host {
		case "often":
			return []time.Duration{3 * min, 9 * min, 4 * min}, []time.Duration{min}
		case "reboots":
			return nil, []time.Duration{2 * min}
		}
		return nil, nil
	}}}
	rebooting := Node{Reboot: Reboot{Needed: true, Planned: Perhaps}}
	nodes := []Node{{Host: "often"}, {Host: "reboots"}, {Host: "new"}}
	sum := Duration{}
	for i := range nodes {
		nodes[i].Duration = l.estimate(nodes[i].Host, rebooting)
		sum.Seconds += nodes[i].Duration.Seconds
	}
	from := l.fill(nodes, &sum)
	got := fmt.Sprint(nodes[0].Duration.Seconds, nodes[1].Duration.Seconds, nodes[2].Duration.Seconds, sum.Seconds, " ", from)
	if want := "240 120 240 600 past runs"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if d := l.estimate("reboots", Node{Reboot: Reboot{Planned: Never, Needed: true}}); d.Seconds != 0 {
		t.Errorf("a run without a reboot is estimated by reboots: %+v", d)
	}
}

func TestNodesOfOneClusterAreTakenOneAfterTheOther(t *testing.T) {
	steps, patch := []Step{{Kind: "reboot"}}, []Step{{Kind: "packages"}}
	nodes := []Node{
		{Host: "a", Batch: 1, Cluster: "x", Steps: steps}, {Host: "b", Batch: 1, Cluster: "x", Steps: steps}, {Host: "c", Batch: 1, Cluster: "y", Steps: steps},
		{Host: "d", Batch: 1, Cluster: "x", Steps: patch}, {Host: "e", Batch: 2, Cluster: "x", Steps: steps},
	}
	apart(nodes)
	var got []string
	for _, n := range nodes {
		for _, b := range n.Blockers {
			got = append(got, n.Host+" "+b.Check+": "+b.Found)
		}
	}
	want := "[a together: the run would take it out of service together with b b together: the run would take it out of service together with a]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v", got)
	}
}
