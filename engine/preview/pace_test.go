package preview

import (
	"fmt"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
)

type nowhere struct{}

func (nowhere) Emit(event.Event) error { return nil }

func TestPaceMeasuresNodesThatWereDisruptedAndCameThrough(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	reboot, ping := event.TaskRef{Action: "ansible.builtin.reboot"}, event.TaskRef{Action: "ping"}
	got := map[string]string{}
	p := &Pace{Next: nowhere{}, Keep: func(host string, took time.Duration) { got[host] += fmt.Sprint(took, ";") }}
	for _, e := range []event.Event{
		event.PlayStarted{Name: "look"},
		event.HostStarted{Host: "w1", Task: ping, At: at(0)}, event.HostResult{Host: "w1", Task: ping, Status: event.OK, At: at(1)},
		event.PlayStarted{Name: "w1"},
		event.HostStarted{Host: "w1", Task: ping, At: at(10)}, event.HostResult{Host: "w1", Status: event.OK, At: at(11)},
		event.HostStarted{Host: "w1", Task: reboot, At: at(11)}, event.ApplyStarted{Host: "w1", Task: reboot, At: at(12)},
		event.HostResult{Host: "w1", Status: event.Changed, At: at(100)}, event.HostResult{Host: "w1", Status: event.OK, At: at(130)},
		event.PlayStarted{Name: "w2"},
		event.HostStarted{Host: "w2", Task: reboot, At: at(130)}, event.ApplyStarted{Host: "w2", Task: ping, Disrupts: "drain", At: at(131)},
		event.HostResult{Host: "w2", Status: event.Failed, At: at(140)}, event.HostResult{Host: "w2", Status: event.OK, At: at(150)},
		event.PlayStarted{Name: "w3"},
		event.HostStarted{Host: "w3", Task: ping, At: at(150)}, event.ApplyStarted{Host: "w3", Task: ping, At: at(151)}, event.HostResult{Host: "w3", Status: event.Changed, At: at(160)},
		event.PlayStarted{Name: "w4"},
		event.HostStarted{Host: "w4", Task: ping, At: at(160)}, event.ApplyStarted{Host: "w4", Task: ping, Disrupts: "upgrade", At: at(161)},
		event.HostResult{Host: "w4", Status: event.Changed, At: at(200)},
		event.Stats{},
	} {
		if err := p.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 2 || got["w1"] != "2m0s;" || got["w4"] != "40s;" {
		t.Errorf("measured %v", got)
	}
}

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
