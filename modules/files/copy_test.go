package files

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

const sha1OfA = "3f786850e387550fdab836ed7e6dc881de23001b" // "a\n"

func content(text string) func(*moduletest.Host) {
	return func(h *moduletest.Host) { h.Control.Add("files/f", text) }
}

func TestCopy(t *testing.T) {
	change := module.KindChange
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "new", Args: []any{"content", "a\n", "dest", "$DIR/new"}, Plan: change,
			Diff: &module.Diff{After: "a\n", AfterHeader: "$DIR/new"}, After: map[string]string{"new": "0644:a\n"},
			Want: map[string]any{"changed": true, "checksum": sha1OfA, "dest": "$DIR/new", "md5sum": "60b725f10c9c85c70d97880dfe8191b3",
				"mode": "0644", "size": 2, "state": "file", "backup_file": nil}},
		{Name: "equal", Files: map[string]string{"new": "a\n"}, Args: []any{"content", "a\n", "dest", "$DIR/new"},
			Want: map[string]any{"changed": false, "checksum": sha1OfA, "path": "$DIR/new", "dest": "$DIR/new", "mode": "0644", "state": "file"}},
		{Name: "only the mode", Files: map[string]string{"new": "a\n"}, Args: []any{"content", "a\n", "dest", "$DIR/new", "mode", "0600"}, Plan: change,
			Diff:  &module.Diff{Before: "{\n    \"mode\": \"0644\",\n    \"path\": \"$DIR/new\"\n}\n", After: "{\n    \"mode\": \"0600\",\n    \"path\": \"$DIR/new\"\n}\n"},
			After: map[string]string{"new": "0600:a\n"}, Want: map[string]any{"changed": true, "mode": "0600"}},
		{Name: "another content keeps the mode", Files: map[string]string{"new": "0640:a\n"}, Args: []any{"content", "b\n", "dest", "$DIR/new"}, Plan: change,
			Diff:  &module.Diff{Before: "a\n", After: "b\n", BeforeHeader: "$DIR/new", AfterHeader: "$DIR/new"},
			After: map[string]string{"new": "0640:b\n"}},
		{Name: "into a directory", Files: map[string]string{"d/": ""}, Set: content("x"), Args: []any{"src", "f", "dest", "$DIR/d"}, Plan: change,
			After: map[string]string{"d/f": "0644:x"}, Want: map[string]any{"dest": "$DIR/d/f", "src": "files/f"}},
		{Name: "into a new directory", Set: content("x"), Args: []any{"src", "f", "dest", "$DIR/d/e/"}, Plan: change,
			After: map[string]string{"d/e/f": "x"}, Want: map[string]any{"dest": "$DIR/d/e/f"}},
		{Name: "strange names", Set: content("x"), Files: map[string]string{"a b/": ""}, Args: []any{"src", "f", "dest", "$DIR/a b/it's *"}, Plan: change,
			After: map[string]string{"a b/it's *": "x"}},
		{Name: "home", Set: content("x"), Args: []any{"src", "f", "dest", "~/g"}, Plan: change, After: map[string]string{"g": "x"},
			Want: map[string]any{"dest": "$DIR/g"}},
		{Name: "force off keeps what is there", Files: map[string]string{"g": "mine"}, Args: []any{"content", "x", "dest", "$DIR/g", "force", false},
			Want: map[string]any{"changed": false, "dest": "$DIR/g"}, After: map[string]string{"g": "mine"}},
		{Name: "force off writes what is missing", Args: []any{"content", "x", "dest", "$DIR/g", "force", false}, Plan: change, After: map[string]string{"g": "x"}},
		{Name: "a link is replaced", Files: map[string]string{"t": "x", "l": "-> t"}, Args: []any{"content", "x", "dest", "$DIR/l"}, Plan: change,
			After: map[string]string{"l": "0644:x", "t": "x"}},
		{Name: "a link is followed", Files: map[string]string{"t": "0600:x", "l": "-> t"}, Args: []any{"content", "y", "dest", "$DIR/l", "follow", true}, Plan: change,
			After: map[string]string{"l": "-> t", "t": "0600:y"}},
		{Name: "a broken link is replaced", Files: map[string]string{"l": "-> nowhere"}, Args: []any{"content", "y", "dest", "$DIR/l"}, Plan: change,
			After: map[string]string{"l": "y"}},
		{Name: "JSON", Args: []any{"content", value.NewMap("a", 1, "b", []any{"x", true, nil, 1.0, "é"}), "dest", "$DIR/j"}, Plan: change,
			After: map[string]string{"j": `{"a": 1, "b": ["x", true, null, 1.0, "\u00e9"]}`}},
		{Name: "validated", Args: []any{"content", "x", "dest", "$DIR/v", "validate", `grep -q "x" %s`}, Plan: change, After: map[string]string{"v": "x"}},
		{Name: "not approved", Files: map[string]string{"v": "old"}, Args: []any{"content", "y", "dest", "$DIR/v", "validate", "grep x %s /none"}, Plan: change,
			Fails: "failed to validate", Want: map[string]any{"exit_status": 2, "stdout": "", "stderr": "grep: /none: No such file or directory\n"},
			After: map[string]string{"v": "old"}},
		{Name: "validate without the file", Args: []any{"content", "y", "dest", "$DIR/v", "validate", "true"}, Plan: change,
			Fails: "validate must contain %s: true", After: map[string]string{"v!": ""}},
		{Name: "mode of the source", Set: func(h *moduletest.Host) { h.Control.Add("files/f", "x"); h.Control.Content["files/f"].Mode = 0o751 },
			Args: []any{"src", "f", "dest", "$DIR/g", "mode", "preserve"}, Plan: change, After: map[string]string{"g": "0751:x"}},

		{Name: "no parent", Args: []any{"content", "y", "dest", "$DIR/no/v"}, Plan: module.KindChange, Fails: "Destination directory $DIR/no does not exist"},
		{Name: "text into a directory", Files: map[string]string{"d/": ""}, Args: []any{"content", "y", "dest", "$DIR/d"}, Fails: "can not use content with a dir as dest"},
		{Name: "over a directory", Files: map[string]string{"d/f/": ""}, Set: content("x"), Args: []any{"src", "f", "dest", "$DIR/d"}, Fails: "cannot overwrite directory $DIR/d/f"},
		{Name: "no source", Args: []any{"dest", "$DIR/d"}, Fails: "src (or content) is required"},
		{Name: "two sources", Args: []any{"dest", "$DIR/d", "src", "f", "content", "x"}, Fails: "mutually exclusive"},
		{Name: "missing source", Args: []any{"dest", "$DIR/d", "src", "g"}, Fails: "Could not find or access 'g'"},
		{Name: "unknown owner", Args: []any{"content", "x", "dest", "$DIR/d", "owner", "no-such-user"}, Fails: "chown failed: failed to look up user no-such-user"},
		{Name: "unknown group", Args: []any{"content", "x", "dest", "$DIR/d", "group", "no-such-group"}, Fails: "chgrp failed: failed to look up group no-such-group"},
		{Name: "bad mode", Args: []any{"content", "x", "dest", "$DIR/d", "mode", "abc"}, Fails: "mode must be in octal or symbolic form",
			Want: map[string]any{"details": "bad symbolic permission for mode: abc"}},
		{Name: "wrong checksum", Set: content("x"), Args: []any{"src", "f", "dest", "$DIR/d", "checksum", "00"}, Fails: "expected checksum"},
	})
}

func TestCopyOfATree(t *testing.T) {
	tree := func(h *moduletest.Host) {
		h.Control.Add("files/d/a", "1\n")
		h.Control.Add("files/d/e/b c", "2\n")
	}
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "with its name", Set: tree, Args: []any{"src", "d", "dest", "$DIR/t", "mode", "0640", "directory_mode", "0750"}, Plan: module.KindChange,
			After: map[string]string{"t/d/a": "0640:1\n", "t/d/e/b c": "0640:2\n", "t/d/e/": "0750:"}, Want: map[string]any{"dest": "$DIR/t/", "src": "d"}},
		{Name: "without its name", Set: tree, Args: []any{"src", "d/", "dest", "$DIR/t"}, Plan: module.KindChange,
			After: map[string]string{"t/a": "1\n", "t/e/b c": "2\n"}},
		{Name: "only what differs", Set: tree, Files: map[string]string{"d/a": "1\n", "d/e/b c": "0600:old\n", "d/mine": "x"}, Args: []any{"src", "d", "dest", "$DIR"},
			Plan: module.KindChange, After: map[string]string{"d/e/b c": "0600:2\n", "d/mine": "x"}},
		{Name: "nothing differs", Set: tree, Files: map[string]string{"d/a": "1\n", "d/e/b c": "2\n"}, Args: []any{"src", "d", "dest", "$DIR/"}},
		{Name: "only a mode differs", Set: tree, Files: map[string]string{"d/a": "1\n", "d/e/b c": "2\n"}, Args: []any{"src", "d", "dest", "$DIR/", "mode", "u=rw,go="},
			Plan: module.KindChange, After: map[string]string{"d/a": "0600:1\n"}},
		{Name: "a file in the way", Set: tree, Files: map[string]string{"d": "x"}, Args: []any{"src", "d", "dest", "$DIR/"}, Fails: "a directory cannot stand for a file"},
	})
}

func TestCopyWithinTheHost(t *testing.T) {
	change := module.KindChange
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "file", Files: map[string]string{"f": "0600:x"}, Args: []any{"src", "$DIR/f", "dest", "$DIR/g", "remote_src", true}, Plan: change,
			After: map[string]string{"g": "0644:x"}, Want: map[string]any{"dest": "$DIR/g", "src": "$DIR/f", "state": "file", "md5sum": "9dd4e461268c8034f5c8564e155c67a6"}},
		{Name: "preserve", Files: map[string]string{"f": "0600:x"}, Args: []any{"src", "$DIR/f", "dest", "$DIR/g", "remote_src", true, "mode", "preserve"}, Plan: change,
			After: map[string]string{"g": "0600:x"}},
		{Name: "equal", Files: map[string]string{"f": "x", "d/f": "x"}, Args: []any{"src", "$DIR/f", "dest", "$DIR/d", "remote_src", true},
			Want: map[string]any{"changed": false, "dest": "$DIR/d/f"}},
		{Name: "force off", Files: map[string]string{"f": "x", "g": "y"}, Args: []any{"src", "$DIR/f", "dest", "$DIR/g", "remote_src", true, "force", false},
			Want: map[string]any{"changed": false, "msg": "file already exists"}},
		{Name: "missing", Args: []any{"src", "$DIR/f", "dest", "$DIR/g", "remote_src", true}, Fails: "Source $DIR/f not found"},
		{Name: "directory", Files: map[string]string{"d/a": "1", "d/e/b": "0755:2", "d/l": "-> a"}, Args: []any{"src", "$DIR/d", "dest", "$DIR/t", "remote_src", true}, Plan: change,
			After: map[string]string{"t/d/a": "1", "t/d/e/b": "0755:2", "t/d/l": "-> a"}, Want: map[string]any{"dest": "$DIR/t", "state": "directory", "checksum": nil}},
		{Name: "directory without its name", Files: map[string]string{"d/a": "1", "t/x": "y"}, Args: []any{"src", "$DIR/d/", "dest", "$DIR/t", "remote_src", true, "mode", "0700"}, Plan: change,
			After: map[string]string{"t/a": "0644:1", "t/x": "y"}, Want: map[string]any{"mode": "0700"}},
		{Name: "directory, with a mode in the task's environment", Files: map[string]string{"d/a": "1", "t/x": "y"}, Set: func(h *moduletest.Host) { h.Env = []string{"mode=0711"} },
			Args: []any{"src", "$DIR/d/", "dest", "$DIR/t", "remote_src", true}, Plan: change, Want: map[string]any{"mode": "0755"}},
		{Name: "folder missing", Files: map[string]string{"f": "x"}, Args: []any{"src", "$DIR/f", "dest", "$DIR/no/g", "remote_src", true}, Plan: change,
			Fails: "Destination directory $DIR/no does not exist"},
		{Name: "checksum", Files: map[string]string{"f": "x"}, Args: []any{"src", "$DIR/f", "dest", "$DIR/g", "remote_src", true, "checksum", "abc"},
			Fails: "Copied file does not match the expected checksum. Transfer failed."},
	})
}

func TestBackupKeepsTheOldFile(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"f": "0600:old"})
	dest := filepath.Join(h.Dir, "f")
	p, err := Copy.Plan(context.Background(), h.View(), value.NewMap("content", "new", "dest", dest, "backup", true))
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Apply()(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	name := value.Str(r.Data.Value("backup_file"))
	if !regexp.MustCompile(`^` + regexp.QuoteMeta(dest) + `\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$`).MatchString(name) {
		t.Fatalf("backup_file is %q", name)
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "old" {
		t.Errorf("the backup holds %q, %v", b, err)
	}
	if calls := h.Calls(); len(calls) != 2 || calls[1].Verb != "exec" {
		t.Errorf("look and write took %v", calls)
	}
}

// cut is a host whose connection ends in the middle of what is sent.
type cut struct{ *moduletest.Host }

func (c cut) Exec(ctx context.Context, cmd module.Cmd) (module.Output, error) {
	cmd.Stdin = io.LimitReader(cmd.Stdin, 3)
	return c.Host.Exec(ctx, cmd)
}

func TestHalfAFileNeverComesIntoPlace(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"f": "old"})
	p, err := Copy.Plan(context.Background(), h.View(), value.NewMap("content", "a longer text", "dest", filepath.Join(h.Dir, "f")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Apply()(context.Background(), cut{h})
	if err != nil || !r.Failed || !strings.Contains(r.Msg, "only a part") {
		t.Errorf("%+v, %v", r, err)
	}
	moduletest.Compare(t, h.Dir, map[string]string{"f": "old"})
	if left, _ := os.ReadDir(h.Dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// TestALinkInPlaceOfTheTemporaryFileIsNotFollowed stands for a user who owns the folder that root writes to.
func TestALinkInPlaceOfTheTemporaryFileIsNotFollowed(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"other": "safe", "d/": ""})
	h.Command(t, "sh-of-a-known-pid", `ln -s ../other "$HOME/d/.drydock.$$.tmp"; ln -s ../other "$HOME/d/.drydock.$$.tmp.err"; exec sh "$@"`)
	h.Shell = []string{h.Dir + "/.bin/sh-of-a-known-pid"}
	_, err := writing{path: h.Dir + "/d/f", body: strings.NewReader("x"), size: 1, access: access{uid: leave, gid: leave, mode: 0o644}, validate: "sh -c 'echo no >&2' %s"}.put(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	moduletest.Compare(t, h.Dir, map[string]string{"other": "safe", "d/f": "x"})
}

func TestTemplate(t *testing.T) {
	set := func(h *moduletest.Host) {
		h.Control.Add("templates/t.j2", "name={{ who }}\n")
		h.Control.Evals["who"] = "me"
	}
	moduletest.Run(t, Template, []moduletest.Case{
		{Name: "new", Set: set, Args: []any{"src", "t.j2", "dest", "$DIR/f", "mode", 0o600}, Plan: module.KindChange,
			Diff: &module.Diff{After: "name=me\n", AfterHeader: "templates/t.j2"}, After: map[string]string{"f": "0600:name=me\n"}},
		{Name: "equal", Set: set, Files: map[string]string{"f": "name=me\n"}, Args: []any{"src", "t.j2", "dest", "$DIR/f"}, Want: map[string]any{"changed": false}},
		{Name: "into a directory", Set: set, Args: []any{"src", "t.j2", "dest", "$DIR"}, Plan: module.KindChange, After: map[string]string{"t.j2": "name=me\n"}},
		{Name: "missing", Args: []any{"src", "t.j2", "dest", "$DIR/f"}, Fails: "Could not find or access 't.j2'"},
		{Name: "does not render", Set: func(h *moduletest.Host) {
			set(h)
			h.Control.Renderer = func(module.TemplateText) (string, error) { return "", io.ErrUnexpectedEOF }
		}, Args: []any{"src", "t.j2", "dest", "$DIR/f"}, Fails: "unexpected EOF"},
	})
}

func TestTemplateHandsItsOptionsOn(t *testing.T) {
	h := moduletest.NewHost(t)
	h.Control.Add("templates/t.j2", "x")
	var got module.TemplateText
	h.Control.Renderer = func(tt module.TemplateText) (string, error) { got = tt; return "x", nil }
	args := value.NewMap("src", "t.j2", "dest", h.Dir+"/f", "variable_start_string", "[[", "variable_end_string", "]]", "newline_sequence", `\r\n`,
		"trim_blocks", false, "lstrip_blocks", true)
	if _, err := Template.Plan(context.Background(), h.View(), args); err != nil {
		t.Fatal(err)
	}
	want := module.TemplateText{Name: "templates/t.j2", Text: "x", BlockStart: "{%", BlockEnd: "%}", VarStart: "[[", VarEnd: "]]", Newline: "\r\n", LstripBlocks: true}
	if got != want {
		t.Errorf("the engine was asked for %+v, want %+v", got, want)
	}
}
