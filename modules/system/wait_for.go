package system

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// WaitFor waits for a port, a file, a text in either, or just for a time.
var WaitFor = module.Define(module.Spec{
	Name: "ansible.builtin.wait_for",
	Doc:  "Wait until a port or a file is there, is gone, or holds a text.",
}, planWaitFor)

type waitForArgs struct {
	Host           string   `arg:"host,default=127.0.0.1" doc:"Whose port, as the host of the task sees it."`
	Port           *int     `arg:"port" doc:"The TCP port."`
	Path           *string  `arg:"path,type=path" doc:"The file."`
	SearchRegex    *string  `arg:"search_regex" doc:"A text that must be found in the file, or in what the port sends."`
	State          string   `arg:"state,default=started,choices=absent|drained|present|started|stopped" doc:"What to wait for; drained: no open connections to the port."`
	Delay          int      `arg:"delay,default=0" doc:"Seconds before the first look."`
	Sleep          int      `arg:"sleep,default=1" doc:"Seconds between looks."`
	Timeout        int      `arg:"timeout,default=300" doc:"Seconds in all; without port and path the time to wait."`
	ConnectTimeout int      `arg:"connect_timeout,default=5" doc:"Seconds for one try to connect."`
	ActiveStates   []string `arg:"active_connection_states" doc:"TCP states that count as open for drained."`
	ExcludeHosts   []string `arg:"exclude_hosts" doc:"Addresses whose connections do not count for drained."`
	Msg            string   `arg:"msg" doc:"The message of the failure."`
}

func (a waitForArgs) fault() string {
	switch {
	case a.Port != nil && a.Path != nil:
		return "port and path parameter can not both be passed to wait_for"
	case a.Path != nil && a.State == "stopped":
		return "state=stopped should only be used for checking a port in the wait_for module"
	case a.Path != nil && a.State == "drained":
		return "state=drained should only be used for checking a port in the wait_for module"
	case len(a.ExcludeHosts) > 0 && a.State != "drained":
		return "exclude_hosts should only be with state=drained"
	}
	return ""
}

// awaited is a condition: it looks once. gone is for the message when the time is up.
type awaited interface {
	look(ctx context.Context, h module.Host) (met bool, err error)
	late() string
	answer(r module.Result) module.Result
}

func planWaitFor(_ context.Context, v module.View, a waitForArgs) (module.Plan, error) {
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault).With("elapsed", 0)), nil
	}
	w := &waitFor{args: a, clock: module.ClockOf(v.Controller())}
	if a.SearchRegex != nil {
		re, err := regexp2.Compile(strings.ReplaceAll(*a.SearchRegex, "(?P<", "(?<"), regexp2.Multiline)
		if err != nil {
			return module.Done(module.Fail("search_regex: %v", err).With("elapsed", 0)), nil
		}
		re.MatchTimeout = 10 * time.Second // a pattern may backtrack for ever
		w.text = &search{re: re}
	}
	return module.Opaque("it waits", w.apply), nil
}

// waitFor is one task of the module.
type waitFor struct {
	args  waitForArgs
	clock module.Clock
	text  *search // nil: no text is looked for
}

func (w *waitFor) condition() awaited {
	a := w.args
	switch {
	case a.Port != nil && a.State == "drained":
		return &drained{a}
	case a.Port != nil:
		return &port{a, w.text}
	case a.Path != nil:
		return &file{args: a, text: w.text}
	}
	return timeOnly{}
}

func (w *waitFor) apply(ctx context.Context, h module.Host) (module.Result, error) {
	began := w.clock.Now()
	elapsed := func() int { return int(w.clock.Now().Sub(began).Seconds()) }
	if err := w.clock.Sleep(ctx, seconds(w.args.Delay)); err != nil {
		return module.Result{}, err
	}
	c := w.condition()
	for {
		met, err := c.look(ctx, h)
		if err != nil {
			return module.Result{}, err
		}
		_, untilEnd := c.(timeOnly)
		over := elapsed() >= w.args.Timeout
		if met || over && untilEnd {
			return c.answer(w.answer(elapsed())), nil
		}
		if over {
			return w.timedOut(c, elapsed()), nil
		}
		h.Progress(fmt.Sprintf("waiting for %[3]s, %[1]d of %[2]d s", elapsed(), w.args.Timeout, strings.TrimPrefix(c.late(), "Timeout when waiting for ")))
		if err := w.clock.Sleep(ctx, seconds(max(w.args.Sleep, 1))); err != nil {
			return module.Result{}, err
		}
	}
}

func (w *waitFor) timedOut(c awaited, elapsed int) module.Result {
	msg := c.late()
	if w.args.Msg != "" {
		msg = w.args.Msg
	}
	return module.Fail("%s", msg).With("elapsed", elapsed)
}

// answer are the keys that every result has.
func (w *waitFor) answer(elapsed int) module.Result {
	groups, named := []any{}, &value.Map{}
	if w.text != nil {
		groups, named = w.text.groups()
	}
	return module.Result{}.With("elapsed", elapsed).With("state", w.args.State).With("port", orNil(w.args.Port)).
		With("search_regex", orNil(w.args.SearchRegex)).With("path", orNil(w.args.Path)).
		With("match_groups", groups).With("match_groupdict", named)
}

// timeOnly is the wait without port and path: for nothing but its end.
type timeOnly struct{}

func (timeOnly) look(context.Context, module.Host) (bool, error) { return false, nil }
func (timeOnly) late() string                                    { return "the time to be over" }
func (timeOnly) answer(r module.Result) module.Result            { return r }

// search is a text that is looked for, and what was found.
type search struct {
	re    *regexp2.Regexp
	found *regexp2.Match
}

// in tells whether the text is found in data.
func (s *search) in(data string) (bool, error) {
	m, err := s.re.FindStringMatch(data)
	s.found = m
	return m != nil, err
}

// groups are the groups of the match, all of them by number and the named ones by name.
func (s *search) groups() ([]any, *value.Map) {
	list, named := []any{}, &value.Map{}
	if s.found == nil {
		return list, named
	}
	for _, g := range s.found.Groups()[1:] {
		var text any
		if len(g.Captures) > 0 {
			text = g.String()
		}
		list = append(list, text)
		if strings.Trim(g.Name, "0123456789") != "" {
			named.Set(g.Name, text)
		}
	}
	return list, named
}
