package faults

// A row of the suite: what goes wrong, and what is to come of it.

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/twin"
)

// row is a fault of the suite.
type row struct {
	id, name string
	fault    string // what is wrong
	ref      string // whom it happened to
	does     string // what Drydock does

	harm    []string // faults of the twin, as on a command line
	spec    func(*twin.Spec)
	prepare func(*bed) // what else is wrong before the run
	during  func(*bed, *plan)
	plan    plan
	// shipped and ordinary are what becomes of the two contents; nil: it is not played with that one.
	shipped, ordinary *want
	careless          *want // of a playbook that reboots without a drain
	elsewhere         string
}

// want is what is to come of a run.
type want struct {
	code   int
	check  string   // of the guard, by which it was refused
	says   []string // all of it stands on the screen
	booted int      // so many machines were rebooted
	left   string   // the node that stays out of service; empty: none does
	more   func(*bed, outcome)
}

// brief tells whether a run is over soon: it is refused before anything is rebooted.
func (w want) brief(c content) bool { return w.code != 0 && w.booted == 0 && c.name != "shipped" }

// finished is a run that gets through, with every machine rebooted once.
func finished() *want { return &want{booted: machines} }

// untouched is a run that stops before anything is changed, refused by a check of the guard or for reasons of its own.
func untouched(check string, says ...string) *want { return &want{code: 2, check: check, says: says} }

// machines is how many a cluster of the suite has.
const machines = 3

// small is the cluster of the suite: three servers, each with workloads and volumes, one of them a Red Hat machine.
func small() twin.Spec {
	s := twin.Sized(machines, 0)
	s.Times = brisk()
	return s
}

// brisk are times that leave little to wait for.
func brisk() twin.Times {
	return twin.Times{
		Shutdown: 2 * time.Second, Boot: 15 * time.Second, Package: time.Second, K3s: 4 * time.Second,
		PodStart: time.Second, PodStop: time.Second, Attach: 2 * time.Second, Rebuild: 20 * time.Second, Lag: time.Second,
	}
}

// careless is a playbook that reboots what is in service.
func careless() content {
	return content{name: "careless", playbook: "careless.yml", text: `- hosts: k3s_masters
  gather_facts: false
  serial: 1
  become: true
  tasks:
    - ansible.builtin.import_tasks: read_secret.yml
    - ansible.builtin.reboot:
`}
}

var whole = flag.Bool("whole", false, "play the whole suite, as make faults does, instead of what takes seconds")

// TestFaults plays the suite: of what takes longer only a part, unless the whole is asked for.
func TestFaults(t *testing.T) {
	for _, r := range rows() {
		for _, on := range []struct {
			content content
			want    *want
		}{{shipped(), r.shipped}, {ordinary(), r.ordinary}, {careless(), r.careless}} {
			if on.want != nil {
				t.Run(fmt.Sprintf("%s-%s/%s", r.id, r.name, on.content.name), func(t *testing.T) {
					if !*whole && !on.want.brief(on.content) {
						t.Skip("a run of many seconds: make faults plays it")
					}
					t.Parallel()
					r.play(t, on.content, *on.want)
				})
			}
		}
	}
}

// play lets the fault loose, carries a content out and checks what came of it.
func (r row) play(t *testing.T, c content, w want) {
	spec := small()
	if r.spec != nil {
		r.spec(&spec)
	}
	b := lay(t, spec)
	if r.prepare != nil {
		r.prepare(b)
	}
	for _, f := range r.harm {
		b.harm(f)
	}
	b.pause(2 * time.Minute) // until the cluster has noticed
	p := r.plan
	if r.during != nil {
		r.during(b, &p)
	}
	o := b.begin(c, p)
	w.holds(b, o)
	b.sound()
	if w.more != nil {
		w.more(b, o)
	}
}

func (w want) holds(b *bed, o outcome) {
	b.t.Helper()
	if o.code != w.code {
		b.t.Errorf("exit %d, want %d: %v\n%s", o.code, w.code, o.err, b.failures())
	}
	if by := o.refusedBy(); !strings.Contains(" "+by+" ", " "+w.check+" ") && w.check != "" {
		b.t.Errorf("refused by %q, want %s\n%s", by, w.check, b.failures())
	}
	for _, text := range w.says {
		if !strings.Contains(b.screen(), text) {
			b.t.Errorf("it does not say %q:\n%s", text, b.failures())
		}
	}
	if n := b.booted(); n != w.booted {
		b.t.Errorf("%d machines were rebooted, want %d\n%s", n, w.booted, b.failures())
	}
	if got := b.leftOut(); got != w.left {
		b.t.Errorf("out of service at the end: %q, want %q\n%s", got, w.left, b.failures())
	}
	if w.code == 0 && w.booted == machines {
		b.whole()
	}
}

// failures are the lines of the screen that tell of trouble.
func (b *bed) failures() string {
	var out []string
	for line := range strings.Lines(b.screen()) {
		if strings.Contains(line, "fatal:") || strings.Contains(line, "failed:") || strings.Contains(line, "ERROR") || strings.Contains(line, `"msg"`) {
			out = append(out, line)
		}
	}
	return strings.Join(out[max(0, len(out)-12):], "")
}

// booted counts the machines that have booted again.
func (b *bed) booted() int {
	n := 0
	for _, h := range b.site.Hosts {
		if h.Boots() > 1 {
			n++
		}
	}
	return n
}

// leftOut are the nodes that the run has left down or cordoned.
func (b *bed) leftOut() string {
	var out []string
	for _, v := range twin.Restored(b.site.Trace()) {
		node, _, _ := strings.Cut(v.What, " ")
		out = append(out, node)
	}
	return strings.Join(out, " ")
}
