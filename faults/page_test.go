package faults

// docs/faults.md, written from the rows.

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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

Those that real machines and a real API server can be brought to are played there, too: the names without a slash are tests of ` + "`e2e`" + ` (` + "`make e2e`" + `).

| fault | what is wrong | seen by | what Drydock does | test |
| --- | --- | --- | --- | --- |
`)
	slices.SortStableFunc(all, func(a, b row) int { return strings.Compare(a.id, b.id) })
	rig := onTheRig()
	for _, r := range all {
		test := r.test()
		for _, name := range rig[r.id+" "+r.name] {
			test += "; " + name
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.id, r.fault, r.ref, r.does, test)
	}
	return b.String()
}

// onTheRig are the tests of real machines that play a row.
func onTheRig() map[string][]string {
	return map[string][]string{
		"F01 second-run":          {"TestSecondRun"},
		"F02 other-node-cordoned": {"TestSecondNode", "TestOtherNodeCordoned"},
		"F03 killed":              {"TestKilledAtAnyMoment", "TestKilledController"},
		"F05 cordoned-before":     {"TestForeignCordonKept", "TestForeignCordon"},
		"F06 budget-closed":       {"TestBudgetThatNeverAllows"},
		"F11 api-gone":            {"TestAPIServerAway"},
		"F14 degraded-between":    {"TestDegradedBetween"},
		"F26 never-returns":       {"TestHostThatNeverComesBack"},
		"F26 power-lost":          {"TestPowerLoss", "TestUnreachableHost"},
		"F29 ssh-drops":           {"TestSilentCut"},
		"F30 host-key-changed":    {"TestChangedHostKey"},
		"F35 apt-locked":          {"TestHeldLock"},
	}
}

// TestTheRigHasWhatThePageSays holds the names of the rig's tests to be real, and those of rows, too.
func TestTheRigHasWhatThePageSays(t *testing.T) {
	all := tests(t, "../e2e")
	for at, names := range onTheRig() {
		if !slices.ContainsFunc(rows(), func(r row) bool { return r.id+" "+r.name == at }) {
			t.Errorf("there is no row %s", at)
		}
		for _, name := range names {
			if !strings.Contains(all, "func "+name+"(t *testing.T)") {
				t.Errorf("e2e has no %s", name)
			}
		}
	}
	here := all + tests(t, ".") + tests(t, "../engine/twin")
	for _, r := range rows() {
		for _, name := range regexp.MustCompile(`Test\w+`).FindAllString(r.elsewhere, -1) {
			if !strings.Contains(here, "func "+name+"(t *testing.T)") {
				t.Errorf("%s %s: there is no %s", r.id, r.name, name)
			}
		}
	}
}

// tests is the text of the tests of a package.
func tests(t *testing.T, dir string) string {
	files, err := filepath.Glob(dir + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
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
