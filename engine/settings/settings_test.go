package settings

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/value"
)

func load(text string) (*Settings, string) {
	s, ds := Load(File, true, func(string) ([]byte, error) { return []byte(text), nil })
	var lines []string
	for _, d := range ds.Sorted() {
		lines = append(lines, d.Error())
	}
	return s, strings.Join(lines, "\n")
}

// TestMistakes holds each mistake to its place and its advice.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"gaurd: auto":              `drydock.yml:1:1: drydock.yml has no key "gaurd" (did you mean "guard"?)`,
		"guard: requier":           `drydock.yml:1:8: "requier" is none of its values (did you mean "require"?)`,
		"guard:":                   `drydock.yml:1:1: guard says nothing (leave it out, or give it a value: auto, require or off)`,
		"- guard":                  `drydock.yml:1:1: drydock.yml is a mapping, this is a list`,
		"kubeconfig: '{{ home }}'": `drydock.yml:1:13: nothing in this file is a template (write the value; what differs by host is a variable with the prefix drydock_)`,
		"pre_download: soon":       `drydock.yml:1:15: "soon" is neither true nor false`,
		"node_soak: 5 minutes":     `drydock.yml:1:12: "5 minutes" is no duration (write seconds, or 90s, 30m, 2h)`,
		"node_soak: -1s":           `drydock.yml:1:12: "-1s" is no duration (write seconds, or 90s, 30m, 2h)`,
		"journal: {keep: 0}":       `drydock.yml:1:17: "0" is no whole number from 1 on`,
		"etcd_snapshot: 5":         `drydock.yml:1:16: etcd_snapshot is a mapping, this is a single value`,
		"accept: [{a: b}]":         `drydock.yml:1:10: a single value is wanted, this is a mapping`,
		"hooks:\n  pre_dran: x":    `drydock.yml:2:3: hooks has no key "pre_dran" (did you mean "pre_drain"?)`,
		"window:\n  - days: mon-fri\n    start: 22\n": `drydock.yml:3:12: "22" is no time of day: write HH:MM, as in "22:30"`,
		"window: {days: [mon, fry]}":                  `drydock.yml:1:22: "fry" is no day of the week: write mon, tue, wed, thu, fri, sat, sun, or a range of them`,
		"window: {start: 5:00, end: 05:00}":           `drydock.yml:1:9: the window ends when it begins (for a whole day write start: "00:00" and end: "24:00")`,
		"window: {time_zone: Europe/Berlln}":          `drydock.yml:1:21: there is no time zone "Europe/Berlln" (write a name of the tz database, such as Europe/Berlin)`,
		"window: {time_zone: Local}":                  `drydock.yml:1:21: there is no time zone "Local" (write a name of the tz database, such as Europe/Berlin)`,
		"prometheus: {firing_only: true}":             `drydock.yml:1:13: prometheus has no url`,
		"prometheus: {url: 'h', alert_filter: '('}": "drydock.yml: the URL in line 1 is none that begins with http:// or https://\n" +
			"drydock.yml:1:38: the expression cannot be read: missing closing ): `(`",
		"guard: auto\n---\nguard: off": `drydock.yml:3:1: the settings are one document, this is a second`,
	} {
		if _, got := load(text); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", text, got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	s, mistakes := load("guard: off\naccept: a=b\nwindow: {days: mon-fri, start: 22:00, end: 5:30}\nnode_soak: 90\nblocked_for: 2h\n" +
		"prometheus: {url: 'https://u:pw@p.example/x', alert_filter: ^A}\n")
	if mistakes != "" {
		t.Fatal(mistakes)
	}
	if s.Guard != "off" || len(s.Accept) != 1 || s.NodeSoak != 90*time.Second || s.BlockedFor != 2*time.Hour {
		t.Errorf("read %+v", s)
	}
	if got := s.Windows.String(); got != "mon-fri 22:00 to 05:30 UTC" {
		t.Errorf("the window is %s", got)
	}
	if !s.Prometheus.Filter.MatchString("Abc") || s.Prometheus.URL.Host != "p.example" || s.JournalKeep != 100 {
		t.Errorf("read %+v", s)
	}
	if d, mistakes := load("# nothing\n"); mistakes != "" || d.BlockedFor != 30*time.Minute {
		t.Errorf("an empty file: %+v %s", d, mistakes)
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	missing := func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	if s, ds := Load(File, false, missing); len(ds) > 0 || s.Path != "" || s.JournalKeep != 100 {
		t.Errorf("a file that need not be there: %+v %v", s, ds)
	}
	if _, ds := Load("other.yml", true, missing); !ds.HasErrors() {
		t.Error("a file that was named is not missed")
	}
	if _, ds := Load(File, false, func(string) ([]byte, error) { return nil, errors.New("no permission") }); !ds.HasErrors() {
		t.Error("a file that cannot be read is passed over")
	}
}

// TestFor says the settings of a host by its variables, which hold what YAML and templates make of them.
func TestFor(t *testing.T) {
	t.Parallel()
	s, _ := load("window: {days: sat, start: 8:00, end: 20:00}\nnode_soak: 10\nhooks: {pre_drain: a.yml, pre_reboot: b.yml}")
	vars := map[string]any{
		"drydock_window":    value.NewMap("days", []any{"sun"}, "start", 1320, "end", "23:00"),
		"drydock_node_soak": 20, "drydock_guard": "off",
		"drydock_hooks": value.NewMap("pre_drain", "own.yml"),
	}
	own, ds := s.For(func(name string) (any, bool) { v, ok := vars[name]; return v, ok })
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	if got := own.Windows.String(); got != "sun 22:00 to 23:00 UTC" || own.NodeSoak != 20*time.Second || own.Guard != "" {
		t.Errorf("window %s, soak %s, guard %q", got, own.NodeSoak, own.Guard)
	}
	if own.Hooks.PreDrain != "own.yml" || own.Hooks.PreReboot != "b.yml" {
		t.Errorf("hooks %+v", own.Hooks)
	}
	if s.Windows.String() != "sat 08:00 to 20:00 UTC" || s.Hooks.PreDrain != "a.yml" {
		t.Error("the file's own settings were changed")
	}
	_, ds = s.For(func(name string) (any, bool) { return "tomorrow", name == "drydock_node_soak" })
	if want := `variable drydock_node_soak: "tomorrow" is no duration (write seconds, or 90s, 30m, 2h)`; len(ds) != 1 || ds[0].Error() != want {
		t.Errorf("mistakes %v, want %s", ds, want)
	}
}
