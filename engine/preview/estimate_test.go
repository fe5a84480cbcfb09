package preview

import (
	"fmt"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/window"
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

func TestRoomInTheWindow(t *testing.T) {
	night := window.Set{{Start: 22 * 60, End: 23 * 60, Finish: true}}
	at := func(h, m int) time.Time { return time.Date(2026, 11, 25, h, m, 0, 0, time.UTC) }
	nodes := func(minutes ...int) (out []Node) {
		for _, m := range minutes {
			out = append(out, Node{Host: "n", Duration: Duration{Seconds: m * 60}})
		}
		return out
	}
	for name, c := range map[string]struct {
		set   window.Set
		now   time.Time
		nodes []Node
		want  string
	}{
		"no windows":          {nil, at(12, 0), nodes(30), ""},
		"all fit, by day":     {night, at(12, 0), nodes(20, 20, 20), ""},
		"all fit, in it":      {night, at(22, 30), nodes(10, 20), ""},
		"some fit":            {night, at(22, 30), nodes(10, 10, 20, 5), "the window that closes Wed 2026-11-25 23:00 UTC has room for 2 of 4 nodes, as past runs tell; the rest goes on in the next one: drydock resume"},
		"late":                {night, at(22, 55), nodes(20, 50), "the window that closes Thu 2026-11-26 23:00 UTC has room for 1 of 2 nodes, as past runs tell; the rest goes on in the next one: drydock resume"},
		"longer than any":     {night, at(12, 0), nodes(90), "no window of the next two weeks is long enough for n"},
		"nothing to go by":    {night, at(12, 0), nodes(0, 0), ""},
		"a second is unknown": {night, at(12, 0), nodes(5, 0), ""},
	} {
		if got := room(c.set, c.now, c.nodes); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
