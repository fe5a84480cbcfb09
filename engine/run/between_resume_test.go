package run

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// These tests take runs up again that ended, or died, between nodes or within one: what was begun is finished, whatever the time, and what was
// not is asked for.

var patching = map[string]string{"site.yml": `
- hosts: all
  serial: 1
  tasks:
    - command: look
    - command: reboot
      when: inventory_hostname != 'h0'
    - command: look again
`}

// asks is a process of a run with a gatekeeper.
func (s *project) asks(old string, ends ...string) (*process, *gatekeeper) {
	p, g := s.begin("h0,h1,h2,h3,", old, -1), &gatekeeper{ends: map[string]string{}}
	for _, h := range ends {
		g.ends[h] = "the window is closed"
	}
	p.options.Between = g
	return p, g
}

func TestAHeldRunGoesOnWhereItEnded(t *testing.T) {
	s := newProject(t, patching)
	first, g := s.asks("", "h2")
	if code, err := first.run(); code != ExitHeld || err == nil {
		t.Fatalf("code %d, error %v", code, err)
	}
	if want := []string{"h0", "h1", "h2"}; !slices.Equal(g.asked, want) {
		t.Errorf("asked for %q, want %q", g.asked, want)
	}
	if want := []string{"h1 0s"}; !slices.Equal(g.over, want) {
		t.Errorf("over: %q, want %q: h0 was not disrupted", g.over, want)
	}
	second, g := s.asks(first.w.ID, "h3")
	var held *HeldError
	if _, err := second.run(); !errors.As(err, &held) || held.Hosts[0] != "h3" {
		t.Errorf("error %v", err)
	}
	if want := []string{"h2", "h3"}; !slices.Equal(g.asked, want) {
		t.Errorf("asked for %q, want %q", g.asked, want)
	}
	third, _ := s.asks(first.w.ID)
	if code, err := third.run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	for act, n := range s.acts {
		if n != 1 {
			t.Errorf("%s was done %d times", act, n)
		}
	}
	if len(s.acts) != 11 {
		t.Errorf("%d acts: %q", len(s.acts), s.order)
	}
}

func TestANodeInWorkIsFinishedByTheNextProcess(t *testing.T) {
	for at, want := range map[string]string{
		"h1: reboot":     "h2", // in work: it is finished, and only the next one asked for
		"h1: look":       "h1", // nothing was done to it yet
		"h0: look again": "h0", // it is not disrupted, so that asking again costs nothing
	} {
		s := newProject(t, patching)
		first, _ := s.asks("")
		s.onAct = func(act string) { first.dead = first.dead || act == at }
		if _, err := first.run(); !errors.Is(err, errDead) {
			t.Fatalf("%s: error %v", at, err)
		}
		second, g := s.asks(first.w.ID, "h0", "h1", "h2")
		if code, err := second.run(); code != ExitHeld || err == nil {
			t.Errorf("%s: code %d, error %v", at, code, err)
		}
		if got := strings.Join(g.asked, " "); got != want {
			t.Errorf("dead at %s: asked for %s, want %s", at, got, want)
		}
		if did := slices.Contains(s.order, "h1: look again"); did != (want == "h2") {
			t.Errorf("dead at %s: h1 was finished: %v", at, did)
		}
	}
}
