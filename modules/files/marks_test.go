package files

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

// flagged gives a host chattr and lsattr that keep a file's flags in F.flags beside it; +i and the like add nothing to others here.
func flagged(h *moduletest.Host, t *testing.T) {
	h.Command(t, "lsattr", `[ "$1" = -d ] && printf -- '----%s---- %s\n' "$(cat "$2.flags" 2>/dev/null)" "$2"`)
	h.Command(t, "chattr", `case $1 in *Z*) echo "chattr: no flag Z" >&2; exit 1 ;; -*) rm -f "$2.flags" ;; *) echo "${1#?}" >"$2.flags" ;; esac`)
}

// labelled gives a host SELinux, whose labels stand in F.label beside a file.
func labelled(h *moduletest.Host, t *testing.T) {
	h.Command(t, "selinuxenabled", "exit 0")
	h.Command(t, "matchpathcon", `[ "$1" = -n ] && echo system_u:object_r:etc_t:s0`)
	h.Command(t, "stat", `PATH=/usr/bin:/bin
[ "$1 $2" = "-c %C" ] && { cat "$3.label" 2>/dev/null || echo user_u:object_r:tmp_t:s0:c1; exit; }
exec stat "$@"`)
	h.Command(t, "chcon", `p=$4
has=$(cat "$p.label" 2>/dev/null || echo user_u:object_r:tmp_t:s0:c1)
IFS=: ; set -- "$2" "$3" $has
u=$3 r=$4 t=$5 l=$6
case $1 in -u) u=$2 ;; -r) r=$2 ;; -t) t=$2 ;; -l) l=$2 ;; esac
case $t in bad_t) echo "chcon: invalid context" >&2; exit 1 ;; esac
echo "$u:$r:$t:$l" >"$p.label"`)
}

func TestFlags(t *testing.T) {
	set := func(h *moduletest.Host) { flagged(h, t) }
	with := func(more ...any) []any { return append([]any{"dest", "$DIR/f", "content", "x"}, more...) }
	there := map[string]string{"f": "x", "f.flags": "i\n"}
	moduletest.Run(t, Copy, []moduletest.Case{
		{Name: "of a new file", Set: set, Trips: 2, Plan: module.KindChange, Args: with("attributes", "+i"), After: map[string]string{"f": "x", "f.flags": "i\n"}},
		{Name: "of a file that is right else", Set: set, Trips: 2, Plan: module.KindChange, Files: map[string]string{"f": "x"}, Args: with("attr", "i"), After: there,
			Want: map[string]any{"dest": "$DIR/f"}},
		{Name: "that are there", Set: set, Trips: 2, Files: there, Args: with("attributes", "+i")},
		{Name: "taken away", Set: set, Trips: 2, Plan: module.KindChange, Repeats: "Ansible takes away what may not be there", Files: there, Args: with("attributes", "-i"),
			After: map[string]string{"f.flags!": ""}},
		{Name: "that chattr does not know", Set: set, Trips: 2, Plan: module.KindChange, Files: there, Args: with("attributes", "+Z"), Fails: "chattr failed: chattr: no flag Z"},
		{Name: "of a tree", Trips: -1, Set: func(h *moduletest.Host) { h.Control.Add("files/d/a", "x") }, Args: []any{"src", "d", "dest", "$DIR", "attributes", "+i"}, Fails: "not supported for a directory"},
	})
	moduletest.Run(t, LineInFile, []moduletest.Case{
		{Name: "of an edited file", Set: set, Trips: 2, Plan: module.KindChange, Files: map[string]string{"f": "a\n"}, Args: []any{"path", "$DIR/f", "line", "b", "attributes", "+a"},
			After: map[string]string{"f": "a\nb\n", "f.flags": "a\n"}},
		{Name: "of nothing", Set: set, Trips: 2, Args: []any{"path", "$DIR/f", "line", "b", "state", "absent", "attributes", "+a"}, After: map[string]string{"f!": ""}},
	})
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "recursing", Trips: -1, Files: map[string]string{"d/": ""}, Args: []any{"path", "$DIR/d", "state", "directory", "recurse", true, "attr", "+i"}, Fails: "not supported for recurse"},
		{Name: "of what is removed", Set: set, Plan: module.KindChange, Files: map[string]string{"f": ""}, Args: []any{"path", "$DIR/f", "state", "absent", "attr", "+i"},
			After: map[string]string{"f!": "", "f.flags!": ""}},
	})
}

func TestLabels(t *testing.T) {
	set := func(h *moduletest.Host) { labelled(h, t) }
	moduletest.Run(t, File, []moduletest.Case{
		{Name: "part by part", Set: set, Trips: 2, Plan: module.KindChange, Files: map[string]string{"f": ""}, Args: []any{"path", "$DIR/f", "seuser", "system_u", "setype", "_default", "selevel", "s0"},
			After: map[string]string{"f.label": "system_u:object_r:etc_t:s0\n"}},
		{Name: "that is there", Set: set, Trips: 2, Files: map[string]string{"f": "", "f.label": "a_u:b_r:c_t:s0:c1,c2\n"},
			Args: []any{"path", "$DIR/f", "seuser", "a_u", "serole", "b_r", "setype", "c_t", "selevel", "s0:c1,c2"}},
		{Name: "that the policy has not", Set: set, Trips: 2, Plan: module.KindChange, Files: map[string]string{"f": ""}, Args: []any{"path", "$DIR/f", "setype", "bad_t"}, Fails: "set selinux context failed: "},
		{Name: "without SELinux", Trips: 2, Files: map[string]string{"f": ""}, Args: []any{"path", "$DIR/f", "setype", "x_t"}},
	})
}
