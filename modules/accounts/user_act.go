// Carrying out what was decided about a user.

package accounts

import (
	"context"
	_ "embed"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

var (
	//go:embed user_home.sh
	homeScript string
	//go:embed user_key.sh
	keyScript string
)

// carry does what was decided, and looks at what has come of it.
func (u user) carry(ctx context.Context, h module.Host, s userSight, d deeds) (module.Result, error) {
	warnings := append(u.warnings(), d.warnings...)
	r := u.result(s)
	outs, failed, err := u.commands(ctx, h, s, d)
	if failed != nil || err != nil {
		return orZero(failed), err
	}
	if s, err = u.look(ctx, h.Exec); err != nil {
		return module.Result{}, err
	}
	if s.user == nil {
		return module.Fail("failed to look up user name: %s", u.Name), nil
	}
	again, err := u.finish(ctx, h, s, &d)
	if again != nil || err != nil {
		return orZero(again), err
	}
	if d.makeKey {
		if s, err = u.look(ctx, h.Exec); err != nil {
			return module.Result{}, err
		}
	}
	r = u.withKey(u.told(printed(r, outs), s), s, true)
	r.Changed, r.Warnings = true, warnings
	return r, nil
}

// commands runs useradd, usermod and their like.
func (u user) commands(ctx context.Context, h module.Host, s userSight, d deeds) (outs []module.Output, failed *module.Result, err error) {
	if d.makeParents {
		if failed, err = u.script(ctx, h, homeScript, "make", s.home, u.skeleton()); failed != nil || err != nil {
			return nil, failed, err
		}
	}
	for i, argv := range d.commands {
		cmd := onhost.Tool(argv...)
		if d.inputs[i] != "" {
			cmd.Stdin = strings.NewReader(d.inputs[i])
		}
		out, failed, err := u.ran(h.Exec(ctx, cmd))
		if failed != nil || err != nil {
			return outs, failed, err
		}
		if i == len(d.commands)-1 || !s.busybox {
			outs = append(outs, out)
		}
	}
	if d.makeParents {
		failed, err = u.script(ctx, h, homeScript, "own", s.home, "", u.Name)
	}
	return outs, failed, err
}

// finish does what needs the user to be there: the home, the SSH key, the age of the password. A user that is new is looked at for them
// anew.
func (u user) finish(ctx context.Context, h module.Host, s userSight, d *deeds) (failed *module.Result, err error) {
	home := s.user.home
	if u.Home != nil {
		home = s.home
	}
	if u.CreateHome && !s.homeThere {
		for _, args := range [][]string{{"make", home, u.skeleton()}, {"own", home, "", u.Name}} {
			if failed, err = u.script(ctx, h, homeScript, args...); failed != nil || err != nil {
				return failed, err
			}
		}
	}
	if d.makeKey {
		if failed, err = u.generate(ctx, h, s); failed != nil || err != nil {
			return failed, err
		}
	}
	d.age = nil
	u.decideAge(d, s.shadow)
	if d.age != nil {
		_, failed, err = u.tool(ctx, h, d.age)
	}
	return failed, err
}

func (u user) skeleton() string {
	if u.Skeleton != nil {
		return *u.Skeleton
	}
	return "/etc/skel"
}

// generate makes the SSH key.
func (u user) generate(ctx context.Context, h module.Host, s userSight) (*module.Result, error) {
	comment, bits, secret := "ansible-generated on "+s.host, "", "n"
	if u.KeyComment != nil {
		comment = *u.KeyComment
	}
	if u.KeyBits > 0 {
		bits = itoa(u.KeyBits)
	}
	cmd := module.Cmd{Script: keyScript}
	if u.KeyPassphrase != nil {
		secret, cmd.Stdin = "y", strings.NewReader(*u.KeyPassphrase)
	}
	cmd.Args = []string{s.key.file, u.KeyType, bits, comment, secret, itoa(s.user.uid) + ":" + itoa(s.user.gid), s.user.home}
	_, failed, err := u.ran(h.Exec(ctx, cmd))
	return failed, err
}

func (u user) tool(ctx context.Context, h module.Host, argv []string) (module.Output, *module.Result, error) {
	return u.ran(onhost.Run(ctx, h, argv...))
}

func (u user) script(ctx context.Context, h module.Host, script string, args ...string) (*module.Result, error) {
	_, failed, err := u.ran(h.Exec(ctx, module.Cmd{Script: script, Args: args}))
	return failed, err
}

// ran makes a failure of a command that has failed.
func (u user) ran(out module.Output, err error) (module.Output, *module.Result, error) {
	if err != nil || out.Rc == 0 {
		return out, nil, err
	}
	r := module.Fail("%s", out.Stderr).With("name", u.Name).With("rc", out.Rc)
	return out, &r, nil
}
