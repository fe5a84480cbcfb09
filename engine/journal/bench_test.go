package journal

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

func benchWriter(b *testing.B) *Writer {
	key, err := NewKey(make([]byte, keySize))
	if err != nil {
		b.Fatal(err)
	}
	o := origin(&testing.T{})
	o.Key = key
	w, err := Open(filepath.Join(b.TempDir(), "runs")).Create(o)
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// A task that changes nothing costs two events and an answer.
func BenchmarkTask(b *testing.B) {
	w := benchWriter(b)
	ref := event.TaskRef{ID: "site.yml:1:1", Name: "a task of the usual kind", Action: "ansible.builtin.command"}
	result := value.NewMap("changed", true, "rc", 0, "stdout", "done", "stdout_lines", []any{"done"}, "stderr", "", "cmd", []any{"true"})
	answer, err := value.Pack(value.NewMap("status", "ok", "result", result))
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		for _, err := range []error{w.Emit(event.TaskStarted{Task: ref}), w.Keep(fmt.Sprint("0/0/h/f/a/n/", i), answer),
			w.Emit(event.HostResult{Host: "h", Task: ref, Status: event.OK, Result: result})} {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// One that changes something has to be on disk before.
func BenchmarkApply(b *testing.B) {
	w := benchWriter(b)
	for range b.N {
		if err := w.Emit(event.ApplyStarted{Host: "h"}); err != nil {
			b.Fatal(err)
		}
		if err := w.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// Facts are the largest answers.
func BenchmarkKeepFacts(b *testing.B) {
	w := benchWriter(b)
	facts := bytes.Repeat([]byte("x"), 60<<10)
	for range b.N {
		if err := w.Keep("0/0/h/f/setup/n/1", facts); err != nil {
			b.Fatal(err)
		}
	}
}
