package tools

// Names of Python packages and what versions they allow: as much of PEP 440 and PEP 508 as tells whether something is installed.

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	vcsURL       = regexp.MustCompile(`^(svn|git|hg|bzr)\+`)
	requirements = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)$`)
	specifier    = regexp.MustCompile(`^\s*(===|~=|==|!=|<=|>=|<|>)\s*(\S+)\s*$`)
	nameGaps     = regexp.MustCompile(`[-_.]+`)
)

func isVCS(name string) bool { return vcsURL.MatchString(name) }

// canonical is a name as all its spellings are compared.
func canonical(name string) string { return strings.ToLower(nameGaps.ReplaceAllString(name, "-")) }

// joinNames puts together what a comma has torn apart: x>=1 and <2 are one package.
func joinNames(names []string) []string {
	var out, parts []string
	for _, n := range names {
		parts = append(parts, strings.Split(n, ",")...)
	}
	inBrackets := false
	for _, p := range parts {
		if len(out) > 0 && (inBrackets || strings.ContainsAny(firstLetter(p), "<>=!~")) {
			out[len(out)-1] += "," + p
		} else {
			out = append(out, p)
		}
		inBrackets = inBrackets || strings.Contains(p, "[")
		if strings.Contains(p, "]") {
			inBrackets = false
		}
	}
	return out
}

func firstLetter(s string) string {
	s = strings.TrimLeft(s, " ")
	return s[:min(1, len(s))]
}

// requirement is a package with the versions that will do.
type requirement struct {
	text   string // as given, if it is not plain
	name   string
	extras string
	specs  []spec
	plain  bool // a name, extras and versions, nothing else
}

type spec struct{ op, version string }

func parseRequirement(text string) requirement {
	m := requirements.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || strings.ContainsAny(m[3], "@;/") {
		return requirement{text: text, name: text}
	}
	r := requirement{text: text, name: m[1], plain: true, extras: strings.ReplaceAll(m[2], " ", "")}
	if m[3] == "" {
		return r
	}
	for _, part := range strings.Split(strings.Trim(m[3], "()"), ",") {
		s := specifier.FindStringSubmatch(part)
		if s == nil {
			return requirement{text: text, name: text}
		}
		r.specs = append(r.specs, spec{s[1], s[2]})
	}
	return r
}

// String is the requirement as pip is given it: versions in the order of the alphabet.
func (r requirement) String() string {
	if !r.plain {
		return r.text
	}
	var specs []string
	for _, s := range r.specs {
		specs = append(specs, s.op+s.version)
	}
	slices.Sort(specs)
	return r.name + r.extras + strings.Join(specs, ",")
}

// allows tells whether a version will do.
func (r requirement) allows(version string) bool {
	for _, s := range r.specs {
		if !s.allows(version) {
			return false
		}
	}
	return true
}

func (s spec) allows(version string) bool {
	if prefix, ok := strings.CutSuffix(s.version, ".*"); ok {
		have := release(version)
		want := release(prefix)
		same := len(have) >= len(want) && slices.Equal(have[:len(want)], want)
		return same == (s.op == "==")
	}
	c := compareVersions(version, s.version)
	switch s.op {
	case "===":
		return version == s.version
	case "==":
		return c == 0
	case "!=":
		return c != 0
	case "<=":
		return c <= 0
	case ">=":
		return c >= 0
	case "<":
		return c < 0
	case ">":
		return c > 0
	}
	want := release(s.version) // ~=
	have := release(version)
	n := max(len(want)-1, 1)
	for len(have) < n {
		have = append(have, 0)
	}
	return c >= 0 && slices.Equal(have[:n], want[:n])
}

var versionParts = regexp.MustCompile(`^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|alpha|b|beta|rc|c|pre|preview)[-_.]?(\d*))?(?:[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+.*)?$`)

// release is the part of a version that is numbers.
func release(version string) []int {
	m := versionParts.FindStringSubmatch(strings.ToLower(version))
	if m == nil {
		return nil
	}
	return ints(m[2])
}

func ints(dotted string) []int {
	var out []int
	for _, p := range strings.Split(dotted, ".") {
		n, _ := strconv.Atoi(p)
		out = append(out, n)
	}
	return out
}

// compareVersions orders versions as PEP 440 does: development releases, then pre-releases, the release, then post-releases.
func compareVersions(a, b string) int {
	x, y := versionKey(a), versionKey(b)
	if c := slices.Compare(trimZeros(x[1]), trimZeros(y[1])); x[0][0] == y[0][0] && c != 0 {
		return c
	}
	if x[0][0] != y[0][0] {
		return x[0][0] - y[0][0]
	}
	return slices.Compare(x[2], y[2])
}

func trimZeros(list []int) []int {
	for len(list) > 0 && list[len(list)-1] == 0 {
		list = list[:len(list)-1]
	}
	return list
}

// versionKey is epoch, release, and the rank of what follows.
func versionKey(version string) [3][]int {
	m := versionParts.FindStringSubmatch(strings.ToLower(version))
	if m == nil {
		return [3][]int{{0}, nil, {0}}
	}
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	const last = 1 << 30
	pre := []int{3, 0}
	if m[3] != "" {
		pre = []int{map[byte]int{'a': 0, 'b': 1}[m[3][0]], num(m[4])}
		if m[3][0] == 'r' || m[3][0] == 'c' || m[3][0] == 'p' {
			pre[0] = 2
		}
	} else if m[7] != "" && m[5] == "" {
		pre[0] = -1
	}
	post, dev := -1, last
	if m[5] != "" {
		post = num(m[6])
	}
	if m[7] != "" {
		dev = num(m[8])
	}
	return [3][]int{{num(m[1])}, ints(m[2]), {pre[0], pre[1], post, dev}}
}
