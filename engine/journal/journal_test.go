package journal

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func origin(t *testing.T) Origin {
	t.Helper()
	key, err := NewKey(make([]byte, keySize))
	if err != nil {
		t.Fatal(err)
	}
	return Origin{Now: func() time.Time { return noon }, Key: key, Version: "1", Host: "here", Pid: 7, Args: []string{"run", "p.yml", "-e", "password=hunter22"}}
}

func create(t *testing.T, runs *Runs) *Writer {
	t.Helper()
	w, err := runs.Create(origin(t))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// samples are one event of each kind with all that it can hold.
func samples() []event.Event {
	ref := event.TaskRef{ID: "i", Name: "n", Action: "a", Pos: diag.Pos{File: "f", Line: 1, Col: 2}, Handler: true, NoLog: true}
	m := value.NewMap("b", 1, "a", []any{nil, true, "x", 1.5})
	diff := []event.Diff{{Before: "a", After: "b", BeforeHeader: "c", AfterHeader: "d", Prepared: "e"}}
	return []event.Event{
		event.RunStarted{At: noon, Run: "r", Args: []string{"a"}, Version: "1", Check: true, Cwd: "/c", Playbooks: []string{"p"}, Inventory: []string{"i"}, Limit: "l",
			Tags: []string{"t"}, SkipTags: []string{"s"}},
		event.FilesUsed{Files: []event.File{{Path: "p", Origin: "disk", SHA256: "00"}}},
		event.PlaybookStarted{File: "p"}, event.PlayStarted{Name: "n", Hosts: []string{"h"}, Check: true}, event.NoHostsMatched{}, event.NoHostsRemaining{},
		event.TaskStarted{Task: ref, Args: m}, event.HostStarted{Host: "h", Task: ref, At: noon},
		event.ApplyStarted{Host: "h", Task: ref, At: noon, Step: "s", Disrupts: "reboot", Node: "n", Note: m},
		event.PackagesChanged{Host: "h", Task: ref, At: noon, Packages: []event.Package{{Name: "n", Arch: "a", From: "1", To: "2"}}},
		event.Gate{Host: "h", Task: ref, Cluster: "c", Node: "n", Disrupts: "d", Passed: true, At: noon, Evidence: []event.Evidence{{Check: "c", About: "a", Found: "f", State: "holds"}}},
		event.Held{Hosts: []string{"h"}, By: []string{"window"}, Why: "w", Since: noon, At: noon, Ends: true},
		event.RunResumed{At: noon, Run: "r", Finished: 3, Again: []string{"h"}}, event.HostsLost{Hosts: []string{"h"}, Steps: []string{"s"}}, event.HostProgress{Host: "h", Task: ref, Message: "m", At: noon},
		event.HostResult{Host: "h", Task: ref, Status: event.Changed, Result: m, Item: true, ItemLabel: m, Loop: true, DelegatedTo: "d", Diff: diff, At: noon, Duration: 5,
			Ignored: true, Verbose: true, Cause: &event.Cause{Pos: diag.Pos{File: "f"}, Hint: "h"}},
		event.Retry{DelegatedTo: "d", Host: "h", Task: ref, Attempts: 1, Retries: 2, Result: m}, event.Included{File: "f", Hosts: []string{"h"}, Item: []any{1, "a"}},
		event.AsyncPolled{Host: "h", Job: "j"}, event.AsyncEnded{Host: "h", Job: "j", Failed: true}, event.Notified{Handler: "h", Host: "h"},
		event.Message{Level: "warning", Text: "t"},
		event.Stats{Hosts: map[string]event.HostTally{"h": {OK: 1, Changed: 2, Unreachable: 3, Failed: 4, Skipped: 5, Rescued: 6, Ignored: 7}}, Order: []string{"h"}, Custom: m},
		event.RunFinished{At: noon, Exit: 2, Stopped: true, Error: "e"},
	}
}

func TestKinds(t *testing.T) {
	var known, sampled []string
	for _, k := range kinds() {
		known = append(known, k.name)
	}
	runs := Open(filepath.Join(t.TempDir(), ".drydock", "runs"))
	w := create(t, runs)
	for _, e := range samples() {
		sampled = append(sampled, kindName(reflect.TypeOf(e)))
		if err := w.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range declared(t) {
		if !slices.Contains(known, name) || !slices.Contains(sampled, name) {
			t.Errorf("the event %s is not known here, or has no sample", name)
		}
	}
	for i, e := range readBack(t, runs, w) {
		if want := samples()[i]; !reflect.DeepEqual(e, want) {
			t.Errorf("%+v\nbecame\n%+v", want, e)
		}
		if v := reflect.ValueOf(e); v.NumField() > 0 && v.IsZero() {
			t.Errorf("the sample of %T shows nothing", e)
		}
	}
}

// declared are the events of package event, read off its source.
func declared(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "event", "event.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "event" {
			var words strings.Builder
			for i, r := range f.Recv.List[0].Type.(*ast.Ident).Name {
				if r < 'a' && i > 0 {
					words.WriteByte('_')
				}
				words.WriteString(strings.ToLower(string(r)))
			}
			out = append(out, words.String())
		}
	}
	if len(out) < 20 {
		t.Fatalf("found only %d events", len(out))
	}
	return out
}

func readBack(t *testing.T, runs *Runs, w *Writer) []event.Event {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	run, err := runs.Find(w.ID)
	if err != nil {
		t.Fatal(err)
	}
	records, err := run.Records()
	if err != nil {
		t.Fatal(err)
	}
	var out []event.Event
	for _, r := range records {
		e, err := r.read()
		if err != nil {
			t.Fatal(err)
		}
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

func TestOnlyTheOwnerReadsARun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".drydock", "runs")
	runs := Open(dir)
	w := create(t, runs)
	if err := errors.Join(w.Keep("step", []byte("the answer is hunter22")), w.Emit(event.FilesUsed{}), w.Close()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		if !d.IsDir() {
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), "hunter22") {
				t.Errorf("%s tells a secret", path)
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestATornLastLineIsLeftOutAndDamageIsNamed(t *testing.T) {
	runs := Open(t.TempDir())
	w := create(t, runs)
	for range 3 {
		if err := w.Emit(event.PlaybookStarted{File: "p"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(w.dir, journalFile)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for _, c := range []struct{ what, text, err string }{
		{"whole", string(whole), ""},
		{"torn", string(whole[:len(whole)-5]), ""},
		{"without its end", string(whole[:len(whole)-1]), ""},
		{"zeros at the end", string(whole) + "\x00\x00\x00", ""},
		{"a bad last line", string(whole) + "{\n", ""},
		{"damage", strings.Join(lines[:2], "") + "{\n" + lines[3], "journal.jsonl:3"},
		{"a missing line", lines[0] + lines[2] + lines[3], "journal.jsonl:2"},
	} {
		if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		run, _ := runs.Find(w.ID)
		records, err := run.Records()
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v", c.what, err)
			}
			continue
		}
		if err != nil || len(records) < 3 {
			t.Errorf("%s: %d records, error %v", c.what, len(records), err)
		}
	}
}

func TestARunUnderWayIsNotTakenUpAndNotPruned(t *testing.T) {
	runs := Open(t.TempDir())
	w := create(t, runs)
	if !held(w.dir) {
		t.Error("the run does not count as under way")
	}
	if _, err := lock(w.dir, origin(t)); err == nil || !strings.Contains(err.Error(), "process 7 on here") {
		t.Errorf("error %v", err)
	}
	if err := runs.Prune(0); err != nil {
		t.Fatal(err)
	}
	if ids, _ := runs.IDs(); len(ids) != 1 {
		t.Errorf("there are %v", ids)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := create(t, runs).Close(); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := runs.IDs()
	if err := runs.Prune(2); err != nil {
		t.Fatal(err)
	}
	if after, _ := runs.IDs(); !slices.Equal(after, before[2:]) {
		t.Errorf("of %v there are %v", before, after)
	}
}

func TestARunIsFoundByTheBeginningOfItsName(t *testing.T) {
	dir := t.TempDir()
	for _, id := range []string{"20261125-1", "20261126-1", "20261126-12"} {
		if err := os.Mkdir(filepath.Join(dir, id), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, want := range map[string]string{"20261125": "20261125-1", "20261126-1": "20261126-1", "20261126-12": "20261126-12", "20261126": "", "x": "", "": ""} {
		if run, err := Open(dir).Find(prefix); (err != nil) != (want == "") || err == nil && run.ID != want {
			t.Errorf("%q: %v, error %v", prefix, run, err)
		}
	}
}

// brokenDisk takes some records and no more.
type brokenDisk struct {
	file
	left int
}

func (d *brokenDisk) Write(p []byte) (int, error) {
	if d.left--; d.left < 0 {
		n, _ := d.file.Write(p[:len(p)/2])
		return n, errors.New("no space left on device")
	}
	return d.file.Write(p)
}

func TestAFullDiskIsTheLastWord(t *testing.T) {
	runs := Open(t.TempDir())
	w := create(t, runs)
	w.f = &brokenDisk{w.f, 1}
	if err := w.Emit(event.PlaybookStarted{File: "p"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var said *WriteError
		if err := w.Keep("s", []byte("x")); !errors.As(err, &said) || !strings.Contains(err.Error(), "nothing more is changed: no space left") {
			t.Errorf("error %v", err)
		}
	}
	if err := w.Commit(); err == nil {
		t.Error("what was not written is said to be safe")
	}
	run, _ := runs.Find(w.ID)
	if records, err := run.Records(); err != nil || len(records) != 2 {
		t.Errorf("%d records, error %v", len(records), err)
	}
}

// slowDisk counts how often it is asked to be safe.
type slowDisk struct {
	file
	wait  chan struct{}
	syncs int
}

func (d *slowDisk) Sync() error {
	<-d.wait
	d.syncs++
	return nil
}

func TestThoseWhoCommitAtTheSameTimeShareTheWait(t *testing.T) {
	w := create(t, Open(t.TempDir()))
	disk := &slowDisk{file: w.f, wait: make(chan struct{})}
	w.f = disk
	var all sync.WaitGroup
	for range 50 {
		if err := w.Emit(event.PlaybookStarted{File: "p"}); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		all.Go(func() {
			if err := w.Commit(); err != nil {
				t.Error(err)
			}
		})
	}
	close(disk.wait)
	all.Wait()
	if disk.syncs != 1 {
		t.Errorf("the disk was asked %d times", disk.syncs)
	}
}

func TestAKeyIsMadeOnceAndBelongsToItsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "drydock", "journal.key")
	a, err := ReadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ReadKey(path)
	if err != nil || a.Name() != b.Name() {
		t.Errorf("two keys, error %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	sealed, err := a.seal("run", "step", []byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := b.open("run", "step", sealed); err != nil || string(plain) != "plain" {
		t.Errorf("opened %q, error %v", plain, err)
	}
	if _, err := b.open("run", "other", sealed); err == nil {
		t.Error("an answer was opened for another step")
	}
	if err := os.WriteFile(path, []byte("zz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKey(path); err == nil {
		t.Error("no key was taken for one")
	}
}

func TestFilesAreCopiedSealedAndComparedLater(t *testing.T) {
	runs := Open(t.TempDir())
	o := origin(t)
	disk := map[string]string{"a.yml": "one", "b.yml": "password: hunter22", "c.yml": "gone"}
	o.ReadFile = func(name string) ([]byte, error) {
		text, ok := disk[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}
	w, err := runs.Create(o)
	if err != nil {
		t.Fatal(err)
	}
	used := event.FilesUsed{}
	for _, name := range []string{"a.yml", "b.yml", "c.yml"} {
		used.Files = append(used.Files, event.File{Path: name, Origin: "disk", SHA256: digest([]byte(disk[name]))})
	}
	if err := errors.Join(w.Emit(used), w.Close()); err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile(filepath.Join(w.dir, "files", used.Files[1].SHA256))
	if err != nil || strings.Contains(string(sealed), "hunter22") {
		t.Errorf("the copy is %q, error %v", sealed, err)
	}
	disk["b.yml"] = "password: other"
	delete(disk, "c.yml")
	run, _ := runs.Find(w.ID)
	r, err := runs.Resume(run, o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	changed := r.Changed(o.ReadFile)
	if len(changed) != 2 || changed[0].Path != "b.yml" || changed[1].Path != "c.yml" {
		t.Fatalf("changed are %v", changed)
	}
	if text, err := r.Copy(changed[0]); err != nil || string(text) != "password: hunter22" {
		t.Errorf("the copy says %q, error %v", text, err)
	}
}

func TestHowARunStands(t *testing.T) {
	runs := Open(t.TempDir())
	for _, c := range []struct {
		end  *event.RunFinished
		want State
	}{
		{nil, Died}, {&event.RunFinished{}, Finished}, {&event.RunFinished{Exit: 2}, Failed}, {&event.RunFinished{Exit: 99, Stopped: true}, Interrupted},
	} {
		w := create(t, runs)
		run, err := runs.Find(w.ID)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := run.Summary(); err != nil || s.State != Running || runs.Unfinished(w.ID) {
			t.Errorf("under way it stands %s, error %v", s.State, err)
		}
		if c.end != nil {
			if err := w.Emit(*c.end); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if s, err := run.Summary(); err != nil || s.State != c.want || runs.Unfinished(w.ID) != (c.want != Finished) {
			t.Errorf("it stands %s, want %s, error %v", s.State, c.want, err)
		}
	}
	if runs.Unfinished("nosuch") || runs.Unfinished("") {
		t.Error("what is not there is unfinished")
	}
}

func TestAReportTellsWhatEachHostWentThrough(t *testing.T) {
	runs := Open(t.TempDir())
	w := create(t, runs)
	task := func(name string) event.TaskRef { return event.TaskRef{ID: name, Name: name} }
	result := func(host, name string, s event.Status) event.HostResult {
		return event.HostResult{Host: host, Task: task(name), Status: s, Result: value.NewMap("msg", "said")}
	}
	item := result("a", "loop", event.Changed)
	item.Item, item.ItemLabel = true, "x"
	sum := result("a", "loop", event.Changed)
	sum.Loop = true
	for _, e := range []event.Event{
		event.ApplyStarted{Host: "a", Task: task("drain"), Disrupts: "drain"}, event.Gate{Host: "a", Passed: true, Disrupts: "drain"}, result("a", "drain", event.Changed),
		item, sum, result("a", "look", event.OK), result("a", "rescued", event.Failed), result("b", "breaks", event.Failed),
		event.PackagesChanged{Host: "b", Packages: []event.Package{{Name: "p", From: "1", To: "2"}}},
		event.ApplyStarted{Host: "b", Task: task("open")}, event.Message{Level: "warning", Text: "w"},
		event.Stats{Hosts: map[string]event.HostTally{"a": {Rescued: 1}, "b": {Failed: 1}}},
	} {
		if err := w.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	run, _ := runs.Find(w.ID)
	r, err := run.Report()
	if err != nil || len(r.Reports) != 2 {
		t.Fatalf("%+v, error %v", r, err)
	}
	a, b := r.Reports[0], r.Reports[1]
	if len(a.Changes) != 2 || a.Changes[0].Disrupts != "drain" || a.Changes[1].Item != "x" || a.OK != 1 || a.Failure != nil || len(a.Gates) != 1 || len(a.Open) != 0 {
		t.Errorf("of a it tells %+v", a)
	}
	if b.Failure == nil || b.Failure.Message != "said" || len(b.Packages) != 1 || len(b.Open) != 1 || b.Open[0].Task != "open" || len(r.Warnings) != 1 {
		t.Errorf("of b it tells %+v", b)
	}
}
