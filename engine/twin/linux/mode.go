package linux

import (
	"fmt"
	"strconv"
	"strings"
)

// parseMode reads a mode of chmod: octal, or letters that change the mode old.
func parseMode(text string, old uint32, dir bool) (uint32, error) {
	if text != "" && strings.Trim(text, "01234567") == "" {
		n, err := strconv.ParseUint(text, 8, 32)
		if err == nil && n <= 0o7777 {
			if dir && len(text) < 5 { // a number of up to four digits leaves these of a directory as they are
				n |= uint64(old) & 0o6000
			}
			return uint32(n), nil
		}
	}
	for _, clause := range strings.Split(text, ",") {
		at := strings.IndexAny(clause, "+-=")
		if at < 0 {
			return 0, fmt.Errorf("invalid mode: '%s'", text)
		}
		who := clause[:at]
		if strings.Trim(who, "ugoa") != "" {
			return 0, fmt.Errorf("invalid mode: '%s'", text)
		}
		for rest := clause[at:]; rest != ""; {
			end := strings.IndexAny(rest[1:], "+-=") + 1
			if end == 0 {
				end = len(rest)
			}
			var ok bool
			if old, ok = changed(old, who, rest[0], rest[1:end], dir); !ok {
				return 0, fmt.Errorf("invalid mode: '%s'", text)
			}
			rest = rest[end:]
		}
	}
	return old, nil
}

// changed applies one operation, such as u+x.
func changed(old uint32, who string, op byte, perms string, dir bool) (uint32, bool) {
	if who == "" || strings.Contains(who, "a") {
		who = "ugo"
	}
	bits, mask := uint32(0), uint32(0)
	for _, w := range who {
		shift := map[rune]uint32{'u': 6, 'g': 3, 'o': 0}[w]
		mask |= 7 << shift
		for _, c := range perms {
			switch c {
			case 'r', 'w', 'x':
				bits |= map[rune]uint32{'r': 4, 'w': 2, 'x': 1}[c] << shift
			case 'X':
				if dir || old&0o111 != 0 {
					bits |= 1 << shift
				}
			case 's':
				bits |= map[rune]uint32{'u': 0o4000, 'g': 0o2000}[w]
			case 't':
				bits |= 0o1000
			case 'u', 'g', 'o':
				bits |= old >> map[rune]uint32{'u': 6, 'g': 3, 'o': 0}[c] & 7 << shift
			default:
				return 0, false
			}
		}
	}
	switch op {
	case '+':
		return old | bits, true
	case '-':
		return old &^ bits, true
	}
	return old&^mask | bits, true
}

// shownMode is a mode as ls -l shows it.
func shownMode(mask uint32) string {
	kind := map[uint32]string{0o040000: "d", 0o120000: "l", 0o020000: "c", 0o060000: "b", 0o010000: "p", 0o140000: "s"}[mask&0o170000]
	if kind == "" {
		kind = "-"
	}
	out := []byte(kind)
	for shift := 6; shift >= 0; shift -= 3 {
		for i, c := range "rwx" {
			if mask>>shift&(4>>i) == 0 {
				c = '-'
			}
			out = append(out, byte(c))
		}
	}
	for i, special := range []struct {
		bit        uint32
		low, upper byte
	}{{0o4000, 's', 'S'}, {0o2000, 's', 'S'}, {0o1000, 't', 'T'}} {
		if mask&special.bit == 0 {
			continue
		}
		at := 3 + 3*i
		if out[at] == 'x' {
			out[at] = special.low
		} else {
			out[at] = special.upper
		}
	}
	return string(out)
}
