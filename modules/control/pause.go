package control

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// Pause waits for a time, or for a person.
var Pause = module.Define(module.Spec{
	Name:       "ansible.builtin.pause",
	Doc:        "Wait for a time, or for a person to press return; once for all hosts.",
	Controller: true,
	RunsOnce:   true,
}, planPause)

type pauseArgs struct {
	Seconds *float64 `arg:"seconds" doc:"How long to wait, in seconds; without seconds and minutes, for a person."`
	Minutes *float64 `arg:"minutes" doc:"How long to wait, in minutes."`
	Prompt  string   `arg:"prompt" doc:"What to show."`
	Echo    bool     `arg:"echo,default=yes" doc:"Whether what is typed is shown."`
}

// planPause leaves the waiting to the act: check mode does not wait.
func planPause(_ context.Context, v module.View, a pauseArgs) (module.Plan, error) {
	if a.Seconds != nil && a.Minutes != nil {
		return module.Done(module.Fail("parameters are mutually exclusive: minutes|seconds")), nil
	}
	return module.Opaque("a pause waits", func(ctx context.Context, h module.Host) (module.Result, error) {
		return a.wait(ctx, h.Controller())
	}), nil
}

// duration is how long to wait; ok is false for a wait for a person.
func (a pauseArgs) duration() (d time.Duration, ok bool) {
	switch {
	case a.Seconds != nil:
		d = time.Duration(*a.Seconds * float64(time.Second))
	case a.Minutes != nil:
		d = time.Duration(*a.Minutes * float64(time.Minute))
	default:
		return 0, false
	}
	return max(d, time.Second), true
}

func (a pauseArgs) wait(ctx context.Context, c module.Controller) (module.Result, error) {
	clock := module.ClockOf(c)
	begin := clock.Now()
	input, err := a.pass(ctx, c, clock)
	if ctx.Err() != nil {
		return module.Result{}, ctx.Err()
	}
	if err != nil {
		return module.Fail("%v", err), nil
	}
	end := clock.Now()
	took := end.Sub(begin).Seconds()
	unit, shown := "minutes", took/60
	if a.Seconds != nil {
		unit, shown = "seconds", took
	}
	const layout = "2006-01-02 15:04:05.000000"
	return module.Result{}.With("user_input", input).With("echo", a.Echo).With("rc", 0).With("stderr", "").
		With("stdout", fmt.Sprintf("Paused for %s %s", short(shown), unit)).With("delta", int(took)).
		With("start", begin.Format(layout)).With("stop", end.Format(layout)), nil
}

// short prints a number with up to two digits behind the point, as Python prints a rounded float.
func short(f float64) string {
	f = math.Round(f*100) / 100
	if f == math.Trunc(f) {
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprint(f)
}

// pass lets the time pass, or waits for the person; where nobody is, it goes on at once, as Ansible does.
func (a pauseArgs) pass(ctx context.Context, c module.Controller, clock module.Clock) (string, error) {
	d, timed := a.duration()
	s, err := c.Service(module.TerminalKey{})
	if err != nil {
		if timed {
			return "", clock.Sleep(ctx, d)
		}
		return "", nil
	}
	term := s.(module.Terminal)
	if timed {
		text := a.Prompt
		if text == "" {
			text = fmt.Sprintf("Pausing for %v seconds", d.Seconds())
		}
		return "", term.Pause(ctx, text, d)
	}
	prompt := a.Prompt
	if prompt == "" {
		prompt = "Press enter to continue, Ctrl+C to interrupt"
	}
	input, err := term.Ask(ctx, prompt+":\n", a.Echo)
	if errors.Is(err, module.ErrNoTerminal) {
		err = nil
	}
	return input, err
}
