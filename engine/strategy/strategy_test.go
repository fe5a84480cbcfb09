package strategy

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/program"
)

// A play is written as lines, a block's sections further in; an outcome is "HOST TASK failed|unreachable|notifies X|includes X".
// The transcript is one line a step: the task and its hosts.
var transcripts = []struct {
	name, play, handlers, outcomes, want string
	free                                 bool
}{
	{
		name: "all hosts do one task, then the next",
		play: "a\nb",
		want: "a: h1 h2\nb: h1 h2",
	},
	{
		name:     "a failed host does no more",
		play:     "a\nb",
		outcomes: "h1 a failed",
		want:     "a: h1 h2\nb: h2",
	},
	{
		name:     "rescue and always of the host that failed, always of the other, each at its place in the text",
		play:     "block\n a\n b\nrescue\n r\nalways\n w\nc",
		outcomes: "h1 a failed",
		want:     "a: h1 h2\nb: h2\nr: h1\nw: h1 h2\nc: h1 h2",
	},
	{
		name:     "without a rescue always runs and the host is out",
		play:     "block\n a\nalways\n w\nc",
		outcomes: "h1 a failed",
		want:     "a: h1 h2\nw: h1 h2\nc: h2",
	},
	{
		name:     "a rescue that fails goes on to always and out",
		play:     "block\n a\nrescue\n r\nalways\n w\nc",
		outcomes: "h1 a failed\nh1 r failed",
		want:     "a: h1 h2\nr: h1\nw: h1 h2\nc: h2",
	},
	{
		name:     "an inner failure finds the outer rescue",
		play:     "block\n block\n  a\n always\n  iw\n b\nrescue\n r\nc",
		outcomes: "h1 a failed",
		want:     "a: h1 h2\niw: h1 h2\nb: h2\nr: h1\nc: h1 h2",
	},
	{
		name:     "neither rescue nor always on an unreachable host",
		play:     "block\n a\nrescue\n r\nalways\n w\nc",
		outcomes: "h1 a unreachable",
		want:     "a: h1 h2\nw: h2\nc: h2",
	},
	{
		name:     "handlers run at the flush, in the order of their definition, where notified",
		play:     "a\n~flush\nb",
		handlers: "x\ny",
		outcomes: "h1 a notifies y\nh2 a notifies x\nh2 a notifies y",
		want:     "a: h1 h2\n~flush: h1 h2\nx: h2\ny: h1 h2\nb: h1 h2",
	},
	{
		name:     "a handler that notifies a later one runs it in the same flush",
		play:     "a\n~flush\nb",
		handlers: "x\ny",
		outcomes: "h1 a notifies x\nh1 x notifies y",
		want:     "a: h1 h2\n~flush: h1 h2\nx: h1\ny: h1\nb: h1 h2",
	},
	{
		name:     "an include comes before what follows it, for the hosts that include",
		play:     "a\nb",
		outcomes: "h1 a includes i j",
		want:     "a: h1 h2\ni: h1\nj: h1\nb: h1 h2",
	},
	{
		name: "free: nobody waits",
		play: "a\nb", free: true, outcomes: "h1 a failed",
		want: "a: h1\na: h2\nb: h2",
	},
}

func TestTranscripts(t *testing.T) {
	for _, tt := range transcripts {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript(tt.play, tt.handlers, tt.outcomes)
			b := NewBatch([]string{"h1", "h2"}, s.blocks, s.handlers, nil)
			var sched Scheduler = NewLinear(b, s.blocks)
			if tt.free {
				sched = NewFree(b, 0)
			}
			if got := s.play(t, sched, tt.free); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// A task that is not selected is passed over; one whose role a host has been through as well.
func TestSelectionAndRolesRunOnce(t *testing.T) {
	role := &program.Role{Name: "r", Key: "r"}
	work := &program.Task{Name: "work", Role: role}
	end := &program.Task{Name: "end", Role: role, Implicit: true, Kind: program.KindMeta, Meta: "role_complete"}
	again := &program.Task{Name: "work", Role: role}
	other := &program.Task{Name: "other"}
	blocks := []*program.Block{{Tasks: []program.Node{work, end, again, other}}}
	b := NewBatch([]string{"h1"}, blocks, nil, func(t *program.Task) bool { return t != other })
	l := NewLinear(b, blocks)
	var got []*program.Task
	for steps := l.Next(); len(steps) > 0; steps = l.Next() {
		got = append(got, steps[0].Task)
		l.Record(Outcome{Host: "h1", Task: steps[0].Task, Ran: true})
		if steps[0].Task == end {
			b.CompleteRole("h1", role)
		}
	}
	if len(got) != 2 || got[0] != work || got[1] != end {
		t.Errorf("ran %d tasks, want the role once and nothing else", len(got))
	}
}

// An interrupted host runs the rescue and always it is in, and nothing after them.
func TestInterrupt(t *testing.T) {
	s := newScript("block\n a\n b\nrescue\n r\nalways\n w\nc", "", "")
	b := NewBatch([]string{"h1"}, s.blocks, nil, nil)
	l := NewLinear(b, s.blocks)
	steps := l.Next()
	l.Record(Outcome{Host: "h1", Task: steps[0].Task})
	b.Interrupt()
	if got, want := s.play(t, l, false), "r: h1\nw: h1"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !b.Failed("h1") {
		t.Error("the host counts as through with the play")
	}
}

// script is a play with what will come of its steps.
type script struct {
	blocks, handlers []*program.Block
	tasks            map[string]*program.Task
	outcomes         map[string][]string // "host task": verdicts
}

func newScript(play, handlers, outcomes string) *script {
	s := &script{tasks: map[string]*program.Task{}, outcomes: map[string][]string{}}
	lines := strings.Split(play, "\n")
	root := &program.Block{}
	s.read(&lines, 0, root)
	s.blocks = []*program.Block{root}
	if handlers != "" {
		lines = strings.Split(handlers, "\n")
		h := &program.Block{}
		s.read(&lines, 0, h)
		s.handlers = []*program.Block{h}
	}
	for _, o := range strings.Split(outcomes, "\n") {
		if w := strings.SplitN(o, " ", 3); len(w) == 3 {
			s.outcomes[w[0]+" "+w[1]] = append(s.outcomes[w[0]+" "+w[1]], w[2])
		}
	}
	return s
}

// read takes the lines of one depth into a block.
func (s *script) read(lines *[]string, depth int, into *program.Block) {
	var last *program.Block
	for len(*lines) > 0 {
		line := (*lines)[0]
		word := strings.TrimLeft(line, " ")
		if len(line)-len(word) < depth {
			return
		}
		*lines = (*lines)[1:]
		section := &program.Block{}
		switch word {
		case "block":
			last = &program.Block{}
			into.Tasks = append(into.Tasks, last)
			s.read(lines, depth+1, last)
		case "rescue":
			s.read(lines, depth+1, section)
			last.Rescue = section.Tasks
		case "always":
			s.read(lines, depth+1, section)
			last.Always = section.Tasks
		default:
			into.Tasks = append(into.Tasks, s.task(word))
		}
	}
}

func (s *script) task(name string) *program.Task {
	t := &program.Task{Name: name}
	if strings.HasPrefix(name, "~") {
		t.Kind, t.Implicit, t.Meta = program.KindMeta, true, "flush_handlers"
	}
	s.tasks[name] = t
	return t
}

// play runs a scheduler to its end and writes down each step; with apart, a line for each host.
func (s *script) play(t *testing.T, sched Scheduler, apart bool) string {
	var out []string
	for range 100 {
		steps := sched.Next()
		if len(steps) == 0 {
			return strings.Join(out, "\n")
		}
		line := ""
		for _, st := range steps {
			if line == "" || apart {
				line = st.Task.Name.(string) + ":"
			}
			line += " " + st.Host
			if apart {
				out = append(out, line)
			}
		}
		if !apart {
			out = append(out, line)
		}
		for _, st := range steps {
			s.settle(sched, st)
		}
	}
	t.Fatal("the play does not end")
	return ""
}

func (s *script) settle(sched Scheduler, st Step) {
	o := Outcome{Host: st.Host, Task: st.Task, Ran: true}
	if st.Task.Meta == "flush_handlers" {
		sched.Control().Flush(st.Host)
	}
	for _, w := range s.outcomes[st.Host+" "+st.Task.Name.(string)] {
		verb, rest, _ := strings.Cut(w, " ")
		switch verb {
		case "failed":
			o.Verdict = Failed
		case "unreachable":
			o.Verdict = Unreachable
		case "notifies":
			sched.Control().Notify(st.Host, s.tasks[rest])
		case "includes":
			blk := &program.Block{}
			for _, n := range strings.Fields(rest) {
				blk.Tasks = append(blk.Tasks, s.task(n))
			}
			o.Include = []*program.Block{blk}
		}
	}
	sched.Record(o)
}
