package vars

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// site is a project of text files at /p with the inventory /p/hosts.
func site(t testing.TB, files map[string]string, change func(*Options)) *Store {
	t.Helper()
	m := fstest.MapFS{}
	for name, text := range files {
		m["p/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	lang := jinja.New()
	tree := source.NewTree("/p", source.Layer{Name: "test", FS: m, Base: "/"})
	inv, ds := inventory.Load([]string{"/p/hosts"}, inventory.Options{Tree: tree, Lang: lang})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	o := Options{Tree: tree, Lang: lang, InjectFacts: true, PlaybookDirs: []string{"/p/play"}}
	if change != nil {
		change(&o)
	}
	s, ds := NewStore(inv, o)
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	return s
}

// eval evaluates an expression among the variables of a snapshot.
func eval(t testing.TB, e jinja.Env, expr string) any {
	t.Helper()
	tmpl, ds := jinja.New().Parse(jinja.Source{Text: "{{ " + expr + " }}"})
	if ds.HasErrors() {
		t.Fatalf("%s: %v", expr, ds)
	}
	v, err := tmpl.Eval(e)
	if err != nil {
		return "error: " + err.Error()
	}
	return v
}

func check(t *testing.T, e jinja.Env, want map[string]any) {
	t.Helper()
	for expr, w := range want {
		if got := eval(t, e, expr); !value.Equal(got, w) {
			t.Errorf("%s is %s, want %s", expr, value.Repr(got), value.Repr(w))
		}
	}
}

// TestInventoryVariables compares the variables of each host with those that `ansible-inventory --list` gives it.
func TestInventoryVariables(t *testing.T) {
	wants, err := filepath.Glob("../inventory/testdata/*/merged.json")
	if err != nil || len(wants) < 10 {
		t.Fatalf("%d recordings, %v", len(wants), err)
	}
	for _, file := range wants {
		dir, err := filepath.Abs(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(filepath.Base(dir), "script") {
			continue // inventory's own tests run the scripts; what they print merges as all else does
		}
		t.Run(filepath.Base(dir), func(t *testing.T) { compareHosts(t, dir, file) })
	}
}

func compareHosts(t *testing.T, dir, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := value.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	want := answer.(*value.Map).Value("_meta").(*value.Map).Value("hostvars").(*value.Map)
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	if err != nil {
		t.Fatal(err)
	}
	tree := source.NewTree(dir, source.Disk())
	inv, ds := inventory.Load(strings.Fields(string(args)), inventory.Options{Tree: tree})
	ds2 := ds
	s, more := NewStore(inv, Options{Tree: tree})
	if ds2.Add(more...); ds2.HasErrors() {
		t.Fatal(ds2)
	}
	for _, h := range inv.Hosts() {
		got := &value.Map{}
		snap := s.Snapshot(Scope{Host: h.Name})
		for _, name := range snap.Names() {
			if v, _, _ := snap.Lookup(name); !own[name] {
				got.Set(name, v)
			}
		}
		exp, _ := want.Value(h.Name).(*value.Map)
		if exp == nil {
			exp = &value.Map{}
		}
		if a, b := text(t, got), text(t, exp); a != b {
			t.Errorf("%s:\n%s\nwant\n%s", h.Name, a, b)
		}
	}
}

// own are the variables that ansible-inventory leaves out.
var own = map[string]bool{
	"environment": true, "ansible_facts": true, "groups": true, "hostvars": true, "vars": true, "omit": true, "inventory_hostname": true,
	"inventory_hostname_short": true, "group_names": true, "inventory_file": true, "inventory_dir": true,
}

// text prints a mapping with sorted keys. Numbers keep their form: 1 is not 1.0.
func text(t *testing.T, m *value.Map) string {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var plain any
	if err := d.Decode(&plain); err != nil {
		t.Fatal(err)
	}
	if data, err = json.MarshalIndent(plain, "", " "); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func one(pairs ...any) []*value.Map { return []*value.Map{value.NewMap(pairs...)} }

// TestLadder climbs Ansible's levels: each variable is named after the level that must win over the one before.
func TestLadder(t *testing.T) {
	s := site(t, map[string]string{
		"hosts":              "[g]\nh ansible_connection=local l8=host l9=host facts_over=h\n[g:vars]\nl3=group\nl4=group\nl5=group\n[all:vars]\nl2=all\nl3=all\n",
		"group_vars/all.yml": "l4: gv_all\nl5: gv_all\nl6: gv_all\n", "play/group_vars/all.yml": "l5: play_all\nl6: play_all\n",
		"group_vars/g.yml": "l6: gv_g\nl7: gv_g\n", "play/group_vars/g.yml": "l7: play_g\nl8: play_g\n",
		"host_vars/h.yml": "l9: hv\nl10: hv\n", "play/host_vars/h.yml": "l10: play_hv\nl12: play_hv\n",
	}, func(o *Options) { o.ExtraVars = value.NewMap("l22", "extra", "loop", "extra") })
	s.SetFacts("h", value.NewMap("ansible_l11", "fact", "facts_over", "fact", "l12", "fact", "ansible_connection", "evil"))
	s.IncludeVars("h", value.NewMap("l18", "include_vars", "l19", "include_vars"))
	s.SetHostVars("h", value.NewMap("l19", "set_fact", "l20", "set_fact"))
	snap := s.Snapshot(Scope{
		Host: "h", PlaybookDir: "/p/play",
		RoleDefaults: []*value.Map{value.NewMap("l1", "other role", "l2", "defaults"), value.NewMap("l1", "defaults")},
		PlayVars:     []*value.Map{value.NewMap("l12", "play", "l13", "play"), value.NewMap("l13", "files", "l15", "files")},
		RoleVars:     one("l15", "role", "l16", "role"),
		BlockVars:    []*value.Map{value.NewMap("l16", "block", "l17", "block"), value.NewMap("l17", "inner block", "l17b", "block")},
		TaskVars:     value.NewMap("l17b", "task", "l18", "task"),
		RoleParams:   one("l20", "params", "l21", "params"),
		IncludeVars:  one("l21", "include", "l22", "include"),
		Local:        value.NewMap("loop", "item"),
		Magic:        value.NewMap("playbook_dir", "/p/play"),
	})
	check(t, snap, map[string]any{
		"l1": "defaults", "l2": "all", "l3": "group", "l4": "gv_all", "l5": "play_all", "l6": "gv_g", "l7": "play_g", "l8": "host", "l9": "hv", "l10": "play_hv",
		"ansible_l11": "fact", "ansible_facts.l11": "fact", "facts_over": "fact", "ansible_connection": "local", "l12": "play", "l13": "files", "l15": "role",
		"l16": "block", "l17": "inner block", "l17b": "task", "l18": "include_vars", "l19": "set_fact", "l20": "params", "l21": "include", "l22": "extra", "loop": "item",
		"playbook_dir": "/p/play",
	})
	if !s.Extra("l22") || s.Extra("l21") {
		t.Error("Extra does not tell the variables of the command line")
	}
	for name, want := range map[string]string{
		"l1": "role defaults ", "l3": "inventory group g /p/hosts:4:1", "l6": "group_vars of g /p/group_vars/g.yml:1:1", "l9": "host_vars of h /p/host_vars/h.yml:1:1",
		"l19": "set_fact and register ", "l22": "extra vars ", "groups": "magic variables ", "facts_over": "facts ",
	} {
		from, at, ok := snap.Origin(name)
		if got := from + " " + at.String(); !ok || got != want {
			t.Errorf("origin of %s: %q %v, want %q", name, got, ok, want)
		}
	}
	if _, _, ok := snap.Origin("nowhere"); ok {
		t.Error("a variable that is not there has an origin")
	}
	if got := snap.NearName("playbok_dir"); got != "playbook_dir" {
		t.Errorf("near playbok_dir: %q", got)
	}
}

func TestMagic(t *testing.T) {
	s := site(t, map[string]string{
		"hosts":              "[web]\nh1.example.com\nh2 x=2\n[db]\nh2\n10.0.0.1\n[both:children]\nweb\ndb\n",
		"group_vars/all.yml": "gv: \"{{ inventory_hostname }}-gv\"\ndeep: {a: \"{{ gv }}\", broken: \"{{ nosuch }}\"}\nchain: \"{{ hostvars[peer].gv }}\"\n",
		"group_vars/web.yml": "peer: h2\n",
	}, nil)
	s.Register("h2", "r", value.NewMap("rc", 0))
	s.SetFacts("h2", value.NewMap("ansible_os_family", "Debian", "packages", []any{"a"}))
	magic := value.NewMap("playbook_dir", "/p/play", "ansible_play_hosts", []any{"h2"}, "ansible_check_mode", false)
	snap := s.Snapshot(Scope{Host: "h1.example.com", PlaybookDir: "/p/play", PlayVars: one("pv", "{{ x }}"), Magic: magic})
	check(t, snap, map[string]any{
		"inventory_hostname": "h1.example.com", "inventory_hostname_short": "h1", "group_names": []any{"both", "web"}, "groups.db": []any{"h2", "10.0.0.1"},
		"groups['all']":                 []any{"h1.example.com", "h2", "10.0.0.1"},
		"hostvars['h2'].gv":             "h2-gv",
		"hostvars.h2['deep']['a']":      "h2-gv",
		"hostvars['h2'].x":              2,
		"hostvars['h2'].r.rc":           0,
		"chain":                         "h2-gv",
		"gv":                            "h1.example.com-gv",
		"deep.a":                        "h1.example.com-gv",
		"vars['gv']":                    "h1.example.com-gv",
		"'gv' in vars":                  true,
		"'pv' in hostvars['h2']":        false,
		"hostvars['h2'].pv is defined":  false,
		"hostvars | length":             3,
		"hostvars | list":               []any{"h1.example.com", "h2", "10.0.0.1"},
		"'nosuch' in hostvars":          false,
		"hostvars['nosuch'] is defined": false,
		"hostvars['localhost'].ansible_connection":      "local",
		"hostvars['localhost'].group_names":             []any{},
		"hostvars['localhost'].gv":                      "localhost-gv",
		"hostvars['h2'].ansible_facts.os_family":        "Debian",
		"hostvars['h2'].ansible_os_family":              "Debian",
		"hostvars['h2'].packages":                       []any{"a"},
		"hostvars['h2'].playbook_dir":                   "/p/play",
		"hostvars['h2'].ansible_play_hosts is defined":  false,
		"hostvars['h2'].hostvars is defined":            false,
		"'groups' in hostvars['h2']":                    true,
		"hostvars['10.0.0.1'].inventory_hostname_short": "10.0.0.1",
		"ansible_facts":                                 &value.Map{},
		"inventory_dir":                                 "/p",
		"inventory_file":                                "/p/hosts",
		"environment":                                   []any{},
	})
	play := s.Snapshot(Scope{PlayVars: one("pv", 1)})
	check(t, play, map[string]any{"pv": 1, "inventory_hostname is defined": false, "groups.web | length": 2, "hostvars['h2'].x": 2})
	unknown := s.Snapshot(Scope{Host: "elsewhere", PlaybookDir: "/p/play"})
	check(t, unknown, map[string]any{"inventory_hostname": "elsewhere", "gv": "elsewhere-gv", "group_names": []any{}})
}

// A snapshot does not see what is learned after it was taken.
func TestSnapshotsAreImmutable(t *testing.T) {
	s := site(t, map[string]string{"hosts": "h1\nh2\n"}, nil)
	s.SetHostVars("h1", value.NewMap("a", 1))
	before := s.Snapshot(Scope{Host: "h1"})
	s.SetHostVars("h1", value.NewMap("a", 2))
	s.Register("h2", "r", "new")
	s.SetFacts("h2", value.NewMap("ansible_f", 1))
	after := s.Snapshot(Scope{Host: "h1"})
	s.ClearFacts("h2")
	last := s.Snapshot(Scope{Host: "h1"})
	check(t, before, map[string]any{"a": 1, "hostvars['h2'].r is defined": false})
	check(t, after, map[string]any{"a": 2, "hostvars['h2'].r": "new", "hostvars['h2'].ansible_facts.f": 1, "hostvars['h1'].a": 2})
	check(t, last, map[string]any{"hostvars['h2'].ansible_facts": &value.Map{}, "hostvars['h2'].r": "new"})
	if s.Facts("h2").Len() != 0 {
		t.Error("facts are still there")
	}
}

// Workers read while the owner writes; the race detector judges.
func TestConcurrentReaders(t *testing.T) {
	s := site(t, map[string]string{"hosts": "h1\nh2\n", "group_vars/all.yml": "x: \"{{ r | default(0) }}\"\n"}, nil)
	done := make(chan any)
	const readers = 8
	for i := range readers {
		s.Register("h2", "r", i)
		snap := s.Snapshot(Scope{Host: "h1"})
		go func() {
			last := any(nil)
			for range 50 {
				last = eval(t, snap, "hostvars['h2'].x")
			}
			done <- []any{i, last}
		}()
	}
	s.Register("h2", "r", "end")
	for range readers {
		if got := (<-done).([]any); got[0] != got[1] {
			t.Errorf("reader %v saw %v", got[0], got[1])
		}
	}
}

func TestHashMerge(t *testing.T) {
	files := map[string]string{
		"hosts": "[web]\nh1\n", "group_vars/all.yml": "d: {a: 1, l: [1], n: {x: 1, y: 1}}\n", "group_vars/web.yml": "d: {b: 2, l: [2], n: {y: 2}}\n",
	}
	scope := Scope{Host: "h1", PlayVars: one("d", value.NewMap("c", 3))}
	merged := site(t, files, func(o *Options) { o.HashMerge = true })
	check(t, merged.Snapshot(scope), map[string]any{
		"d": value.NewMap("a", 1, "l", []any{2}, "n", value.NewMap("x", 1, "y", 2), "b", 2, "c", 3), "hostvars['h1'].d.b": 2,
	})
	merged.IncludeVars("h1", value.NewMap("d", value.NewMap("e", 5)))
	merged.IncludeVars("h1", value.NewMap("d", value.NewMap("f", 6)))
	check(t, merged.Snapshot(scope), map[string]any{"d.e": 5, "d.f": 6, "d.a": 1})
	check(t, site(t, files, nil).Snapshot(scope), map[string]any{"d": value.NewMap("c", 3)})
}

func TestFactsAreNotInjectedWhenSwitchedOff(t *testing.T) {
	s := site(t, map[string]string{"hosts": "h1\n"}, func(o *Options) { o.InjectFacts = false })
	s.SetFacts("h1", value.NewMap("ansible_x", 1, "ansible_local", value.NewMap("a", 2)))
	check(t, s.Snapshot(Scope{Host: "h1"}), map[string]any{"ansible_x is defined": false, "ansible_facts.x": 1, "ansible_local.a": 2, "ansible_facts.ansible_local.a": 2})
}

func TestSetInventory(t *testing.T) {
	s := site(t, map[string]string{"hosts": "h1\n", "group_vars/new.yml": "n: 1\n", "host_vars/h9.yml": "nine: 9\n"}, nil)
	s.Register("h1", "r", 1)
	inv, changed := s.Inventory().AddHost("h9", []string{"new"}, value.NewMap("v", 2))
	if !changed {
		t.Fatal("adding a host changes nothing")
	}
	if ds := s.SetInventory(inv); len(ds) > 0 {
		t.Fatal(ds)
	}
	check(t, s.Snapshot(Scope{Host: "h9"}), map[string]any{"n": 1, "nine": 9, "v": 2, "groups.new": []any{"h9"}, "hostvars.h1.r": 1, "inventory_dir": nil})
}

func TestMistakesInFilesOfAnotherPlaybook(t *testing.T) {
	s := site(t, map[string]string{"hosts": "h1\n", "other/group_vars/all.yml": "- no mapping\n"}, nil)
	s.Snapshot(Scope{Host: "h1", PlaybookDir: "/p/other"})
	ds := s.Late()
	if len(ds) != 1 || !strings.Contains(ds[0].Error(), "/p/other/group_vars/all.yml:1:1: a file of variables holds a mapping") {
		t.Errorf("diagnostics %v", ds)
	}
	if again := s.Late(); again != nil {
		t.Errorf("told twice: %v", again)
	}
}

func TestNames(t *testing.T) {
	s := site(t, map[string]string{"hosts": "h1 a=1\n"}, nil)
	got := s.Snapshot(Scope{Host: "h1", PlayVars: one("b", 1, "a", 2)}).Names()
	want := []string{"environment", "a", "inventory_hostname", "inventory_hostname_short", "group_names", "inventory_file", "inventory_dir", "ansible_facts", "b", "groups", "hostvars", "vars", "omit"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func BenchmarkLookup(b *testing.B) {
	s := site(b, map[string]string{"hosts": "[web]\nh1\n[all:vars]\nfar=1\n", "group_vars/all.yml": "x: 1\n", "group_vars/web.yml": "y: 1\n"}, nil)
	snap := s.Snapshot(Scope{Host: "h1", RoleDefaults: one("r", 1), PlayVars: one("p", 1)})
	for b.Loop() {
		if _, ok, _ := snap.Lookup("far"); !ok {
			b.Fatal("gone")
		}
	}
}
