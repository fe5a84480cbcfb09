package files

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// The types of files, as the upper bits of a node's mode.
const (
	typeMask      = 0o170000
	typeFIFO      = 0o010000
	typeCharacter = 0o020000
	typeDirectory = 0o040000
	typeBlock     = 0o060000
	typeRegular   = 0o100000
	typeLink      = 0o120000
	typeSocket    = 0o140000
)

// node is one answer of stat.
type node struct {
	mode                int // type and permissions
	links, uid, gid     int
	size, device, inode int
	blocks, blockSize   int
	rdev                int
	atime, mtime, ctime float64
	zone                int    // of the host, in seconds, when the file was last modified
	owner, group        string // empty: no name is known
}

func (n *node) is(kind int) bool { return n.mode&typeMask == kind }

// perm is the permissions with the set-id and sticky bits.
func (n *node) perm() int { return n.mode & 0o7777 }

// parseNode reads a line of statFormat; an empty one is nil.
func parseNode(line string) (*node, error) {
	if line == "" {
		return nil, nil
	}
	f := strings.SplitN(line, "|", 19)
	if len(f) != 19 {
		return nil, fmt.Errorf("stat answered %q", line)
	}
	var n node
	var major, minor int
	for _, field := range []struct {
		into *int
		text string
		base int
	}{
		{&n.mode, f[0], 16}, {&n.links, f[1], 10}, {&n.uid, f[2], 10}, {&n.gid, f[3], 10}, {&n.size, f[4], 10}, {&n.device, f[5], 10},
		{&n.inode, f[6], 10}, {&n.blocks, f[7], 10}, {&n.blockSize, f[8], 10}, {&major, f[9], 16}, {&minor, f[10], 16},
	} {
		x, err := strconv.ParseInt(field.text, field.base, 64)
		if err != nil {
			return nil, fmt.Errorf("stat answered %q", line)
		}
		*field.into = int(x)
	}
	n.rdev = major<<8 | minor
	n.atime, n.mtime, n.ctime = seconds(f[11], f[14]), seconds(f[12], f[15]), seconds(f[13], f[16])
	n.zone = parseZone(f[15][strings.LastIndexByte(f[15], ' ')+1:])
	n.owner, n.group = known(f[17]), known(f[18])
	return &n, nil
}

// seconds joins whole seconds with the fraction in a time like 2024-05-06 07:08:09.123456789 +0000.
func seconds(whole, text string) float64 {
	_, frac, ok := strings.Cut(text, ".")
	if ok {
		frac, _, _ = strings.Cut(frac, " ")
		whole += "." + frac
	}
	f, _ := strconv.ParseFloat(whole, 64)
	return f
}

func known(name string) string {
	if name == "UNKNOWN" {
		return ""
	}
	return name
}

// kind is Ansible's word for the type of file, hard for a file with several names.
func (n *node) kind() string {
	switch {
	case n == nil:
		return "absent"
	case n.is(typeLink):
		return "link"
	case n.is(typeDirectory):
		return "directory"
	case n.is(typeRegular) && n.links > 1:
		return "hard"
	}
	return "file"
}

func octal(mode int) string { return fmt.Sprintf("%04o", mode) }

// shownMode is a mode as results show it: always with a leading zero, where stat's has it only as the fourth digit.
func shownMode(mode int) string { return fmt.Sprintf("0%03o", mode) }

// describe sets the keys that every module about files has in its result: uid, gid, owner, group, mode, state, size.
func (n *node) describe(into *value.Map) *value.Map {
	if n == nil {
		return into.Set("state", "absent")
	}
	return into.Set("uid", n.uid).Set("gid", n.gid).Set("owner", nameOr(n.owner, n.uid)).Set("group", nameOr(n.group, n.gid)).
		Set("mode", shownMode(n.perm())).Set("state", n.kind()).Set("size", n.size)
}

func nameOr(name string, id int) string {
	if name == "" {
		return strconv.Itoa(id)
	}
	return name
}
