package program

import (
	"strings"
	"sync"
	"testing"
)

// The order was asked of ansible-core 2.19: a dynamic include in a role looks in the role's tasks first, a static one beside its file.
func TestWhereIncludedFilesAreLookedFor(t *testing.T) {
	named := func(s string) string { return "- {name: " + s + ", debug: {msg: x}}\n" }
	c, p := sound(t, map[string]string{
		"playbook.yml":                "- hosts: all\n  tasks:\n  - {name: outside, include_tasks: sub/a.yml}\n  roles: [r]\n",
		"sub/a.yml":                   "- {name: nested, include_tasks: b.yml}\n- import_tasks: c.yml\n",
		"sub/b.yml":                   named("sub/b"),
		"b.yml":                       named("b"),
		"sub/c.yml":                   named("sub/c"),
		"c.yml":                       named("c"),
		"top.yml":                     named("top"),
		"roles/r/tasks/main.yml":      "- {name: inside, include_tasks: deep/a.yml}\n",
		"roles/r/tasks/deep/a.yml":    "- {name: dyn, include_tasks: b.yml}\n- import_tasks: c.yml\n- {name: dyn2, include_tasks: root.yml}\n- {name: dyn3, include_tasks: top.yml}\n- {name: dyn4, include_tasks: only.yml}\n",
		"roles/r/tasks/deep/b.yml":    named("deep/b"),
		"roles/r/tasks/deep/c.yml":    named("deep/c"),
		"roles/r/tasks/deep/only.yml": named("deep/only"),
		"roles/r/tasks/b.yml":         named("tasks/b"),
		"roles/r/tasks/c.yml":         named("tasks/c"),
		"roles/r/root.yml":            named("root"),
	})
	tasks := tasksOf(p.Playbooks[0].Plays[0].Blocks)
	include := func(from map[string]*Task, name, file string) map[string]*Task {
		t.Helper()
		blocks, ds := c.IncludeTasks(from[name], file)
		if err := ds.Err(); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		return tasksOf(blocks)
	}
	out := include(tasks, "outside", "sub/a.yml")
	in := include(tasks, "r : inside", "deep/a.yml")
	for _, c := range []struct {
		got  map[string]*Task
		want string
	}{
		{out, "sub/c"}, {include(out, "nested", "b.yml"), "sub/b"}, {in, "r : deep/c"}, {include(in, "r : dyn", "b.yml"), "r : tasks/b"},
		{include(in, "r : dyn2", "root.yml"), "r : root"}, {include(in, "r : dyn3", "top.yml"), "r : top"}, {include(in, "r : dyn4", "only.yml"), "r : deep/only"},
	} {
		if c.got[c.want] == nil {
			t.Errorf("no task %q was found", c.want)
		}
	}
}

func TestIncludeRole(t *testing.T) {
	c, p := sound(t, map[string]string{
		"playbook.yml":                  "- hosts: all\n  tasks: [{name: i, include_role: {name: r}, vars: {v: 1}, when: own}]\n",
		"roles/r/tasks/main.yml":        "- {name: t, debug: {msg: x}}\n- import_role: {name: other}\n",
		"roles/r/tasks/alt.yml":         "- {name: alt, debug: {msg: x}}\n",
		"roles/r/defaults/main/a.yml":   "a: 1\n",
		"roles/r/defaults/main/b.yml":   "b: 2\n",
		"roles/r/vars/main.yaml":        "{v: role}\n",
		"roles/r/vars/linux.yml":        "{v: linux}\n",
		"roles/r/handlers/main.yml":     "- {name: rh, debug: {msg: x}}\n",
		"roles/r/meta/main.yml":         "dependencies: [{role: dep, p: 1}]\n",
		"roles/dep/tasks/main.yml":      "- {name: dt, debug: {msg: x}}\n",
		"roles/dep/handlers/main.yml":   "- {name: dh, debug: {msg: x}}\n",
		"roles/other/handlers/main.yml": "- {name: oh, debug: {msg: x}}\n",
	})
	task := tasksOf(p.Playbooks[0].Plays[0].Blocks)["i"]
	role, blocks, ds := c.IncludeRole(task, "r", RoleFrom{AllowDuplicates: true})
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	tasks := tasksOf(blocks)
	in, dep := tasks["r : t"], tasks["dep : dt"]
	if len(in.When) != 0 || spell(in.Params[0]) != "{'v':1}" {
		t.Errorf("when %s, params %v", spell(in.When), in.Params)
	}
	if got := spell(role.Defaults) + spell(role.Vars) + spell(dep.Role.Params); got != "{'a':1,'b':2}{'v':'role'}{'p':1}" {
		t.Errorf("variables %s", got)
	}
	if len(dep.Role.Parents) != 1 || dep.Role.Parents[0].Name != "r" || !role.AllowDuplicates || role.Public {
		t.Errorf("parents %v, duplicates %v, public %v", dep.Role.Parents, role.AllowDuplicates, role.Public)
	}
	var handlers []string
	each(asNodes(role.Handlers), func(h *Task) { handlers = append(handlers, title(h)) })
	if got := strings.Join(handlers, ", "); got != "dep : dh, r : rh, other : oh" {
		t.Errorf("handlers %s", got)
	}
	role, blocks, ds = c.IncludeRole(task, "r", RoleFrom{Tasks: "alt", Vars: "linux.yml"})
	if ds.HasErrors() || tasksOf(blocks)["r : alt"] == nil || spell(role.Vars) != "{'v':'linux'}" {
		t.Errorf("with files from: %v", ds)
	}
}

func TestIncludesThatFailSayWhy(t *testing.T) {
	c, p := sound(t, map[string]string{
		"playbook.yml": "- hosts: all\n  tasks: [{name: i, include_tasks: '{{ f }}'}, {name: r, include_role: {name: '{{ n }}'}}]\n",
		"bad.yml":      "- nosuchmodule: {}\n",
	})
	tasks := tasksOf(p.Playbooks[0].Plays[0].Blocks)
	for range 2 { // a file that was read before still has its mistakes
		if _, ds := c.IncludeTasks(tasks["i"], "bad.yml"); !strings.Contains(ds.Err().Error(), "bad.yml:1:3: there is no module") {
			t.Errorf("got %v", ds)
		}
	}
	if _, ds := c.IncludeTasks(tasks["i"], "nosuch.yml"); len(ds) != 1 || !ds[0].Missing {
		t.Errorf("got %v", ds)
	}
	if _, _, ds := c.IncludeRole(tasks["r"], "nosuch", RoleFrom{}); len(ds) != 1 || !ds[0].Missing {
		t.Errorf("got %v", ds)
	}
}

func TestIncludesFromManyWorkers(t *testing.T) {
	c, p := sound(t, map[string]string{
		"playbook.yml": "- hosts: all\n  tasks: [{name: i, include_tasks: t.yml}]\n",
		"t.yml":        "- {name: t, debug: {msg: '{{ x }}'}}\n",
	})
	task := tasksOf(p.Playbooks[0].Plays[0].Blocks)["i"]
	var wg sync.WaitGroup
	ids := make([]string, 50)
	for i := range ids {
		wg.Go(func() {
			blocks, _ := c.IncludeTasks(task, "t.yml")
			ids[i] = tasksOf(blocks)["t"].ID
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	if len(seen) != len(ids) {
		t.Errorf("%d different IDs of %d", len(seen), len(ids))
	}
}
