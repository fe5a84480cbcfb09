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

// takeUp waits until the machine answers. Has it another boot id than was noted, it has rebooted, and only its test command is waited for; has
// it not, it is told to.
func (r *reboot) takeUp(ctx context.Context, h module.Host) (module.Result, error) {
	r.start, r.stale = r.clock.Now(), true
	boot := ""
	answers := func(ctx context.Context, h module.Host) (bool, string, error) {
		out, err := h.Query(ctx, r.bootCommand())
		if err != nil {
			return false, "", err
		}
		boot = strings.TrimSpace(out.Stdout)
		return out.Rc == 0 && boot != "", "the machine answers but runs no commands: " + said(out), nil
	}
	if failed, err := r.await(ctx, h, answers, r.fellShort); err != nil || failed != nil {
		return orZero(failed), err
	}
	switch {
	case r.own(boot):
		return r.answer(module.Fail(ownMachine), false), nil
	case boot == r.before:
		return r.apply(ctx, h)
	}
	return r.back(ctx, h)
}
