package files

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// tree is a directory of files and links that many cases begin with.
func tree() map[string]string {
	return map[string]string{"f": "0600:hi\n", "d/a": "x", "d/e/b": "0755:y", "l": "-> f", "broken": "-> nowhere", "ld": "-> d", "empty/": ""}
}

func TestFileDirectory(t *testing.T) {
	change := module.KindChange
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "new with parents", Args: []any{"path", "$DIR/x/y z", "state", "directory", "mode", "0750"}, Plan: change,
			Diff: &module.Diff{Before: "{\n    \"path\": \"$DIR/x/y z\",\n    \"state\": \"absent\"\n}\n", After: "{\n    \"path\": \"$DIR/x/y z\",\n    \"state\": \"directory\"\n}\n"},
			Want: map[string]any{"changed": true, "mode": "0750", "path": "$DIR/x/y z", "state": "directory"}, After: map[string]string{"x/": "0750:", "x/y z/": "0750:"}},
		{Name: "slash at the end", Args: []any{"path", "$DIR/x/", "state", "directory"}, Plan: change, After: map[string]string{"x/": "0755:"}},
		{Name: "there", Files: tree(), Args: []any{"path", "$DIR/d", "state", "directory"}, Want: map[string]any{"changed": false, "mode": "0755", "state": "directory"}},
		{Name: "behind a link", Files: tree(), Args: []any{"path", "$DIR/ld", "state", "directory"}, Want: map[string]any{"changed": false}},
		{Name: "another mode", Files: tree(), Args: []any{"path", "$DIR/d", "state", "directory", "mode", "0700"}, Plan: change,
			Diff:  &module.Diff{Before: "{\n    \"mode\": \"0755\",\n    \"path\": \"$DIR/d\"\n}\n", After: "{\n    \"mode\": \"0700\",\n    \"path\": \"$DIR/d\"\n}\n"},
			After: map[string]string{"d/": "0700:"}},
		{Name: "over a file", Files: tree(), Args: []any{"path", "$DIR/f", "state", "directory"}, Fails: "$DIR/f already exists as a file", Want: map[string]any{"mode": "0600", "path": "$DIR/f"}},
		{Name: "recurse", Files: tree(), Args: []any{"path", "$DIR/d", "state", "directory", "recurse", true, "mode", "u=rwX,g=,o="}, Plan: change,
			After: map[string]string{"d/": "0700:", "d/a": "0600:x", "d/e/": "0700:", "d/e/b": "0700:y"}},
		{Name: "recurse finds it done", Files: map[string]string{"d/a": "0644:x"}, Args: []any{"path", "$DIR/d", "recurse", true, "mode", "a+rX"}},
		{Name: "recurse of a file", Args: []any{"path", "$DIR/d", "state", "file", "recurse", true}, Fails: "recurse option requires state to be 'directory'"},
	})
}

func TestFilePresentAndAbsent(t *testing.T) {
	change := module.KindChange
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "there", Files: tree(), Args: []any{"path", "$DIR/f"}, Want: map[string]any{"changed": false, "path": "$DIR/f", "state": "file", "size": 3, "mode": "0600"}},
		{Name: "mode through a link", Files: tree(), Args: []any{"path", "$DIR/l", "mode", "0640"}, Plan: change, After: map[string]string{"f": "0640:hi\n", "l": "-> f"}},
		{Name: "symbolic mode", Files: tree(), Args: []any{"path", "$DIR/f", "mode", "u+x,g-r"}, Plan: change, Want: map[string]any{"mode": "0700"}},
		{Name: "missing", Args: []any{"path", "$DIR/f"}, Fails: "file ($DIR/f) is absent, cannot continue", Want: map[string]any{"state": "absent", "path": "$DIR/f"}},
		{Name: "a directory", Files: tree(), Args: []any{"path", "$DIR/d", "state", "file"}, Fails: "file ($DIR/d) is directory, cannot continue"},
		{Name: "a mode for a directory", Files: tree(), Args: []any{"path", "$DIR/d", "mode", "0700"}, Plan: change, After: map[string]string{"d/": "0700:"}},
		{Name: "bad mode", Files: tree(), Args: []any{"path", "$DIR/f", "mode", "u+k"}, Fails: "mode must be in octal or symbolic form"},
		{Name: "src without a link", Files: tree(), Args: []any{"path", "$DIR/f", "src", "x"}, Fails: "src option requires state to be 'link' or 'hard'"},

		{Name: "remove a file", Files: tree(), Args: []any{"path", "$DIR/f", "state", "absent"}, Plan: change, After: map[string]string{"f!": ""},
			Want: map[string]any{"changed": true, "path": "$DIR/f", "state": "absent"}},
		{Name: "remove a directory", Files: map[string]string{"d/a b": "", "d/e/": ""}, Args: []any{"path", "$DIR/d", "state", "absent"}, Plan: change, After: map[string]string{"d!": ""},
			Diff: &module.Diff{Before: "{\n    \"path\": \"$DIR/d\",\n    \"path_content\": {\n        \"directories\": [\n            \"$DIR/d/e\"\n        ],\n        \"files\": [\n            \"$DIR/d/a b\"\n        ]\n    },\n    \"state\": \"directory\"\n}\n",
				After: "{\n    \"path\": \"$DIR/d\",\n    \"state\": \"absent\"\n}\n"}},
		{Name: "remove a link only", Files: tree(), Args: []any{"path", "$DIR/ld", "state", "absent"}, Plan: change, After: map[string]string{"ld!": "", "d/a": "x"}},
		{Name: "remove a broken link", Files: tree(), Args: []any{"path", "$DIR/broken", "state", "absent"}, Plan: change, After: map[string]string{"broken!": ""}},
		{Name: "gone already", Args: []any{"path", "$DIR/f", "state", "absent"}, Want: map[string]any{"changed": false, "state": "absent"}},
		{Name: "not the root", Args: []any{"path", "//", "state", "absent"}, Fails: "refusing to remove"},
	})
}

func TestFileLinks(t *testing.T) {
	change := module.KindChange
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "new", Files: tree(), Args: []any{"src", "f", "dest", "$DIR/n", "state", "link"}, Plan: change, After: map[string]string{"n": "-> f"},
			Want: map[string]any{"dest": "$DIR/n", "src": "f", "state": "link", "changed": true}},
		{Name: "there", Files: tree(), Args: []any{"src", "f", "dest", "$DIR/l", "state", "link"}, Want: map[string]any{"changed": false, "src": "f", "dest": "$DIR/l"}},
		{Name: "elsewhere", Files: tree(), Args: []any{"src", "d", "dest", "$DIR/l", "state", "link"}, Plan: change, After: map[string]string{"l": "-> d"},
			Diff: &module.Diff{Before: "{\n    \"path\": \"$DIR/l\",\n    \"src\": \"f\"\n}\n", After: "{\n    \"path\": \"$DIR/l\",\n    \"src\": \"d\"\n}\n"}},
		{Name: "a link to a directory is replaced, not entered", Files: tree(), Args: []any{"src", "f", "dest", "$DIR/ld", "state", "link"}, Plan: change, After: map[string]string{"ld": "-> f", "d/a": "x"}},
		{Name: "missing target", Files: tree(), Args: []any{"src", "zip", "dest", "$DIR/n", "state", "link"}, Fails: "src file does not exist, use 'force=yes' if you really want to create the link: $DIR/zip"},
		{Name: "missing target forced", Files: tree(), Args: []any{"src", "zip", "dest", "$DIR/n", "state", "link", "force", true}, Plan: change, After: map[string]string{"n": "-> zip"}},
		{Name: "over a file", Files: tree(), Args: []any{"src", "d", "dest", "$DIR/f", "state", "link"}, Fails: "refusing to convert from file to symlink for $DIR/f"},
		{Name: "over a file forced", Files: tree(), Args: []any{"src", "d", "dest", "$DIR/f", "state", "link", "force", true}, Plan: change, After: map[string]string{"f": "-> d"}},
		{Name: "over a directory", Files: tree(), Args: []any{"src", "/", "dest", "$DIR/d", "state", "link"}, Fails: "refusing to convert from directory to symlink for $DIR/d"},
		{Name: "over a full directory", Files: tree(), Args: []any{"src", "/", "dest", "$DIR/d", "state", "link", "force", true}, Fails: "the directory $DIR/d is not empty"},
		{Name: "over an empty directory", Files: tree(), Args: []any{"src", "/", "dest", "$DIR/empty", "state", "link", "force", true}, Plan: change, After: map[string]string{"empty": "-> /"}},
		{Name: "mode of the target", Files: tree(), Args: []any{"src", "f", "dest", "$DIR/l", "state", "link", "mode", "0640"}, Plan: change, After: map[string]string{"f": "0640:hi\n"},
			Want: map[string]any{"state": "link", "src": "f", "dest": "$DIR/l"}},
		{Name: "mode of the target of a new link", Files: tree(), Args: []any{"src", "f", "dest", "$DIR/n", "state", "link", "mode", "0640"}, Plan: change,
			After: map[string]string{"f": "0640:hi\n", "n": "-> f"}, Want: map[string]any{"state": "link", "mode": "0777"}},
		{Name: "mode of the target, not followed", Files: tree(), Args: []any{"src", "f", "dest", "$DIR/n", "state", "link", "mode", "0640", "follow", false}, Plan: change,
			After: map[string]string{"f": "0600:hi\n", "n": "-> f"}},
		{Name: "no source", Args: []any{"dest", "$DIR/n", "state", "link"}, Fails: "src is required for creating new symlinks"},
		{Name: "hard", Files: tree(), Args: []any{"src", "$DIR/f", "dest", "$DIR/h", "state", "hard"}, Plan: change, After: map[string]string{"h": "0600:hi\n"},
			Want: map[string]any{"state": "hard", "src": "$DIR/f", "dest": "$DIR/h"}},
		{Name: "hard without a target", Args: []any{"src", "$DIR/f", "dest", "$DIR/h", "state", "hard"}, Fails: "src does not exist"},
		{Name: "hard over a file", Files: tree(), Args: []any{"src", "$DIR/f", "dest", "$DIR/d/a", "state", "hard"}, Fails: "Cannot link, file exists at destination"},
	})
}

func TestFileTouch(t *testing.T) {
	change := module.KindChange
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "new", Args: []any{"path", "$DIR/n", "state", "touch", "mode", "0600"}, Plan: change, Repeats: "now moves on", After: map[string]string{"n": "0600:"},
			Want: map[string]any{"dest": "$DIR/n", "state": "file", "size": 0, "changed": true}},
		{Name: "again", Files: tree(), Args: []any{"path", "$DIR/f", "state", "touch"}, Plan: change, Repeats: "now moves on", After: map[string]string{"f": "0600:hi\n"}},
		{Name: "times kept", Files: tree(), Args: []any{"path", "$DIR/f", "state", "touch", "access_time", "preserve", "modification_time", "preserve"}, Want: map[string]any{"changed": false}},
		{Name: "times kept of a new one", Args: []any{"path", "$DIR/n", "state", "touch", "access_time", "preserve", "modification_time", "preserve"}, Plan: change, After: map[string]string{"n": ""}},
		{Name: "a given time", Files: tree(), Args: []any{"path", "$DIR/f", "state", "touch", "access_time", "preserve", "modification_time", "202001010000.00"}, Plan: change},
		{Name: "another form", Files: tree(), Args: []any{"path", "$DIR/f", "modification_time", "2020-01-02 03:04", "modification_time_format", "%Y-%m-%d %H:%M"}, Plan: change},
		{Name: "not a time", Files: tree(), Args: []any{"path", "$DIR/f", "modification_time", "noon"}, Fails: "modification_time: the time noon does not have the form"},
		{Name: "unknown form", Files: tree(), Args: []any{"path", "$DIR/f", "modification_time", "noon", "modification_time_format", "%Q"}, Fails: "%Q"},
	})
}

func TestStat(t *testing.T) {
	moduletest.Run(t, Stat, []moduletest.Case{
		{Name: "missing", Args: []any{"path", "$DIR/n"}, Want: map[string]any{"changed": false, "stat": value.NewMap("exists", false)}},
		{Name: "file", Files: map[string]string{"f": "0640:a\n"}, Args: []any{"path", "$DIR/f"}, Want: map[string]any{"stat.exists": true, "stat.path": "$DIR/f", "stat.mode": "0640",
			"stat.isreg": true, "stat.isdir": false, "stat.islnk": false, "stat.size": 2, "stat.nlink": 1, "stat.checksum": sha1OfA, "stat.rusr": true, "stat.wusr": true,
			"stat.xusr": false, "stat.rgrp": true, "stat.wgrp": false, "stat.roth": false, "stat.isuid": false, "stat.readable": true, "stat.executable": false, "stat.lnk_target": nil}},
		{Name: "sha256", Files: map[string]string{"f": "a\n"}, Args: []any{"path", "$DIR/f", "checksum_algorithm", "sha256"},
			Want: map[string]any{"stat.checksum": "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"}},
		{Name: "nothing asked", Files: map[string]string{"f": "a\n"}, Args: []any{"path", "$DIR/f", "get_checksum", false, "mime", false, "get_attributes", false},
			Want: map[string]any{"stat.checksum": nil, "stat.mimetype": nil, "stat.attributes": nil, "stat.version": nil}},
		{Name: "directory", Files: tree(), Args: []any{"path", "$DIR/d"}, Want: map[string]any{"stat.isdir": true, "stat.mode": "0755", "stat.checksum": nil}},
		{Name: "link", Files: tree(), Args: []any{"path", "$DIR/l"}, Want: map[string]any{"stat.islnk": true, "stat.lnk_target": "f", "stat.lnk_source": "$DIR/f", "stat.checksum": nil}},
		{Name: "link followed", Files: tree(), Args: []any{"path", "$DIR/l", "follow", true}, Want: map[string]any{"stat.islnk": false, "stat.isreg": true, "stat.size": 3}},
		{Name: "broken link", Files: tree(), Args: []any{"path", "$DIR/broken"}, Want: map[string]any{"stat.exists": true, "stat.islnk": true, "stat.lnk_target": "nowhere"}},
		{Name: "broken link followed", Files: tree(), Args: []any{"path", "$DIR/broken", "follow", true}, Want: map[string]any{"stat.exists": false}},
		{Name: "file and lsattr", Files: map[string]string{"f": "a\n"}, Args: []any{"path", "$DIR/f"}, Set: func(h *moduletest.Host) {
			h.Command(t, "file", `for p; do :; done; echo "$p: text/plain; charset=us-ascii"`)
			h.Command(t, "lsattr", `for p; do :; done; echo "1234 ----i---------e------- $p"`)
		}, Want: map[string]any{"stat.mimetype": "text/plain", "stat.charset": "us-ascii", "stat.version": "1234", "stat.attr_flags": "ie", "stat.attributes": []any{"immutable", "extents"}}},
		{Name: "neither file nor lsattr", Files: map[string]string{"f": "a\n"}, Args: []any{"path", "$DIR/f"}, Set: func(h *moduletest.Host) {
			h.Command(t, "file", "exit 127")
			h.Command(t, "lsattr", "exit 127")
		}, Want: map[string]any{"stat.mimetype": "unknown", "stat.charset": "unknown", "stat.attr_flags": "", "stat.attributes": []any{}}},
	})
}

func TestStatOfDifferentTypes(t *testing.T) {
	for _, c := range []struct{ path, key string }{{"/dev/null", "ischr"}, {"/", "isdir"}} {
		h := moduletest.NewHost(t)
		p, err := Stat.Plan(context.Background(), h.View(), value.NewMap("path", c.path))
		if err != nil {
			t.Fatal(err)
		}
		if s := p.Result().Data.Value("stat").(*value.Map); s.Value(c.key) != true || s.Value("pw_name") != "root" {
			t.Errorf("%s: %s", c.path, value.Repr(s))
		}
	}
}

func TestTimesAreSet(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"f": ""})
	ctx, at := context.Background(), filepath.Join(h.Dir, "f")
	p, err := File.Plan(ctx, h.View(), value.NewMap("path", at, "state", "touch", "access_time", "202001020304.05", "modification_time", "202106070809.10"))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := p.Apply()(ctx, h); err != nil || r.Failed {
		t.Fatalf("%+v, %v", r, err)
	}
	s, err := look(ctx, h.View(), question{path: at})
	if err != nil {
		t.Fatal(err)
	}
	if a, m := s.here.atime+float64(s.here.zone), s.here.mtime+float64(s.here.zone); a != 1577934245 || m != 1623053350 {
		t.Errorf("times are %v and %v", a, m)
	}
}
