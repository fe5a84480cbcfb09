package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
	"github.com/drydock-dev/drydock/modules/control"
)

// These tests kill a run after every single record of its journal and take it up again. Hosts write down each act; whatever the point of death,
// what came of both processes together is what one alone would have made, and no act is done twice but the one that was under way.

// project is a playbook on disk and the hosts that it is about. It outlives the processes of a run.
type project struct {
	t    *testing.T
	dir  string
	runs *journal.Runs
	key  *journal.Key

	config *config.Config

	mu     sync.Mutex
	acts   map[string]int // "host: act", how often
	order  []string
	onAct  func(act string) // nil: nothing more happens
	prompt func() string
	before func(act string) // waits, perhaps
}

func newProject(t *testing.T, files map[string]string) *project {
	t.Helper()
	s := &project{t: t, dir: t.TempDir(), config: config.Default("/"), acts: map[string]int{}}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if s.key, err = journal.NewKey([]byte(strings.Repeat("k", 32))); err != nil {
		t.Fatal(err)
	}
	s.runs = journal.Open(filepath.Join(s.dir, "runs"))
	return s
}

// write changes a file of the project.
func (s *project) write(name, text string) {
	s.t.Helper()
	s.must(os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600))
}

func readAll(s *project, id string) (string, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "runs", id, "journal.jsonl"))
	return string(text), err
}

// process is one process of a run.
type process struct {
	*project
	w       *journal.Writer
	left    int // records until it dies; below 0: it lives
	dead    bool
	begun   map[string]bool // steps announced
	kept    map[string]bool
	events  []event.Event
	options Options
}

var errDead = errors.New("the process is dead")

func (p *process) record(write func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead || p.left == 0 {
		p.dead = true
		return errDead
	}
	p.left--
	return write()
}

func (p *process) Emit(e event.Event) error {
	return p.record(func() error {
		p.events = append(p.events, e)
		if a, ok := e.(event.ApplyStarted); ok {
			p.begun[a.Step] = true
		}
		return p.w.Emit(e)
	})
}

func (p *process) Keep(step string, answer []byte) error {
	return p.record(func() error {
		p.kept[step] = answer != nil
		return p.w.Keep(step, answer)
	})
}

func (p *process) Recall(step string) event.Kept { return p.w.Recall(step) }
func (p *process) Commit() error                 { return nil }

// half are the steps that had begun and whose answer was not kept: a host is at one thing at a time.
func (p *process) half() int {
	n := 0
	of := map[string]string{}
	for step := range p.begun {
		if p.kept[step] {
			continue
		}
		n++
		host := strings.Split(step, "/")[2]
		if of[host] != "" {
			p.t.Errorf("of %s neither the answer of %s was kept nor that of %s", host, of[host], step)
		}
		of[host] = step
	}
	return n
}

// Connect opens the way to a host that writes down what it is told.
func (p *process) Connect(_ context.Context, c vars.Connection) (conn.Connection, error) {
	if c.Host == "gone" {
		return nil, fmt.Errorf("%w: no route", conn.ErrUnreachable)
	}
	return &doer{p, c.Host}, nil
}

type doer struct {
	p    *process
	name string
}

func (h *doer) Close() error { return nil }

// Run does an act, unless the process that wants it is dead. One whose name begins with fail fails; the answer tells how often it was done.
func (h *doer) Run(_ context.Context, c conn.Command) (int, error) {
	act := h.name + ": " + strings.Trim(strings.TrimPrefix(c.Line, "exec "), "'")
	if h.p.before != nil {
		h.p.before(act)
	}
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if h.p.dead {
		return 0, context.Canceled
	}
	h.p.acts[act]++
	h.p.order = append(h.p.order, act)
	if h.p.onAct != nil {
		h.p.onAct(act)
	}
	if c.Stdout != nil {
		fmt.Fprintf(c.Stdout, "%s by %s", strings.ReplaceAll(strings.SplitN(act, " ", 3)[1], "'", ""), h.name)
		if strings.Contains(act, "retried") {
			fmt.Fprintf(c.Stdout, " %d", h.p.acts[act])
		}
	}
	if strings.Contains(act, "fail") {
		return 1, nil
	}
	return 0, nil
}

type actArgs struct {
	What string `arg:"_raw_params" doc:"What is done."`
	Cmd  string `arg:"cmd" doc:"The same."`
	Note string `arg:"note" doc:"What is noted."`
}

// act is a module that does something to its host each time; what it calls a reboot disrupts a node.
var act = module.Define(module.Spec{Name: "ansible.builtin.command", Doc: "Act.", FreeForm: "_raw_params", Disrupts: func(a module.Args) (d module.Disruption) {
	if a.Value("_raw_params") == "reboot" {
		d.Kind = module.Reboot
	}
	return d
}}, func(_ context.Context, v module.View, a actArgs) (module.Plan, error) {
	a.What += a.Cmd
	begun := ""
	if s, err := v.Controller().Service(module.BegunKey{}); err == nil {
		begun = " after " + value.Str(s.(*value.Map).Value("note"))
	}
	p := module.Change(module.Text("", a.What), func(ctx context.Context, h module.Host) (module.Result, error) {
		return module.Ran(h.Exec(ctx, module.Cmd{Argv: []string{a.What + begun}}))
	})
	if a.Note != "" {
		p = p.Noting(value.NewMap("note", a.Note))
	}
	return p, nil
})

// Docs and Vars read YAML for include_vars.
type testYAML struct{ lang *jinja.Language }

func (y testYAML) Docs(string) ([]any, error) { return nil, errors.New("not here") }

func (y testYAML) Vars(path string) (*value.Map, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	nodes, ds := source.Parse(path, text)
	if err := ds.Err(); err != nil {
		return nil, err
	}
	v, ds := nodes[0].Value(y.lang)
	return v.(*value.Map), ds.Err()
}

// Ask answers a prompt of the play.
func (s *project) Ask(context.Context, string, bool) (string, error) { return s.prompt(), nil }

func (s *project) Pause(context.Context, string, time.Duration) error { return nil }

// begin prepares a process: of a new run, or of one that died.
func (s *project) begin(hosts string, old string, left int) *process {
	s.t.Helper()
	p := &process{project: s, left: left, begun: map[string]bool{}, kept: map[string]bool{}}
	tree := source.NewTree(s.dir, source.Disk())
	lang := jinja.New()
	ansible.Extend(lang, ansible.IO{ReadFile: tree.ReadFile, Stat: tree.Stat})
	inv, ds := inventory.Load([]string{hosts}, inventory.Options{Tree: tree, Lang: lang})
	s.must(ds.Err())
	store, ds := vars.NewStore(inv, vars.Options{Lang: lang, Tree: tree})
	s.must(ds.Err())
	compiler := program.NewCompiler(program.Options{Tree: tree, Lang: lang, Registry: module.NewRegistry(
		act, control.SetFact, control.Debug, control.IncludeVars, control.AddHost, control.GroupBy, control.SetStats, control.Fail,
	)})
	compiled, ds := compiler.Compile([]string{"site.yml"})
	s.must(ds.Err())
	o := journal.Origin{Now: func() time.Time { return time.Unix(1e9, 0) }, Key: s.key}
	var begin []event.Event
	if old == "" {
		w, err := s.runs.Create(o)
		s.must(err)
		p.w = w
	} else {
		run, err := s.runs.Find(old)
		s.must(err)
		r, err := s.runs.Resume(run, o)
		s.must(err)
		s.must(r.Begin())
		p.w = r.Writer
		begin = []event.Event{r.Told}
	}
	p.options = Options{
		Program: compiled, Compiler: compiler, Inventory: inv, Vars: store, Lang: lang, Sink: p, Connect: p, Content: tree, Clock: (*testClock)(&testWorld{}),
		Forks: 3, Gathering: "explicit", Memory: p, Settings: vars.ConnectionDefaults{Config: s.config}, Begin: begin,
		Services: func(key any) (any, error) {
			switch key.(type) {
			case module.YAMLKey:
				return testYAML{lang}, nil
			case module.TerminalKey:
				return s, nil
			}
			return nil, fmt.Errorf("no service %T", key)
		},
	}
	return p
}

func (s *project) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// run lets a process live to its end, and closes its journal as its death would.
func (p *process) run() (int, error) {
	code, err := Run(p.t.Context(), p.options)
	p.must(p.w.Close())
	return code, err
}

// tear leaves the beginning of a record, as a death within a write does.
func (p *process) tear() {
	f, err := os.OpenFile(filepath.Join(p.dir, "runs", p.w.ID, "journal.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	p.must(err)
	_, err = f.WriteString(`{"seq":`)
	p.must(err)
	p.must(f.Close())
}

func (p *process) figures() string {
	for _, e := range p.events {
		if s, ok := e.(event.Stats); ok {
			text := value.Repr(s.Custom)
			for _, h := range s.Order {
				text += fmt.Sprintf("\n%s %+v", h, s.Hosts[h])
			}
			return text
		}
	}
	return "none"
}

// crashes kills the run after each of its records.
func crashes(t *testing.T, hosts string, files map[string]string) {
	t.Helper()
	whole := newProject(t, files)
	alone := whole.begin(hosts, "", -1)
	code, err := alone.run()
	whole.must(err)
	records := -1 - alone.left
	if records < 10 {
		t.Fatalf("only %d records", records)
	}
	t.Logf("%d records, %d acts, code %d", records, len(whole.order), code)
	for n := range records {
		s := newProject(t, files)
		first := s.begin(hosts, "", n)
		if _, err := first.run(); !errors.Is(err, errDead) && !first.dead {
			t.Fatalf("after %d records: the process lives, error %v", n, err)
		}
		first.tear()
		half, acts := first.half(), maps.Clone(s.acts)
		left := -1
		if n%2 == 1 { // what takes it up again may die, too
			left = n % 9
		}
		second := s.begin(hosts, first.w.ID, left)
		again, err := second.run()
		if second.dead {
			half, acts = half+second.half(), maps.Clone(s.acts)
			second = s.begin(hosts, first.w.ID, -1)
			again, err = second.run()
		}
		switch {
		case err != nil || again != code:
			t.Errorf("after %d records: code %d instead of %d, error %v", n, again, code, err)
		case second.figures() != alone.figures():
			t.Errorf("after %d records: figures are\n%s\ninstead of\n%s", n, second.figures(), alone.figures())
		}
		twice := 0
		for act := range union(s.acts, whole.acts) {
			more := s.acts[act] - whole.acts[act]
			if twice += more; more < 0 || more > 0 && acts[act] == 0 {
				t.Errorf("after %d records: %q was done %d times instead of %d, before the death %d times", n, act, s.acts[act], whole.acts[act], acts[act])
			}
		}
		if twice > half {
			t.Errorf("after %d records: %d acts were done twice, %d steps were under way", n, twice, half)
		}
		if t.Failed() {
			t.Fatalf("before:\n%s\nall:\n%s", strings.Join(s.order[:sum(acts)], "\n"), strings.Join(s.order, "\n"))
		}
	}
}

func union(a, b map[string]int) map[string]int {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

func sum(m map[string]int) int {
	n := 0
	for _, v := range m {
		n += v
	}
	return n
}

const part = `
- name: part
  command: "part {{ part }} {{ first.stdout }}"
  notify: restart
- name: part
  command: "part again {{ part }}"
  when: inventory_hostname != 'h2'
`

const handlers = `
  handlers:
    - name: restart
      command: restart
      notify: after
    - name: after
      command: after restart
`

var crashSites = map[string]map[string]string{
	"blocks, loops, includes, batches": {"part.yml": part, "more.yml": "extra: \"{{ inventory_hostname }} has {{ first.stdout }}\"\n", "site.yml": `
- hosts: all
  serial: 2
` + handlers + `
  tasks:
    - name: first
      command: first
      register: first
      notify: restart
    - name: once
      command: once
      run_once: true
      register: shared
    - set_fact:
        seen: "{{ shared.stdout }} and {{ first.stdout }}"
    - include_vars: more.yml
    - name: loop
      command: "item {{ item.n }}"
      loop: [{n: a}, {n: b}, {n: c}]
      register: looped
      notify: restart
    - block:
        - command: drain
        - block:
            - command: "upgrade {{ 'fail' if inventory_hostname == 'h2' else '' }}"
              register: upgraded
            - command: back
          always:
            - command: inner always
      rescue:
        - command: "restore {{ ansible_failed_task.action }} {{ ansible_failed_result.stdout }}"
      always:
        - command: "always {{ seen }}"
    - meta: flush_handlers
    - include_tasks: part.yml
      loop: [x, y]
      loop_control: {loop_var: part}
    - command: delegated for {{ inventory_hostname }}
      delegate_to: h1
    - name: retried
      command: retried
      register: r
      until: r.stdout is search('[3-9]$')
    - name: ignored
      command: fail but go on
      ignore_errors: true
    - meta: end_host
      when: inventory_hostname == 'h1'
    - command: "{{ looped.results | map(attribute='stdout') | join(',') }}, {{ extra }}"
    - set_stats: {data: {n: 1}, aggregate: true}
`},
	"hosts that fail, and a second play": {"site.yml": `
- hosts: all
  tasks:
    - command: first
      register: first
    - block:
        - command: "{{ 'fail' if inventory_hostname == 'h2' else 'go' }}"
      always:
        - command: always
    - command: after
- hosts: all
  tasks:
    - command: "second {{ first.stdout }}"
- hosts: localhost
  gather_facts: false
  tasks:
    - add_host: {name: new, groups: fresh}
    - group_by: {key: "grouped"}
- hosts: fresh:grouped
  tasks:
    - command: "grown {{ groups.fresh | join(' ') }}"
`},
	"errors that are fatal": {"site.yml": `
- hosts: all
  any_errors_fatal: true
  tasks:
    - block:
        - command: first
        - command: "{{ 'fail' if inventory_hostname == 'h2' else 'go' }}"
        - command: never
      rescue:
        - command: rescue
    - command: "{{ 'fail at last' if inventory_hostname == 'h3' else 'go on' }}"
    - command: never
- hosts: all
  tasks:
    - command: never
`},
	"too many errors": {"site.yml": `
- hosts: all
  serial: 2
  max_fail_percentage: 40
  tasks:
    - command: first
    - command: "{{ 'fail' if inventory_hostname == 'h2' else 'go' }}"
    - command: after
`},
	"meta tasks, facts of others, hosts that are gone": {"site.yml": `
- hosts: all,gone
  serial: 2
  force_handlers: true
` + handlers + `
  tasks:
    - command: first
      notify: restart
      ignore_unreachable: "{{ inventory_hostname == 'h3' }}"
    - set_fact: {told: "{{ inventory_hostname }} was here"}
      delegate_to: h1
      delegate_facts: true
      run_once: true
    - command: "{{ 'fail' if inventory_hostname == 'h2' else 'go' }}"
    - meta: clear_host_errors
    - command: "{{ hostvars.h1.told }}"
    - meta: end_batch
      when: inventory_hostname == 'h1'
    - command: end
- hosts: all
  tasks:
    - command: second
    - meta: end_play
      when: hostvars.h1.told is search('h3')
    - command: never
`},
	"free": {"part.yml": part, "site.yml": `
- hosts: all
  strategy: free
` + handlers + `
  tasks:
    - command: first
      register: first
      notify: restart
    - command: "item {{ item }}"
      loop: [a, b]
      throttle: 1
    - include_tasks: part.yml
      vars: {part: p}
    - block:
        - command: "{{ 'fail' if inventory_hostname == 'h2' else 'go' }}"
      rescue:
        - command: rescue
    - meta: flush_handlers
    - command: "{{ first.stdout }}"
- hosts: all
  strategy: host_pinned
  tasks:
    - command: pinned
    - command: pinned {{ first.stdout }}
`},
}

func TestARunMayDieAfterEachOfItsRecords(t *testing.T) {
	for name, files := range crashSites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hosts := "h1,h2,h3,"
			if strings.Contains(name, "gone") {
				hosts += "gone,"
			}
			crashes(t, hosts, files)
		})
	}
}
