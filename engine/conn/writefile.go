package conn

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// WriteError says that a file could not be written, in the words of the machine. The file that was there is untouched.
type WriteError struct {
	Path   string
	Exit   int
	Stderr string
}

func (e *WriteError) Error() string {
	text := strings.TrimSpace(e.Stderr)
	if text == "" {
		text = fmt.Sprintf("exit status %d", e.Exit)
	}
	return fmt.Sprintf("write %s: %s", e.Path, text)
}

// WriteFile replaces the file at path by what r holds, in one round trip: the bytes go into a new file beside it, which gets
// its mode and then takes the place of the old one in one step. A reader sees the old file or the new one, and a connection that
// breaks leaves the old one.
//
// Mode 0 keeps the mode of the file that is there, or is what the umask leaves of 0666. Owner and SELinux context of a
// file that is there are kept where the user may do so. A symbolic link at path is replaced, as Ansible's copy does
// (recorded with ansible-core 2.19); who wants to follow it resolves it first. A reader that is neither a Seeker nor tells its Len is
// read into memory, because the machine has to know how much must arrive.
func WriteFile(ctx context.Context, c Connection, path string, r io.Reader, mode fs.FileMode) error {
	size, r, err := measure(r)
	if err != nil {
		return fmt.Errorf("write %s: read the new content: %w", path, err)
	}
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	perm := ""
	if mode != 0 {
		perm = strconv.FormatUint(uint64(unixMode(mode)), 8)
	}
	var stderr bytes.Buffer
	line := Quote("/bin/sh", "-c", writeScript, "drydock", path, strconv.FormatInt(size, 10), perm, rand.Text())
	exit, err := c.Run(ctx, Command{Line: line, Stdin: r, Stderr: &stderr})
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if exit != 0 {
		return &WriteError{Path: path, Exit: exit, Stderr: stderr.String()}
	}
	return nil
}

// writeScript gets the path, the size, the mode (may be empty) and a random word. It uses what POSIX has, and what both
// coreutils and busybox have beyond it. "set -C" makes the redirection fail if the new file is there already. A link to
// a directory is removed first, because mv would move into the directory; all else is replaced by mv in one step.
const writeScript = `p=$1 size=$2 mode=$3
case $p in */*) d=${p%/*}/ ;; *) d= ;; esac
t=${d}.drydock-$4
if [ -d "$p" ] && [ ! -h "$p" ]; then echo "is a directory" >&2; exit 21; fi
if [ -n "$d" ] && [ ! -d "$d" ]; then echo "directory $d does not exist" >&2; exit 2; fi
u=$(umask); umask 077
trap 'rm -f "$t"' 0
trap 'exit 129' 1; trap 'exit 130' 2; trap 'exit 143' 15
(set -C; cat >"$t") || exit 1
got=$(wc -c <"$t") || exit 1
if [ "$got" -ne "$size" ]; then echo "only $got of $size bytes arrived" >&2; exit 1; fi
if [ -f "$p" ] && [ ! -h "$p" ]; then
  old=$(stat -c '%u:%g %a' "$p" 2>/dev/null || stat -f '%u:%g %Lp' "$p") || exit 1
  chown "${old% *}" "$t" 2>/dev/null
  [ -n "$mode" ] || mode=${old#* }
  if command -v selinuxenabled >/dev/null 2>&1 && selinuxenabled; then chcon --reference="$p" "$t" 2>/dev/null; fi
fi
[ -n "$mode" ] || mode=$(printf %o "$((0666 & ~0$u))")
chmod "$mode" "$t" || exit 1
if [ -h "$p" ] && [ -d "$p" ]; then rm -f "$p" || exit 1; fi
mv -f "$t" "$p"
`

// measure tells how much r still holds.
func measure(r io.Reader) (int64, io.Reader, error) {
	if r == nil {
		return 0, nil, nil
	}
	if l, ok := r.(interface{ Len() int }); ok {
		return int64(l.Len()), r, nil
	}
	if s, ok := r.(io.Seeker); ok {
		if at, err := s.Seek(0, io.SeekCurrent); err == nil { // a pipe says that it cannot seek
			end, err := s.Seek(0, io.SeekEnd)
			if err != nil {
				return 0, nil, err
			}
			_, err = s.Seek(at, io.SeekStart)
			return end - at, r, err
		}
	}
	all, err := io.ReadAll(r)
	return int64(len(all)), bytes.NewReader(all), err
}

// unixMode is the mode as chmod has it: Go keeps setuid, setgid and the sticky bit elsewhere.
func unixMode(m fs.FileMode) uint32 {
	n := uint32(m.Perm())
	for bit, in := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&in != 0 {
			n |= bit
		}
	}
	return n
}
