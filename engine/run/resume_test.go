package run

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
)

// These tests take runs up again that ended in other ways than by death, and what is decided outside of the run.

// acted are the acts of a project since a number of them, in the order of their text.
func (s *project) since(n int) string {
	list := slices.Clone(s.order[n:])
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func (p *process) told(kind string) []string {
	var out []string
	for _, e := range p.events {
		switch x := e.(type) {
		case event.HostResult:
			if kind == "result" && !x.Item {
				out = append(out, x.Host+" "+x.Task.Name+" "+string(x.Status))
			}
		case event.TaskStarted:
			if kind == "task" {
				out = append(out, x.Task.Name)
			}
		case event.Message:
			if kind == x.Level {
				out = append(out, x.Text)
			}
		case event.PlayStarted:
			if kind == "play" {
				out = append(out, x.Name)
			}
		}
	}
	return out
}

func TestAskedToStopTheTouchedNodeBeginsAgainAndTheOthersGoOn(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": `
- hosts: all
  strategy: free
  tasks:
    - command: first
    - block:
        - command: cordon
        - command: never at first
      rescue:
        - command: restore
      when: inventory_hostname == 'h1'
    - command: last
`})
	first := s.begin("h1,h2,", "", -1)
	stop := make(chan struct{})
	first.options.Stop, first.options.Forks = stop, 1
	s.onAct = func(act string) {
		if act == "h1: cordon" {
			close(stop)
		}
	}
	if code, err := first.run(); err != nil {
		t.Fatalf("code %d, error %v", code, err)
	}
	if got := s.since(0); !strings.Contains(got, "h1: restore") || strings.Contains(got, "never") {
		t.Fatalf("before: %s", got)
	}
	s.onAct = nil
	others := s.acts["h2: last"]
	n := len(s.order)
	second := s.begin("h1,h2,", first.w.ID, -1)
	if code, err := second.run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	want := "h1: cordon, h1: first, h1: last, h1: never at first"
	if others == 0 {
		want += ", h2: last"
	}
	if got := s.since(n); got != want {
		t.Errorf("after: %s\nwant   %s", got, want)
	}
}

func TestARunThatIsKilledWhileItWindsUpBeginsAgainWithThatNode(t *testing.T) {
	files := map[string]string{"site.yml": `
- hosts: all
  tasks:
    - command: first
    - block:
        - command: cordon
        - command: drain
      always:
        - command: restore
        - command: restored
`}
	for left := range 40 {
		s := newProject(t, files)
		first := s.begin("h1,", "", left)
		stop := make(chan struct{})
		first.options.Stop = stop
		s.onAct = func(act string) {
			if act == "h1: cordon" {
				close(stop)
			}
		}
		_, _ = first.run()
		s.onAct = nil
		restored := s.acts["h1: restored"]
		second := s.begin("h1,", first.w.ID, -1)
		if code, err := second.run(); code != ExitOK || err != nil {
			t.Fatalf("after %d records: code %d, error %v", left, code, err)
		}
		if s.acts["h1: drain"] != 1 || s.acts["h1: restored"] != restored+1 {
			t.Fatalf("after %d records: %v", left, s.order)
		}
		if s.acts["h1: restore"] > 0 && restored+s.acts["h1: restore"] > 1 && s.acts["h1: first"] != 2 {
			t.Errorf("after %d records the node that was given back did not begin again: %v", left, s.order)
		}
	}
}

func TestHostsThatFailedBeginTheirBatchAgain(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": `
- hosts: all
  serial: 2
  tasks:
    - command: first
      register: first
    - command: "{{ 'fail' if inventory_hostname == 'h2' and broken else 'go' }}"
      notify: handled
    - command: "last {{ first.stdout }}"
  vars_files: [v.yml]
  handlers:
    - name: handled
      command: handled
- hosts: all
  tasks:
    - command: second
`, "v.yml": "broken: true\n"})
	first := s.begin("h1,h2,h3,", "", -1)
	if code, err := first.run(); code != ExitFailed || err != nil {
		t.Fatalf("code %d, error %v", code, err)
	}
	n := len(s.order)
	s.write("v.yml", "broken: false\n")
	second := s.begin("h1,h2,h3,", first.w.ID, -1)
	if code, err := second.run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	if got, want := s.since(n), "h2: first, h2: go, h2: handled, h2: last first by h2, h2: second"; got != want {
		t.Errorf("after: %s\nwant   %s", got, want)
	}
	if resumed := second.events[0].(event.RunResumed); !slices.Equal(resumed.Again, []string{"h2"}) || resumed.Finished == 0 {
		t.Errorf("told %+v", resumed)
	}
	for _, r := range second.told("result") {
		if !strings.HasPrefix(r, "h2 ") {
			t.Errorf("%q is told again", r)
		}
	}
	if got := strings.Join(second.told("play"), ","); got != "all,all" {
		t.Errorf("plays %s", got)
	}
	if got := second.figures(); !strings.Contains(got, "h1 {OK:5 Changed:5 ") || !strings.Contains(got, "h2 {OK:5 Changed:5 ") {
		t.Errorf("figures %s", got)
	}
}

// dieAt kills a process with an act that is not done.
func (s *project) dieAt(hosts, act string) *process {
	s.t.Helper()
	p := s.begin(hosts, "", -1)
	s.onAct = func(did string) {
		if did == act {
			p.dead = true
		}
	}
	_, _ = p.run()
	s.onAct = nil
	if !p.dead {
		s.t.Fatalf("%q was never done: %v", act, s.order)
	}
	return p
}

func TestAPlanIsGivenWhatItNotedBeforeTheDeath(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": `
- hosts: all
  tasks:
    - command: {cmd: "reboot {{ item }}", note: "boot {{ item }}"}
      loop: [1, 2, 3]
    - name: alone
      command: {cmd: again, note: boot 9}
    - command: {cmd: after, note: boot 4}
`})
	first := s.dieAt("h1,", "h1: reboot 2")
	n := len(s.order)
	second := s.begin("h1,", first.w.ID, -1)
	second.options.Forks = 1
	if code, err := second.run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	if got, want := strings.Join(s.order[n:], ", "), "h1: reboot 2 after boot 2, h1: reboot 3, h1: again, h1: after"; got != want {
		t.Errorf("after: %s\nwant   %s", got, want)
	}
	other := newProject(t, map[string]string{"site.yml": "- hosts: all\n  tasks:\n    - {name: the reboot, command: {cmd: reboot, note: boot 1}}\n"})
	dead := other.dieAt("h1,", "h1: reboot")
	again := other.begin("h1,", dead.w.ID, -1)
	if _, err := again.run(); err != nil || other.order[1] != "h1: reboot after boot 1" {
		t.Errorf("after: %v, error %v", other.order, err)
	}
	if got := strings.Join(again.told("warning"), ""); !strings.HasPrefix(got, `"the reboot" had begun on h1`) {
		t.Errorf("warnings %q", got)
	}
}

func TestWhatWasDecidedOutsideIsNotDecidedAgain(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": `
- hosts: all
  order: shuffle
  serial: 1
  vars_prompt:
    - {name: secret, prompt: say}
  tasks:
    - command: "first {{ secret }}"
    - meta: end_host
      when: lookup('file', 'decided') == inventory_hostname
    - command: second
`, "decided": "none"})
	hosts := "a,b,c,d,e,f,g,h,"
	asked := 0
	s.prompt = func() string { asked++; return []string{"hunter22", "other"}[asked-1] }
	first := s.begin(hosts, "", -1)
	seen := 0
	s.onAct = func(act string) {
		if seen++; seen == 6 {
			first.dead = true
		}
	}
	_, _ = first.run()
	s.onAct = nil
	for _, h := range s.order[0:1] {
		s.write("decided", strings.TrimSuffix(h, ": first hunter22")) // decided otherwise now, for a host that has gone on
	}
	second := s.begin(hosts, first.w.ID, -1)
	if code, err := second.run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	for act, n := range s.acts {
		if n != 1 && act != s.order[5] {
			t.Errorf("%q was done %d times", act, n)
		}
	}
	if len(s.acts) != 16 {
		t.Errorf("%d acts, want two for each host: %v", len(s.acts), s.order)
	}
	for _, e := range second.events {
		if _, ok := e.(event.ApplyStarted); ok {
			break
		}
	}
	text, err := readAll(s, first.w.ID)
	if err != nil || strings.Contains(strings.ReplaceAll(text, "first hunter22", ""), "hunter22") {
		t.Errorf("the journal tells what was typed, error %v", err)
	}
}

func TestItemsAreKnownByWhatTheyAre(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": "- hosts: all\n  tasks:\n    - {command: \"item {{ item }}\", loop: [a, b, c], register: r}\n    - command: \"{{ r.results | map(attribute='item') | join }}\"\n"})
	first := s.dieAt("h1,", "h1: item c")
	s.write("site.yml", "- hosts: all\n  tasks:\n    - {command: \"item {{ item }}\", loop: [a, x, c], register: r}\n    - command: \"{{ r.results | map(attribute='item') | join }}\"\n")
	n := len(s.order)
	second := s.begin("h1,", first.w.ID, -1)
	if _, err := second.run(); err != nil {
		t.Error(err)
	}
	if got := strings.Join(s.order[n:], ", "); !strings.HasSuffix(got, "h1: item x, h1: item c, h1: axc") {
		t.Errorf("after: %s", got)
	}
}

func TestLinesThatArePutInLeaveTheOthersWhatTheyAre(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": "- hosts: all\n  tasks:\n    - command: a\n    - command: b\n    - {name: c, command: c}\n    - {name: d, command: d}\n"})
	first := s.dieAt("h1,", "h1: d")
	s.write("site.yml", "- hosts: all\n  tasks:\n    - command: new\n    - command: a\n    - command: b\n    - {name: newer, command: newer}\n    - {name: c, command: changed}\n    - {name: d, command: d}\n")
	n := len(s.order)
	if _, err := s.begin("h1,", first.w.ID, -1).run(); err != nil {
		t.Error(err)
	}
	if got := strings.Join(s.order[n:], ", "); got != "h1: new, h1: newer, h1: d" {
		t.Errorf("after: %s", got)
	}
}

// person debugs with a script.
type person struct{ says []string }

func (p *person) Ask(context.Context, string) (string, error) {
	if len(p.says) == 0 {
		return "", io.EOF
	}
	line := p.says[0]
	p.says = p.says[1:]
	return line, nil
}

func (p *person) Say(string) {}

func TestThePersonAtTheDebuggerHasTheLastWord(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": "- hosts: all\n  debugger: on_failed\n  tasks:\n    - {name: it, command: fail}\n    - {name: then, command: die}\n"})
	first := s.begin("h1,", "", -1)
	first.options.Console = &person{says: []string{`task.args['_raw_params'] = 'mended'`, "redo"}}
	s.onAct = func(act string) { first.dead = act == "h1: die" }
	_, _ = first.run()
	s.onAct = nil
	second := s.begin("h1,", first.w.ID, -1)
	second.options.Console = &person{}
	if code, err := second.run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	if got := strings.Join(s.order, ", "); got != "h1: fail, h1: mended, h1: die, h1: die" {
		t.Errorf("acts: %s", got)
	}
	unanswered := newProject(t, map[string]string{"site.yml": "- hosts: all\n  debugger: on_failed\n  tasks:\n    - {name: it, command: fail}\n"})
	left := unanswered.begin("h1,", "", -1)
	left.options.Console = &person{} // leaves
	_, _ = left.run()
	again := unanswered.begin("h1,", left.w.ID, -1)
	again.options.Console = &person{says: []string{`task.args['_raw_params'] = 'mended'`, "redo"}}
	if code, err := again.run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v, acts %v", code, err, unanswered.order)
	}
}

func TestAnAnswerThatCannotBeKeptIsTheLast(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": "- hosts: all\n  tasks:\n    - command: first\n    - command: second\n"})
	p := s.begin("h1,", "", -1)
	p.options.Memory = forgetful{p}
	code, err := p.run()
	if code != ExitError || err == nil || err.Error() != "disk full" || s.since(0) != "h1: first" {
		t.Errorf("code %d, error %v, acts %v", code, err, s.order)
	}
	unsafe := newProject(t, map[string]string{"site.yml": "- hosts: all\n  tasks:\n    - command: first\n"})
	q := unsafe.begin("h1,", "", -1)
	q.options.Memory = unsafeMemory{q}
	if _, err := q.run(); err == nil || len(unsafe.order) > 0 {
		t.Errorf("error %v, acts %v", err, unsafe.order)
	}
}

// forgetful cannot keep answers, unsafeMemory cannot make them safe.
type (
	forgetful    struct{ *process }
	unsafeMemory struct{ *process }
)

func (f forgetful) Keep(step string, answer []byte) error {
	if strings.Count(step, "/") > 2 {
		return errors.New("disk full")
	}
	return nil
}

func (unsafeMemory) Commit() error { return errors.New("disk full") }

// Under free, one host may end the play for all. What the others had done until then they have done.
func TestHostsThatGoTheirOwnWaysAreReplayedInTheOrderOfThen(t *testing.T) {
	s := newProject(t, map[string]string{"site.yml": `
- hosts: all
  strategy: free
  tasks:
    - command: one
    - command: two
    - meta: end_play
      when: inventory_hostname == 'h1'
    - command: three
      register: three
    - set_fact: {after: "{{ three.stdout }}"}
    - command: four
- hosts: all
  tasks:
    - command: "{{ after | default('nothing') }}"
    - command: last
`})
	first := s.begin("h1,h2,", "", -1)
	done := make(chan struct{})
	s.before = func(act string) {
		switch act {
		case "h1: one": // waits until the other is nearly through
			<-done
		case "h2: four":
			close(done)
		}
	}
	s.onAct = func(act string) { first.dead = first.dead || strings.HasSuffix(act, ": last") }
	_, _ = first.run()
	s.onAct, s.before = nil, nil
	if s.acts["h1: nothing"] != 1 || s.acts["h2: three by h2"] != 1 {
		t.Fatalf("before: %v", s.order)
	}
	n := len(s.order)
	if code, err := s.begin("h1,h2,", first.w.ID, -1).run(); code != ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	if got := s.since(n); got != "h1: last, h2: last" {
		t.Errorf("after: %s", got)
	}
}
