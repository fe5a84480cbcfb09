package program

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// sound compiles content that must be free of mistakes.
func sound(t *testing.T, files map[string]string) (*Compiler, *Program) {
	t.Helper()
	c, p, ds := content(t, files)
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	return c, p
}

// tasksOf are the tasks of a play's blocks by name; tasks without one are named by their action.
func tasksOf(blocks []*Block) map[string]*Task {
	out := map[string]*Task{}
	each(asNodes(blocks), func(t *Task) {
		out[title(t)] = t
	})
	return out
}

// inheritedBy prints what a task has inherited, templates as they were written.
func inheritedBy(t *Task) string {
	vars := []any{}
	for _, m := range t.Vars {
		vars = append(vars, m)
	}
	return fmt.Sprintf("when=%s tags=%s vars=%s env=%s become=%v user=%v notify=%s", spell(t.When), spell(t.Tags), spell(vars),
		spell(t.Environment), t.Become, t.BecomeUser, spell(t.Notify))
}

const inheritance = `- hosts: all
  become: true
  tags: play
  environment: {P: 1}
  roles:
    - {role: r, when: role_use, vars: {v: use}, tags: use}
  tasks:
    - block:
        - name: inner
          debug: {msg: x}
          when: [own, also]
          become: false
          tags: [own, outer]
          environment: {T: 1}
          notify: h2
        - name: imported
          import_tasks: t.yml
          when: imp
          vars: {v: imp}
          become_user: bob
        - import_role: {name: r}
          vars: {v: role}
          tags: improle
        - name: dynamic
          include_tasks: {file: t.yml, apply: {tags: applied, become_user: eve, notify: h3}}
          when: own
          tags: own
          vars: {p: 1}
      when: outer
      tags: outer
      vars: {b: 1}
      notify: h1
      environment: {B: 1}
  handlers: [{name: h1, debug: {msg: x}}, {name: h2, debug: {msg: x}}, {name: h3, debug: {msg: x}}]
`

func TestKeywordsAreHandedDown(t *testing.T) {
	c, p := sound(t, map[string]string{
		"playbook.yml":              inheritance,
		"t.yml":                     "- {name: t, debug: {msg: x}, when: in_t}\n",
		"roles/r/tasks/main.yml":    "- {name: in role, debug: {msg: x}, vars: {own: 1}}\n",
		"roles/r/handlers/main.yml": "- {name: rh, debug: {msg: x}}\n",
	})
	play := p.Playbooks[0].Plays[0]
	tasks := tasksOf(play.Blocks)
	uses := []*Task{}
	each(asNodes(play.Blocks), func(x *Task) {
		if x.Name == "in role" {
			uses = append(uses, x)
		}
	})
	block := "env=[{'P':1},{'B':1}] become=true user="
	for name, c := range map[string]struct {
		task *Task
		want string
	}{
		"role":           {uses[0], "when=[{role_use}] tags=['play','use'] vars=[{'v':'use'}] env=[{'P':1}] become=true user=<nil> notify=[]"},
		"inner":          {tasks["inner"], "when=[{outer},{own},{also}] tags=['play','outer','own'] vars=[{'b':1}] env=[{'P':1},{'B':1},{'T':1}] become=false user=<nil> notify=['h1','h2']"},
		"import":         {tasks["t"], "when=[{outer},{imp},{in_t}] tags=['play','outer'] vars=[{'b':1},{'v':'imp'}] " + block + "bob notify=['h1']"},
		"import_role":    {uses[1], "when=[{outer}] tags=['play','outer','improle'] vars=[{'b':1},{'v':'role'}] " + block + "<nil> notify=['h1']"},
		"include itself": {tasks["dynamic"], "when=[{outer},{own}] tags=['play','outer','own'] vars=[{'b':1}] " + block + "<nil> notify=['h1']"},
	} {
		if got := inheritedBy(c.task); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
	if got := spell(uses[0].OwnVars); got != "{'own':1}" {
		t.Errorf("a task's own vars are %s", got)
	}

	blocks, ds := c.IncludeTasks(tasks["dynamic"], "t.yml")
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	got := tasksOf(blocks)["t"]
	want := "when=[{outer},{in_t}] tags=['play','outer','applied'] vars=[{'b':1}] " + block + "eve notify=['h1','h3']"
	if s := inheritedBy(got); s != want {
		t.Errorf("included:\n got %s\nwant %s", s, want)
	}
	if len(got.Params) != 1 || spell(got.Params[0]) != "{'p':1}" {
		t.Errorf("the parameters of the include are %v", got.Params)
	}
	if got.ID == tasks["t"].ID {
		t.Errorf("two uses of a file have the same task ID %s", got.ID)
	}
	if n := len(play.Handlers); n != 3 {
		t.Errorf("%d blocks of handlers: want those of the role, of the imported role, of the play", n)
	}
}

func TestImplicitTasksAreInTheirPlaces(t *testing.T) {
	_, p := sound(t, map[string]string{
		"playbook.yml":                    "- hosts: all\n  tags: t\n  pre_tasks: [{name: pre, debug: {msg: x}}]\n  roles: [r]\n  tasks: [{name: task, debug: {msg: x}}]\n  post_tasks: [{name: post, debug: {msg: x}}]\n- hosts: all\n",
		"roles/r/tasks/main.yml":          "- {name: role, debug: {msg: x}}\n",
		"roles/r/meta/argument_specs.yml": "argument_specs:\n  main:\n    short_description: all of it\n    options: {o: {type: str, default: '{{ x }}'}}\n",
	})
	var got []string
	each(asNodes(p.Playbooks[0].Plays[0].Blocks), func(x *Task) {
		if x.Implicit {
			got = append(got, x.Meta+tagList(x.Tags))
			return
		}
		got = append(got, title(x))
	})
	want := "pre flush_handlersalways r : Validating arguments against arg spec 'main' - all of it r : role role_completealways task flush_handlersalways post flush_handlersalways"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	first, second := p.Playbooks[0].Plays[0].Setup, p.Playbooks[0].Plays[1].Setup
	if tagList(first.Tags) != "t" || tagList(second.Tags) != "always" {
		t.Errorf("facts are gathered under %v and %v", first.Tags, second.Tags)
	}
	check := tasksOf(p.Playbooks[0].Plays[0].Blocks)["r : Validating arguments against arg spec 'main' - all of it"]
	if spec := value.Repr(check.Args.Value("argument_spec")); spec != "{'o': {'type': 'str', 'default': '{{ x }}'}}" {
		t.Errorf("the specification is %s", spec)
	}
}

func TestTaskIDsAreUnique(t *testing.T) {
	_, p := sound(t, map[string]string{
		"playbook.yml":           "- hosts: all\n  roles: [r, r]\n  tasks: [{import_tasks: t.yml}, {import_tasks: t.yml}, {import_role: {name: r}}]\n",
		"t.yml":                  "- debug: {msg: x}\n",
		"roles/r/tasks/main.yml": "- debug: {msg: x}\n- import_tasks: more.yml\n",
		"roles/r/tasks/more.yml": "- debug: {msg: x}\n",
	})
	seen := map[string]bool{}
	each(asNodes(p.Playbooks[0].Plays[0].Blocks), func(x *Task) {
		if seen[x.ID] {
			t.Errorf("%s twice", x.ID)
		}
		seen[x.ID] = true
	})
	if len(seen) != 2+6+3+3 {
		t.Errorf("%d tasks", len(seen))
	}
}

func TestArgumentsAreReadAsWritten(t *testing.T) {
	_, p := sound(t, map[string]string{"playbook.yml": `- hosts: all
  module_defaults: {copy: {dest: /x}}
  tasks:
    - {name: a, command: "echo  {{ x }} chdir=/tmp k=v"}
    - {name: b, action: apt name=vim state=latest}
    - {name: c, local_action: {module: debug, msg: hi}}
    - {name: d, debug: {var: "a.b"}}
    - {name: e, copy: {content: "{{ x }}"}, args: {content: weaker, src: s}}
    - {name: f, apt: "{{ all }}"}
    - {name: g, shell: "ls\n  -l", args: {chdir: "{{ d }}"}}
    - {name: h, set_fact: 'a=1 b="{{ x }}"'}
    - {name: i, copy: {content: x}, args: "{{ rest }}", async: 30, poll: 5}
    - {name: j, debug: {msg: "{{ x }}"}, with_dict: "{{ m }}", loop_control: {loop_var: i, label: "{{ i.key }}"}}
`})
	tasks := tasksOf(p.Playbooks[0].Plays[0].Blocks)
	for name, want := range map[string]string{
		"a": "{'chdir':'/tmp','_raw_params':{echo  {{ x }} k=v}}",
		"b": "{'name':'vim','state':'latest'}",
		"c": "{'msg':'hi'}",
		"d": "{'var':'a.b'}",
		"e": "{'content':{{{ x }}},'src':'s'}",
		"f": "{}",
		"g": `{'chdir':{{{ d }}},'_raw_params':'ls\n  -l'}`,
		"h": "{'a':'1','b':{{{ x }}}}",
		"i": "{'content':'x'}",
	} {
		if got := spell(tasks[name].Args); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := spell(tasks["f"].ArgsFrom) + spell(tasks["i"].ArgsFrom) + spell(tasks["e"].ModuleDefaults); got != "{{{ all }}}{{{ rest }}}[{'ansible.builtin.copy':{'dest':'/x'}}]" {
		t.Errorf("further arguments: %s", got)
	}
	if tasks["c"].DelegateTo != "localhost" || tasks["i"].Async != 30 {
		t.Errorf("delegate_to %v, async %v", tasks["c"].DelegateTo, tasks["i"].Async)
	}
	j := tasks["j"]
	if got := fmt.Sprint(j.LoopWith, spell(j.Loop), j.LoopControl.LoopVar, spell(j.LoopControl.Label)); got != "dict{{{ m }}}i{{{ i.key }}}" {
		t.Errorf("the loop is %s", got)
	}
}

func TestImportedPlaybooks(t *testing.T) {
	c, p := sound(t, map[string]string{
		"playbook.yml":   "- {import_playbook: \"sub/{{ which | default('one') }}.yml\", when: w, tags: it, vars: {v: import, u: 1}}\n",
		"sub/one.yml":    "- hosts: all\n  vars: {v: play, own: 1}\n  tags: pt\n  tasks: [{name: t, import_tasks: \"{{ v }}.yml\"}]\n  handlers: [{name: h, debug: {msg: x}}]\n",
		"sub/import.yml": "- {name: deep, debug: {msg: x}}\n",
	})
	play := p.Playbooks[0].Plays[0]
	if play.Dir != c.Tree.Abs("sub") || play.File != "sub/one.yml" {
		t.Errorf("dir %s, file %s", play.Dir, play.File)
	}
	if got := spell(play.PlayVars); got != "{'v':'import','own':1,'u':1}" {
		t.Errorf("vars %s", got)
	}
	deep, handler := tasksOf(play.Blocks)["deep"], tasksOf(play.Handlers)["h"]
	if got := spell(deep.When) + spell(deep.Tags) + spell(handler.When) + spell(play.Setup.When); got != "[{w}]['it','pt'][][]" {
		t.Errorf("conditions and tags: %s", got)
	}
}

func TestWarningsDoNotStop(t *testing.T) {
	_, p, ds := content(t, map[string]string{"playbook.yml": "- hosts: all\n  tasks: [{command: x, notify: nobody}]\n"})
	if len(ds) != 1 || ds[0].Severity != diag.Warning || len(p.Playbooks[0].Plays) != 1 {
		t.Errorf("got %v", ds)
	}
}
