// Package accounts holds the modules about who may use a machine: users, groups, the keys they log in with, and the hosts they know.
//
// A plan looks by one probe; what is decided from it is a list of commands, or a file's new text.
package accounts

import (
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// entFunction looks up an entry of a database of accounts: ent passwd NAME.
const entFunction = `
ent() {
	if command -v getent >/dev/null 2>&1; then getent "$1" "$2" 2>/dev/null
	else awk -F: -v k="$2" '$1 == k || $3 == k && k ~ /^[0-9]+$/' "/etc/$1" 2>/dev/null | head -n 1; fi
}
all() { if command -v getent >/dev/null 2>&1; then getent "$1" 2>/dev/null; else cat "/etc/$1" 2>/dev/null; fi; }
`

// groupLine is an entry of the groups.
type groupLine struct {
	name    string
	gid     int
	members []string
}

func parseGroup(line string) *groupLine {
	f := strings.Split(strings.TrimSpace(line), ":")
	if len(f) < 4 {
		return nil
	}
	gid, _ := strconv.Atoi(f[2])
	g := &groupLine{name: f[0], gid: gid}
	if f[3] != "" {
		g.members = strings.Split(f[3], ",")
	}
	return g
}

// userLine is an entry of the users.
type userLine struct {
	name, password       string
	uid, gid             int
	comment, home, shell string
}

func parseUser(line string) *userLine {
	f := strings.Split(strings.TrimRight(line, "\n"), ":")
	if len(f) < 7 {
		return nil
	}
	u := &userLine{name: f[0], password: f[1], comment: f[4], home: f[5], shell: f[6]}
	u.uid, _ = strconv.Atoi(f[2])
	u.gid, _ = strconv.Atoi(f[3])
	return u
}

func failure(format string, args ...any) *module.Result {
	r := module.Fail(format, args...)
	return &r
}
