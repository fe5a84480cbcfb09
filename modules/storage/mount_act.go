// Carrying out what was decided about a mount.

package storage

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// mkdirs makes the folder $1 and prints those that it had to make, the innermost last.
const mkdirs = `# make a folder to mount on
p= rest=${1#/}/
case $1 in /*) ;; *) p=. ;; esac
while [ -n "$rest" ]; do
	p=$p/${rest%%/*} rest=${rest#*/}
	[ -e "$p" ] || { mkdir "$p" && echo "$p" || exit 1; }
done`

func (m *mount) carry(ctx context.Context, h module.Host, d deeds) (module.Result, error) {
	var made []string
	if d.mkdir {
		out, err := h.Exec(ctx, module.Cmd{Script: mkdirs, Args: []string{m.path}})
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("Error making dir %s: %s", m.path, onhost.Said(out)), nil
		}
		made = module.Lines(out.Stdout)
	}
	backup := ""
	if d.text != nil {
		var err error
		if backup, err = m.write(*d.text, m.args.Backup).Do(ctx, h); err != nil {
			return onhost.Settle(module.Result{}, err)
		}
		if m.args.State != "mounted" && m.args.State != "present" {
			backup = "" // Ansible tells of it only where a line is set
		}
	}
	why, fails, err := m.act(ctx, h, d.act)
	if err != nil {
		return module.Result{}, err
	}
	if fails {
		return m.takeBack(ctx, h, d, made, why)
	}
	if d.rmdir {
		out, err := onhost.Run(ctx, h, "rmdir", m.path)
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("Error rmdir %s: %s", m.path, onhost.Said(out)), nil
		}
	}
	r := m.result(backup)
	r.Changed = true
	return r, nil
}

func (m *mount) write(text string, backup bool) onhost.Write {
	return onhost.Write{Path: m.fstab, Text: text, Backup: backup, Dirs: true}
}

// takeBack answers a step that failed: after a mount that did, fstab and the folders are as they were.
func (m *mount) takeBack(ctx context.Context, h module.Host, d deeds, made []string, why string) (module.Result, error) {
	switch d.act {
	case "umount":
		return module.Fail("Error unmounting %s: %s", m.path, why), nil
	case "remount":
		if m.args.State == "remounted" {
			return module.Fail("%s", why), nil
		}
	}
	msg := "Error mounting " + m.path + ": " + why
	if d.text != nil {
		before := m.file.Text
		if before != "" && !strings.HasSuffix(before, "\n") {
			before += "\n"
		}
		_, err := m.write(before, false).Do(ctx, h)
		kept, err := onhost.Settle(module.Result{}, err)
		if err != nil {
			return module.Result{}, err
		}
		if kept.Failed {
			msg += "; " + m.fstab + " could not be put back: " + kept.Msg
		}
	}
	for i := len(made) - 1; i >= 0; i-- {
		if _, err := onhost.Run(ctx, h, "rmdir", made[i]); err != nil {
			return module.Result{}, err
		}
	}
	return module.Fail("%s", msg), nil
}

// act mounts, mounts again or unmounts.
func (m *mount) act(ctx context.Context, h module.Host, verb string) (why string, fails bool, err error) {
	switch verb {
	case "mount":
		return m.run(ctx, h, m.mountWords())
	case "umount":
		return m.run(ctx, h, []string{"umount", m.path})
	case "remount":
		return m.remount(ctx, h)
	}
	return "", false, nil
}

func (m *mount) mountWords() []string {
	return append(append([]string{"mount"}, m.where()...), m.path)
}

// where are the words by which mount finds what is to be mounted.
func (m *mount) where() []string {
	if m.args.State == "ephemeral" {
		words := []string{"-t", *m.args.FSType}
		if m.opts != "defaults" {
			words = append(words, "-o", m.opts)
		}
		return append(words, m.src)
	}
	if m.fstab != "/etc/fstab" {
		return []string{"-T", m.fstab}
	}
	return nil
}

// remount asks for a remount, and unmounts and mounts where that is refused.
func (m *mount) remount(ctx context.Context, h module.Host) (why string, fails bool, err error) {
	own := m.args.State == "remounted" && m.opts != "defaults"
	words := []string{"mount", "-o", "remount"}
	if own {
		words[2] += "," + m.opts
	}
	why, fails, err = m.run(ctx, h, append(append(words, m.where()...), m.path))
	if err != nil || !fails {
		return why, fails, err
	}
	if own {
		return "Options were specified with remounted, but the remount command failed. Failing in order to prevent an unexpected mount result. " +
			"Try replacing this command with a \"state: unmounted\" followed by a \"state: mounted\" using the full desired mount options instead.", true, nil
	}
	if why, fails, err = m.run(ctx, h, []string{"umount", m.path}); err == nil && !fails {
		why, fails, err = m.run(ctx, h, m.mountWords())
	}
	if fails && m.args.State == "remounted" {
		why = "Error remounting " + m.path + ": " + why
	}
	return why, fails, err
}

func (m *mount) run(ctx context.Context, h module.Host, words []string) (why string, fails bool, err error) {
	out, err := onhost.Run(ctx, h, words...)
	return out.Stdout + out.Stderr, out.Rc != 0, err
}
