// What is said of the host's Python, where it has one.

package system

import (
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// pythonFacts reads which interpreter was found, then what it says of itself: executable, implementation, the five parts of its version,
// and whether it can do TLS. Without a Python there are no such facts.
func pythonFacts(facts *value.Map, lines []string) {
	if len(lines) < 2 {
		return
	}
	f := strings.Fields(lines[1])
	if len(f) != 7 {
		return
	}
	info := make([]any, 5)
	for i, part := range f[2:] {
		info[i] = part
		if n, err := strconv.Atoi(part); err == nil {
			info[i] = n
		}
	}
	facts.Set("ansible_python_version", strings.Join(f[2:5], "."))
	facts.Set("ansible_python", dict(
		"version", dict("major", info[0], "minor", info[1], "micro", info[2], "releaselevel", info[3], "serial", info[4]),
		"version_info", info, "executable", f[0], "has_sslcontext", len(lines) > 2 && lines[2] == "ssl", "type", f[1]))
	facts.Set("discovered_interpreter_python", lines[0])
}
