package inventory

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// runScript runs an inventory script as the command line does.
func runScript(path string, args ...string) ([]byte, []byte, error) {
	var out, errs bytes.Buffer
	c := exec.Command(path, args...)
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	return out.Bytes(), errs.Bytes(), err
}

// loadCase loads the inventory of a folder in testdata with the sources that its file args names.
func loadCase(t *testing.T, dir string) (*Inventory, Options) {
	t.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Tree: source.NewTree(abs, source.Disk()), Script: runScript}
	inv, ds := Load(strings.Fields(string(args)), o)
	if ds.HasErrors() {
		t.Fatalf("diagnostics: %v", ds)
	}
	return inv, o
}

// export writes an inventory as `ansible-inventory --list --export` does.
func export(t *testing.T, inv *Inventory, o Options) *value.Map {
	var files []*VarFiles
	for _, dir := range inv.VarDirs(o.Tree) {
		f, ds := ReadVarFiles(inv, dir, o)
		if len(ds) > 0 {
			t.Fatalf("variables of %s: %v", dir, ds)
		}
		files = append(files, f)
	}
	merged := func(own Vars, more func(f *VarFiles) []Vars) *value.Map {
		m := own.Values.Clone()
		for _, f := range files {
			for _, v := range more(f) {
				m.Merge(v.Values)
			}
		}
		return m
	}
	out, hostVars := &value.Map{}, &value.Map{}
	for _, h := range inv.Hosts() {
		if vars := merged(h.Vars(), func(f *VarFiles) []Vars { return f.Host(h.Name) }); vars.Len() > 0 {
			hostVars.Set(h.Name, vars)
		}
	}
	out.Set("_meta", value.NewMap("hostvars", hostVars))
	for _, g := range inv.Groups() {
		body := &value.Map{}
		var children []any
		for _, c := range g.Children() {
			children = append(children, c.Name)
		}
		if children != nil {
			body.Set("children", children)
		}
		if hosts := names(g.direct); len(hosts) > 0 && g.Name != All {
			body.Set("hosts", anys(hosts))
		}
		vars := merged(g.Vars(), func(f *VarFiles) []Vars { return f.Group(g.Name) })
		if g.Priority != 1 {
			vars.Set("ansible_group_priority", g.Priority)
		}
		if vars.Len() > 0 {
			body.Set("vars", vars)
		}
		if body.Len() > 0 {
			out.Set(g.Name, body)
		}
	}
	return out
}

// TestParity compares what Load makes of each folder in testdata with what real Ansible makes of it.
func TestParity(t *testing.T) {
	wants, err := filepath.Glob("testdata/*/want.json")
	if err != nil || len(wants) < 10 {
		t.Fatalf("%d recordings, %v", len(wants), err)
	}
	for _, file := range wants {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := value.ParseJSON(data)
			if err != nil {
				t.Fatal(err)
			}
			wantMap := want.(*value.Map)
			hostVars, _ := wantMap.Value("_meta").(*value.Map)
			hostVars.Delete("profile")
			inv, o := loadCase(t, dir)
			got, exp := sorted(t, export(t, inv, o)), sorted(t, want)
			if got != exp {
				t.Errorf("%s", difference(got, exp))
			}
		})
	}
}

// difference lists the lines that only one of two texts has.
func difference(got, want string) string {
	var out []string
	mark := func(mark, a, b string) {
		for _, line := range strings.Split(a, "\n") {
			if !strings.Contains("\n"+b+"\n", "\n"+line+"\n") {
				out = append(out, mark+line)
			}
		}
	}
	mark("got  ", got, want)
	mark("want ", want, got)
	if out == nil {
		return "the same lines in another order:\n" + got + "\nwant\n" + want
	}
	return strings.Join(out, "\n")
}

// sorted prints a value as JSON with keys in order, so that only what matters is compared. Numbers keep their form: 1 is not 1.0.
func sorted(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var plain any
	if err := d.Decode(&plain); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(plain, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
