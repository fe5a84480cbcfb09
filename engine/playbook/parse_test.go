package playbook

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
)

var modules = Parser{IsModule: func(name string) bool {
	switch strings.TrimPrefix(name, "ansible.builtin.") {
	case "debug", "command", "copy", "k8s":
		return true
	}
	return false
}}

func parse(t *testing.T, doc string) ([]Entry, diag.List) {
	t.Helper()
	n, ds := source.One("p.yml", []byte(doc))
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	return modules.Playbook(n)
}

// show prints nodes as an outline: what was understood, without places.
func show(b *strings.Builder, indent string, nodes []Node) {
	for _, n := range nodes {
		switch x := n.(type) {
		case *Block:
			fmt.Fprintf(b, "%sblock %s\n", indent, keysOf(x.Keys))
			show(b, indent+"  ", x.Tasks)
			for word, part := range map[string][]Node{"rescue": x.Rescue, "always": x.Always} {
				if part != nil {
					fmt.Fprintf(b, "%s%s\n", indent, word)
					show(b, indent+"  ", part)
				}
			}
		case *Task:
			args := ""
			if x.Args != nil {
				for _, p := range x.Args.Pairs {
					args += " " + p.Key.Text + "=" + p.Value.Text
				}
			}
			if x.Free != nil {
				args += fmt.Sprintf(" %q@%d:%d", x.Free.Text, x.Free.At(0).Line, x.Free.At(0).Col)
			}
			fmt.Fprintf(b, "%s%s%s %s with=%s local=%v handler=%v\n", indent, x.Action, args, keysOf(x.Keys), x.With, x.Local, x.Handler)
		}
	}
}

func keysOf(k Keywords) string {
	var names []string
	for _, kw := range k {
		names = append(names, kw.Name)
	}
	return "[" + strings.Join(names, " ") + "]"
}

func TestPlaybookAST(t *testing.T) {
	entries, ds := parse(t, `- import_playbook: other.yml
  tags: x
- hosts: all
  become: yes
  pre_tasks:
  - debug: msg=a
  roles:
  - one
  - {role: two, when: c, par: 1}
  tasks:
  - name: b
    block:
    - {command: ls -l, when: a}
    rescue:
    - copy: {src: a, dest: b}
      with_items: [1]
  - local_action: command echo  hi
  - action: {module: k8s, state: present}
  - ansible.builtin.debug:
  handlers:
  - {name: h, debug: {var: x}, listen: topic}
`)
	if len(ds) > 0 || len(entries) != 2 {
		t.Fatal(ds, entries)
	}
	imp, play := entries[0].(*ImportPlaybook), entries[1].(*Play)
	var b strings.Builder
	fmt.Fprintln(&b, imp.File.Text, keysOf(imp.Keys), keysOf(play.Keys))
	for _, r := range play.Roles {
		fmt.Fprintln(&b, "role", r.Name.Text, keysOf(r.Keys), len(r.Params))
	}
	show(&b, "pre ", play.PreTasks)
	show(&b, "", play.Tasks)
	show(&b, "", play.Handlers)
	want := `other.yml [tags] [hosts become]
role one [] 0
role two [when] 1
pre debug "msg=a"@6:12 [] with= local=false handler=false
block [name]
  command "ls -l"@13:17 [when] with= local=false handler=false
rescue
  copy src=a dest=b [] with=items local=false handler=false
command "echo  hi"@17:27 [] with= local=true handler=false
k8s state=present [] with= local=false handler=false
ansible.builtin.debug [] with= local=false handler=false
debug var=x [name listen] with= local=false handler=true
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMistakesOfPlaybooks(t *testing.T) {
	const play = "- hosts: all\n  "
	const task = "- hosts: all\n  tasks:\n  - debug: msg=x\n    "
	for doc, want := range map[string]string{
		"":                             "1:1 a playbook must contain at least one play",
		"hosts: all\n":                 "1:1 a playbook is a list of plays, this is a mapping (begin each play",
		"- tasks: []\n":                "1:3 the play has no hosts",
		"- debug: msg=x\n":             "1:3 this is no play: it has no hosts",
		"- hosts: []\n":                "1:3 hosts is empty",
		"- include: x.yml\n":           "1:3 include no longer exists (write import_playbook)",
		play + "gather_fact: no\n":     `2:3 "gather_fact" is not a keyword of a play (did you mean "gather_facts"?)`,
		play + "when: x\n":             `2:3 "when" is not a keyword of a play (it may stand on a role, a block, a task or a handler)`,
		play + "sudo: yes\n":           `2:3 "sudo" is not a keyword of a play (write become: true)`,
		play + "gather_facts: maybe\n": `2:17 gather_facts wants true or false, this is "maybe"`,
		play + "vars: [a]\n":           `2:10 vars wants a mapping, this is "a"`,
		play + "vars: {a-b: 1}\n":      `2:10 "a-b" cannot be the name of a variable`,
		play + "vars: {class: 1}\n":    `2:10 "class" cannot be the name of a variable (it is a word of Python)`,
		play + "tasks: {a: 1}\n":       "2:10 tasks is a list, this is a mapping",
		play + "tasks: [x]\n":          "2:11 a task is a mapping, this is a single value",
		play + "tasks:\n  - hosts: a\n    tasks: []\n":         "3:5 this is a play, not a task",
		play + "tasks:\n  - name: x\n":                         "3:5 the task does nothing",
		play + "tasks:\n  - {nmae: x, debug: msg=x}\n":         `3:6 "nmae" is neither a keyword of a task nor a module (did you mean "name"?)`,
		play + "tasks:\n  - {debug: msg=x, command: ls}\n":     "3:20 a task has one action, this one has debug and command",
		play + "tasks:\n  - rescue: []\n":                      "3:5 rescue and always belong to a block",
		play + "tasks:\n  - {include_tasks: a, become: yes}\n": `3:24 "become" is not a keyword of include_tasks`,
		play + "tasks:\n  - debug: [a]\n":                      "3:12 the arguments of debug are a mapping, this is a list",
		task + "retries: many\n":                               `4:14 retries wants an integer, this is "many"`,
		task + "register: a.b\n":                               `4:15 "a.b" cannot be the name of a variable`,
		task + "listen: x\n":                                   `4:5 "listen" is not a keyword of a task (it may stand on a handler)`,
		task + "when: {a: b}\n":                                "4:11 when wants a single value or a list, this is a mapping",
		task + "loop: [1]\n    with_items: []\n":               "5:5 a task has either loop or with_items, not both",
		play + "roles: [{when: x}]\n":                          "2:11 the role has no name",
		play + "roles: x\n":                                    "2:10 roles is a list",
	} {
		_, ds := parse(t, doc)
		if len(ds) == 0 {
			t.Errorf("%q: no error", doc)
			continue
		}
		d := ds[0]
		d.Span.File = ""
		if got := fmt.Sprintf("%d:%d %s", d.Span.Line, d.Span.Col, d.Error()); !strings.HasPrefix(got, want) {
			t.Errorf("%q:\n got %s\nwant %s", doc, got, want)
		}
	}
}

// FuzzPlaybook feeds any YAML to the parser: it must answer, and whatever it reports must have a place.
func FuzzPlaybook(f *testing.F) {
	f.Add("- hosts: all\n  tasks:\n  - debug: msg=x\n  - block: [{command: ls}]\n    rescue: []\n")
	f.Add("- {hosts: [], roles: [a, {role: b}], handlers: [{listen: x, action: {module: debug}}]}")
	f.Fuzz(func(t *testing.T, doc string) {
		n, ds := source.One("p.yml", []byte(doc))
		if ds.HasErrors() {
			return
		}
		_, ds = modules.Playbook(n)
		for _, d := range ds {
			if !d.Span.IsValid() {
				t.Fatalf("no place: %v", d)
			}
		}
	})
}
