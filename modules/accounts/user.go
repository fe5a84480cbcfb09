package accounts

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// User makes, changes and removes users.
var User = module.Define(module.Spec{
	Name: "ansible.builtin.user",
	Doc:  "Make, change or remove a user of the machine.",
}, planUser)

type userArgs struct {
	Name           string    `arg:"name,required,alias=user" doc:"The user."`
	State          string    `arg:"state,default=present,choices=absent|present" doc:"Whether it is to be there."`
	UID            *int      `arg:"uid" doc:"Its number."`
	NonUnique      bool      `arg:"non_unique,default=no" doc:"Allow a number that another user has."`
	SEUser         *string   `arg:"seuser" doc:"Its SELinux user."`
	Comment        *string   `arg:"comment" doc:"Who it is (GECOS)."`
	Group          *string   `arg:"group" doc:"Its primary group, by name or number."`
	Groups         *[]string `arg:"groups" doc:"Its other groups; none at all with an empty list."`
	Append         bool      `arg:"append,default=no" doc:"Leave it in other groups than those, too."`
	Shell          *string   `arg:"shell,type=path" doc:"The shell it logs in to."`
	Home           *string   `arg:"home,type=path" doc:"Its home."`
	Skeleton       *string   `arg:"skeleton" doc:"The folder that a new home is a copy of."`
	CreateHome     bool      `arg:"create_home,default=yes,alias=createhome" doc:"Make the home where there is none."`
	MoveHome       bool      `arg:"move_home,default=no" doc:"Move what is in the old home to another."`
	Umask          *string   `arg:"umask" doc:"The umask by which a new home gets its mode."`
	Password       *string   `arg:"password,secret" doc:"The hash of its password; * or ! for none."`
	UpdatePassword string    `arg:"update_password,default=always,choices=always|on_create" doc:"Whether a password is set for a user that is there already."`
	PasswordLock   *bool     `arg:"password_lock" doc:"Whether nobody can log in by the password."`
	ExpireMax      *int      `arg:"password_expire_max" doc:"Days after which the password must be changed."`
	ExpireMin      *int      `arg:"password_expire_min" doc:"Days before which it cannot be changed again."`
	ExpireWarn     *int      `arg:"password_expire_warn" doc:"Days before its end from which on it is warned of."`
	Inactive       *int      `arg:"password_expire_account_disable" doc:"Days after the password's end on which the account is shut."`
	Expires        *float64  `arg:"expires" doc:"When the account ends, in seconds since 1970; a negative number: never."`
	System         bool      `arg:"system,default=no" doc:"Make a new user one of the system's."`
	Remove         bool      `arg:"remove,default=no" doc:"Remove its home and mail with it."`
	Force          bool      `arg:"force,default=no" doc:"Remove it although it is logged in; replace an SSH key that is there."`
	Local          bool      `arg:"local" doc:"Use the tools for local accounts where others come from a directory."`
	UIDMin         *int      `arg:"uid_min" doc:"The least number that a new user may get."`
	UIDMax         *int      `arg:"uid_max" doc:"The greatest number that a new user may get."`
	GenerateKey    bool      `arg:"generate_ssh_key" doc:"Make an SSH key for it, if there is none."`
	KeyBits        int       `arg:"ssh_key_bits,default=0" doc:"The size of that key; 0: as ssh-keygen likes."`
	KeyType        string    `arg:"ssh_key_type,default=rsa" doc:"Its type."`
	KeyFile        *string   `arg:"ssh_key_file,type=path" doc:"Where it is, in the home if the path is relative; .ssh/id_TYPE by default."`
	KeyComment     *string   `arg:"ssh_key_comment" doc:"What is written behind it; by default where it was made."`
	KeyPassphrase  *string   `arg:"ssh_key_passphrase,secret" doc:"The passphrase of the key; none by default."`
	Hidden         *bool     `arg:"hidden" doc:"Of macOS; nothing on Linux."`
	LoginClass     *string   `arg:"login_class" doc:"Of the BSDs; nothing on Linux."`
	Profile        *string   `arg:"profile" doc:"Of Solaris; nothing on Linux."`
	Authorization  *string   `arg:"authorization" doc:"Of Solaris; nothing on Linux."`
	Role           *string   `arg:"role" doc:"Of Solaris; nothing on Linux."`
}

func (a userArgs) check() *module.Result {
	switch {
	case a.Local && a.Umask != nil:
		return failure("'umask' can not be used with 'local'")
	case a.Local && a.UIDMin != nil:
		return failure("'uid_min' can not be used with 'local'")
	case a.Local && a.UIDMax != nil:
		return failure("'uid_max' can not be used with 'local'")
	}
	return nil
}

// others are the further groups that were asked for, each once.
func (a userArgs) others() []string {
	if a.Groups == nil {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, part := range strings.Split(strings.Join(*a.Groups, ","), ",") {
		if part = strings.TrimSpace(part); part != "" && !seen[part] {
			seen[part] = true
			out = append(out, part)
		}
	}
	return out
}

// warnings are about arguments that can hardly be meant.
func (a userArgs) warnings() []string {
	var out []string
	if a.Append && a.Groups == nil {
		out = append(out, "'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups.")
	}
	if a.Password != nil && *a.Password != "" && !looksHashed(*a.Password) {
		out = append(out, "The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to work properly.")
	}
	return out
}

var notOfAHash = regexp.MustCompile(`[^a-zA-Z0-9./=]`)

// hashLengths is how long the hashes of some methods are.
var hashLengths = map[string]int{"1": 22, "5": 43, "6": 86, "y": 43}

func looksHashed(password string) bool {
	if password == "*" || password == "!" || password == "*************" {
		return true
	}
	fields := strings.Split(password, "$")
	if strings.ContainsAny(password, ":*!") || len(fields) < 3 {
		return false
	}
	hash := fields[len(fields)-1]
	n, known := hashLengths[fields[1]]
	return !notOfAHash.MatchString(hash) && (!known || len(hash) == n)
}

func planUser(ctx context.Context, v module.View, a userArgs) (module.Plan, error) {
	if r := a.check(); r != nil {
		return module.Done(*r), nil
	}
	u := user{userArgs: a}
	s, err := u.look(ctx, v.Query)
	if err != nil {
		return module.Plan{}, err
	}
	if a.Local && !s.localFile {
		return module.Done(module.Fail("'local: true' specified but unable to find local account file /etc/passwd to parse.")), nil
	}
	if a.State == "absent" {
		return u.planRemoval(s), nil
	}
	todo, failed := u.decide(s)
	if failed != nil {
		return module.Done(*failed), nil
	}
	r := u.result(s)
	if todo.nothing() {
		r = u.withKey(u.told(r, s), s, true)
		r.Warnings = append(a.warnings(), todo.warnings...)
		return module.Done(r), nil
	}
	if s.user == nil {
		r = module.Result{} // check mode tells no more of a user that is not there
	} else {
		r = u.withKey(u.told(r, s), s, false)
	}
	r.Warnings = append(a.warnings(), todo.warnings...)
	return module.Change(u.diff(s, todo), func(ctx context.Context, h module.Host) (module.Result, error) {
		return u.carry(ctx, h, s, todo)
	}).Predicting(r), nil
}

// user is a task of the module.
type user struct{ userArgs }

// result is what every answer has.
func (u user) result(s userSight) module.Result {
	r := module.Result{}.With("name", u.Name).With("state", u.State)
	if u.State == "absent" {
		return r
	}
	if s.user != nil {
		r = r.With("append", u.Append).With("move_home", u.MoveHome)
	} else {
		r = r.With("system", u.System).With("create_home", u.CreateHome)
	}
	if u.Password != nil {
		r = r.With("password", "NOT_LOGGING_PASSWORD")
	}
	return r
}

// told adds what the host says about the user.
func (u user) told(r module.Result, s userSight) module.Result {
	r = r.With("uid", s.user.uid).With("group", s.user.gid).With("comment", s.user.comment).With("home", s.user.home).With("shell", s.user.shell)
	if u.Groups != nil {
		r = r.With("groups", strings.Join(*u.Groups, ","))
	}
	return r
}

// withKey adds the SSH key, if one was asked for. A key that is not there yet is foretold without its fingerprint.
func (u user) withKey(r module.Result, s userSight, done bool) module.Result {
	if !u.GenerateKey {
		return r
	}
	fingerprint := s.key.fingerprint
	if !s.key.private && !done {
		fingerprint = ""
	}
	var public any
	if s.key.public {
		public = strings.TrimSpace(s.key.text)
	}
	return r.With("ssh_fingerprint", fingerprint).With("ssh_key_file", s.key.file).With("ssh_public_key", public)
}

func (u user) planRemoval(s userSight) module.Plan {
	r := u.result(s)
	r.Warnings = u.warnings()
	if s.user == nil {
		return module.Done(r)
	}
	argv := u.removal(s)
	return module.Change(module.Text(u.Name+"\n", ""), func(ctx context.Context, h module.Host) (module.Result, error) {
		out, failed, err := u.tool(ctx, h, argv)
		if failed != nil || err != nil {
			return orZero(failed), err
		}
		r.Data = r.Data.Clone()
		r.Changed = true
		return printed(r.With("force", u.Force).With("remove", u.Remove), []module.Output{out}), nil
	}).Predicting(module.Result{Warnings: r.Warnings})
}

func (u user) removal(s userSight) []string {
	switch {
	case s.busybox && u.Remove:
		return []string{"deluser", u.Name, "--remove-home"}
	case s.busybox:
		return []string{"deluser", u.Name}
	}
	argv := []string{"userdel"}
	if u.Local {
		argv[0] = "luserdel"
	} else if u.Force {
		argv = append(argv, "-f")
	}
	if u.Remove {
		argv = append(argv, "-r")
	}
	return append(argv, u.Name)
}

// diff shows the account before and after, without its password.
func (u user) diff(s userSight, d deeds) module.Diff {
	before := &value.Map{}
	if s.user != nil {
		before = value.NewMap("uid", s.user.uid, "group", s.user.gid, "comment", s.user.comment, "home", s.user.home, "shell", s.user.shell,
			"groups", strings.Join(s.member, ","))
	}
	after := before.Clone()
	set := func(key string, v any, given bool) {
		if given {
			after.Set(key, v)
		}
	}
	set("uid", orNil(u.UID), u.UID != nil)
	set("group", orNil(u.Group), u.Group != nil && d.primary)
	set("comment", orNil(u.Comment), u.Comment != nil)
	set("home", orNil(u.Home), u.Home != nil)
	set("shell", orNil(u.Shell), u.Shell != nil)
	set("groups", strings.Join(d.groups, ","), d.regroup)
	text := func(m *value.Map) string {
		var b strings.Builder
		for k, v := range m.All() {
			b.WriteString(value.Str(k) + ": " + value.Str(v) + "\n")
		}
		return b.String()
	}
	diff := module.Text(text(before), text(after))
	if diff.Before == diff.After {
		diff.After += "changed: " + strings.Join(d.topics(), ", ") + "\n"
	}
	return diff
}

func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func itoa(n int) string { return strconv.Itoa(n) }
