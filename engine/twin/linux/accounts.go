package linux

// Users and groups, as /etc/passwd and /etc/group have them.

import (
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// user is a line of /etc/passwd and the groups of its user.
type user struct {
	name     string
	uid, gid int
	groups   []int
	home     string
	shell    string
}

// colons are the fields of the lines of a file.
func (h *Host) colons(file string) [][]string {
	data, err := h.disk.As(disk.User{}).ReadFile(file)
	if err != nil {
		return nil
	}
	var out [][]string
	for line := range strings.Lines(string(data)) {
		out = append(out, strings.Split(strings.TrimRight(line, "\n"), ":"))
	}
	return out
}

// userNamed finds a user by name or number.
func (h *Host) userNamed(name string) (user, bool) {
	for _, f := range h.colons("/etc/passwd") {
		if len(f) < 7 || f[0] != name && f[2] != name {
			continue
		}
		u := user{name: f[0], home: f[5], shell: f[6]}
		u.uid, _ = strconv.Atoi(f[2])
		u.gid, _ = strconv.Atoi(f[3])
		for _, g := range h.colons("/etc/group") {
			if len(g) >= 4 && slices.Contains(strings.Split(g[3], ","), u.name) {
				n, _ := strconv.Atoi(g[2])
				u.groups = append(u.groups, n)
			}
		}
		return u, true
	}
	return user{}, false
}

// userName is the name of a number; empty: it has none.
func (h *Host) userName(uid int) string { return h.nameOf("/etc/passwd", uid) }

// groupName is the name of a number; empty: it has none.
func (h *Host) groupName(gid int) string { return h.nameOf("/etc/group", gid) }

func (h *Host) nameOf(file string, id int) string {
	for _, f := range h.colons(file) {
		if len(f) > 2 && f[2] == strconv.Itoa(id) {
			return f[0]
		}
	}
	return ""
}

// groupID finds a group by name or number.
func (h *Host) groupID(name string) (int, bool) {
	for _, f := range h.colons("/etc/group") {
		if len(f) > 2 && f[0] == name {
			n, err := strconv.Atoi(f[2])
			return n, err == nil
		}
	}
	n, err := strconv.Atoi(name)
	return n, err == nil
}

// userID finds a user by name or number, which need not be known.
func (h *Host) userID(name string) (int, bool) {
	if u, ok := h.userNamed(name); ok {
		return u.uid, true
	}
	n, err := strconv.Atoi(name)
	return n, err == nil
}
