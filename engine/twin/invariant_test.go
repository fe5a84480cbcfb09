package twin

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
)

// at makes a trace of lines, one second apart: KIND NODE [OBJECT [FROM]], or voters ALIVE/TOTAL. The nodes a, b and c are ready at first; the volume v
// has usable replicas on a and b.
func at(lines ...string) Trace {
	var t Trace
	setting := []string{"ready a", "ready b", "ready c", "voters 3/3", "replica-usable a r1 v", "replica-usable b r2 v", "begun"}
	for i, line := range append(setting, lines...) {
		w := append(strings.Fields(line), "", "", "", "")
		e := Event{At: epoch.Add(time.Duration(i) * time.Second), Kind: Kind(w[0]), Node: w[1], Object: w[2], From: w[3]}
		if e.Kind == PackageChanged || e.Kind == GoingDown {
			e.Host = w[1]
		}
		if alive, total, ok := strings.Cut(w[1], "/"); ok {
			e.Node, e.Alive, e.Total = "", int(alive[0]-'0'), int(total[0]-'0')
		}
		t = append(t, e)
	}
	return t
}

// broken names the invariants that do not hold, with what is said of them.
func broken(all []Violation) string {
	var out []string
	for _, v := range all {
		out = append(out, v.Error())
	}
	return strings.Join(out, "; ")
}

func TestInvariants(t *testing.T) {
	good := []string{
		"cordoned a", "package a curl", "replica-lost a r1 v", "going-down a", "down a", "voters 2/3", "not-ready a", "up a", "k3s-started a", "voters 3/3",
		"ready a", "uncordoned a", "replica-usable a r1 v",
	}
	other := func(lines []string) []string {
		var out []string
		for _, l := range lines {
			out = append(out, strings.ReplaceAll(strings.ReplaceAll(l, " a", " b"), "r1", "r2"))
		}
		return out
	}
	for name, c := range map[string]struct {
		trace []string
		want  string // parts, in order; empty: all hold
	}{
		"one node":                     {good, ""},
		"two in turn":                  {slices.Concat(good, other(good)), ""},
		"two at once":                  {[]string{"cordoned a", "cordoned b"}, "one-at-a-time: b was taken away (cordoned) while a was away"},
		"before it is ready":           {slices.Concat(good[:8], []string{"uncordoned a", "cordoned b"}), "one-at-a-time: b was taken away (cordoned) while a was away"},
		"a reboot beside a reboot":     {[]string{"going-down a", "going-down b"}, "one-at-a-time: b was taken away (going-down) while a was away"},
		"K3s stopped beside a cordon":  {[]string{"cordoned a", "k3s-stopped b"}, "one-at-a-time: b was taken away (k3s-stopped)"},
		"the same node twice":          {[]string{"cordoned a", "k3s-stopped a", "going-down a", "down a"}, ""},
		"another fails by accident":    {[]string{"cordoned a", "accident b", "down b", "not-ready b"}, ""},
		"goes on beside an accident":   {[]string{"accident b", "down b", "cordoned c"}, "one-at-a-time: c was taken away (cordoned) while b was away"},
		"a person cordons":             {[]string{"cordoned a", "foreign-cordon b", "cordoned b"}, ""},
		"undoes a person's cordon":     {[]string{"foreign-cordon b", "cordoned b", "uncordoned b"}, "foreign-cordon: the cordon of b"},
		"its own after a person's":     {[]string{"foreign-cordon b", "cordoned b", "uncordoned b", "cordoned b", "uncordoned b"}, "foreign-cordon: the cordon of b"},
		"quorum lost":                  {[]string{"going-down a", "down a", "voters 2/3", "k3s-stopped b", "voters 1/3"}, "one-at-a-time;quorum: 1 of etcd's 3 voters were alive"},
		"half of two":                  {[]string{"down a", "voters 1/2"}, "quorum: 1 of etcd's 2 voters were alive"},
		"the only voter":               {[]string{"down a", "voters 0/1"}, ""},
		"quorum lost by accident":      {[]string{"down a", "voters 2/3", "accident b", "down b", "voters 1/3"}, ""},
		"the last replica goes":        {[]string{"replica-lost b r2 v", "going-down a", "down a"}, "replica: volume v had no usable replica off a"},
		"the other replica's is down":  {[]string{"accident b", "down b", "up b", "going-down a", "down a"}, "one-at-a-time"},
		"a replica is lost meanwhile":  {[]string{"down a", "replica-lost b r2 v"}, "replica: volume v had no usable replica off a"},
		"a replica elsewhere":          {[]string{"replica-lost b r2 v", "replica-usable c r3 v", "down a"}, ""},
		"down while attached":          {[]string{"attached a v", "going-down a", "down a"}, "clean-shutdown: a went down with volume v attached"},
		"attached elsewhere":           {[]string{"attached b v", "down a"}, ""},
		"detached in time":             {[]string{"attached a v", "going-down a", "detached a v", "down a"}, ""},
		"power lost while attached":    {[]string{"attached a v", "accident a", "down a"}, ""},
		"a later reboot of the failed": {[]string{"accident a", "down a", "up a", "k3s-started a", "attached a v", "down a"}, "clean-shutdown: a went down with volume v attached"},
	} {
		got := broken(Judge(at(c.trace...)))
		for _, part := range strings.Split(c.want, ";") {
			if (c.want == "") != (got == "") || !strings.Contains(got, part) {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	}
}

// TestACordonBeforeIsForeign leaves alone what was cordoned before the run began.
func TestACordonBeforeIsForeign(t *testing.T) {
	before := at()
	trace := slices.Concat(Trace{{Kind: Ready, Node: "a"}, {Kind: Cordoned, Node: "a"}}, before, Trace{{Kind: Uncordoned, Node: "a"}})
	if got := broken(ForeignCordons(trace)); !strings.Contains(got, "cordon of a") {
		t.Errorf("%q", got)
	}
	if got := broken(Restored(trace[:len(trace)-1])); got != "" {
		t.Errorf("left as it was: %q", got)
	}
}

func TestRestored(t *testing.T) {
	for want, trace := range map[string][]string{
		"":                               {"cordoned a", "down a", "up a", "uncordoned a"},
		"restored: a is still cordoned":  {"cordoned a", "down a", "up a"},
		"restored: a is still down":      {"cordoned a", "down a"},
		"restored: b is still cordoned ": {"foreign-cordon a", "cordoned a", "cordoned b"},
	} {
		if got := broken(Restored(at(trace...))); got != strings.TrimSpace(want) {
			t.Errorf("%v: %q, want %q", trace, got, want)
		}
	}
}

// second is a time of a trace of at.
func second(n int) time.Time { return epoch.Add(time.Duration(n) * time.Second) }

func TestJournaled(t *testing.T) {
	begun := func(host, task string, n int) event.Event {
		return event.ApplyStarted{Host: host, Task: event.TaskRef{ID: task, Name: task}, At: second(n)}
	}
	ended := func(host, task string, n int) event.Event {
		return event.HostResult{Host: host, Task: event.TaskRef{ID: task, Name: task}, At: second(n)}
	}
	trace := at("cordoned a", "package a curl", "going-down a") // seconds 7, 8 and 9
	for name, c := range map[string]struct {
		events []event.Event
		want   string
	}{
		"all":                      {[]event.Event{begun("a", "drain", 7), ended("a", "drain", 7), begun("a", "apt", 8), ended("a", "apt", 8), begun("a", "reboot", 9), ended("a", "reboot", 20)}, ""},
		"no end of the last":       {[]event.Event{begun("a", "all", 6)}, "completed: all on a was begun"},
		"on another host":          {[]event.Event{begun("b", "drain", 7), ended("b", "drain", 20)}, "package of a curl;going-down of a"},
		"too late":                 {[]event.Event{begun("a", "drain", 8), ended("a", "drain", 20)}, "cordoned of a was announced by no act"},
		"ended before":             {[]event.Event{begun("a", "drain", 7), ended("a", "drain", 7)}, "package of a curl"},
		"an item's answer ends it": {[]event.Event{begun("a", "x", 7), event.HostResult{Host: "a", Task: event.TaskRef{ID: "x"}, Item: true, At: second(7)}}, "package of a curl;"},
		"nothing was announced":    {nil, "cordoned of a;package of a curl;going-down of a"},
		"the end of another's act": {[]event.Event{begun("a", "x", 6), ended("b", "x", 6)}, "completed: x on a"},
	} {
		acts := Acts(c.events)
		got := broken(append(Journaled(trace, acts, 0), Completed(acts)...))
		for _, part := range strings.Split(c.want, ";") {
			if (c.want == "") != (got == "") || !strings.Contains(got, part) {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	}
	if got := broken(Journaled(at("foreign-cordon a", "cordoned a"), nil, 0)); got != "" {
		t.Errorf("another's cordon: %q", got)
	}
}

func TestSecretless(t *testing.T) {
	texts := map[string]string{"screen": "ok: [a]", "journal": `{"password":"hunter2"}`}
	got := broken(Secretless(texts, "", "s3cret", "hunter2"))
	if got != "secret: journal holds secret 3" {
		t.Errorf("%q", got)
	}
}
