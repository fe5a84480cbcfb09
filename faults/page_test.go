package faults

// docs/faults.md, written from the rows.

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var write = flag.Bool("write", false, "write docs/faults.md instead of comparing it")

const pageFile = "../docs/faults.md"

// TestPage compares the page with what the rows say. `make docs` writes it.
func TestPage(t *testing.T) {
	want := page(rows())
	if *write {
		if err := os.WriteFile(pageFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(pageFile); err != nil || string(have) != want {
		t.Error("docs/faults.md is not what the rows say: run `make docs`")
	}
}

// TestEveryFaultHasARow holds the rows to be all of F01 to F55, each said in full and under a name of its own.
func TestEveryFaultHasARow(t *testing.T) {
	have, names := map[string]bool{}, map[string]bool{}
	for _, r := range rows() {
		have[r.id] = true
		if names[r.id+r.name] {
			t.Errorf("two rows are called %s %s", r.id, r.name)
		}
		names[r.id+r.name] = true
		if r.fault == "" || r.ref == "" || r.does == "" {
			t.Errorf("%s %s does not say what it is", r.id, r.name)
		}
		if played := r.shipped != nil || r.ordinary != nil || r.careless != nil; played == (r.elsewhere != "") {
			t.Errorf("%s %s is either played here or held elsewhere", r.id, r.name)
		}
	}
	for i := range 55 {
		if id := fmt.Sprintf("F%02d", i+1); !have[id] {
			t.Errorf("there is no row for %s", id)
		}
	}
}

func page(all []row) string {
	var b strings.Builder
	b.WriteString(`# Faults

What can go wrong in a maintenance, whom it happened to, and what Drydock does then. Written by ` + "`make docs`" + ` from the rows of the suite in ` + "`faults`" + `, which
plays them on simulated clusters: with the maintenance that comes with Drydock (shipped), with a playbook that drains, reboots and uncordons as
anybody writes it (ordinary), with one that reboots without a drain (careless). After each run the invariants are checked: at most one node is
away, the quorum is never taken, every volume keeps a usable replica, no machine goes down with a volume attached, no cordon of somebody else is
undone, every change was journaled before it was made, and no secret is seen in any output, journal or command line. ` + "`make faults`" + ` plays the whole of
it; ` + "`make test`" + ` the part that takes seconds.

| fault | what is wrong | seen by | what Drydock does | test |
| --- | --- | --- | --- | --- |
`)
	slices.SortStableFunc(all, func(a, b row) int { return strings.Compare(a.id, b.id) })
	for _, r := range all {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.id, r.fault, r.ref, r.does, r.test())
	}
	return b.String()
}

// test is where the row is held.
func (r row) test() string {
	if r.elsewhere != "" {
		return r.elsewhere
	}
	var with []string
	for _, on := range []struct {
		name string
		want *want
	}{{"shipped", r.shipped}, {"ordinary", r.ordinary}, {"careless", r.careless}} {
		if on.want != nil {
			with = append(with, on.name)
		}
	}
	return fmt.Sprintf("TestFaults/%s-%s: %s", r.id, r.name, strings.Join(with, ", "))
}
