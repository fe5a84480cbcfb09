package system_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/system"
)

var errLost = fmt.Errorf("dial: %w", module.ErrUnreachable)

// memory is a module.Learned.
type memory struct {
	past  []time.Duration
	added []time.Duration
	err   error
}

func (m *memory) Past(host, subject string) []time.Duration { return m.past }
func (m *memory) Add(host, subject string, d time.Duration) error {
	m.added = append(m.added, d)
	return m.err
}

const (
	look = "script: boot id"
	ask  = "script: reboot 0 Reboot initiated by Ansible*"
	test = "shell: whoami"
)

// rebooting makes a host that answers as told; one second passes with each look for the boot id.
func rebooting(t *testing.T, answers ...moduletest.Answer) *moduletest.Script {
	s := moduletest.NewScript(t)
	for i := range answers {
		if answers[i].On == look {
			answers[i].Do = func(string) { s.Control.Clock.At = s.Control.Clock.At.Add(time.Second) }
		}
	}
	s.Add(answers...)
	s.OnReset = func() error { return nil }
	return s
}

func TestReboot(t *testing.T) {
	type answers = []moduletest.Answer
	before := moduletest.Answer{On: look, Stdout: "old\n", Times: 1}
	after := moduletest.Answer{On: look, Stdout: "new\n"}
	sent, ok := moduletest.Answer{On: ask, Writes: true}, moduletest.Answer{On: test, Stdout: "root\n"}
	for _, c := range []struct {
		name    string
		args    *value.Map
		answers answers
		want    string // in the result, as Python prints it
		changed bool
	}{
		{"back at once", &value.Map{}, answers{before, sent, after, ok}, "'rebooted': True, 'elapsed': 1", true},
		{"the session is cut off", &value.Map{}, answers{before, {On: ask, Err: errLost}, after, ok}, "'rebooted': True", true},
		{"the command dies of the shutdown", &value.Map{}, answers{before, {On: ask, Rc: 143}, after, ok}, "'rebooted': True", true},
		{"still up, then gone, then back", &value.Map{},
			answers{before, sent, {On: look, Stdout: "old\n", Times: 2}, {On: look, Err: errLost, Times: 5}, after, ok}, "'rebooted': True", true},
		{"it lets nobody in at first", &value.Map{},
			answers{before, sent, {On: look, Rc: 1, Stderr: "System is booting up. See pam_nologin(8)", Times: 2}, after, ok}, "'rebooted': True", true},
		{"authentication fails while it boots", &value.Map{},
			answers{before, sent, {On: look, Err: fmt.Errorf("x: %w", module.ErrAuth), Times: 2}, after, ok}, "'rebooted': True", true},
		{"the test command fails at first", &value.Map{}, answers{before, sent, after, {On: test, Rc: 1, Times: 2}, ok}, "'rebooted': True", true},
		{"never goes down", value.NewMap("reboot_timeout", 5), answers{before, sent, {On: look, Stdout: "old\n"}},
			"last boot time check (timeout=5): the machine answers but has not rebooted: its boot id is still old", false},
		{"never comes back", value.NewMap("reboot_timeout", 5), answers{before, sent, {On: look, Err: errLost}},
			"last boot time check (timeout=5): dial: host is unreachable", false},
		{"test command never succeeds", value.NewMap("reboot_timeout", 5), answers{before, sent, after, {On: test, Rc: 3, Stderr: "no"}},
			"Timed out waiting for post-reboot test command (timeout=5): it ended with 3: no", false},
		{"refused", &value.Map{}, answers{before, {On: ask, Rc: 1, Stderr: "must be root"}}, "Reboot command failed. Error was: must be root", false},
		{"own commands", value.NewMap("reboot_command", "kexec -e", "boot_time_command", "who -b", "test_command", "true", "search_paths", "/opt/bin"),
			answers{{On: "shell: who -b", Stdout: "1\n", Times: 1}, {On: "shell: PATH=/opt/bin:$PATH; kexec -e"}, {On: "shell: who -b", Stdout: "2\n"}, {On: "shell: true"}},
			"'rebooted': True", true},
		{"later, with a word", value.NewMap("pre_reboot_delay", 125, "msg", "kernel"),
			answers{before, {On: "script: reboot 2 kernel*"}, after, ok}, "'rebooted': True", true},
		{"no boot id", &value.Map{}, answers{{On: look, Rc: 1, Stderr: "sysctl: not found"}}, "could not read when the machine was booted: sysctl: not found", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := applied(t, system.Reboot, rebooting(t, c.answers...), c.args)
			if got := show(r); !strings.Contains(got, c.want) || r.Changed != c.changed || r.Failed == c.changed {
				t.Errorf("got %s, want %s, changed %v", got, c.want, c.changed)
			}
		})
	}
}

// Another host key is no matter of waiting.
func TestRebootHostKey(t *testing.T) {
	s := rebooting(t, moduletest.Answer{On: look, Stdout: "old\n", Times: 1}, moduletest.Answer{On: ask},
		moduletest.Answer{On: look, Err: fmt.Errorf("ssh: %w", module.ErrHostKey)})
	_, err := apply(t, system.Reboot, s, &value.Map{})
	if !errors.Is(err, module.ErrHostKey) || s.Control.Clock.Slept != 0 {
		t.Errorf("slept %v, error %v", s.Control.Clock.Slept, err)
	}
}

// Check mode foretells a reboot and asks for none.
func TestRebootForetold(t *testing.T) {
	s := rebooting(t, moduletest.Answer{On: look, Stdout: "old\n"})
	p := planOf(t, system.Reboot, s.View(), &value.Map{})
	if p.Kind() != module.KindChange || show(p.Result()) != "{'changed': False, 'rebooted': True, 'elapsed': 0}" || module.DisruptionOf(system.Reboot, &value.Map{}).Kind != module.Reboot {
		t.Errorf("kind %d, foretold %s", p.Kind(), show(p.Result()))
	}
}

// The delay after the command comes before the first look, and such a reboot says nothing about how long one takes.
func TestRebootDelay(t *testing.T) {
	m := &memory{}
	s := rebooting(t, moduletest.Answer{On: look, Stdout: "old\n", Times: 1}, moduletest.Answer{On: ask}, moduletest.Answer{On: look, Stdout: "new\n"},
		moduletest.Answer{On: test})
	s.Control.Services[module.LearnedKey{}] = m
	applied(t, system.Reboot, s, value.NewMap("post_reboot_delay", 30))
	if s.Control.Clock.Slept != 30*time.Second || len(m.added) != 0 {
		t.Errorf("slept %v, learned %v", s.Control.Clock.Slept, m.added)
	}
}

// What earlier reboots took is told, used, and added to; that it cannot be kept is a warning.
func TestRebootLearns(t *testing.T) {
	m := &memory{past: []time.Duration{3 * time.Second, 4 * time.Second, 5 * time.Second}, err: errors.New("disk full")}
	s := rebooting(t, moduletest.Answer{On: look, Stdout: "old\n", Times: 1}, moduletest.Answer{On: ask},
		moduletest.Answer{On: look, Err: errLost, Times: 8}, moduletest.Answer{On: look, Stdout: "new\n"}, moduletest.Answer{On: test})
	s.Control.Services[module.LearnedKey{}] = m
	r := applied(t, system.Reboot, s, &value.Map{})
	told := strings.Join(s.Said(), "\n")
	for _, want := range []string{"back after about 4 s by what it took before", "later than it ever was (at most 5 s before)"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q was not told: %s", want, told)
		}
	}
	if len(m.added) != 1 || m.added[0] < 8*time.Second {
		t.Errorf("learned %v", m.added)
	}
	if !slices.Equal(r.Warnings, []string{"how long the reboot took could not be kept: disk full"}) {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// A look goes over a new connection as long as the old one may die under it; the test command then keeps the one that works.
func TestRebootResets(t *testing.T) {
	s := rebooting(t, moduletest.Answer{On: look, Stdout: "old\n", Times: 2}, moduletest.Answer{On: ask}, moduletest.Answer{On: look, Stdout: "new\n"},
		moduletest.Answer{On: test})
	applied(t, system.Reboot, s, &value.Map{})
	var verbs []string
	for _, c := range s.Calls() {
		verbs = append(verbs, c.Verb)
	}
	if want := []string{"query", "exec", "reset", "query", "reset", "query", "exec"}; !slices.Equal(verbs, want) {
		t.Errorf("calls %v, want %v", verbs, want)
	}
}
