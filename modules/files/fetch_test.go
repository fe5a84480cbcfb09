package files

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestFetch(t *testing.T) {
	opaque := module.KindOpaque
	file := map[string]string{"f": "a\n", "d/": ""}
	brings := func(at string) func(*moduletest.Host) {
		return func(h *moduletest.Host) {
			h.Control.Evals["playbook_dir"] = "/play"
			t.Cleanup(func() {
				if at != "" && h.Control.Disk[at] != "a\n" {
					t.Errorf("%s holds %q, want the file; there are %v", at, h.Control.Disk[at], h.Control.Disk)
				}
			})
		}
	}
	moduletest.Run(t, Fetch, []moduletest.Case{
		{Name: "below the host's name", Files: file, Set: func(*moduletest.Host) {}, Args: []any{"src", "$DIR/f", "dest", "/out"}, Plan: opaque,
			Want: map[string]any{"changed": true, "dest": "/out/testhost$DIR/f", "checksum": sha1OfA, "remote_checksum": sha1OfA, "remote_md5sum": nil, "md5sum": "60b725f10c9c85c70d97880dfe8191b3"}},
		{Name: "flat", Files: file, Set: brings("/out/x"), Args: []any{"src", "$DIR/f", "dest", "/out/x", "flat", true}, Plan: opaque, Want: map[string]any{"dest": "/out/x"}},
		{Name: "flat into a directory", Files: file, Set: brings("/play/out/f"), Args: []any{"src", "$DIR/f", "dest", "out/", "flat", true}, Plan: opaque},
		{Name: "from home", Files: file, Set: brings("~/x"), Args: []any{"src", "~/f", "dest", "~/x", "flat", true}, Plan: opaque},
		{Name: "there", Files: file, Set: func(h *moduletest.Host) { h.Control.Disk["/x"] = "a\n" }, Args: []any{"src", "$DIR/f", "dest", "/x", "flat", true},
			Want: map[string]any{"changed": false, "dest": "/x", "file": "$DIR/f", "checksum": sha1OfA}},
		{Name: "another is there", Files: file, Set: func(h *moduletest.Host) { h.Control.Disk["/out"] = "b\n" }, Args: []any{"src", "$DIR/f", "dest", "/out", "flat", true}, Plan: opaque,
			Want: map[string]any{"changed": true}},
		{Name: "missing", Args: []any{"src", "$DIR/f", "dest", "/x", "flat", true}, Fails: "the remote file does not exist, not transferring, ignored"},
		{Name: "missing allowed", Args: []any{"src", "$DIR/f", "dest", "/x", "flat", true, "fail_on_missing", false}, Want: map[string]any{"changed": false, "file": "$DIR/f"}},
		{Name: "directory", Files: file, Args: []any{"src", "$DIR/d", "dest", "/x", "flat", true}, Fails: "fetch cannot work on directories"},
		{Name: "directory that may be missing", Files: file, Args: []any{"src", "$DIR/d", "dest", "/x", "flat", true, "fail_on_missing", false},
			Want: map[string]any{"changed": false, "msg": "remote file is a directory, fetch cannot work on directories, not transferring, ignored"}},
	})
}
