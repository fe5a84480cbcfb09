package run

import (
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

var hooked = map[string]string{
	"before.yml": "- name: first\n  command: before\n  register: seen\n- command: \"before {{ seen.stdout }}\"\n",
	"after.yml":  "- command: after\n",
	"site.yml": `
- hosts: all
  serial: 1
  tasks:
    - command: look
    - block:
        - block:
            - command: reboot
              when: inventory_hostname != 'h0'
              register: rebooted
          delegate_to: elsewhere
        - command: "look again {{ rebooted.changed }}"
      rescue:
        - command: rescue
      always:
        - command: always
`}

// rebootHooks has hooks for all hosts but h3.
func rebootHooks(lookup func(string) (any, bool)) (around func(module.Disrupting) (before, after string), err error) {
	if name, _ := lookup("inventory_hostname"); name == "h3" {
		return nil, nil
	}
	return func(kind module.Disrupting) (before, after string) {
		if kind == module.Reboot {
			return "before.yml", "after.yml"
		}
		return "", ""
	}, nil
}

func (s *project) hooks(hosts, old string) *process {
	p := s.begin(hosts, old, -1)
	p.options.Hooks = rebootHooks
	return p
}

func did(s *project) string { return strings.Join(s.order, ", ") }

func TestHooksStandAroundWhatDisrupts(t *testing.T) {
	s := newProject(t, hooked)
	if code, err := s.hooks("h0,h1,h3,", "").run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	want := "h0: look, h0: look again False, h0: always, " +
		"h1: look, h1: before, h1: before before by h1, elsewhere: reboot, h1: after, h1: look again True, h1: always, " +
		"h3: look, elsewhere: reboot, h3: look again True, h3: always"
	if got := did(s); got != want {
		t.Errorf("did\n%s\nwant\n%s", got, want)
	}
}

func TestAHookThatFailsFailsTheTask(t *testing.T) {
	for file, want := range map[string]string{
		"before.yml": "h1: look, h1: fail here, h1: rescue, h1: always",
		"after.yml":  "h1: look, h1: before, h1: before before by h1, elsewhere: reboot, h1: fail here, h1: rescue, h1: always",
	} {
		files := map[string]string{}
		for name, text := range hooked {
			files[name] = text
		}
		files[file] = "- command: fail here\n- command: never\n"
		s := newProject(t, files)
		if code, err := s.hooks("h1,", "").run(); code != ExitOK || err != nil {
			t.Errorf("%s: code %d, error %v", file, code, err)
		}
		if got := did(s); got != want {
			t.Errorf("%s: did\n%s\nwant\n%s", file, got, want)
		}
	}
}

func TestHooksOfHostsThatGoTheirOwnWays(t *testing.T) {
	files := map[string]string{}
	for name, text := range hooked {
		files[name] = strings.Replace(text, "serial: 1", "strategy: free", 1)
	}
	s := newProject(t, files)
	if code, err := s.hooks("h0,h1,h2,h3,", "").run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	for _, h := range []string{"h1", "h2"} {
		at := -1
		for _, act := range []string{": look", ": before", ": before before by " + h, ": after", ": always"} {
			i := slices.Index(s.order, h+act)
			if i <= at {
				t.Errorf("%s%s comes at %d, after %d: %q", h, act, i, at, s.order)
			}
			at = i
		}
	}
	if n := s.acts["elsewhere: reboot"]; n != 3 || s.acts["h3: before"] > 0 {
		t.Errorf("%d reboots, hooks of h3 %d", n, s.acts["h3: before"])
	}
}

func TestHooksSurviveADeathAtEveryRecord(t *testing.T) {
	whole := newProject(t, hooked)
	alone := whole.hooks("h0,h1,", "")
	if _, err := alone.run(); err != nil {
		t.Fatal(err)
	}
	for n := range -1 - alone.left {
		s := newProject(t, hooked)
		first := s.begin("h0,h1,", "", n)
		first.options.Hooks = rebootHooks
		_, _ = first.run()
		second := s.hooks("h0,h1,", first.w.ID)
		if code, err := second.run(); code != ExitOK || err != nil {
			t.Fatalf("after %d records: code %d, error %v", n, code, err)
		}
		if second.figures() != alone.figures() {
			t.Errorf("after %d records: figures are\n%s\ninstead of\n%s", n, second.figures(), alone.figures())
		}
		for act, times := range whole.acts {
			if more := s.acts[act] - times; more < 0 || more > first.half() {
				t.Errorf("after %d records: %s was done %d times instead of %d", n, act, s.acts[act], times)
			}
		}
	}
}

func TestAHookThatIsNotThereEndsTheRun(t *testing.T) {
	files := map[string]string{"site.yml": hooked["site.yml"], "after.yml": hooked["after.yml"]}
	s := newProject(t, files)
	if code, err := s.hooks("h1,", "").run(); code == ExitOK || err == nil || !strings.Contains(err.Error(), "before.yml") {
		t.Errorf("code %d, error %v", code, err)
	}
	if got := did(s); got != "h1: look" {
		t.Errorf("did %s", got)
	}
}
