package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// scouted reads files as a project whose playbook is p.yml, and gives a scout over hosts.
func scouted(t *testing.T, files map[string]string, hosts ...string) *Scout {
	t.Helper()
	w := newTestWorld(t, hosts...)
	dir := t.TempDir()
	for name, text := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree := source.NewTree(dir, source.Disk())
	set := module.Define(module.Spec{Name: "ansible.builtin.set_fact", Doc: "Set.", AnyArgs: true}, func(context.Context, module.View, noArgs) (module.Plan, error) {
		return module.Done(module.Result{}), nil
	})
	down := module.Define(module.Spec{Name: "drydock.core.down", Doc: "Go down.", AnyArgs: true, Disrupts: func(a module.Args) module.Disruption {
		return module.Disruption{Kind: module.Reboot, What: value.Str(a.Value("word"))}
	}}, func(context.Context, module.View, noArgs) (module.Plan, error) { return module.Plan{}, nil })
	w.options.Compiler = program.NewCompiler(program.Options{Tree: tree, Lang: w.options.Lang, Registry: module.NewRegistry(set, down)})
	var mistakes interface{ Err() error }
	w.options.Program, mistakes = compileOf(w.options.Compiler)
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	w.options.Content = tree
	w.options.Connect = w
	s := NewScout(w.options)
	t.Cleanup(s.Close)
	return s
}

func compileOf(c *program.Compiler) (*program.Program, interface{ Err() error }) {
	p, ds := c.Compile([]string{"p.yml"})
	return p, ds
}

// foreseen tells what a scout sees before a host, one line a task.
func foreseen(t *testing.T, s *Scout, host string) string {
	t.Helper()
	legs, err := s.Legs()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range legs {
		found, unread := l.Prospects(host, func(m module.Module) bool { return m.Spec().Disrupts != nil })
		for _, p := range found {
			line := fmt.Sprintf("%s %s sure=%t", p.Ref.Name, p.Disruption.What, p.Sure)
			if len(p.Unknown) > 0 {
				line += " unknown=" + strings.Join(p.Unknown, ",")
			}
			if p.Delegate != "" {
				line += " on " + p.Delegate
			}
			out = append(out, line)
		}
		for _, u := range unread {
			out = append(out, "unread "+u)
		}
	}
	return strings.Join(out, "\n")
}

func TestAScoutTellsWhatIsSureFromWhatTheRunWillFind(t *testing.T) {
	s := scouted(t, map[string]string{
		"p.yml": `
- hosts: all
  vars: {late: "{{ found.changed | default(false) }}", word: bye}
  tasks:
    - {name: always, down: {word: "{{ word }}"}}
    - {name: known not to, down: {word: x}, when: word == 'hello'}
    - {set_fact: {ready: true}, register: found}
    - {name: by a default that must not count, down: {word: x}, when: late}
    - {name: by a fact of the run, down: {word: x}, when: ready | default(false)}
    - {name: by a defined test, down: {word: x}, when: found is defined}
    - {name: half known, down: {word: "{{ word }}", more: "{{ found.x }}"}}
    - {name: both, down: {word: x}, when: [word == 'hello', found.changed]}
    - {name: only asks, down: {word: x}, check_mode: true}
    - {name: tagged never, down: {word: x}, tags: never}
    - {name: each, down: {word: "{{ item }}"}, loop: [a, b]}
    - {name: each of the found, down: {word: "{{ item }}", fix: y}, loop: "{{ found.list }}"}
    - name: group
      when: found.changed
      block:
        - {name: inside, down: {word: x}}
      rescue:
        - {name: in the rescue, down: {word: x}}
      always:
        - {name: at last, down: {word: x}}
    - {name: elsewhere, down: {word: x}, delegate_to: h2}
`}, "h1", "h2")
	want := `always bye sure=true
by a default that must not count x sure=false
by a fact of the run x sure=false
by a defined test x sure=false
half known bye sure=true unknown=more
each a sure=true
each b sure=true
each of the found None sure=true unknown=word
inside x sure=false
at last x sure=false
elsewhere x sure=true on h2`
	if got := foreseen(t, s, "h1"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAScoutReadsWhatIsIncluded(t *testing.T) {
	s := scouted(t, map[string]string{
		"p.yml": `
- hosts: all
  gather_facts: false
  tasks:
    - {include_tasks: "{{ kind }}.yml", vars: {kind: linux}, when: seen.x}
    - {include_role: {name: r}}
    - {include_tasks: "{{ seen.file }}.yml"}
    - {set_fact: {a: b}, register: seen}
`,
		"linux.yml":                 "- {name: from a file, down: {word: x}}\n- {include_tasks: linux.yml, when: seen.again}\n",
		"roles/r/tasks/main.yml":    "- {name: of a role, down: {word: \"{{ role_word }}\"}, notify: handled}\n",
		"roles/r/defaults/main.yml": "role_word: low\n",
		"roles/r/handlers/main.yml": "- {name: handled, down: {word: x}}\n",
	}, "h1")
	got := foreseen(t, s, "h1")
	for _, line := range []string{"from a file x sure=false", "r : of a role low sure=true", "r : handled x sure=false",
		"unread include_tasks (p.yml:7:7): "} {
		if !strings.Contains(got+"\n", line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	if n := strings.Count(got, "from a file"); n > deepest+1 {
		t.Errorf("a file that includes itself is read %d times", n)
	}
}

func TestAScoutUsesFactsOnceTheyAreLearned(t *testing.T) {
	s := scouted(t, map[string]string{"p.yml": `
- hosts: all
  tasks:
    - name: debian
      down: {word: x}
      when: ansible_facts['os_family'] == 'Debian'
`}, "h1")
	if got := foreseen(t, s, "h1"); got != "debian x sure=false" {
		t.Errorf("before: %s", got)
	}
	s.Learn("h1", value.NewMap("os_family", "Debian"))
	if got := foreseen(t, s, "h1"); got != "debian x sure=true" {
		t.Errorf("as Debian: %s", got)
	}
	s.Learn("h1", value.NewMap("os_family", "RedHat"))
	if got := foreseen(t, s, "h1"); got != "" {
		t.Errorf("as RedHat: %s", got)
	}
}

func TestAScoutKeepsTheOrderOfARun(t *testing.T) {
	s := scouted(t, map[string]string{"p.yml": `
- {hosts: "h2:h3", serial: 1, order: reverse_sorted, tasks: [{down: {word: x}}]}
- {hosts: nobody, tasks: [{down: {word: x}}]}
- {hosts: all, serial: [1, 2], tasks: [{down: {word: x}}]}
`}, "h1", "h2", "h3")
	legs, err := s.Legs()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range legs {
		got = append(got, fmt.Sprint(l.Batches))
	}
	if want := "[[h3] [h2]] [[h1] [h2 h3]]"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestWhatAScoutOpensCannotBeChanged(t *testing.T) {
	s := scouted(t, map[string]string{"p.yml": "- {hosts: all, tasks: [{down: {word: x}, check_mode: false}]}\n"}, "h1")
	legs, err := s.Legs()
	if err != nil {
		t.Fatal(err)
	}
	found, _ := legs[0].Prospects("h1", func(module.Module) bool { return true })
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	task, err := found[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	host, err := legs[0].Site("h1").Reach(t.Context(), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]module.Host{"of a task": task, "of the site": host} {
		if _, err := h.Exec(t.Context(), module.Cmd{Argv: []string{"touch", "f"}}); err == nil {
			t.Errorf("%s: a command was run", name)
		}
		if err := h.WriteFile(t.Context(), "f", strings.NewReader("x"), 0); err == nil {
			t.Errorf("%s: a file was written", name)
		}
		if h, ok := h.(*machine); !ok || func() bool {
			h.mayAct()
			_, err := h.Exec(t.Context(), module.Cmd{Argv: []string{"touch", "f"}})
			return err == nil
		}() {
			t.Errorf("%s: the connection itself lets a command through", name)
		}
		if out, err := h.Query(t.Context(), module.Cmd{Argv: []string{"uname"}}); err != nil || out.Rc != 0 {
			t.Errorf("%s: a look is refused: %v", name, err)
		}
	}
}
