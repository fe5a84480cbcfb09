package inventory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

const casesDir = "../../testdata/parity/cases"

// TestPatternsOfRealRuns takes the plays of a recorded run of real Ansible, each named by its pattern, and compares the hosts that took part.
func TestPatternsOfRealRuns(t *testing.T) {
	dir, err := filepath.Abs(filepath.Join(casesDir, "07-host-patterns"))
	if err != nil {
		t.Fatal(err)
	}
	inv, ds := Load([]string{"inventory"}, Options{Tree: source.NewTree(dir, source.Disk())})
	if len(ds) > 0 {
		t.Fatal(said(ds))
	}
	for run, limit := range map[string]string{"default": "", "limited": "db:!h5"} {
		only, err := ReadLimit(limit, os.ReadFile)
		if err != nil {
			t.Fatal(err)
		}
		plays := recordedPlays(t, filepath.Join(dir, "expected", run+".jsonl"))
		if len(plays) < 20 {
			t.Fatalf("%d plays", len(plays))
		}
		for _, p := range plays {
			got, _, err := inv.Match(strings.Split(p.pattern, ",")...)
			if err == nil {
				got, _, err = inv.Limit(got, only)
			}
			if have := value.Repr(anys(got)); err != nil || p.hosts != "" && have != p.hosts {
				t.Errorf("%s: %s gives %s %v, want %s", run, p.pattern, have, err, p.hosts)
			}
		}
	}
}

type recordedPlay struct {
	pattern string
	hosts   string // as Python prints the list; empty: the play did not tell
}

// hostList is what the tasks of these plays print in the end: ansible_play_hosts.
var hostList = regexp.MustCompile(`\['.*'\]$`)

// recordedPlays reads the plays of a recording and the hosts that each told in its order.
func recordedPlays(t *testing.T, file string) []recordedPlay {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []recordedPlay
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		var e struct {
			Event, Name string
			Result      struct{ Msg string }
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		switch e.Event {
		case "play":
			out = append(out, recordedPlay{pattern: e.Name})
		case "no_hosts_matched":
			out[len(out)-1].hosts = "[]"
		case "result":
			out[len(out)-1].hosts = hostList.FindString(e.Result.Msg)
		}
	}
	return out
}

// Every inventory of the recorded cases is read without a word.
func TestInventoriesOfRealRuns(t *testing.T) {
	cases, err := filepath.Glob(casesDir + "/*")
	if err != nil || len(cases) < 30 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, dir := range cases {
		abs, err := filepath.Abs(dir)
		if err != nil {
			t.Fatal(err)
		}
		tree := source.NewTree(abs, source.Disk())
		name := "inventory"
		if tree.IsDir("inv") {
			name = "inv"
		}
		if inv, ds := Load([]string{name}, Options{Tree: tree}); tree.IsFile(name) && (len(ds) > 0 || len(inv.Hosts()) == 0) {
			t.Errorf("%s: %d hosts, %v", dir, len(inv.Hosts()), said(ds))
		}
	}
}
