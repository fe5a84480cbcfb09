package run

import (
	"context"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// answers is a module that answers a result of its own for each host.
func answers(of func(host string) module.Result) module.Module {
	return module.Define(module.Spec{Name: "test.answers", Doc: "Answer.", Controller: true}, func(_ context.Context, v module.View, _ noArgs) (module.Plan, error) {
		return module.Done(of(v.Name())), nil
	})
}

func grows(g *module.Growth) module.Module {
	return answers(func(string) module.Result { return module.Result{Growth: g} })
}

// plays makes each list of tasks a play of its own on the hosts of a pattern.
func (w *testWorld) plays(patterns []string, tasks ...[]*program.Task) {
	pb := &program.Playbook{File: "p.yml"}
	for i, list := range tasks {
		b := &program.Block{}
		for _, t := range list {
			b.Tasks = append(b.Tasks, t)
		}
		pb.Plays = append(pb.Plays, &program.Play{Hosts: patterns[i], Blocks: []*program.Block{b}})
	}
	w.options.Program = &program.Program{Playbooks: []*program.Playbook{pb}}
}

func TestAnInventoryGrowsForTheNextPlay(t *testing.T) {
	host := &module.Growth{Host: "new", Groups: []string{"fresh"}, Vars: value.NewMap("answer", 42)}
	for _, c := range []struct {
		name  string
		limit []string
		want  string
	}{
		{"no limit", nil, "h1 add changed, h1 again ok, h1 sort changed, h2 sort changed, new next ok, h1 next ok, h2 next ok"},
		{"a limit that leaves it", []string{"h1", "new"}, "h1 add changed, h1 again ok, h1 sort changed, new next ok, h1 next ok"},
		{"a limit that does not", []string{"h*"}, "h1 add changed, h1 again ok, h1 sort changed, h2 sort changed, h1 next ok, h2 next ok"},
	} {
		w := newTestWorld(t, "h1", "h2")
		w.options.Limit = c.limit
		once := &program.Task{Action: "add", Module: grows(host)}
		again := &program.Task{Action: "again", Module: grows(host)}
		once.RunOnce, again.RunOnce = true, true
		sort := &program.Task{Action: "sort", Module: grows(&module.Growth{Group: "sorted", Parents: []string{"all"}})}
		next := &program.Task{Action: "next", Module: answers(func(string) module.Result { return module.Result{} })}
		w.plays([]string{"all", "fresh:sorted"}, []*program.Task{once, again, sort}, []*program.Task{next})
		w.run()
		if got := w.results(); got != c.want {
			t.Errorf("%s: results are\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestAHostThatIsAddedIsOneOfThePlay(t *testing.T) {
	w := newTestWorld(t, "h1")
	w.play(&program.Task{Action: "add", Module: grows(&module.Growth{Host: "new", Vars: &value.Map{}})},
		&program.Task{Action: "tell", Module: w.tell("{{ ansible_play_hosts }} {{ ansible_play_hosts_all }} {{ ansible_play_batch }}")})
	w.run()
	if got, want := value.Str(w.last("tell").Result.Value("msg")), "['h1', 'new'] ['h1', 'new'] ['h1']"; got != want {
		t.Errorf("told %s, want %s", got, want)
	}
}

func TestFiguresAreKeptForTheEnd(t *testing.T) {
	figures := func(s module.CustomStats) *program.Task {
		return &program.Task{Action: "stats", Module: answers(func(host string) module.Result {
			own := s
			own.Data = s.Data.Clone()
			if s.Data.Has("hosts") {
				own.Data.Set("hosts", []any{host})
			}
			return module.Result{Stats: &own}
		})}
	}
	w := newTestWorld(t, "h1", "h2")
	w.play(figures(module.CustomStats{Data: value.NewMap("n", 1, "hosts", nil, "deep", value.NewMap("a", value.NewMap("b", 1))), Aggregate: true}),
		figures(module.CustomStats{Data: value.NewMap("n", "other", "deep", value.NewMap("a", value.NewMap("c", 2))), Aggregate: true}),
		figures(module.CustomStats{Data: value.NewMap("last", 1)}), figures(module.CustomStats{Data: value.NewMap("last", 2)}),
		figures(module.CustomStats{Data: value.NewMap("own", 1), PerHost: true}))
	w.run()
	stats := w.events[len(w.events)-2].(event.Stats)
	want := "{'_run': {'n': 2, 'hosts': ['h1', 'h2'], 'deep': {'a': {'b': 1, 'c': 2}}, 'last': 2}, 'h1': {'own': 1}, 'h2': {'own': 1}}"
	if got := value.Repr(stats.Custom); got != want {
		t.Errorf("figures are %s, want %s", got, want)
	}
}
