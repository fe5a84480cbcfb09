package tools

import (
	"slices"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestRequirements(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  []string
	}{
		{[]string{"django>1.11.1", "<1.11.3", "ipaddress", "simpleproject>1.1.0", "<2.0.0"}, []string{"django<1.11.3,>1.11.1", "ipaddress", "simpleproject<2.0.0,>1.1.0"}},
		{[]string{"django>1.11.1,<1.11.3,ipaddress"}, []string{"django<1.11.3,>1.11.1", "ipaddress"}},
		{[]string{"x[a,b] == 1.0"}, []string{"x[a,b]==1.0"}},
		{[]string{"git+https://h/x@v1#egg=y"}, []string{"git+https://h/x@v1#egg=y"}},
		{[]string{"./path/x.whl"}, []string{"./path/x.whl"}},
	} {
		var got []string
		for _, n := range joinNames(c.names) {
			got = append(got, parseRequirement(n).String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q is %q, want %q", c.names, got, c.want)
		}
	}
}

// What allows which is the answer of pip's own packaging.
func TestVersionsAllowed(t *testing.T) {
	for _, c := range []struct {
		spec, version string
		want          bool
	}{
		{"x", "1", true}, {"x==1.0", "1", true}, {"x==1.0", "1.0.1", false}, {"x==1.*", "1.9", true}, {"x!=1.*", "1.9", false},
		{"x>=1,<2", "1.5", true}, {"x>=1,<2", "2.0", false}, {"x~=1.4.2", "1.4.9", true}, {"x~=1.4.2", "1.5", false}, {"x~=1.4", "1.9", true},
		{"x<2", "2.0rc1", false}, {"x<2", "2.0.dev1", false}, {"x<2rc2", "2.0rc1", true}, {"x>1.0", "1.0.post1", false}, {"x>1.0.post1", "1.0.post2", true},
		{"x==1.0+a", "1.0+b", false}, {"x==1.0+a", "1.0+a", true}, {"x!=1.0+a", "1.0+b", true}, {"x<=1.0", "1.0+b", true}, {"x>1.0", "1.0+b", false},
		{"x==1.0.*", "1", true}, {"x==1!1.*", "1.2", false}, {"x!=1!1.*", "1.2", true}, {"x~=1.4", "1!1.5", false}, {"x~=2.2rc1", "2.3", true}, {"x>=1.0", "1.0.dev3", false}, {"x<1!1.0", "9", true}, {"x===1.0", "1.0.0", false},
		{"x>=10", "9.9", false}, {"x==1.0", "1.0+local", true},
	} {
		if got := parseRequirement(c.spec).allows(c.version); got != c.want {
			t.Errorf("%s allows %s: %v", c.spec, c.version, got)
		}
	}
}

// fakePip lists pip and tidy; it installs and removes with a word.
const fakePip = `case "$*" in
"list --format=freeze") printf 'pip==25.1\nMy_Tidy==1.2\n' ;;
"install nosuch") echo "ERROR: No matching distribution found for nosuch" >&2; exit 1 ;;
"install "*) echo "Successfully installed $2"; echo "PIP_BREAK=${PIP_BREAK_SYSTEM_PACKAGES-}" ;;
"uninstall -y my-tidy") echo "Successfully uninstalled My_Tidy-1.2" ;;
*) echo "unknown: $*" >&2; exit 64 ;;
esac`

func TestPip(t *testing.T) {
	pip := func(h *moduletest.Host) { h.Command(t, "pip9", fakePip) }
	moduletest.Run(t, Pip, []moduletest.Case{
		{Name: "there", Set: pip, Args: []any{"name", []any{"my.tidy>=1"}, "executable", "pip9"}, Want: map[string]any{"changed": false, "state": "present"}},
		{Name: "too old", Set: pip, Plan: module.KindChange, Repeats: "the double installs nothing",
			Args: []any{"name", "my-tidy", "version", "2.0", "executable", "pip9", "break_system_packages", true},
			Want: map[string]any{"changed": true, "cmd": []any{"$DIR/.bin/pip9", "install", "my-tidy==2.0"}, "stdout": "Successfully installed my-tidy==2.0\nPIP_BREAK=1\n"}},
		{Name: "refused", Set: pip, Plan: module.KindChange, Args: []any{"name", "nosuch", "executable", "pip9"},
			Fails: "\n:stderr: ERROR: No matching distribution found for nosuch"},
		{Name: "absent", Set: pip, Plan: module.KindChange, Repeats: "the double removes nothing",
			Args: []any{"name", "my-tidy", "state", "absent", "executable", "pip9"}, Want: map[string]any{"changed": true}},
		{Name: "absent already", Set: pip, Args: []any{"name", "other", "state", "absent", "executable", "pip9"}, Want: map[string]any{"changed": false}},
		{Name: "no pip", Args: []any{"name", "x", "executable", "pip9"}, Fails: "Unable to find any of pip9 to use.  pip needs to be installed."},
		{Name: "ambiguous", Args: []any{"name", []any{"a", "b"}, "version", "1"}, Fails: "'version' argument is ambiguous"},
		{Name: "conflict", Args: []any{"name", "a>1", "version", "1"}, Fails: "The 'version' argument conflicts"},
		{Name: "blank version", Set: pip, Args: []any{"name", "pip", "version", " ", "executable", "pip9"}, Want: map[string]any{"changed": false}},
		{Name: "open quote", Args: []any{"name", "a", "extra_args", "--index-url 'x"}, Trips: -1, Fails: "extra_args: "},
		{Name: "nothing", Args: []any{"state", "present"}, Fails: "one of the following is required: name, requirements"},
	})
}
