package run

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// TestNoEventTellsASecret: whatever of an event may hold words of the content, or of hosts, is without the passwords that the run knows.
func TestNoEventTellsASecret(t *testing.T) {
	const secret = "hunter22"
	s := &secrets{}
	s.add(secret)
	task := event.TaskRef{Name: "log in with " + secret}
	found := []event.Evidence{{Check: "cluster", Found: "no answer of https://me:" + secret + "@host"}}
	for _, e := range []event.Event{
		event.Gate{Task: task, Disrupts: "reboot " + secret, Evidence: found},
		event.ApplyStarted{Task: task, Disrupts: "reboot " + secret, Note: value.NewMap("a", secret)},
		event.HostResult{Task: task, Result: value.NewMap("a", secret)}, event.HostProgress{Task: task, Message: secret}, event.Held{Why: secret},
		event.Message{Text: secret}, event.PackagesChanged{Task: task}, event.RunFinished{Error: secret}, event.Included{Item: secret},
	} {
		if got := fmt.Sprintf("%+v", s.clean(e)); strings.Contains(got, secret) {
			t.Errorf("%T: %s", e, got)
		}
	}
	if !strings.Contains(found[0].Found, secret) {
		t.Error("an event was changed that others may hold")
	}
}
