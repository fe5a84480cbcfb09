package moduletest

import (
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// recorded is a case whose answers are Ansible's; testdata/machine/record.py writes them and says what each means.
type recorded struct {
	Name, Module, Tools string
	Args                json.RawMessage
	Files               map[string]*string
	Result, Check       json.RawMessage
	Again               bool
	After               map[string]*string
	Calls               []string
}

// Tolerated are differences that stay, by the name of the case: what differs, each beginning with one of the texts, and why.
type Tolerated map[string]struct {
	Why     string
	Differs []string
}

// Recorded runs the cases of a recording on rooted hosts and compares results, files, what tools were told, and what a second run does. In
// check mode the changes foretold are compared with those of the run, which is more than Ansible always keeps.
func Recorded(t *testing.T, file string, modules []module.Module, tolerated Tolerated) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Tools map[string]map[string]string
		Cases []recorded
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	byName := map[string]module.Module{}
	for _, m := range modules {
		byName[m.Spec().Name] = m
	}
	for _, c := range all.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if byName[c.Module] == nil {
				t.Fatalf("no module %s", c.Module)
			}
			faults := c.faults(t, byName[c.Module], all.Tools[c.Tools])
			but := tolerated[c.Name]
			for _, want := range but.Differs {
				rest := slices.DeleteFunc(slices.Clone(faults), func(f string) bool { return strings.HasPrefix(f, want) })
				if len(rest) == len(faults) {
					t.Errorf("tolerated because %s, but nothing begins with %q", but.Why, want)
				}
				faults = rest
			}
			for _, f := range faults {
				t.Error(f)
			}
		})
	}
}

// faults lists how our answers differ.
func (c recorded) faults(t *testing.T, m module.Module, tools map[string]string) []string {
	t.Helper()
	h := NewHost(t)
	h.Rooted = true
	for name, body := range tools {
		h.Command(t, name, body)
	}
	files := map[string]string{"root/": ""}
	for p, text := range c.Files {
		p = strings.Replace(p, "$RELEASE", release(t), 1)
		switch {
		case text == nil: // a file of the machine on which it was recorded
		case p == "/etc/passwd": // homes are read from it
			files["etc/passwd"] = h.rooted(*text)
		default:
			files[strings.TrimPrefix(p, "/")] = strings.Replace(*text, "-> /", "-> $DIR/", 1)
		}
	}
	Put(t, h.Dir, files)
	before := c.tree(t, h)
	f := &faultList{}
	plan := c.planned(t, m, h, f)
	r := c.carry(t, h, plan)
	want := c.parse(t, c.Result)
	f.results(Flat(r), want)
	if plan.Kind() == module.KindChange && !r.Failed && !plan.Quiet() && !r.Changed {
		f.add("foretold", "a change", "none")
	}
	if len(c.Check) == 0 {
		f.results(foretold(plan), want)
	}
	f.files(before, c.tree(t, h), c.After)
	f.add("calls", value.Repr(value.From(c.told(t, h))), value.Repr(value.From(append([]string{}, c.Calls...))))
	again := c.carry(t, h, c.planned(t, m, h, &faultList{}))
	f.add("again", value.Repr(again.Changed), value.Repr(c.Again))
	return f.list
}

// release is that of the kernel, of which modules ask uname.
func release(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("uname", "-r").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// planned plans, and holds that planning changes nothing and asks once.
func (c recorded) planned(t *testing.T, m module.Module, h *Host, f *faultList) module.Plan {
	t.Helper()
	before, asked := Tree(t, h.Dir), len(h.Calls())
	p, err := m.Plan(context.Background(), h.View(), c.parse(t, c.Args))
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	if d := differences(before, Tree(t, h.Dir)); d != "" {
		t.Errorf("planning changed the host:\n%s", d)
	}
	if trips := len(h.Calls()) - asked; trips > 1 {
		f.add("queries", value.Repr(trips), "1")
	}
	return p
}

func (c recorded) carry(t *testing.T, h *Host, p module.Plan) module.Result {
	t.Helper()
	if p.Kind() == module.KindDone {
		return p.Result()
	}
	r, err := p.Apply()(context.Background(), h)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return r
}

// foretold is what check mode would answer.
func foretold(p module.Plan) *value.Map {
	m := Flat(p.Result())
	if p.Kind() == module.KindChange && !p.Quiet() {
		m.Set("changed", true)
	}
	return m
}

func (c recorded) parse(t *testing.T, raw json.RawMessage) *value.Map {
	t.Helper()
	v, err := value.ParseJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	return v.(*value.Map)
}

// told is what the tools have written down.
func (c recorded) told(t *testing.T, h *Host) []string {
	data, err := os.ReadFile(h.callsFile())
	if err != nil {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(h.above(string(data)), "\n"), "\n")
}

// tree are the files below the root in the form of the recording, but for the test's own.
func (c recorded) tree(t *testing.T, h *Host) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(h.Dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p == h.binDir():
			return fs.SkipDir
		case d.IsDir() || p == h.callsFile():
			return nil
		}
		out[strings.TrimPrefix(p, h.Dir)] = recordedFile(t, p, h)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func recordedFile(t *testing.T, p string, h *Host) string {
	t.Helper()
	if target, err := os.Readlink(p); err == nil {
		return "-> " + h.above(target)
	}
	data, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(p)
	if err != nil {
		t.Fatal(err)
	}
	if mode := st.Mode().Perm(); mode != 0o644 {
		return "0" + octal(mode) + ":" + h.above(string(data))
	}
	return h.above(string(data))
}

func octal(mode fs.FileMode) string {
	digits := ""
	for shift := 6; shift >= 0; shift -= 3 {
		digits += string(rune('0' + mode>>shift&7))
	}
	return digits
}

// faultList gathers what differs.
type faultList struct{ list []string }

func (f *faultList) add(what, got, want string) {
	if got != want {
		f.list = append(f.list, what+" is "+got+", want "+want)
	}
}

// results compares all keys; one that is missing is as good as null, and changed and failed as good as false.
func (f *faultList) results(got, want *value.Map) {
	keys := map[string]bool{}
	for _, m := range []*value.Map{got, want} {
		for _, k := range m.Keys() {
			keys[value.Str(k)] = true
		}
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		a, b := got.Value(k), want.Value(k)
		if k == "changed" || k == "failed" {
			a, b = a == true, b == true
		}
		f.add(k, value.Repr(a), value.Repr(b))
	}
}

var backupName = regexp.MustCompile(`\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~`)

// files compares what has become of the files.
func (f *faultList) files(before, now map[string]string, want map[string]*string) {
	changed := map[string]*string{}
	for p, text := range now {
		if old, was := before[p]; !was || old != text {
			changed[backupName.ReplaceAllString(p, ".BACKUP")] = &text
		}
	}
	for p := range before {
		if _, is := now[p]; !is {
			changed[p] = nil
		}
	}
	paths := maps.Clone(changed)
	maps.Copy(paths, want)
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		a, changes := changed[p]
		b, should := want[p]
		switch {
		case !changes:
			f.list = append(f.list, "file "+p+" stays, want "+text(b))
		case !should:
			f.list = append(f.list, "file "+p+" becomes "+text(a)+", want it to stay")
		default:
			f.add("file "+p, text(a), text(b))
		}
	}
}

func text(s *string) string {
	if s == nil {
		return "gone"
	}
	return value.Repr(*s)
}
