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
		want := versionKey(prefix)
		return begins(versionKey(version), want, len(want[1])) == (s.op == "==")
	}
	c := compareVersions(version, s.version)
	have, want := versionKey(version), versionKey(s.version)
	sameRelease := have[0][0] == want[0][0] && slices.Equal(trimZeros(have[1]), trimZeros(want[1]))
	switch s.op {
	case "===":
		return version == s.version
	case "==":
		return c == 0 && s.localFits(version)
	case "!=":
		return c != 0 || !s.localFits(version)
	case "<=":
		return c <= 0
	case ">=":
		return c >= 0
	case "<": // before a release is not its own pre-release
		return c < 0 && !(sameRelease && early(have) && !early(want))
	case ">": // nor after it its own post-release, or what somebody has built of it
		return c > 0 && !(sameRelease && (late(have) && !late(want) || strings.Contains(version, "+")))
	}
	return c >= 0 && begins(have, want, max(len(want[1])-1, 1)) // ~=
}

// localFits tells whether a version has the local part that is asked for, if one is.
func (s spec) localFits(version string) bool {
	_, want, asked := strings.Cut(s.version, "+")
	_, have, _ := strings.Cut(version, "+")
	return !asked || canonical(have) == canonical(want)
}

// begins tells whether two versions agree in the epoch and the first n numbers; those that are not written are 0.
func begins(have, want [3][]int, n int) bool {
	for i := range n {
		if number(have[1], i) != number(want[1], i) {
			return false
		}
	}
	return have[0][0] == want[0][0]
}

func number(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

var versionParts = regexp.MustCompile(`^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|alpha|b|beta|rc|c|pre|preview)[-_.]?(\d*))?(?:[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+.*)?$`)

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

// notDev is the rank of what is no development release.
const notDev = 1 << 30

// early tells of a version whether it is a pre-release or development release, late whether it is a post-release.
func early(key [3][]int) bool { return len(key[2]) == 4 && (key[2][0] < 3 || key[2][3] != notDev) }
func late(key [3][]int) bool  { return len(key[2]) == 4 && key[2][2] >= 0 }

// versionKey is epoch, release, and the rank of what follows.
func versionKey(version string) [3][]int {
	m := versionParts.FindStringSubmatch(strings.ToLower(version))
	if m == nil {
		return [3][]int{{0}, nil, {0}}
	}
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	pre := []int{3, 0}
	if m[3] != "" {
		pre = []int{map[byte]int{'a': 0, 'b': 1}[m[3][0]], num(m[4])}
		if m[3][0] == 'r' || m[3][0] == 'c' || m[3][0] == 'p' {
			pre[0] = 2
		}
	} else if m[7] != "" && m[5] == "" {
		pre[0] = -1
	}
	post, dev := -1, notDev
	if m[5] != "" {
		post = num(m[6])
	}
	if m[7] != "" {
		dev = num(m[8])
	}
	return [3][]int{{num(m[1])}, ints(m[2]), {pre[0], pre[1], post, dev}}
}
