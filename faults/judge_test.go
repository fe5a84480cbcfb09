package faults

// What is checked after every run, whatever it was.

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/twin"
)

// late is how long after its end an act may still show.
const late = time.Minute

// violations are what was done to the cluster, and said of it, that must never be.
func (b *bed) violations() []twin.Violation {
	return append(b.secretsAndTrace(), twin.Journaled(b.site.Trace(), b.acts, late)...)
}

// secretsAndTrace are those that can be seen without the events of the runs.
func (b *bed) secretsAndTrace() []twin.Violation {
	out := twin.Judge(b.site.Trace())
	if slices.Contains(b.accepted, kube.CheckQuorum) { // a person wants it so
		out = slices.DeleteFunc(out, func(v twin.Violation) bool { return v.Invariant == "quorum" })
	}
	return append(out, twin.Secretless(b.texts(), secrets()...)...)
}

// texts are all that runs have put out: their screens and errors, what can be read of the journal, the command lines that came to machines.
func (b *bed) texts() map[string]string {
	out := map[string]string{"the screen": b.screen()}
	for name, h := range b.site.Hosts {
		out["a command line of "+name] = strings.Join(h.Lines(), "\n")
	}
	files, err := filepath.Glob(filepath.Join(b.dir, ".drydock", "runs", "*", "*"))
	b.must(err)
	more, err := filepath.Glob(filepath.Join(b.dir, ".drydock", "runs", "*", "files", "*"))
	b.must(err)
	for _, name := range append(files, more...) {
		if text, err := os.ReadFile(name); err == nil { // a folder cannot be read
			out[name] = string(text)
		}
	}
	return out
}

// sound fails the test for every invariant that does not hold.
func (b *bed) sound() {
	b.t.Helper()
	for _, v := range b.violations() {
		b.t.Error(v)
	}
	for name, h := range b.site.Hosts {
		if u := h.Unknown(); len(u) > 0 {
			b.t.Errorf("%s does not know %q", name, u)
		}
	}
	if len(b.site.Hosts) > 0 && !strings.Contains(b.screen(), "TASK") {
		b.t.Error("no run has said anything, so that nothing was checked for secrets")
	}
}

// whole fails the test unless every node is there and in service, and was rebooted once.
func (b *bed) whole() {
	b.t.Helper()
	for _, v := range twin.Restored(b.site.Trace()) {
		b.t.Error(v)
	}
	for name, h := range b.site.Hosts {
		if h.Boots() != 2 {
			b.t.Errorf("%s booted %d times, want 2", name, h.Boots())
		}
	}
}
