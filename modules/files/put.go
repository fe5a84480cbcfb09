// Writing: one script that brings a file into its place in one step, with owner, mode, validation and backup.
package files

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// putScript takes the content from its input, or from the file $9 of the host. $1 path, $2 size, $3 mode, $4 owners, $5 y for a backup,
// $6 a command that must approve, $7 d to make missing directories, $8 y to write into the file where it cannot be replaced.
const putScript = `# put a file in place
export LC_ALL=C
p=$1 size=$2 mode=$3 owners=$4 backup=$5 approve=$6 dirs=$7 unsafe=$8 from=$9
d=${p%/*}
case $d in "$p") d=. ;; "") d=/ ;; esac
case $dirs in d) mkdir -p "$d" || exit 1 ;; esac
old=$(umask)
umask 077
t=$d/.drydock.$$.tmp
trap 'rm -f "$t" "$t.err"' EXIT
trap 'exit 1' HUP INT TERM
rm -f "$t" "$t.err" && ( # a link that waits there, in a folder of another user, is not followed
	set -C
	case $from in ?*) cat "$from" >"$t" ;; *) cat >"$t" ;; esac
) || exit 1
[ "$(wc -c <"$t")" -eq "$size" ] || { echo "only a part of the content arrived" >&2; exit 1; }
if [ -e "$p" ] && [ ! -L "$p" ]; then
	has=$(stat -c %u:%g "$p")
	[ "$has" = "$(stat -c %u:%g "$t")" ] || chown -h "$has" "$t" 2>/dev/null
	[ -d /sys/fs/selinux ] && chcon --reference="$p" "$t" 2>/dev/null
	new=
else
	new=y
fi
case $owners in ?*) chown -h "$owners" "$t" || exit 1 ;; esac
chmod "$mode" "$t" || exit 1
case $approve in ?*)
	said=$(set -C; eval "$approve" 2>"$t.err"; rc=$?; echo .; exit $rc)
	rc=$?
	[ $rc -eq 0 ] || { printf '%s\0%s' "$rc" "${said%?}"; cat "$t.err" >&2; exit 90; } ;;
esac
b=
case $backup in y) [ -e "$p" ] && { b=$p.$$.$(date '+%Y-%m-%d@%H:%M:%S~'); cp -p "$p" "$b" || exit 1; } ;; esac
mv -f "$t" "$p" || { [ "$unsafe" = y ] && cat "$t" >"$p"; } || exit 1
[ "$new" = y ] && [ -d /sys/fs/selinux ] && restorecon "$p" 2>/dev/null
umask "$old"
printf '%s\0' "$b"
` + lookFunction + `look "$p"
`

// writing is a file to be brought into place.
type writing struct {
	path     string // links are not followed
	body     io.Reader
	size     int
	access   access
	backup   bool
	validate string // a command with %s for the file; empty: none
	mkdir    bool   // make missing directories
	unsafe   bool
	from     string // take the content from this file of the host instead of body
}

// written is what has come of it.
type written struct {
	state
	backup string // the name of the copy; empty: none was made
}

// rejected is the answer of a validation that did not approve.
type rejected struct {
	rc             int
	stdout, stderr string
}

func (r rejected) Error() string {
	return fmt.Sprintf("failed to validate: rc:%d error:%s", r.rc, r.stderr)
}

// put carries out a writing in one round trip.
func (w writing) put(ctx context.Context, h module.Host) (written, error) {
	approve, err := approval(w.validate)
	if err != nil {
		return written{}, err
	}
	out, err := h.Exec(ctx, module.Cmd{Script: putScript, Stdin: w.body, Args: []string{
		w.path, strconv.Itoa(w.size), octal(w.access.mode), w.access.owners(), yes(w.backup), approve, strings.Replace(yes(w.mkdir), "y", "d", 1), yes(w.unsafe), w.from}})
	if err != nil {
		return written{}, err
	}
	backup, rest, _ := strings.Cut(out.Stdout, "\x00")
	switch out.Rc {
	case 0:
		out.Stdout = rest
		s, err := parseLook(out)
		return written{s, backup}, err
	case 90:
		rc, _ := strconv.Atoi(backup)
		return written{}, rejected{rc, rest, out.Stderr}
	}
	return written{}, refused{fmt.Sprintf("could not write %s: %s", w.path, strings.TrimSpace(out.Stderr))}
}

func yes(b bool) string {
	if b {
		return "y"
	}
	return ""
}

// approval makes the text that the script evaluates: the words of the command, each quoted, with the temporary file for %s.
func approval(command string) (string, error) {
	if command == "" {
		return "", nil
	}
	if !strings.Contains(command, "%s") {
		return "", refused{"validate must contain %s: " + command}
	}
	words, err := module.SplitWords(command)
	if err != nil {
		return "", refused{"validate: " + err.Error()}
	}
	for i, w := range words {
		words[i] = strings.ReplaceAll(module.Quote(w), "%s", `'"$t"'`)
	}
	return strings.Join(words, " "), nil
}
