package linux

// The order of versions, of dpkg and of rpm.

import (
	"cmp"
	"strconv"
	"strings"
)

// Compare orders versions as the package manager of a family does: negative where a comes before b.
func Compare(f Family, a, b string) int {
	if f == RedHat {
		return compareRPM(a, b)
	}
	return compareDeb(a, b)
}

// epoch splits the number before a colon off.
func epoch(version string) (int, string) {
	if e, rest, ok := strings.Cut(version, ":"); ok {
		if n, err := strconv.Atoi(e); err == nil {
			return n, rest
		}
	}
	return 0, version
}

// compareDeb orders versions as dpkg does.
func compareDeb(a, b string) int {
	ea, a := epoch(a)
	eb, b := epoch(b)
	if n := cmp.Compare(ea, eb); n != 0 {
		return n
	}
	upstream := func(v string) (string, string) {
		if at := strings.LastIndexByte(v, '-'); at >= 0 {
			return v[:at], v[at+1:]
		}
		return v, ""
	}
	ua, ra := upstream(a)
	ub, rb := upstream(b)
	if n := compareDebPart(ua, ub); n != 0 {
		return n
	}
	return compareDebPart(ra, rb)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// debOrder is the rank of a character where no digit stands: ~ before the end, letters before the rest.
func debOrder(s string) int {
	switch {
	case s == "" || isDigit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

func compareDebPart(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !isDigit(a[0]) || b != "" && !isDigit(b[0]) {
			if n := cmp.Compare(debOrder(a), debOrder(b)); n != 0 {
				return n
			}
			a, b = a[min(1, len(a)):], b[min(1, len(b)):]
		}
		var n int
		if n, a, b = compareDigits(a, b); n != 0 {
			return n
		}
	}
	return 0
}

// compareDigits compares the numbers at the beginning and returns what follows them.
func compareDigits(a, b string) (n int, restA, restB string) {
	digits := func(s string) (string, string) {
		end := 0
		for end < len(s) && isDigit(s[end]) {
			end++
		}
		return strings.TrimLeft(s[:end], "0"), s[end:]
	}
	x, restA := digits(a)
	y, restB := digits(b)
	if n = cmp.Compare(len(x), len(y)); n == 0 {
		n = strings.Compare(x, y)
	}
	return n, restA, restB
}

// evr splits a version of rpm.
func evr(v string) (e, version, release string) {
	if before, rest, ok := strings.Cut(v, ":"); ok {
		e, v = before, rest
	}
	version, release, _ = strings.Cut(v, "-")
	return e, version, release
}

// compareRPM orders versions as rpm does.
func compareRPM(a, b string) int {
	ea, va, ra := evr(a)
	eb, vb, rb := evr(b)
	na, _ := strconv.Atoi(ea)
	nb, _ := strconv.Atoi(eb)
	if n := cmp.Compare(na, nb); n != 0 {
		return n
	}
	if n := compareRPMPart(va, vb); n != 0 {
		return n
	}
	return compareRPMPart(ra, rb)
}

func compareRPMPart(a, b string) int {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	skip := func(s string) string {
		for s != "" && !isDigit(s[0]) && !letter(s[0]) && s[0] != '~' && s[0] != '^' {
			s = s[1:]
		}
		return s
	}
	for {
		a, b = skip(a), skip(b)
		if ta, tb := strings.HasPrefix(a, "~"), strings.HasPrefix(b, "~"); ta || tb {
			if ta != tb {
				return map[bool]int{true: -1, false: 1}[ta]
			}
			a, b = a[1:], b[1:]
			continue
		}
		if a == "" || b == "" {
			return cmp.Compare(len(a), len(b))
		}
		if isDigit(a[0]) != isDigit(b[0]) {
			return map[bool]int{true: 1, false: -1}[isDigit(a[0])]
		}
		if isDigit(a[0]) {
			var n int
			if n, a, b = compareDigits(a, b); n != 0 {
				return n
			}
			continue
		}
		end := func(s string) int {
			i := 0
			for i < len(s) && letter(s[i]) {
				i++
			}
			return i
		}
		i, j := end(a), end(b)
		if i == 0 || j == 0 { // a caret
			return cmp.Compare(len(a), len(b))
		}
		if n := strings.Compare(a[:i], b[:j]); n != 0 {
			return n
		}
		a, b = a[i:], b[j:]
	}
}
