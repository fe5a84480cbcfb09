// Deciding what is to be done about a user: the commands of shadow-utils, of libuser, of busybox.

package accounts

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// deeds are what is to be done, in the order of the fields.
type deeds struct {
	makeParents bool       // the home is made before the user, because the folder above it is missing
	commands    [][]string // useradd, usermod and their like
	inputs      []string   // for the commands, where one takes any
	makeHome    bool
	makeKey     bool
	age         []string // chage
	regroup     bool     // the groups become others
	groups      []string // which
	primary     bool     // the primary group becomes another
	warnings    []string
}

func (d deeds) nothing() bool {
	return len(d.commands) == 0 && !d.makeHome && !d.makeKey && d.age == nil
}

// topics names what is done, where no visible property of the account tells.
func (d deeds) topics() []string {
	var out []string
	for _, c := range d.commands {
		out = append(out, c[0])
	}
	if d.makeHome {
		out = append(out, "home")
	}
	if d.makeKey {
		out = append(out, "SSH key")
	}
	if d.age != nil {
		out = append(out, "password's age")
	}
	return out
}

func (d *deeds) do(argv ...string) {
	d.commands, d.inputs = append(d.commands, argv), append(d.inputs, "")
}

// decide finds what a user that is to be there lacks.
func (u user) decide(s userSight) (deeds, *module.Result) {
	var d deeds
	groups := u.others()
	var failed *module.Result
	switch {
	case s.user == nil && u.Group != nil:
		failed = s.missingGroup(append([]string{*u.Group}, groups...)...)
	case u.Group != nil && !s.busybox:
		failed = s.missingGroup(append([]string{*u.Group}, groups...)...)
	default:
		failed = s.missingGroup(groups...)
	}
	if failed != nil {
		return d, failed
	}
	switch {
	case s.user == nil && s.busybox:
		u.addByBusybox(&d)
	case s.user == nil:
		u.add(&d, s)
	case s.busybox:
		u.changeByBusybox(&d, s)
	default:
		u.change(&d, s)
	}
	if s.user != nil {
		d.makeHome = u.CreateHome && !s.homeThere
		u.decideAge(&d, s.shadow)
	}
	u.decideKey(&d, s)
	return d, nil
}

// date is when an account ends, as useradd and usermod take it.
func (u user) date() string {
	if *u.Expires < 0 {
		return ""
	}
	return time.Unix(int64(math.Floor(*u.Expires)), 0).UTC().Format(time.DateOnly)
}

// days is the same as lchage takes it.
func (u user) days() string {
	if *u.Expires < 0 {
		return "-1"
	}
	return itoa(int(math.Floor(*u.Expires)) / 86400)
}

func (u user) lockedPassword() string {
	if u.PasswordLock != nil && *u.PasswordLock {
		return "!" + *u.Password
	}
	return *u.Password
}

// add makes the user with useradd, or luseradd.
func (u user) add(d *deeds, s userSight) {
	argv := []string{"useradd"}
	if u.Local {
		argv[0] = "luseradd"
	}
	add := func(words ...string) { argv = append(argv, words...) }
	if u.UID != nil {
		add("-u", itoa(*u.UID))
		if u.NonUnique {
			add("-o")
		}
	}
	if u.SEUser != nil {
		add("-Z", *u.SEUser)
	}
	switch {
	case u.Group != nil:
		add("-g", *u.Group)
	case s.namesake && u.Local:
		add("-n")
	case s.namesake:
		add("-N")
	}
	groups := u.others()
	if len(groups) > 0 && !u.Local {
		add("-G", strings.Join(groups, ","))
	}
	if u.Comment != nil {
		add("-c", *u.Comment)
	}
	if u.Home != nil {
		d.makeParents = u.CreateHome && !s.parent
		add("-d", s.home)
	}
	argv = append(argv, u.addRest()...)
	d.do(append(argv, u.Name)...)
	d.regroup, d.groups, d.primary = len(groups) > 0, groups, true
	if !u.Local {
		if u.Password != nil {
			u.chpasswd(d, u.lockedPassword())
		}
		return
	}
	if u.Expires != nil {
		d.do("lchage", "-E", u.days(), u.Name)
	}
	for _, g := range groups {
		d.do("lgroupmod", "-M", u.Name, g)
	}
}

// addRest are the arguments of useradd from the shell on.
func (u user) addRest() []string {
	var argv []string
	add := func(words ...string) { argv = append(argv, words...) }
	if u.Shell != nil {
		add("-s", *u.Shell)
	}
	if u.Expires != nil && !u.Local {
		add("-e", u.date())
	}
	if u.Inactive != nil {
		add("-f", itoa(*u.Inactive))
	}
	if u.Password != nil && u.Local {
		add("-p", u.lockedPassword())
	}
	switch {
	case !u.CreateHome:
		add("-M")
	default:
		if !u.Local {
			add("-m")
		}
		if u.Skeleton != nil {
			add("-k", *u.Skeleton)
		}
		if u.Umask != nil {
			add("-K", "UMASK="+*u.Umask)
		}
	}
	if u.System {
		add("-r")
	}
	return append(argv, u.bounds()...)
}

// bounds are the limits for the number of a new user.
func (u user) bounds() []string {
	var argv []string
	if u.UIDMin != nil {
		argv = append(argv, "-K", "UID_MIN="+itoa(*u.UIDMin))
	}
	if u.UIDMax != nil {
		argv = append(argv, "-K", "UID_MAX="+itoa(*u.UIDMax))
	}
	return argv
}

// change brings a user that is there into its state with usermod, or lusermod.
func (u user) change(d *deeds, s userSight) {
	argv := []string{"usermod"}
	if u.Local {
		argv[0] = "lusermod"
	}
	add := func(words ...string) { argv = append(argv, words...) }
	if u.UID != nil && *u.UID != s.user.uid {
		add("-u", itoa(*u.UID))
		if u.NonUnique {
			add("-o")
		}
	}
	if u.Group != nil && s.asked[*u.Group].gid != s.user.gid {
		add("-g", itoa(s.asked[*u.Group].gid))
		d.primary = true
	}
	toAdd, toDrop := u.regroup(d, s, add)
	if u.Comment != nil && *u.Comment != s.user.comment {
		add("-c", *u.Comment)
	}
	if u.Home != nil && s.home != s.user.home {
		add("-d", s.home)
		if u.MoveHome {
			add("-m")
		}
	}
	if u.Shell != nil && *u.Shell != s.user.shell {
		add("-s", *u.Shell)
	}
	ends := u.ends(s.shadow)
	if ends && !u.Local {
		add("-e", u.date())
	}
	if u.Inactive != nil {
		add("-f", itoa(*u.Inactive))
	}
	anew := u.newPassword(s)
	switch {
	case !anew:
		argv = u.changeLock(argv, s)
	case u.Local: // its tools take a password in no other way
		argv = append(argv, "-p", u.lockedPassword())
	}
	if len(argv) > 1 {
		d.do(append(argv, u.Name)...)
	}
	if anew && !u.Local {
		u.chpasswd(d, u.lockedPassword())
	}
	if ends && u.Local {
		d.do("lchage", "-E", u.days(), u.Name)
	}
	for _, g := range toAdd {
		d.do("lgroupmod", "-M", u.Name, g)
	}
	for _, g := range toDrop {
		d.do("lgroupmod", "-m", u.Name, g)
	}
}

// regroup decides about the further groups. The tools for local accounts take them one by one.
func (u user) regroup(d *deeds, s userSight, add func(...string)) (toAdd, toDrop []string) {
	if u.Groups == nil {
		return nil, nil
	}
	var want []string
	for _, g := range u.others() {
		if name := s.asked[g].name; !slices.Contains(want, name) {
			want = append(want, name)
		}
	}
	missing, surplus := without(want, s.member), without(s.member, want)
	if u.Append {
		surplus = nil
	}
	if len(missing) == 0 && len(surplus) == 0 {
		return nil, nil
	}
	d.regroup, d.groups = true, want
	if u.Append {
		d.groups = append(slices.Clone(s.member), missing...)
	}
	switch {
	case u.Local:
		return missing, surplus
	case u.Append && !s.appends:
		add("-A", strings.Join(missing, ","))
		return nil, nil
	case u.Append:
		add("-a")
	}
	add("-G", strings.Join(want, ","))
	return nil, nil
}

func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(others, s) })
}

// ends tells whether the account is to end on another day.
func (u user) ends(now shadowLine) bool {
	switch {
	case u.Expires == nil:
		return false
	case *u.Expires < 0:
		return now.expires >= 0
	}
	today := time.Unix(int64(now.expires)*86400, 0).UTC().Format(time.DateOnly)
	return now.expires < 0 || today != u.date()
}

// newPassword tells whether a user that is there gets another password.
func (u user) newPassword(s userSight) bool {
	return u.UpdatePassword == "always" && u.Password != nil && strings.TrimLeft(s.user.password, "!") != strings.TrimLeft(*u.Password, "!")
}

// chpasswd sets a password by its hash, which it gives to the program's input: in an argument, as Ansible gives it to useradd and usermod,
// everybody on the host could read it.
func (u user) chpasswd(d *deeds, hash string) {
	d.do("chpasswd", "--encrypted")
	d.inputs[len(d.inputs)-1] = u.Name + ":" + hash
}

// changeLock adds what locks or unlocks the password.
func (u user) changeLock(argv []string, s userSight) []string {
	locked := strings.HasPrefix(s.user.password, "!")
	switch {
	case u.PasswordLock != nil && *u.PasswordLock && !locked:
		return append(argv, "-L")
	case u.PasswordLock != nil && !*u.PasswordLock && locked:
		return append(argv, "-U")
	}
	return argv
}

// decideAge sets how long the password is good.
func (u user) decideAge(d *deeds, now shadowLine) {
	if !now.known {
		return
	}
	var argv []string
	add := func(flag string, want *int, have int) {
		if want != nil && *want != have {
			argv = append(argv, flag, itoa(*want))
		}
	}
	add("-m", u.ExpireMin, now.min)
	add("-M", u.ExpireMax, now.max)
	add("-W", u.ExpireWarn, now.warn)
	if argv != nil {
		d.age = append(append([]string{"chage"}, argv...), u.Name)
	}
}

// decideKey makes an SSH key unless there is one.
func (u user) decideKey(d *deeds, s userSight) {
	if !u.GenerateKey {
		return
	}
	for _, k := range []struct {
		there      bool
		kind, file string
	}{{s.key.private, "private", s.key.file}, {s.key.public, "public", s.key.file + ".pub"}} {
		switch {
		case !k.there:
		case u.Force:
			d.warnings = append(d.warnings, "Overwriting existing ssh key "+k.kind+` file "`+k.file+`"`)
		default:
			d.warnings = append(d.warnings, "Found existing ssh key "+k.kind+` file "`+k.file+`", no force, so skipping ssh-keygen generation`)
			return
		}
	}
	d.makeKey = true
}
