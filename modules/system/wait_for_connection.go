package system

import (
	"context"
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/engine/module"
)

// WaitForConnection waits until a host can be reached and runs commands.
var WaitForConnection = module.Define(module.Spec{
	Name: "ansible.builtin.wait_for_connection",
	Doc:  "Wait until the host is reachable and runs commands.",
}, planWaitForConnection)

type waitForConnectionArgs struct {
	ConnectTimeout int `arg:"connect_timeout,default=5" doc:"Seconds for one try."`
	Delay          int `arg:"delay,default=0" doc:"Seconds before the first try."`
	Sleep          int `arg:"sleep,default=1" doc:"Seconds between tries."`
	Timeout        int `arg:"timeout,default=600" doc:"Seconds in all."`
}

// planWaitForConnection does not look: the host may not be there yet, and that is no error.
func planWaitForConnection(_ context.Context, v module.View, a waitForConnectionArgs) (module.Plan, error) {
	clock := module.ClockOf(v.Controller())
	return module.Opaque("it waits for the host", func(ctx context.Context, h module.Host) (module.Result, error) {
		return a.wait(ctx, h, clock)
	}), nil
}

func (a waitForConnectionArgs) wait(ctx context.Context, h module.Host, clock module.Clock) (module.Result, error) {
	began := clock.Now()
	elapsed := func() int { return int(clock.Now().Sub(began).Seconds()) }
	if err := clock.Sleep(ctx, seconds(a.Delay)); err != nil {
		return module.Result{}, err
	}
	for {
		why, err := a.try(ctx, h)
		switch {
		case ctx.Err() != nil:
			return module.Result{}, ctx.Err()
		case errors.Is(err, module.ErrHostKey): // waiting does not mend it
			return module.Result{}, err
		case why == "" && err == nil:
			return module.Result{}.With("elapsed", elapsed()), nil
		case err != nil:
			why = err.Error()
		}
		if elapsed() >= a.Timeout {
			return module.Fail("timed out waiting for the connection: %s", why).With("elapsed", elapsed()), nil
		}
		h.Progress(fmt.Sprintf("waiting for the connection, %d of %d s: %s", elapsed(), a.Timeout, why))
		if err := clock.Sleep(ctx, seconds(max(a.Sleep, 1))); err != nil {
			return module.Result{}, err
		}
	}
}

// try runs an empty command over a new connection; why says what is wrong with a host that answers.
func (a waitForConnectionArgs) try(ctx context.Context, h module.Host) (why string, err error) {
	if err := h.Reset(ctx); err != nil {
		return "", err
	}
	short, cancel := context.WithTimeout(ctx, seconds(max(a.ConnectTimeout, 1)))
	defer cancel()
	out, err := h.Exec(short, module.Cmd{Script: "# ping\nexit 0"})
	switch {
	case err != nil && short.Err() != nil && ctx.Err() == nil:
		return fmt.Sprintf("no answer within %d s", a.ConnectTimeout), nil
	case err == nil && out.Rc != 0:
		return "the host does not run commands: " + said(out), nil
	}
	return "", err
}
