package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/parity"
)

// A mistake is called as ansible-core 2.19.11 calls it, and ends with the code it ends with, where Drydock is called as ansible-playbook. Every
// row of knownMistakes is met here.
func TestKnownMistakes(t *testing.T) {
	met := make([]bool, len(knownMistakes))
	for name, c := range map[string]struct {
		playbook, says string
		code           int
	}{
		"argsstr": {`- hosts: localhost
  gather_facts: false
  tasks: [{command: ls, args: foo}]
`, "The value of the task `args` keyword is invalid.", 4},
		"badblockkw": {`- hosts: localhost
  tasks:
    - block: [{debug: }]
      foo: bar
`, "'foo' is not a valid attribute for a Block", 4},
		"badkw": {`- hosts: localhost
  foo: bar
  tasks: []
`, "'foo' is not a valid attribute for a Play", 4},
		"badreg": {`- hosts: localhost
  gather_facts: false
  tasks: [{debug: , register: a-b}]
`, "Invalid variable name 'a-b'.", 4},
		"badtaskkw": {`- hosts: localhost
  tasks:
    - debug: msg=x
      foo: bar
`, "conflicting action statements: foo", 4},
		"badtaskvars": {`- hosts: localhost
  gather_facts: false
  tasks: [{debug: , vars: 12}]
`, "Vars must be specified as a dictionary.", 4},
		"badvars": {`- hosts: localhost
  gather_facts: false
  vars: 12
  tasks: []
`, "Vars must be specified as a dictionary.", 4},
		"conflict": {`- hosts: localhost
  tasks:
    - debug: msg=x
      command: ls
`, "conflicting action statements: debug, command", 4},
		"dictplay": {`hosts: localhost
`, "A playbook must be a list of plays, got a mapping instead", 4},
		"empty": {`[]
`, "A playbook must contain at least one play", 4},
		"empty0": {"", "Empty playbook, nothing to do", 4},
		"emptyhosts": {`- hosts: []
  tasks: []
`, "Hosts list cannot be empty. Please check your playbook", 4},
		"emptyhosts2": {`- hosts:
  tasks: []
`, "Hosts list cannot be empty. Please check your playbook", 4},
		"endrole": {`- hosts: localhost
  gather_facts: false
  tasks: [{meta: end_role}]
`, "Cannot execute 'end_role' from outside of a role", 4},
		"importapply": {`- hosts: localhost
  tasks:
    - import_tasks: nomod.yml
      apply: {tags: x}
`, "Unable to retrieve file contents. Could not find or access 'nomod.yml' on the Ansible Controller.", 4},
		"importmissing": {`- hosts: localhost
  tasks:
    - import_tasks: nosuch.yml
`, "Unable to retrieve file contents. Could not find or access 'nosuch.yml' on the Ansible Controller.", 1},
		"include": {`- hosts: localhost
  gather_facts: false
  tasks: [{include: x.yml}]
`, "The 'ansible.builtin.include' action plugin has been removed. Use include_tasks or import_tasks instead.", 1},
		"includebadopt": {`- hosts: localhost
  gather_facts: false
  tasks:
    - include_tasks: {file: nomod.yml, foo: bar}
`, "Invalid options for include_tasks: foo", 4},
		"includekw": {`- hosts: localhost
  gather_facts: false
  tasks:
    - include_tasks: nomod.yml
      become: true
`, "'become' is not a valid attribute for a TaskInclude", 4},
		"ipbmissing": {`- import_playbook: nosuch.yml
`, "Unable to retrieve file contents. Could not find or access 'nosuch.yml' on the Ansible Controller.", 1},
		"irolenoname": {`- hosts: localhost
  gather_facts: false
  tasks:
    - include_role: {tasks_from: x}
`, "'name' is a required field for include_role.", 4},
		"iroleopt": {`- hosts: localhost
  gather_facts: false
  tasks:
    - include_role: {name: x, foo: bar}
`, "Invalid options for include_role: foo", 4},
		"loopimport": {`- hosts: localhost
  tasks: [{import_tasks: nomod.yml, loop: [1]}]
`, "You cannot use loops on 'import_tasks' statements.", 4},
		"mal_block": {`- hosts: localhost
  tasks:
    - block: 123
`, "A malformed block was encountered while loading block: it should be a list but was a single value", 4},
		"mal_handlers": {`- hosts: localhost
  handlers: 123
`, "A malformed block was encountered while loading handlers: 123 should be a list or None", 4},
		"mal_post_tasks": {`- hosts: localhost
  post_tasks: 123
`, "A malformed block was encountered while loading post_tasks: 123 should be a list or None", 4},
		"mal_pre_tasks": {`- hosts: localhost
  pre_tasks: 123
`, "A malformed block was encountered while loading pre_tasks: 123 should be a list or None", 4},
		"mal_rescue": {`- hosts: localhost
  tasks:
    - block: [{debug: }]
      rescue: abc
`, "A malformed block was encountered while loading rescue: it should be a list but was a single value", 4},
		"mal_roles": {`- hosts: localhost
  roles: 123
`, "A malformed role declaration was encountered: it should be a list but was a single value", 4},
		"mal_tasks": {`- hosts: localhost
  tasks: 123
`, "A malformed block was encountered while loading tasks: 123 should be a list or None", 4},
		"noact": {`- hosts: localhost
  tasks:
    - name: x
`, "no module/action detected in task.", 4},
		"nohosts": {`- tasks: []
`, "The field 'hosts' is required but was not set.", 4},
		"nomod": {`- hosts: localhost
  tasks:
    - nosuchmod: a=b
`, "couldn't resolve module/action 'nosuchmod'. This often indicates a misspelling, missing collection, or incorrect module path.", 4},
		"norole": {`- hosts: localhost
  roles: [nosuchrole]
`, "the role 'nosuchrole' was not found", 1},
		"oldrole": {`- hosts: localhost
  roles: ["foo,bar"]
`, "Invalid old style role requirement: foo,bar", 1},
		"rolehandler": {`- hosts: localhost
  gather_facts: false
  tasks: []
  handlers:
    - include_role: {name: x}
`, "Using 'include_role' as a handler is not supported.", 4},
		"rolenoname": {`- hosts: localhost
  roles: [{foo: bar}]
`, "role definitions must contain a role name", 1},
		"strplay": {`- foo
`, "playbook entries must be either valid plays or 'import_playbook' statements", 4},
		"strtask": {`- hosts: localhost
  tasks: [foo]
`, "A malformed block was encountered while loading a block: it should be a dict but was a single value", 4},
		"vp": {`- hosts: localhost
  vars_prompt: [{prompt: x}]
  tasks: []
`, "Invalid vars_prompt data structure, missing 'name' key", 4},
		"withnull": {`- hosts: localhost
  tasks:
    - debug: msg=x
      with_items:
`, "you must specify a value when using with_items", 1},
		"yamlbad": {`- hosts: localhost
  tasks:
   - debug: msg=x
  foo
`, "YAML parsing failed: could not find expected ':'", 4},
		"rolekw":         {"- hosts: all\n  tasks: [{include_role: {name: x}, become: true}]\n", "'become' is not a valid attribute for a IncludeRole", 4},
		"endrolehandler": {"- hosts: all\n  tasks: []\n  handlers: [{name: h, meta: end_role}]\n", "Cannot execute 'end_role' from a handler", 4},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "play.yml"), []byte(c.playbook), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		code, err := within(context.Background(), parity.Call{Dir: dir, Args: []string{"-i", "localhost,", "-c", "local", "play.yml"},
			Env: []string{"HOME=" + t.TempDir()}, Stdout: &out, Stderr: &errs})
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(errs.String(), "\n"); first != "[ERROR]: "+c.says || code != c.code {
			t.Errorf("%s: says %q and ends with %d, want %q and %d", name, first, code, c.says, c.code)
		}
		for i, k := range knownMistakes {
			for _, l := range strings.Split(errs.String(), "\n") {
				met[i] = met[i] || regexp.MustCompile(k.ours).MatchString(strings.TrimPrefix(strings.TrimSpace(l), "= "))
			}
		}
	}
	for i, was := range met {
		if !was {
			t.Errorf("no playbook here meets %q", knownMistakes[i].ours)
		}
	}
}
