// A reboot that was under way when Drydock died.

package system

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// notedBoot is the boot id that this very task noted before its machine was told to reboot; empty: it was not.
func notedBoot(v module.View) string {
	s, err := v.Controller().Service(module.BegunKey{})
	if err != nil {
		return ""
	}
	note, _ := s.(*value.Map)
	boot, _ := note.Value("boot").(string)
	return boot
}

// standBy waits until the machine answers: before that nobody can tell whether it may be rebooted.
func (r *reboot) standBy(ctx context.Context, h module.Host) (module.Result, error) {
	r.start, r.stale = r.clock.Now(), true
	answers := func(ctx context.Context, h module.Host) (bool, string, error) {
		out, err := h.Query(ctx, r.bootCommand())
		if err != nil {
			return false, "", err
		}
		r.found = strings.TrimSpace(out.Stdout)
		return out.Rc == 0 && r.found != "", "the machine answers but runs no commands: " + said(out), nil
	}
	failed, err := r.await(ctx, h, answers, r.fellShort)
	return orZero(failed), err
}

// takeUp goes on when the machine answers. Has it another boot id than was noted, it has rebooted, and only its test command is waited for; has
// it not, it is told to.
func (r *reboot) takeUp(ctx context.Context, h module.Host) (module.Result, error) {
	switch {
	case r.own(r.found):
		return r.answer(module.Fail(ownMachine), false), nil
	case r.found == r.before:
		return r.apply(ctx, h)
	}
	return r.back(ctx, h)
}
