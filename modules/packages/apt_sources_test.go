package packages

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestAptRepository(t *testing.T) {
	set := func(h *moduletest.Host) {
		h.Rooted = true
		h.Command(t, "apt-get", "exit 0")
		h.Command(t, "apt-config", "exit 0")
	}
	moduletest.Run(t, AptRepository, []moduletest.Case{
		{Name: "a new line in a file that is there", Set: set, Files: map[string]string{"etc/apt/sources.list.d/x.list": "0644:deb http://a x\n"},
			Args: []any{"repo", "deb http://b x", "filename", "x", "mode", "0600", "update_cache", false}, Plan: module.KindChange,
			Want: map[string]any{"changed": true}, After: map[string]string{"etc/apt/sources.list.d/x.list": "0600:deb http://a x\ndeb http://b x\n"}},
		{Name: "an old line is made to count", Set: set, Files: map[string]string{"etc/apt/sources.list.d/x.list": "0644:# deb http://a x\n"},
			Args: []any{"repo", "deb http://a x", "mode", "0600", "update_cache", false}, Plan: module.KindChange,
			Want: map[string]any{"changed": true}, After: map[string]string{"etc/apt/sources.list.d/x.list": "0644:deb http://a x\n"}},
		{Name: "one of two files refuses", Set: func(h *moduletest.Host) {
			set(h)
			h.Command(t, "rm", "echo no >&2; exit 1")
		}, Files: map[string]string{"etc/apt/sources.list.d/x.list": "deb http://a x\ndeb http://b x\n", "etc/apt/sources.list.d/y.list": "deb http://a x\n"},
			Args: []any{"repo", "deb http://a x", "state", "absent"}, Plan: module.KindChange, Fails: "no", Repeats: "it failed",
			After: map[string]string{"etc/apt/sources.list.d/x.list": "deb http://a x\ndeb http://b x\n"}},
		{Name: "the index cannot be refreshed", Set: func(h *moduletest.Host) {
			set(h)
			h.Command(t, "apt-get", "echo 'E: no index' >&2; exit 100")
		}, Files: map[string]string{"etc/apt/sources.list.d/x.list": "deb http://a x\n"},
			Args: []any{"repo", "deb http://b x", "filename", "x", "update_cache_retries", 1}, Plan: module.KindChange, Repeats: "it failed",
			Fails: "Failed to update apt cache after 1 retries: E: no index", After: map[string]string{"etc/apt/sources.list.d/x.list": "deb http://a x\n"}},
		{Name: "in letters", Set: set, Args: []any{"repo", "deb http://a x", "mode", "u=rw"}, Fails: "mode must be in octal form: u=rw"},
	})
}
