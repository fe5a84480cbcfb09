package inventory

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// This file reads the names of hosts as inventories write them: with a port, with ranges like web[01:20:2] or db-[a:f].

// maxRange bounds how many hosts one entry may stand for, so that a slip of the pen does not fill the memory.
const maxRange = 100_000

var (
	bracketedPort = regexp.MustCompile(`^\[(.+)\]:([0-9]+)$`)
	plainPort     = regexp.MustCompile(`^((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)$`)
	rangeMark     = regexp.MustCompile(`(?i)\[(?:[0-9]+:[0-9]+|[a-z]:[a-z])(?::[0-9]+)?\]`)
	hexRangeMark  = regexp.MustCompile(`(?i)\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`)
)

// parseAddress splits an address with an optional port, web:2222 or [2001:db8::1]:22. It is not ok for what is no address, like
// two group names with a colon between them.
func parseAddress(text string) (host string, port int, ok bool) {
	host = text
	for _, form := range []*regexp.Regexp{bracketedPort, plainPort} {
		if m := form.FindStringSubmatch(host); m != nil {
			n, err := strconv.Atoi(m[2])
			if err != nil {
				return "", 0, false
			}
			host, port = m[1], n
			break
		}
	}
	return host, port, isAddress(host)
}

// splitPort takes the port off a name, if it has one.
func splitPort(text string) (host string, port int) {
	if host, port, ok := parseAddress(text); ok {
		return host, port
	}
	return text, 0
}

// isAddress tells whether a text is an IP address or a host name, ranges allowed in it.
func isAddress(text string) bool {
	// A range stands where a digit could.
	if a, err := netip.ParseAddr(hexRangeMark.ReplaceAllString(text, "1")); err == nil && a.Zone() == "" {
		return true
	}
	for _, label := range strings.Split(rangeMark.ReplaceAllString(text, "1"), ".") {
		if !isLabel([]rune(label)) {
			return false
		}
	}
	return true
}

// isLabel tells whether a part of a host name has only letters, digits, - and _, and begins and ends well.
func isLabel(label []rune) bool {
	for i, r := range label {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r):
		case r == '_' && i < len(label)-1:
		case r == '-' && i > 0 && i < len(label)-1:
		default:
			return false
		}
	}
	return len(label) > 0
}

// expand lists the hosts that an entry of an inventory stands for, and their port (0: none is given).
func expand(entry string) (hosts []string, port int, err error) {
	name, port := splitPort(entry)
	hosts, err = expandRanges(name)
	if err != nil {
		return nil, 0, err
	}
	if strings.HasSuffix(strings.TrimSpace(entry), ":") && port == 0 {
		return nil, 0, fmt.Errorf("host %q ends in a colon, which is kept for a port", entry)
	}
	return hosts, port, nil
}

// expandRanges replaces the ranges of a name from left to right.
func expandRanges(name string) ([]string, error) {
	open := strings.IndexByte(name, '[')
	if open < 0 {
		return []string{name}, nil
	}
	size := strings.IndexByte(name[open:], ']')
	if size < 0 {
		return nil, fmt.Errorf("the range of %q does not end: there is no ]", name)
	}
	middle, err := rangeItems(name[open+1 : open+size])
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	tails, err := expandRanges(name[open+size+1:])
	if err != nil {
		return nil, err
	}
	if len(middle)*len(tails) > maxRange {
		return nil, fmt.Errorf("%q stands for more than %d hosts", name, maxRange)
	}
	var out []string
	for _, m := range middle {
		for _, t := range tails {
			out = append(out, name[:open]+m+t)
		}
	}
	return out, nil
}

// rangeItems lists a range: 01:20:2, a:f.
func rangeItems(text string) ([]string, error) {
	bounds := strings.Split(text, ":")
	if len(bounds) != 2 && len(bounds) != 3 {
		return nil, fmt.Errorf("a range is begin:end or begin:end:step, not %q", text)
	}
	begin, end, step := bounds[0], bounds[1], 1
	if len(bounds) == 3 {
		n, err := strconv.Atoi(bounds[2])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("the step of a range is a positive number, not %q", bounds[2])
		}
		step = n
	}
	if begin == "" {
		begin = "0"
	}
	if end == "" {
		return nil, fmt.Errorf("range %q has no end", text)
	}
	if isLetter(begin) && isLetter(end) {
		return letters(begin[0], end[0], step)
	}
	return numbers(begin, end, step)
}

func isLetter(s string) bool {
	return len(s) == 1 && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z')
}

// alphabet is the order in which letters are counted.
const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func letters(begin, end byte, step int) ([]string, error) {
	from, to := strings.IndexByte(alphabet, begin), strings.IndexByte(alphabet, end)
	if from > to {
		return nil, fmt.Errorf("a range must not run backwards")
	}
	var out []string
	for i := from; i <= to; i += step {
		out = append(out, alphabet[i:i+1])
	}
	return out, nil
}

func numbers(begin, end string, step int) ([]string, error) {
	from, err1 := strconv.Atoi(begin)
	to, err2 := strconv.Atoi(end)
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("the ends of a range are two numbers or two letters, not %q and %q", begin, end)
	}
	width := 0
	if len(begin) > 1 && begin[0] == '0' {
		if width = len(begin); width != len(end) {
			return nil, fmt.Errorf("with leading zeros both ends of a range must have the same length: %q and %q", begin, end)
		}
	}
	if (to-from)/step >= maxRange {
		return nil, fmt.Errorf("range %s:%s stands for more than %d hosts", begin, end, maxRange)
	}
	var out []string
	for i := from; i <= to; i += step {
		out = append(out, fmt.Sprintf("%0*d", width, i))
	}
	return out, nil
}
