package system_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/system"
)

// A reboot notes the boot that it is to end.
func TestARebootNotesTheBoot(t *testing.T) {
	s := rebooting(t, moduletest.Answer{On: look, Stdout: "old\n"})
	if got := value.Repr(planOf(t, system.Reboot, s.View(), &value.Map{}).Note()); got != "{'boot': 'old'}" {
		t.Errorf("noted %s", got)
	}
}

// After a death in the midst of a reboot the machine is rebooted once, wherever it stands, and while it is down it is waited for.
func TestARebootIsTakenUp(t *testing.T) {
	type answers = []moduletest.Answer
	asked := moduletest.Answer{On: ask, Writes: true, Times: 1}
	down := moduletest.Answer{On: look, Err: errLost, Times: 4}
	old, fresh, ok := moduletest.Answer{On: look, Stdout: "old\n", Times: 1}, moduletest.Answer{On: look, Stdout: "new\n"}, moduletest.Answer{On: test}
	for _, c := range []struct {
		name    string
		answers answers
		changed bool
		want    string
	}{
		{"it has rebooted", answers{fresh, ok}, true, "'rebooted': True"},
		{"it is on its way", answers{down, fresh, ok}, true, "'rebooted': True"},
		{"it has rebooted and is not through", answers{{On: look, Rc: 1, Times: 2}, fresh, {On: test, Rc: 1, Times: 2}, ok}, true, "'rebooted': True"},
		{"it was never told", answers{old, asked, down, fresh, ok}, true, "'rebooted': True"},
		{"it stays away", answers{{On: look, Err: errLost}}, false, "Timed out waiting for last boot time check"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := rebooting(t, c.answers...)
			s.Control.Services[module.BegunKey{}] = value.NewMap("boot", "old")
			r := applied(t, system.Reboot, s, value.NewMap("reboot_timeout", 60))
			if got := show(r); !strings.Contains(got, c.want) || r.Changed != c.changed || r.Failed == c.changed {
				t.Errorf("got %s, want %s, changed %v", got, c.want, c.changed)
			}
		})
	}
}
