// Writing: one file into its place, in one step.

package onhost

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Write is a text that is to be brought into its place. Links are followed; the owner and the mode of a file that is there stay.
type Write struct {
	Path   string
	Text   string
	Mode   fs.FileMode // of a new file, or with Force of any; 0: 0666 less the umask
	Owner  string      // as chown takes it; empty: who writes, or who owned it
	Force  bool        // the mode holds for a file that is there, too
	Backup bool        // keep a copy of the file as it was
	Dirs   bool        // make missing directories
	// NoFollow replaces a link instead of following it.
	NoFollow bool
}

// writeScript gets $1 path, $2 size, $3 mode, $4 owner, $5 y to force the mode, $6 y for a backup, $7 y to make directories,
// $8 y to replace a link.
const writeScript = `# write a file
export LC_ALL=C
p=$1 size=$2 mode=$3 owner=$4 force=$5 backup=$6 dirs=$7
[ "$8" = y ] || [ ! -L "$p" ] || p=$(readlink -f "$p") || exit 1
d=${p%/*}
case $d in "$p") d=. ;; "") d=/ ;; esac
[ "$dirs" != y ] || mkdir -p "$d" || exit 1
[ ! -d "$p" ] || { echo "it is a directory" >&2; exit 1; }
old=$(umask)
umask 077
t=$d/.drydock.$$.tmp
trap 'rm -f "$t"' EXIT
trap 'exit 1' HUP INT TERM
rm -f "$t" && (set -C; cat >"$t") || exit 1 # a link that waits there, in a folder of another user, is not followed
[ "$(wc -c <"$t")" -eq "$size" ] || { echo "only a part of the content arrived" >&2; exit 1; }
new=y
if [ -e "$p" ]; then
	new=
	[ "$force" = y ] || mode=$(stat -c %a "$p")
	[ -n "$owner" ] || owner=$(stat -c %u:%g "$p")
	[ "$owner" != "$(stat -c %u:%g "$t")" ] || owner=
	[ -d /sys/fs/selinux ] && chcon --reference="$p" "$t" 2>/dev/null
fi
[ -n "$mode" ] || mode=$(printf %o $((0666 & ~0$old)))
[ -z "$owner" ] || chown -h "$owner" "$t" || exit 1
chmod "$mode" "$t" || exit 1
b=
[ -n "$new" ] || [ "$backup" != y ] || { b=$p.$$.$(date '+%Y-%m-%d@%H:%M:%S~'); cp -p "$p" "$b" || exit 1; }
mv -f "$t" "$p" || exit 1
[ -n "$new" ] && [ -d /sys/fs/selinux ] && restorecon "$p" 2>/dev/null
printf '%s' "$b"
`

// Do brings the text into its place and returns the name of the copy, if one was made. A refusal of the host is a Refused.
func (w Write) Do(ctx context.Context, h module.Host) (backup string, err error) {
	mode := ""
	if w.Mode != 0 {
		mode = strconv.FormatUint(uint64(w.Mode.Perm()), 8)
	}
	out, err := h.Exec(ctx, module.Cmd{Script: writeScript, Stdin: strings.NewReader(w.Text), Args: []string{
		w.Path, strconv.Itoa(len(w.Text)), mode, w.Owner, yes(w.Force), yes(w.Backup), yes(w.Dirs), yes(w.NoFollow)}})
	if err != nil {
		return "", err
	}
	if out.Rc != 0 {
		return "", Refused{fmt.Sprintf("could not write %s: %s", w.Path, strings.TrimSpace(out.Stderr))}
	}
	return out.Stdout, nil
}

func yes(b bool) string {
	if b {
		return "y"
	}
	return ""
}

// Diff shows what becomes of a file.
func Diff(path, before, after string) module.Diff {
	return module.Diff{Before: before, After: after, BeforeHeader: path, AfterHeader: path}
}

// Lines splits a text into lines with their ends; a last line may have none.
func Lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		out = append(out, line)
	}
	return out
}
