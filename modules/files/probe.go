// The probe: one look at a path of the host that brings home all that a plan may ask.
package files

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// diffLimit is how large a file may be for its text to be shown in a diff; the same as Ansible's max_diff_size.
const diffLimit = 104448

// everything is a size that no file has whose content is asked for.
const everything = 1 << 40

// statFormat is understood alike by GNU's and busybox's stat. Names stand last, because they may hold anything.
const statFormat = `%f|%h|%u|%g|%s|%d|%i|%b|%o|%t|%T|%X|%Y|%Z|%x|%y|%z|%U|%G`

// lookFunction answers fields that each end in a NUL, in the order that parseFields reads them; the content comes last, as it is.
// $1 path, $2 and $3 owner and group to look up, $4 algorithm of the checksum or empty, $5 how large a file may be to bring its
// content, $6 a checksum that makes the content unneeded.
const lookFunction = `
say() { printf '%s\0' "$1"; }
sum_of() { { "$1"sum || shasum -a "${1#sha}"; } 2>/dev/null <"$2" | { read -r s rest; echo "$s"; }; }
id_of_group() { getent group "$1" 2>/dev/null || grep "^$1:" /etc/group; }
look() {
	p=$1 d=${1%/*}
	case $d in "$p") d=. ;; "") d=/ ;; esac
	say "$(umask)"
	say "$p"
	say "$([ -d "$d" ] && echo directory || { [ -e "$d" ] && echo other; })"
	say "$(case $2 in ?*) id -u "$2" 2>/dev/null ;; esac)"
	say "$(case $3 in ?*) id_of_group "$3" | cut -d: -f3 ;; esac)"
	link= real= here= there= may= sum= give=
	if [ -e "$p" ] || [ -L "$p" ]; then
		here=$(stat -c '` + statFormat + `' "$p") || exit 3
		if [ -L "$p" ]; then
			link=$(readlink "$p")
			[ -e "$p" ] && there=$(stat -L -c '` + statFormat + `' "$p")
			real=$(readlink -f "$p")
		else
			there=$here real=$p
		fi
		[ -r "$p" ] && may=${may}r
		[ -w "$p" ] && may=${may}w
		[ -x "$p" ] && may=${may}x
		if [ -f "$p" ] && [ -r "$p" ]; then
			case $4 in ?*) sum=$(sum_of "$4" "$p") ;; esac
			size=${there#*|*|*|*|}
			case $5 in ?*) [ "${size%%|*}" -le "$5" ] && { [ -z "$6" ] || [ "$6" != "$sum" ]; } && give=content ;; esac
		fi
	fi
	say "$here"; say "$link"; say "$there"; say "$real"; say "$may"; say "$sum"; say "$give"
	case $give in ?*) cat "$p" ;; esac
	return 0
}
`

// lookScript looks at $1; when that is a directory or ends in /, at $2 in it.
const lookScript = `# look at a path
export LC_ALL=C` + lookFunction + `p=$1
case $2 in ?*) case $p in */) p=$p$2 ;; *) [ -d "$p" ] && p=$p/$2 ;; esac ;; esac
look "$p" "$3" "$4" "$5" "$6" "$7"
`

// question is what a look asks besides the state of the path.
type question struct {
	path         string
	inDirectory  string // appended when the path is a directory
	owner, group string // names to look up
	sum          string // md5, sha1, sha256 ...; empty: none
	content      int64  // bring the content of a file up to this size; 0: never
	unlessSum    string // not when it has this checksum
}

func (q question) args() []string {
	limit := ""
	if q.content > 0 {
		limit = strconv.FormatInt(q.content, 10)
	}
	return []string{q.inDirectory, nameOnly(q.owner), nameOnly(q.group), q.sum, limit, q.unlessSum}
}

// nameOnly leaves out numbers, which need no look-up.
func nameOnly(id string) string {
	if _, err := strconv.Atoi(id); err == nil {
		return ""
	}
	return id
}

// state is what the host has at a path.
type state struct {
	umask      int
	path       string // as the host's shell has filled it in
	parent     string // "directory", "other", or empty when there is none
	uid, gid   string // of the owner and group asked for; empty: not known
	here       *node  // the thing itself; nil: nothing is there
	there      *node  // what it leads to if it is a link, else the thing itself; nil: nothing
	link, real string // where a link points, as written and in the end
	may        string // r, w, x as the task's user may
	sum        string
	content    string // with hasContent
	hasContent bool
}

// look asks the host about a path, in one round trip.
func look(ctx context.Context, v module.View, q question) (state, error) {
	out, err := v.Query(ctx, module.Script(lookScript, []string{q.path}, q.args()...))
	if err != nil {
		return state{}, err
	}
	return parseLook(out)
}

// lookFields is how many fields look answers before the content.
const lookFields = 12

func parseLook(out module.Output) (state, error) {
	f := strings.SplitN(out.Stdout, "\x00", lookFields+1)
	if out.Rc != 0 || len(f) != lookFields+1 {
		return state{}, fmt.Errorf("the host could not be looked at (exit %d): %s", out.Rc, strings.TrimSpace(out.Stderr))
	}
	s, err := parseFields(f)
	s.content = f[lookFields]
	return s, err
}

func parseFields(f []string) (state, error) {
	umask, err := strconv.ParseInt(f[0], 8, 32)
	if err != nil {
		return state{}, fmt.Errorf("the host's umask is %q", f[0])
	}
	s := state{umask: int(umask), path: f[1], parent: f[2], uid: f[3], gid: f[4], link: f[6], real: f[8], may: f[9], sum: f[10], hasContent: f[11] != ""}
	if s.here, err = parseNode(f[5]); err != nil {
		return state{}, err
	}
	s.there, err = parseNode(f[7])
	return s, err
}

// isDir tells whether the path is, or leads to, a directory.
func (s state) isDir() bool { return s.there != nil && s.there.is(typeDirectory) }

// isLink tells whether the path itself is a symbolic link.
func (s state) isLink() bool { return s.here != nil && s.here.is(typeLink) }
