package helm

// Versions of helm and its plugins, and what needs which.

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// versionStep asks helm what it is.
var versionStep = step{line: helmMark + " version"}

var versionText = regexp.MustCompile(`^(?:version\.BuildInfo\{Version:"v(.*?)",|Client: &version\.Version\{SemVer:"v(.*?)", )`)

// versionOf reads what helm version printed; empty: it cannot be read.
func versionOf(text string) string {
	m := versionText.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

// older tells whether a version comes before another, by their numbers.
func older(version, than string) bool {
	a, b := numbers(version), numbers(than)
	for i := range max(len(a), len(b)) {
		if x, y := at(a, i), at(b, i); x != y {
			return x < y
		}
	}
	return false
}

func numbers(version string) []int {
	var out []int
	core, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), "-")
	for _, part := range strings.Split(core, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		out = append(out, n)
	}
	return out
}

func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// need is an argument that a version of helm first knew.
type need struct {
	wanted  bool
	name    string
	version string
}

// unmet is the failure of the first argument that this helm is too old for; nil: none.
func unmet(version string, needs []need) error {
	for _, n := range needs {
		if n.wanted && older(version, n.version) {
			return failure{module.Fail("%s requires helm >= %s, current version is %s", n.name, n.version, version)}
		}
	}
	return nil
}

// anyWanted tells whether a version has to be known.
func anyWanted(needs []need) bool {
	for _, n := range needs {
		if n.wanted {
			return true
		}
	}
	return false
}

// plugin is one of helm's plugins as it lists them.
type plugin struct{ name, version, description string }

// plugins reads what helm plugin list printed.
func plugins(text string) ([]plugin, error) {
	var out []plugin
	for _, l := range module.Lines(text) {
		if strings.HasPrefix(l, "NAME") {
			continue
		}
		f := strings.Split(l, "\t")
		if len(f) != 3 {
			return nil, fmt.Errorf("helm plugin list printed %q", l)
		}
		if name := strings.TrimSpace(f[0]); name != "" {
			out = append(out, plugin{name, strings.TrimSpace(f[1]), strings.TrimSpace(f[2])})
		}
	}
	return out, nil
}

func find(all []plugin, name string) (plugin, bool) {
	for _, p := range all {
		if p.name == name {
			return p, true
		}
	}
	return plugin{}, false
}
