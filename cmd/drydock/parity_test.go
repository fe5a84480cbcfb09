package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/parity"
)

const parityCases = "../../testdata/parity/cases"

// TestParity runs the cases of testdata/parity, recorded from ansible-core, within this process, and compares events and exit codes.
func TestParity(t *testing.T) {
	runs, err := parity.Runs(parityCases, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		d, err := r.Compare(context.Background(), within)
		switch {
		case err != nil:
			t.Errorf("%s: %v", r.Title(), err)
		case d == nil && r.Tolerated != "":
			t.Errorf("%s agrees; its difference need no longer be tolerated", r.Title())
		case d != nil && r.Tolerated == "":
			t.Errorf("%s: %s\n\t got %s\n\twant %s\n\tstderr: %s", r.Title(), d.Where, d.Got, d.Want, d.Stderr)
		}
	}
}

// within calls the program within this process.
func within(_ context.Context, c parity.Call) (int, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	env := map[string]string{}
	for _, kv := range c.Env {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	s := &streams{
		in: null, out: c.Stdout, err: c.Stderr, cwd: c.Dir, home: env["HOME"], width: 80,
		getenv: func(n string) (string, bool) { v, ok := env[n]; return v, ok },
		stop: func() (<-chan struct{}, <-chan struct{}, func()) {
			return make(chan struct{}), make(chan struct{}), func() {}
		},
	}
	return newApp(s).run(append([]string{"ansible-playbook"}, c.Args...)), nil
}

// A case that is named in no folder is a mistake of the one who names it.
func TestParityWantsCases(t *testing.T) {
	if _, err := parity.Runs(filepath.Join(t.TempDir(), "none"), ""); err == nil {
		t.Error("no cases, and no error")
	}
}
