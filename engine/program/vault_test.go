package program

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Encrypted text may lie in variables that nobody uses; whoever uses it is told where it stands, not what it is.
func TestEncryptedTextFailsOnlyWhenUsed(t *testing.T) {
	_, p := sound(t, map[string]string{"playbook.yml": `- hosts: all
  vars:
    secret: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      3031
    open: fine
  tasks: [{name: t, debug: {msg: "{{ open }}"}}, {name: u, debug: {msg: "{{ secret }}"}}, {name: v, debug: {msg: "a {{ secret }}"}}]
`})
	play := p.Playbooks[0].Plays[0]
	env := &loadEnv{vars: []*value.Map{play.PlayVars}, magic: &value.Map{}}
	tasks := tasksOf(play.Blocks)
	if v, err := jinja.Resolve(tasks["t"].Args, env); err != nil || value.Repr(v) != "{'msg': 'fine'}" {
		t.Errorf("got %v, %v", v, err)
	}
	for _, name := range []string{"u", "v"} {
		v, err := jinja.Resolve(tasks[name].Args, env)
		if err == nil || !strings.Contains(err.Error(), "encrypted text at playbook.yml:3:20") || strings.Contains(err.Error(), "3031") {
			t.Errorf("%s: got %s, %v", name, value.Repr(v), err)
		}
	}
}
