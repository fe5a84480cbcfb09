// Looking at a user: one probe, and what it tells.

package accounts

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// userProbe answers in the order in which look reads. $1 home asked for, $2 file of the SSH key, $3 user, $4 y if a key is wanted; then come the
// groups that were asked for.
const userProbe = entFunction + `
home=$1 key=$2 name=$3 wants=$4
shift 4
say "$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null)"
[ -e /etc/passwd ] && say y || say n
line=$(ent passwd "$name")
case $line in "$name":*) ;; *) line= ;; esac
say "$line"
grep -q "^$name:" /etc/passwd 2>/dev/null && say y || say n
say "$(ent shadow "$name" || grep "^$name:" /etc/shadow 2>/dev/null)"
say "$(all group)"
say "$(ent group "$name")"
for g; do say "$(ent group "$g")"; done
own=$(printf %s "$line" | cut -d: -f6)
say "$home"
: "${home:=$own}"
[ -e "$home" ] && say y || say n
[ -d "${home%/*}/" ] && say y || say n
usermod --help 2>&1 | grep -q '^ *-a, --append' && say y || say n
say "$(uname -n)"
if [ "$wants" = y ]; then
	case $key in /*) ;; *) key=$own/$key ;; esac
	say "$key"
	[ -e "$key" ] && say y || say n
	[ -e "$key.pub" ] && say y || say n
	if [ -e "$key" ]; then say "$(ssh-keygen -l -f "$key" 2>&1)"; else say; fi
	give "$key.pub"
fi
`

// userSight is what a host knows of a user.
type userSight struct {
	busybox   bool
	localFile bool      // there is a file of local accounts
	user      *userLine // with the password of the shadow file; nil: there is none
	shadow    shadowLine
	member    []string // groups that name it
	namesake  bool     // there is a group of its name
	asked     map[string]*groupLine
	home      string // asked for, as the host fills it in; empty: none was
	homeThere bool
	parent    bool
	appends   bool // usermod has --append
	host      string
	key       keySight
}

// shadowLine is what the shadow file says: numbers that it leaves out are -1.
type shadowLine struct {
	known                   bool
	password                string
	min, max, warn, expires int
}

// keySight is an SSH key of the user.
type keySight struct {
	file            string
	private, public bool
	fingerprint     string
	text            string // of the public key
}

func parseShadow(line string) shadowLine {
	f := strings.Split(strings.TrimRight(line, "\n"), ":")
	if len(f) < 8 {
		return shadowLine{}
	}
	number := func(s string) int {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
		return -1
	}
	return shadowLine{true, f[1], number(f[3]), number(f[4]), number(f[5]), number(f[7])}
}

// look asks the host about the user.
func (u user) look(ctx context.Context, ask func(context.Context, module.Cmd) (module.Output, error)) (userSight, error) {
	home, key := "", ".ssh/id_"+u.KeyType
	if u.Home != nil {
		home = *u.Home
	}
	if u.KeyFile != nil {
		key = *u.KeyFile
	}
	wants := "n"
	if u.GenerateKey {
		wants = "y"
	}
	groups := u.others()
	if u.Group != nil {
		groups = append(groups, *u.Group)
	}
	out, err := ask(ctx, onhost.Probe("look at a user", userProbe, []string{home, key}, append([]string{u.Name, wants}, groups...)...))
	if err != nil {
		return userSight{}, err
	}
	return u.read(onhost.Read(out), groups)
}

func (u user) read(f *onhost.Fields, groups []string) (userSight, error) {
	s := userSight{busybox: usesBusybox(f.Next()), localFile: f.Next() == "y", asked: map[string]*groupLine{}}
	s.user = parseUser(f.Next())
	if local := f.Next() == "y"; u.Local && !local {
		s.user = nil
	}
	s.shadow = parseShadow(f.Next())
	if s.user != nil && len(s.user.password) < 2 {
		s.user.password = s.shadow.password
	}
	for _, line := range f.Lines() {
		if g := parseGroup(line); g != nil && slices.Contains(g.members, u.Name) {
			s.member = append(s.member, g.name)
		}
	}
	s.namesake = f.Next() != ""
	for _, name := range groups {
		s.asked[name] = parseGroup(f.Next())
	}
	s.home, s.homeThere, s.parent, s.appends, s.host = f.Next(), f.Next() == "y", f.Next() == "y", f.Next() == "y", f.Next()
	if u.GenerateKey {
		s.key = keySight{file: f.Next(), private: f.Next() == "y", public: f.Next() == "y", fingerprint: strings.TrimSpace(f.Next()), text: f.File().Text}
	}
	return s, f.Err()
}

// missingGroup is the failure for a group that was asked for and is not there.
func (s userSight) missingGroup(names ...string) *module.Result {
	for _, name := range names {
		if s.asked[name] == nil {
			return failure("Group %s does not exist", name)
		}
	}
	return nil
}
