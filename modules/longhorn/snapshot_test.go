package longhorn

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

// snapshotKind is served by the beds of this file. Longhorn's controller is played by takeSnapshots.
func snapshotKind() cluster.Kind {
	return cluster.Kind{Group: "longhorn.io", Version: "v1beta2", Name: "Snapshot", Plural: "snapshots", Short: []string{"lhsnap"}, Namespaced: true, Status: true}
}

// takeSnapshots does with snapshots what Longhorn does, a second later: each is ready, but those of a broken volume have an error.
func (b *bed) takeSnapshots(broken string) {
	time.AfterFunc(time.Second, func() {
		for _, s := range b.List("snapshots.longhorn.io") {
			name, spec := s["metadata"].(map[string]any)["name"].(string), s["spec"].(map[string]any)
			if spec["volume"] == broken {
				b.status("snapshots", name, "error", "the engine says no")
			} else {
				b.status("snapshots", name, "readyToUse", true)
			}
		}
	})
}

// existing makes a snapshot that was taken before, a second after the one made before it.
func (b *bed) existing(name, volume, owner string, ready bool) {
	b.t.Helper()
	time.Sleep(time.Second) // of the bubble's clock
	err := b.Load(fmt.Sprintf("apiVersion: longhorn.io/v1beta2\nkind: Snapshot\n"+
		"metadata: {name: %s, namespace: longhorn-system, labels: {drydock.dev/taken-by: %s}}\n"+
		"spec: {volume: %s, createSnapshot: true}\nstatus: {readyToUse: %t}\n", name, owner, volume, ready))
	if err != nil {
		b.t.Fatal(err)
	}
}

// names are the snapshots there are.
func (b *bed) names() string {
	var out []string
	for _, s := range b.List("snapshots.longhorn.io") {
		out = append(out, s["metadata"].(map[string]any)["name"].(string))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (b *bed) planOf(args ...any) module.Plan {
	b.t.Helper()
	before := len(b.Requests())
	p, err := Snapshot.Plan(context.Background(), b.host.View(), value.NewMap(args...))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range b.Requests()[before:] {
		if r.Changes() {
			b.t.Errorf("the plan has written: %s %s", r.Method, r.Path)
		}
	}
	return p
}

// take plans a task and carries it out; what check mode foretells must come.
func (b *bed) take(args ...any) module.Result {
	b.t.Helper()
	p := b.planOf(args...)
	if p.Kind() == module.KindDone {
		return p.Result()
	}
	r, err := p.Apply()(context.Background(), b.host)
	if err != nil {
		b.t.Fatal(err)
	}
	if now := strings.ReplaceAll(b.names(), " ", "\n") + "\n"; !r.Failed && p.Diff().After != now {
		b.t.Errorf("foretold\n%s\nbut there is\n%s", p.Diff().After, now)
	}
	if foretold := p.Result(); !r.Failed && value.Repr(foretold.Data) != value.Repr(r.Data) {
		b.t.Errorf("foretold %s, answered %s", value.Repr(foretold.Data), value.Repr(r.Data))
	}
	return r
}

func TestSnapshotOfEveryAttachedVolume(t *testing.T) {
	const detached = `
---
apiVersion: longhorn.io/v1beta2
kind: Volume
metadata: {name: c, namespace: longhorn-system}
spec: {numberOfReplicas: 2, size: '1073741824'}
status: {state: detached}
`
	inBubble(t, storage+detached, func(t *testing.T, b *bed) {
		b.takeSnapshots("")
		r := b.take("name", "before")
		if r.Failed || !r.Changed || b.names() != "before-a before-b" {
			t.Errorf("%+v with %v; there is %s", r, r.Data, b.names())
		}
		one, _ := b.Get("snapshots.longhorn.io", kube.LonghornNamespace, "before-a")
		want := "map[createSnapshot:true labels:map[drydock.dev/taken-by:drydock] volume:a]"
		if got := fmt.Sprint(one["spec"]); got != want {
			t.Errorf("the snapshot is %s, want %s", got, want)
		}
		if p := b.planOf("name", "before"); p.Kind() != module.KindDone {
			t.Error("the second time there is something to do")
		}
		b.takeSnapshots("")
		if r := b.apply("node", "n2"); r.Failed || !strings.HasPrefix(b.names(), "before-a before-b drydock-b-20000101-0000") {
			t.Errorf("on one node: %+v; there is %s", r, b.names())
		}
	})
}

func TestSnapshotsArePrunedByCount(t *testing.T) {
	for _, c := range []struct {
		keep int
		want string
	}{
		{0, "b4 d1 d2 d3 d4 nightly x-a"},
		{1, "b4 nightly x-a"},
		{2, "b4 d1 nightly x-a"},
		{3, "b4 d1 d2 d3 nightly x-a"}, // d2 was never ready: it does not count
		{9, "b4 d1 d2 d3 d4 nightly x-a"},
	} {
		inBubble(t, storage, func(t *testing.T, b *bed) {
			b.existing("nightly", "a", "velero", true)
			b.existing("b4", "b", "drydock", true)
			b.existing("d4", "a", "drydock", true)
			b.existing("d3", "a", "drydock", true)
			b.existing("d2", "a", "drydock", false)
			b.existing("d1", "a", "drydock", true)
			b.takeSnapshots("")
			if r := b.apply("name", "x", "volumes", []any{"a"}, "keep", c.keep); r.Failed || b.names() != c.want {
				t.Errorf("keep %d: %+v; there is %s, want %s", c.keep, r, b.names(), c.want)
			}
		})
	}
}

// apply plans a task and carries it out.
func (b *bed) apply(args ...any) module.Result {
	b.t.Helper()
	r, err := b.planOf(args...).Apply()(context.Background(), b.host)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func TestSnapshotThatCannotBeTaken(t *testing.T) {
	const away = "\n---\napiVersion: longhorn.io/v1beta2\nkind: Volume\nmetadata: {name: c, namespace: longhorn-system}\n" +
		"spec: {numberOfReplicas: 2, size: '1'}\nstatus: {state: detached}\n"
	for _, c := range []struct {
		name   string
		broken string
		play   bool
		args   []any
		says   string
	}{
		{"an error", "b", true, []any{"name", "x", "keep", 1}, "after up to 300 s: snapshot x-b of volume b: the engine says no"},
		{"nobody answers", "", false, []any{"name", "x", "timeout", 7}, "after up to 7 s: snapshot x-a of volume a: not ready; snapshot x-b of volume b: not ready"},
		{"a volume that is not there", "", true, []any{"volumes", []any{"a", "z"}}, "no such volume: z"},
		{"a volume that is not attached", "", true, []any{"volumes", []any{"c"}}, "volume c cannot be snapshotted: it is not attached"},
		{"a name that is none", "", true, []any{"name", "Before It"}, `name: "Before It" is no name: it may have small letters, digits, - and ., and up to 63 of them`},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, storage+away, func(t *testing.T, b *bed) {
				b.existing("d1", "a", "drydock", true)
				if c.play {
					b.takeSnapshots(c.broken)
				}
				r := b.take(c.args...)
				if !r.Failed || r.Msg != c.says {
					t.Errorf("%q, want %q", r.Msg, c.says)
				}
				if !strings.Contains(b.names(), "d1") {
					t.Error("an older one was removed although a new one failed")
				}
			})
		})
	}
}
