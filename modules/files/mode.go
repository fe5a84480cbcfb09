package files

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var clause = regexp.MustCompile(`^([ugo]*|a)((?:[-+=][rwxXstugo]*)+)$`)
var action = regexp.MustCompile(`[-+=][rwxXstugo]*`)

// newMode works out a mode argument, octal (0644, 644, 0o644) or symbolic (u+x,g-w,o=), for a file that has the mode old.
func newMode(arg string, old int, dir bool, umask int) (int, error) {
	if n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimPrefix(arg, "0o"), "0O"), 8, 32); err == nil && n >= 0 {
		return int(n), nil
	}
	mode := old & 0o7777
	for _, part := range strings.Split(arg, ",") {
		m := clause.FindStringSubmatch(part)
		if m == nil {
			return 0, fmt.Errorf("bad symbolic permission for mode: %s", part)
		}
		for _, act := range action.FindAllString(m[2], -1) {
			mode = change(mode, m[1], act[0], act[1:], dir || old&0o111 != 0, umask)
		}
	}
	return mode, nil
}

// change carries out one action, such as +x, for who. Without who it is for all, less what the umask takes away.
func change(mode int, who string, op byte, perms string, mayX bool, umask int) int {
	limit := 0o7777
	if who == "" {
		limit &^= umask
	}
	if who == "" || strings.Contains(who, "a") {
		who = "ugo"
	}
	bits, mask := 0, 0
	for _, w := range who {
		shift := map[rune]int{'u': 6, 'g': 3, 'o': 0}[w]
		mask |= 0o7<<shift | special(w)
		bits |= permBits(perms, mode, mayX) << shift
		if strings.ContainsRune(perms, map[rune]rune{'u': 's', 'g': 's', 'o': 't'}[w]) {
			bits |= special(w)
		}
	}
	switch bits &= limit; op {
	case '+':
		return mode | bits
	case '-':
		return mode &^ bits
	}
	return mode&^mask | bits
}

// special is the bit that = clears, and s or t sets, besides the three permissions of one who.
func special(who rune) int {
	switch who {
	case 'u':
		return 0o4000
	case 'g':
		return 0o2000
	}
	return 0o1000
}

// permBits is the three bits that a list of permissions stands for; u, g and o in it are copies of those who have them.
func permBits(perms string, mode int, mayX bool) int {
	bits := 0
	for _, p := range perms {
		switch {
		case p == 'r':
			bits |= 4
		case p == 'w':
			bits |= 2
		case p == 'x' || p == 'X' && mayX:
			bits |= 1
		case p == 'u':
			bits |= mode >> 6 & 7
		case p == 'g':
			bits |= mode >> 3 & 7
		case p == 'o':
			bits |= mode & 7
		}
	}
	return bits
}
