package files

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestLinksOfACopiedTreeStayLinks(t *testing.T) {
	set := func(h *moduletest.Host) {
		h.Control.Add("files/d/a", "x")
		h.Control.Content["files/d/l"] = &fstest.MapFile{Data: []byte("a"), Mode: fs.ModeSymlink | 0o777}
		h.Control.Content["files/d/broken"] = &fstest.MapFile{Data: []byte("/no/such"), Mode: fs.ModeSymlink | 0o777}
	}
	args := []any{"src", "d/", "dest", "$DIR/to", "local_follow", false}
	after := map[string]string{"to/a": "x", "to/l": "-> a", "to/broken": "-> /no/such"}
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "new", Set: set, Plan: module.KindChange, Args: args, After: after},
		{Name: "another link, and a file", Set: set, Plan: module.KindChange, Files: map[string]string{"to/a": "x", "to/l": "-> b", "to/broken": "text"}, Args: args, After: after},
		{Name: "there", Set: set, Files: after, Args: args},
		{Name: "a directory in its place", Set: set, Files: map[string]string{"to/l/": ""}, Args: args, Fails: "refusing to convert from directory to symlink for $DIR/to/l"},
	})
}
