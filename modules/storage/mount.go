// Package storage holds the modules about what a machine keeps its files on.
package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Mount keeps a file system in fstab, and mounts it.
var Mount = module.Define(module.Spec{
	Name: "ansible.posix.mount",
	Doc:  "Keep a file system in fstab, and mount or unmount it.",
}, planMount)

type mountArgs struct {
	Path      string  `arg:"path,required,type=path,alias=name" doc:"Where it is mounted."`
	State     string  `arg:"state,required,choices=absent|absent_from_fstab|mounted|present|unmounted|remounted|ephemeral" doc:"present and absent_from_fstab are about fstab alone, unmounted and remounted about the mount alone, mounted and absent about both; ephemeral mounts without fstab."`
	Src       *string `arg:"src,type=path" doc:"What is mounted. Required with mounted, present and ephemeral."`
	FSType    *string `arg:"fstype" doc:"Its type. Required with the same."`
	Opts      *string `arg:"opts" doc:"The options of the mount; defaults if none are given."`
	OptsNoLog bool    `arg:"opts_no_log,default=no" doc:"Do not show the options."`
	Dump      string  `arg:"dump,default=0" doc:"The fifth field of fstab."`
	PassNo    string  `arg:"passno,default=0" doc:"The sixth field of fstab."`
	FSTab     *string `arg:"fstab" doc:"Another file than /etc/fstab."`
	Boot      bool    `arg:"boot,default=yes" doc:"Mount it at boot; otherwise noauto is among its options."`
	Backup    bool    `arg:"backup,default=no" doc:"Keep a copy of fstab as it was."`
}

// mountProbe answers fstab, which may be missing, the mounts, whether the path is there, the path, whether it stands on another file
// system than the folder above it, and the source. $1 path, $2 source, $3 fstab.
const mountProbe = `
give "$3"
give /proc/self/mountinfo
[ -e "$1" ] && say y || say n
say "$1"
parent=${1%/}; parent=${parent%/*}
on=n
if [ -e "$1" ] && [ ! -L "$1" ]; then
	[ "$(stat -c %d "$1" 2>/dev/null)" = "$(stat -c %d "${parent:-/}/" 2>/dev/null)" ] || on=y
	[ "$(stat -c %i "$1" 2>/dev/null)" != "$(stat -c %i "${parent:-/}/" 2>/dev/null)" ] || on=y
fi
say $on
say "$2"
`

func planMount(ctx context.Context, v module.View, a mountArgs) (module.Plan, error) {
	if (a.State == "mounted" || a.State == "present" || a.State == "ephemeral") && (a.Src == nil || a.FSType == nil) {
		var missing []string
		if a.Src == nil {
			missing = append(missing, "src")
		}
		if a.FSType == nil {
			missing = append(missing, "fstype")
		}
		return module.Done(module.Fail("state is %s but all of the following are missing: %s", a.State, strings.Join(missing, ", "))), nil
	}
	src, fstab := "", "/etc/fstab"
	if a.Src != nil {
		src = *a.Src
	}
	if a.FSTab != nil {
		fstab = *a.FSTab
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at mounts", mountProbe, []string{a.Path, src, fstab}))
	if err != nil {
		return module.Plan{}, err
	}
	m := mount{args: a, fstab: fstab, file: f.File(), mounts: parseMounts(f.File().Text), there: f.Next() == "y", path: f.Next(), on: f.Next() == "y", src: f.Next()}
	m.options()
	return m.plan(), f.Err()
}

// mount is a task of the module, after the look.
type mount struct {
	args     mountArgs
	fstab    string
	file     onhost.File
	mounts   map[string]mounted
	there    bool // there is something at the path
	path     string
	on       bool // the path stands on a file system of its own
	src      string
	opts     string
	boot     string
	warnings []string
}

// options works out the options, with noauto for what is not mounted at boot.
func (m *mount) options() {
	m.opts, m.boot = "defaults", "yes"
	if m.args.Opts != nil {
		m.opts = *m.args.Opts
	}
	switch {
	case m.args.Boot && slices.Contains(strings.Split(m.opts, ","), "noauto"):
		m.warnings = append(m.warnings, "Ignore the 'boot' due to 'opts' contains 'noauto'.")
	case !m.args.Boot:
		m.boot = "no"
		m.opts += ",noauto"
	}
}

// result is the answer, which shows fstab's fields.
func (m *mount) result(backup string) module.Result {
	opts := m.opts
	if m.args.OptsNoLog {
		opts = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
	}
	r := module.Result{Warnings: m.warnings}.With("name", m.path).With("opts", opts).With("dump", m.args.Dump).With("passno", m.args.PassNo).
		With("fstab", m.fstab).With("boot", m.boot).With("backup_file", backup)
	if m.args.Src != nil {
		r = r.With("src", m.src)
	}
	if m.args.FSType != nil {
		r = r.With("fstype", *m.args.FSType)
	}
	return r
}

// mountedHere tells whether something is mounted at the path.
func (m *mount) mountedHere() bool {
	_, bound := m.mounts[m.path]
	return m.on || bound
}

// deeds are what is to be done.
type deeds struct {
	text  *string // of fstab
	mkdir bool
	act   string // mount, remount, umount
	rmdir bool
}

func (m *mount) plan() module.Plan {
	d, failed := m.decide()
	switch {
	case failed != "":
		return module.Done(module.Fail("%s", failed))
	case d.text == nil && d.act == "" && !d.rmdir:
		if m.args.State != "ephemeral" && !m.file.Exists {
			return m.touch()
		}
		return module.Done(m.result(""))
	}
	return module.Change(m.diff(d), func(ctx context.Context, h module.Host) (module.Result, error) { return m.carry(ctx, h, d) }).Predicting(m.result(""))
}

// touch makes an fstab that is missing, which is not called a change.
func (m *mount) touch() module.Plan {
	return module.Change(module.Diff{}, func(ctx context.Context, h module.Host) (module.Result, error) {
		_, err := onhost.Write{Path: m.fstab, Dirs: true}.Do(ctx, h)
		return onhost.Settle(m.result(""), err)
	}).Predicting(m.result("")).Quietly()
}

func (m *mount) diff(d deeds) module.Diff {
	if m.args.OptsNoLog {
		return module.Diff{Before: "(options are not shown)\n", After: "(options are not shown, changed)\n", BeforeHeader: m.fstab, AfterHeader: m.fstab}
	}
	if d.text != nil {
		return onhost.Diff(m.fstab, m.file.Text, *d.text)
	}
	return module.Text("", fmt.Sprintf("%s %s\n", d.act, m.path))
}

func (m *mount) decide() (d deeds, failed string) {
	switch m.args.State {
	case "present":
		d.text = m.set()
	case "absent_from_fstab":
		d.text = m.unset()
	case "absent":
		if d.text = m.unset(); d.text != nil {
			d.rmdir = m.there
			if m.mountedHere() {
				d.act = "umount"
			}
		}
	case "unmounted":
		if m.mountedHere() {
			d.act = "umount"
		}
	case "remounted":
		d.act = "remount"
	case "mounted":
		d.text, d.mkdir, d.act = m.set(), !m.there, "mount"
		if m.on || m.mounts[m.path].src == m.src && m.src != "" {
			d.act = ""
			if d.text != nil {
				d.act = "remount"
			}
		}
	case "ephemeral":
		d.mkdir, d.act = !m.there, "mount"
		if m.mountedHere() {
			d.act = "remount"
			if m.mounts[m.path].src != m.src && m.mounts[m.path].device != m.src {
				return d, "Ephemeral mount point is already mounted with a different source than the specified one. Failing in order to prevent an " +
					"unwanted unmount or override operation. Try replacing this command with a \"state: unmounted\" followed by a \"state: ephemeral\", or use a different destination path."
			}
		}
	}
	return d, ""
}
