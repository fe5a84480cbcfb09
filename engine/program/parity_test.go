package program

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

const parity = "../../testdata/parity/cases"

// permissive has every module that the recorded cases use; each takes any argument.
func permissive() *module.Registry {
	var ms []module.Module
	for _, name := range strings.Fields(`add_host apt assemble gather_facts assert async_status blockinfile command copy debug fail fetch file find group_by
		include_vars lineinfile pause ping raw replace script service set_fact setup shell slurp stat tempfile template validate_argument_spec wait_for`) {
		ms = append(ms, stub[noArgs](module.Spec{Name: "ansible.builtin." + name, AnyArgs: true, FreeForm: "_raw_params"}))
	}
	return module.NewRegistry(ms...)
}

// What Ansible finds out only while it runs, Drydock refuses before.
var refused = map[string]string{
	"108-badorder":  `order "nonsense" is not supported`,
	"63-strategies": `strategy "nosuch" is not supported`,
}

func TestRecordedPlaybooksCompile(t *testing.T) {
	dirs, err := filepath.Glob(parity + "/*")
	if err != nil || len(dirs) < 30 {
		t.Fatalf("%d cases, %v", len(dirs), err)
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		if len(name) > 2 && name[2] != '-' || strings.Contains(name, "vault") || strings.Contains(name, "own-modules") {
			// those with three digits hold mistakes that only a task finds; others need a password or modules of their own, which the
			// compiler alone does not have
			continue // cmd/drydock runs them
		}
		_, ds := compilerAt(t, dir, permissive()).Compile([]string{"playbook.yml"})
		why, isRefused := refused[name]
		switch err := ds.Err(); {
		case isRefused && (err == nil || !strings.Contains(err.Error(), why)):
			t.Errorf("%s: want %q, got %v", name, why, err)
		case !isRefused && err != nil:
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Ansible ends with 1 when a file or role is not there, with 4 when it cannot understand what is.
func TestMissingIsToldFromWrong(t *testing.T) {
	dir := filepath.Join(parity, "31-exit-codes")
	for _, name := range []string{"badimport", "badkey", "badmodule", "badplaykey", "badrole", "badyaml", "empty", "missing", "notalist", "unquoted"} {
		rc, err := os.ReadFile(filepath.Join(dir, "expected", name+".rc"))
		if err != nil {
			t.Fatal(err)
		}
		_, ds := compilerAt(t, dir, permissive()).Compile([]string{map[bool]string{true: "nosuch.yml", false: name + ".yml"}[name == "missing"]})
		if name == "badmodule" {
			_, ds = compilerAt(t, dir, small()).Compile([]string{"badmodule.yml"})
		}
		if !ds.HasErrors() || ds[0].Missing != (strings.TrimSpace(string(rc)) == "1") {
			t.Errorf("%s: Ansible ends with %s, this is %+v", name, rc, ds)
		}
	}
}

// The tags of every task are those that Ansible lists.
func TestTagsAreHandedDownAsAnsibleDoes(t *testing.T) {
	dir := filepath.Join(parity, "11-tags-include-import")
	want, err := os.ReadFile(filepath.Join(dir, "expected/listtasks.stdout"))
	if err != nil {
		t.Fatal(err)
	}
	p, ds := compilerAt(t, dir, permissive()).Compile([]string{"playbook.yml"})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nplaybook: playbook.yml\n")
	for i, play := range p.Playbooks[0].Plays {
		fmt.Fprintf(&b, "\n  play #%d (%s): %s\tTAGS: [%s]\n    tasks:\n", i+1, play.Hosts, play.Hosts, tagList(play.Tags))
		listed(asNodes(play.Blocks), func(task *Task) {
			if tags := texts(task.Tags); !task.Implicit && Selected(tags, nil, nil) {
				fmt.Fprintf(&b, "      %s\tTAGS: [%s]\n", title(task), tagList(task.Tags))
			}
		})
	}
	if got := strings.TrimSpace(b.String()); got != strings.TrimSpace(string(want)) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// listed calls f with the tasks that --list-tasks lists: not those of rescue and always.
func listed(nodes []Node, f func(*Task)) {
	for _, n := range nodes {
		switch x := n.(type) {
		case *Task:
			f(x)
		case *Block:
			listed(x.Tasks, f)
		}
	}
}

func tagList(tags []any) string {
	s := texts(tags)
	slices.Sort(s)
	return strings.Join(s, ", ")
}

func title(t *Task) string {
	name := t.Action
	switch x := t.Name.(type) {
	case string:
		name = x
	case *jinja.Template:
		name = x.Text()
	}
	if t.Role != nil {
		name = t.Role.Name + " : " + name
	}
	return name
}

// The tasks of roles with dependencies come in the order in which Ansible ran them, and uses that it ran once have one key.
func TestRolesComeInOrder(t *testing.T) {
	p, ds := compilerAt(t, filepath.Join(parity, "33-role-deps"), permissive()).Compile([]string{"playbook.yml"})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	play := p.Playbooks[0].Plays[0]
	var order, dups []string
	keys := map[string]int{}
	for _, r := range play.Roles {
		order = append(order, r.Name)
		keys[r.Key]++
		if r.AllowDuplicates {
			dups = append(dups, r.Name)
		}
	}
	// c and d before a; for each b its own c and d; the import of c last
	want := "c d a c d b c d b c d b c d b c d a dup dup c"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := strings.Join(dups, " "); got != "dup dup c" {
		t.Errorf("duplicates are allowed for %q", got)
	}
	// c alone, c of b under a condition, d of a, d of b, a, dup, and b: bare, x=2, vars x=3
	if len(keys) != 9 {
		t.Errorf("%d different uses: %s", len(keys), value.Repr(value.From(keysOf(keys))))
	}
}

func keysOf(m map[string]int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
