package accounts

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Group makes and removes groups of users.
var Group = module.Define(module.Spec{
	Name: "ansible.builtin.group",
	Doc:  "Make, change or remove a group of users.",
}, planGroup)

type groupArgs struct {
	Name      string `arg:"name,required" doc:"The group."`
	State     string `arg:"state,default=present,choices=absent|present" doc:"Whether it is to be there."`
	GID       *int   `arg:"gid" doc:"Its number."`
	System    bool   `arg:"system,default=no" doc:"Give a new group a number of the system's."`
	Force     bool   `arg:"force,default=no" doc:"Remove it although it is the primary group of a user."`
	Local     bool   `arg:"local,default=no" doc:"Use the tools for local accounts where others come from a directory."`
	NonUnique bool   `arg:"non_unique,default=no" doc:"Allow a number that another group has."`
	GIDMin    *int   `arg:"gid_min" doc:"The least number that a new group may get."`
	GIDMax    *int   `arg:"gid_max" doc:"The greatest number that a new group may get."`
}

// groupProbe answers the kind of system, the group, whether it stands in the local file, and all groups. $1 is its name.
const groupProbe = entFunction + `
say "$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null)"
say "$(ent group "$1")"
if [ -e /etc/group ]; then grep -q "^$1:" /etc/group && say y || say n; else say none; fi
give /etc/group
say "$(all group)"
`

// groupSight is what is known of a group.
type groupSight struct {
	busybox bool
	group   *groupLine
	local   string // y, n, or none: there is no file
	file    onhost.File
	all     []*groupLine
}

func lookAtGroup(ctx context.Context, ask func(context.Context, module.Cmd) (module.Output, error), name string) (groupSight, error) {
	out, err := ask(ctx, onhost.Probe("look at a group", groupProbe, nil, name))
	if err != nil {
		return groupSight{}, err
	}
	f := onhost.Read(out)
	s := groupSight{busybox: usesBusybox(f.Next()), group: parseGroup(f.Next()), local: f.Next(), file: f.File()}
	if s.group != nil && s.group.name != name {
		s.group = nil // a name of digits was taken for a number
	}
	for _, line := range f.Lines() {
		if g := parseGroup(line); g != nil {
			s.all = append(s.all, g)
		}
	}
	return s, f.Err()
}

// usesBusybox tells systems that have the account tools of busybox.
func usesBusybox(id string) bool {
	id = strings.Trim(id, `"'`)
	return id == "alpine" || id == "buildroot"
}

func (a groupArgs) check() *module.Result {
	switch {
	case a.NonUnique && a.GID == nil:
		return failure("non_unique is True but all of the following are missing: gid")
	case a.Force && a.Local:
		return failure("force is not a valid option for local, force=True and local=True are mutually exclusive")
	case a.Local && a.GIDMin != nil:
		return failure("'gid_min' can not be used with 'local'")
	case a.Local && a.GIDMax != nil:
		return failure("'gid_max' can not be used with 'local'")
	}
	return nil
}

func planGroup(ctx context.Context, v module.View, a groupArgs) (module.Plan, error) {
	if r := a.check(); r != nil {
		return module.Done(*r), nil
	}
	s, err := lookAtGroup(ctx, v.Query, a.Name)
	if err != nil {
		return module.Plan{}, err
	}
	if a.Local && s.local == "none" {
		return module.Done(module.Fail("'local: true' specified but unable to find local group file /etc/group to parse.")), nil
	}
	exists := a.exists(s)
	step, failed := a.step(s, exists)
	switch {
	case failed != nil:
		return module.Done(*failed), nil
	case step == nil:
		return module.Done(a.result(s)), nil
	}
	predicted := module.Result{}
	if exists && a.State == "present" {
		predicted = a.result(s)
	}
	step.Refused = func(out module.Output) module.Result { return module.Fail("%s", out.Stderr).With("name", a.Name) }
	return module.Change(a.diff(s, exists), func(ctx context.Context, h module.Host) (module.Result, error) {
		outs, failed, err := onhost.Carry(ctx, h, []onhost.Step{*step})
		if failed != nil || err != nil {
			return orZero(failed), err
		}
		s, err := lookAtGroup(ctx, h.Exec, a.Name)
		if err != nil {
			return module.Result{}, err
		}
		r := a.result(s)
		r.Changed = true
		return printed(r, outs), nil
	}).Predicting(predicted), nil
}

func orZero(r *module.Result) module.Result {
	if r == nil {
		return module.Result{}
	}
	return *r
}

// printed adds what tools have printed to a result.
func printed(r module.Result, outs []module.Output) module.Result {
	var stdout, stderr string
	for _, o := range outs {
		stdout, stderr = stdout+o.Stdout, stderr+o.Stderr
	}
	if stdout != "" {
		r = r.With("stdout", stdout)
	}
	if stderr != "" {
		r = r.With("stderr", stderr)
	}
	return r
}

func (a groupArgs) exists(s groupSight) bool {
	if a.Local {
		return s.local == "y"
	}
	return s.group != nil
}

func (a groupArgs) result(s groupSight) module.Result {
	r := module.Result{}.With("name", a.Name).With("state", a.State)
	if a.exists(s) && s.group != nil {
		r = r.With("system", a.System).With("gid", s.group.gid)
	}
	return r
}

func (a groupArgs) diff(s groupSight, exists bool) module.Diff {
	line := func(gid string) string { return strings.TrimSpace(a.Name+" "+gid) + "\n" }
	before, after, wanted := "", "", ""
	if a.GID != nil {
		wanted = strconv.Itoa(*a.GID)
	}
	if exists && s.group != nil {
		before = line(strconv.Itoa(s.group.gid))
	}
	if a.State == "present" {
		after = line(wanted)
	}
	return module.Text(before, after)
}

// step is the one thing to be done, nil if there is nothing.
func (a groupArgs) step(s groupSight, exists bool) (*onhost.Step, *module.Result) {
	switch {
	case a.State == "absent" && exists:
		step := onhost.Do(a.remove(s)...)
		return &step, nil
	case a.State == "absent":
		return nil, nil
	case !exists:
		step := onhost.Do(a.add(s)...)
		return &step, a.taken(s)
	case a.GID == nil || s.group == nil || s.group.gid == *a.GID:
		return nil, nil
	case s.busybox:
		return a.rewrite(s)
	}
	argv := []string{a.tool("groupmod"), "-g", strconv.Itoa(*a.GID)}
	if a.NonUnique {
		argv = append(argv, "-o")
	}
	step := onhost.Do(append(argv, a.Name)...)
	return &step, a.taken(s)
}

func (a groupArgs) tool(name string) string {
	if a.Local {
		return "l" + name
	}
	return name
}

// taken refuses a number that another group has, which the tools for local accounts do not look for.
func (a groupArgs) taken(s groupSight) *module.Result {
	if !a.Local || a.GID == nil || *a.GID == 0 {
		return nil
	}
	for _, g := range s.all {
		if g.gid == *a.GID && g.name != a.Name {
			return failure("GID '%d' already exists with group '%s'", *a.GID, g.name)
		}
	}
	return nil
}

func (a groupArgs) remove(s groupSight) []string {
	switch {
	case s.busybox:
		return []string{"delgroup", a.Name}
	case a.Force:
		return []string{"groupdel", "-f", a.Name}
	}
	return []string{a.tool("groupdel"), a.Name}
}

func (a groupArgs) add(s groupSight) []string {
	argv, system := []string{a.tool("groupadd")}, "-r"
	if s.busybox {
		argv, system = []string{"addgroup"}, "-S"
	}
	if a.GID != nil {
		argv = append(argv, "-g", strconv.Itoa(*a.GID))
		if a.NonUnique && !s.busybox {
			argv = append(argv, "-o")
		}
	}
	if a.System {
		argv = append(argv, system)
	}
	if a.GIDMin != nil {
		argv = append(argv, "-K", "GID_MIN="+strconv.Itoa(*a.GIDMin))
	}
	if a.GIDMax != nil {
		argv = append(argv, "-K", "GID_MAX="+strconv.Itoa(*a.GIDMax))
	}
	return append(argv, a.Name)
}

// rewrite gives the group another number where no tool can.
func (a groupArgs) rewrite(s groupSight) (*onhost.Step, *module.Result) {
	if strings.Contains(s.file.Text, fmt.Sprintf(":%d:", *a.GID)) {
		return nil, failure("gid '%d' in use", *a.GID)
	}
	old, now := fmt.Sprintf("%s:x:%d:", a.Name, s.group.gid), fmt.Sprintf("%s:x:%d:", a.Name, *a.GID)
	step := onhost.Text(onhost.Write{Path: "/etc/group", Text: strings.ReplaceAll(s.file.Text, old, now)}, s.file.Text)
	return &step, nil
}
