package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Programs that play sudo, su and doas for a test that is not root. They ask as the real ones do (sudo on the standard error with
// the words of -p, su in an unfinished line, doas not at all), read one line byte for byte, and refuse in the real ones' words. They
// do not change the user, but tell it to the command in BECAME.

const fakeSudo = `#!/bin/sh
secret=SECRET
n= prompt='Password:' user=root
while [ $# -gt 0 ]; do
  case $1 in
  -n) n=1; shift ;;
  -S|-H|-E) shift ;;
  -p) prompt=$2; shift 2 ;;
  -u) user=$2; shift 2 ;;
  -*) echo "sudo: unknown option $1" >&2; exit 1 ;;
  *) break ;;
  esac
done
if [ "$user" = nobodyhere ]; then echo "sudo: unknown user $user" >&2; exit 1; fi
if [ -n "$secret" ]; then
  if [ -n "$n" ]; then echo "sudo: a password is required" >&2; exit 1; fi
  try=1
  while :; do
    printf %s "$prompt" >&2
    if ! IFS= read -r got; then echo "sudo: no password was provided" >&2; exit 1; fi
    [ "$got" = "$secret" ] && break
    echo "Sorry, try again." >&2
    try=$((try+1))
    if [ $try -gt 3 ]; then echo "sudo: 3 incorrect password attempts" >&2; exit 1; fi
  done
fi
BECAME=$user exec "$@"
`

const fakeSu = `#!/bin/sh
secret=SECRET
user=$1
[ "$2" = -c ] || { echo "su: bad usage" >&2; exit 1; }
if [ -n "$secret" ]; then
  printf 'Password: ' >&2
  IFS= read -r got || got=
  echo >&2
  if [ "$got" != "$secret" ]; then echo "su: Authentication failure" >&2; exit 1; fi
fi
BECAME=$user exec /bin/sh -c "$3"
`

const fakeDoas = `#!/bin/sh
secret=SECRET
user=root
while [ $# -gt 0 ]; do
  case $1 in
  -n) shift ;;
  -u) user=$2; shift 2 ;;
  *) break ;;
  esac
done
if [ -n "$secret" ]; then echo "doas: Authentication required" >&2; exit 1; fi
BECAME=$user exec "$@"
`

// InstallBecome writes programs sudo, su and doas into dir, for Sandbox.Path. password is what they ask for; empty: nothing.
func InstallBecome(dir, password string) error {
	quoted := "'" + strings.ReplaceAll(password, "'", `'\''`) + "'"
	for name, text := range map[string]string{"sudo": fakeSudo, "su": fakeSu, "doas": fakeDoas} {
		text = strings.Replace(text, "SECRET", quoted, 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
	}
	return nil
}
