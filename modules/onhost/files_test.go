package onhost

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestAProbeBringsTextsAsTheyAre(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"a": "x\n\n", "empty": "", "d/": ""})
	out, err := h.Query(context.Background(), module.Cmd{Script: "# probe" + Functions + `say "one two"; for f; do give "$f"; done`, Args: []string{"a", "empty", "none", "d"}})
	if err != nil {
		t.Fatal(err)
	}
	f := Read(out)
	if got := f.Next(); got != "one two" {
		t.Errorf("first field is %q", got)
	}
	for _, want := range []File{{true, false, "x\n\n"}, {true, false, ""}, {false, false, ""}, {false, true, ""}} {
		if got := f.File(); got != want {
			t.Errorf("file is %+v, want %+v", got, want)
		}
	}
	if f.More() || f.Err() != nil {
		t.Errorf("more %v, error %v", f.More(), f.Err())
	}
	f.Next()
	if f.Err() == nil {
		t.Error("a field that is not there is no error")
	}
	if err := Read(module.Output{Rc: 3, Stderr: "no\n"}).Err(); err == nil || !strings.Contains(err.Error(), "(exit 3): no") {
		t.Errorf("error %v", err)
	}
}

func TestWrite(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		w     Write
		after map[string]string
		copy  bool
		fails string
	}{
		{"a new file", nil, Write{Path: "f", Text: "a\n"}, map[string]string{"f": "0644:a\n"}, false, ""},
		{"a new file of a mode, in a new directory", nil, Write{Path: "d/e/f", Mode: 0o600, Dirs: true}, map[string]string{"d/e/f": "0600:"}, false, ""},
		{"what is there keeps its mode", map[string]string{"f": "0640:a\n"}, Write{Path: "f", Text: "b\n", Mode: 0o600}, map[string]string{"f": "0640:b\n"}, false, ""},
		{"but not by force", map[string]string{"f": "0640:a\n"}, Write{Path: "f", Text: "b\n", Mode: 0o600, Force: true}, map[string]string{"f": "0600:b\n"}, false, ""},
		{"a link stays", map[string]string{"f": "a\n", "l": "-> f"}, Write{Path: "l", Text: "b\n"}, map[string]string{"f": "b\n", "l": "-> f"}, false, ""},
		{"a copy is kept", map[string]string{"f": "a\n"}, Write{Path: "f", Text: "b\n", Backup: true}, map[string]string{"f": "b\n"}, true, ""},
		{"of nothing there is no copy", nil, Write{Path: "f", Text: "b\n", Backup: true}, map[string]string{"f": "b\n"}, false, ""},
		{"a directory is no file", map[string]string{"d/": ""}, Write{Path: "d"}, map[string]string{"d/": ""}, false, "it is a directory"},
		{"no directory", nil, Write{Path: "d/f"}, map[string]string{"d!": ""}, false, "could not write"},
	} {
		h := moduletest.NewHost(t)
		moduletest.Put(t, h.Dir, c.files)
		c.w.Path = filepath.Join(h.Dir, c.w.Path)
		backup, err := c.w.Do(context.Background(), h)
		if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: error %v", c.name, err)
		}
		moduletest.Compare(t, h.Dir, c.after)
		if !c.copy {
			if backup != "" {
				t.Errorf("%s: a copy %s", c.name, backup)
			}
			continue
		}
		if !regexp.MustCompile(`/f\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$`).MatchString(backup) {
			t.Errorf("%s: the copy is %q", c.name, backup)
		}
		if text, err := os.ReadFile(backup); err != nil || string(text) != "a\n" {
			t.Errorf("%s: the copy holds %q, %v", c.name, text, err)
		}
	}
}

// TestALinkInPlaceOfTheTemporaryFileIsNotFollowed stands for a user who owns the folder that root writes to.
func TestALinkInPlaceOfTheTemporaryFileIsNotFollowed(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"other": "safe", "d/": ""})
	h.Command(t, "sh-of-a-known-pid", `ln -s ../other "$HOME/d/.drydock.$$.tmp"; exec sh "$@"`)
	h.Shell = []string{h.Dir + "/.bin/sh-of-a-known-pid"}
	if _, err := (Write{Path: h.Dir + "/d/f", Text: "x"}).Do(context.Background(), h); err != nil {
		t.Fatal(err)
	}
	moduletest.Compare(t, h.Dir, map[string]string{"other": "safe", "d/f": "x"})
}

func TestARefusalIsAResult(t *testing.T) {
	r, err := Settle(module.Result{Changed: true}, Refused{"no"})
	if err != nil || !r.Failed || r.Msg != "no" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = Settle(module.Result{Changed: true}, context.Canceled); err != context.Canceled || !r.Changed {
		t.Errorf("%+v, %v", r, err)
	}
}
