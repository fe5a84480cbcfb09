package files

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// recordedEdit is a row of edits.json, which record_edits.py has filled with what ansible-core answers.
type recordedEdit struct {
	Name, Module string
	Args         json.RawMessage
	Before       *string
	Result       json.RawMessage
	Check        json.RawMessage // what check mode says, where that is not Result
	After        *string
	Again        bool
}

// tolerated are the rows in which we differ, with the reason.
func tolerated() map[string]string {
	return map[string]string{
		"lineinfile: insertafter the last line without end": "a last line without an end is given one; ansible-core joins the two lines",
		"blockinfile: removes, last line without end":       "a mark without a line end is a mark; ansible-core leaves the block where it is",
		"blockinfile: end without line end":                 "a mark without a line end is a mark; ansible-core adds a second block",
	}
}

// TestEditsAnswerAsAnsible runs every recorded edit and compares the file, the result and whether a second run changes.
func TestEditsAnswerAsAnsible(t *testing.T) {
	data, err := os.ReadFile("testdata/edits.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []recordedEdit
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	modules := map[string]module.Module{"lineinfile": LineInFile, "blockinfile": BlockInFile, "replace": Replace}
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			why := tolerated()[row.Name]
			faults := row.faults(t, modules[row.Module])
			if (len(faults) > 0) != (why != "") {
				t.Errorf("tolerated because %q, but:\n%s", why, strings.Join(faults, "\n"))
			}
		})
	}
}

// faults lists how our answer to a row differs.
func (row recordedEdit) faults(t *testing.T, m module.Module) []string {
	t.Helper()
	h := moduletest.NewHost(t)
	if row.Before != nil {
		moduletest.Put(t, h.Dir, map[string]string{"f": *row.Before})
	}
	moduletest.Put(t, h.Dir, map[string]string{"l": "-> $DIR/f"})
	args := parsed(t, h, row.Args)
	r := carried(t, m, h, args)
	var out []string
	fault := func(what, got, want string) {
		if got != want {
			out = append(out, what+" is "+got+", want "+want)
		}
	}
	want := parsed(t, h, row.Result)
	fault("failed", value.Repr(r.Failed), value.Repr(want.Value("failed") == true))
	fault("changed", value.Repr(r.Changed), value.Repr(want.Value("changed") == true))
	if !r.Failed {
		got := moduletest.Flat(r)
		for _, key := range []string{"msg", "rc", "found"} {
			fault(key, value.Repr(got.Value(key)), value.Repr(want.Value(key)))
		}
	}
	fault("the file", held(t, value.Str(args.Value("path")), filepath.Join(h.Dir, "f")), quoted(row.After))
	again := carried(t, m, h, args)
	fault("again", value.Repr(again.Changed), value.Repr(row.Again))
	return out
}

func parsed(t *testing.T, h *moduletest.Host, raw json.RawMessage) *value.Map {
	t.Helper()
	v, err := value.ParseJSON([]byte(strings.ReplaceAll(string(raw), "$DIR", h.Dir)))
	if err != nil {
		t.Fatal(err)
	}
	return v.(*value.Map)
}

func carried(t *testing.T, m module.Module, h *moduletest.Host, args *value.Map) module.Result {
	t.Helper()
	p, err := m.Plan(context.Background(), h.View(), args)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Result()
	if p.Kind() != module.KindDone {
		if r, err = p.Apply()(context.Background(), h); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// held is a file in the form of the recording.
func held(t *testing.T, path, otherwise string) string {
	t.Helper()
	if !filepath.IsAbs(path) {
		path = otherwise
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return quoted(nil)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if mode := info.Mode().Perm(); mode != 0o644 {
		text = octal(int(mode)) + ":" + text
	}
	return quoted(&text)
}

func quoted(s *string) string {
	if s == nil {
		return "no file"
	}
	return value.Repr(*s)
}
