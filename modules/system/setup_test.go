package system_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/system"
)

// The script runs on this very machine; what it finds is compared with what Go finds.
func TestSetupHere(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("hosts are Linux: facts are read from its /proc and /sys")
	}
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"facts/a.fact": `{"x": 1}`, "facts/run.fact": "0755:#!/bin/sh\necho '{\"y\": 2}'\n", "facts/other.txt": "no"})
	p := planOf(t, system.Setup, h.View(), value.NewMap("fact_path", h.Dir+"/facts"))
	if p.Kind() != module.KindDone || len(h.Calls()) != 1 {
		t.Fatalf("kind %d after %d calls", p.Kind(), len(h.Calls()))
	}
	facts := p.Result().Facts
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"ansible_nodename": name, "ansible_system": "Linux", "ansible_effective_user_id": os.Geteuid(), "ansible_local": value.NewMap("a", value.NewMap("x", 1), "run", value.NewMap("y", 2)),
		"gather_subset": []any{"all"}, "module_setup": true,
	} {
		if got := facts.Value(key); value.Repr(got) != value.Repr(want) {
			t.Errorf("%s is %s, want %s", key, value.Repr(got), value.Repr(want))
		}
	}
	if n, _ := facts.Value("ansible_memtotal_mb").(int); n < 16 {
		t.Errorf("memtotal_mb is %s", value.Repr(facts.Value("ansible_memtotal_mb")))
	}
	if env, _ := facts.Value("ansible_env").(*value.Map); env.Value("HOME") != h.Dir {
		t.Errorf("env is %s", value.Repr(env))
	}
}

func TestSetupArguments(t *testing.T) {
	h := moduletest.NewHost(t)
	p := planOf(t, system.GatherFacts, h.View(), value.NewMap("gather_subset", "!all,!min,virtual", "filter", "*_role", "parallel", true))
	if got := p.Result().Facts.Len(); got != 1 { // what was gathered is not told where a filter is given
		t.Errorf("%d facts: %s", got, value.Repr(p.Result().Facts))
	}
	s := moduletest.NewScript(t)
	if r := applied(t, system.Setup, s, value.NewMap("gather_subset", "nosuch")); !r.Failed || len(s.Calls()) != 0 {
		t.Errorf("a subset that does not exist is a failure, got %s", show(r))
	}
}
