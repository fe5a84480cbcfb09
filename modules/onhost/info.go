// What Ansible adds to a result that has a path: who owns it, its mode, its size.

package onhost

import (
	"context"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// InfoFunction is a shell function for probes: info PATH answers a field for Info.
const InfoFunction = `
info() { say "$(stat -c '%u|%g|%U|%G|%a|%s|%h|%F' "$1" 2>/dev/null)"; }
`

// Info adds to a result what a field of InfoFunction tells; nothing where there is nothing at the path.
func Info(r module.Result, field string) module.Result {
	f := strings.SplitN(strings.TrimSpace(field), "|", 8)
	if len(f) < 8 {
		return r
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(f[i])
		return n
	}
	state := "file"
	switch {
	case strings.HasPrefix(f[7], "symbolic link"):
		state = "link"
	case f[7] == "directory":
		state = "directory"
	case number(6) > 1:
		state = "hard"
	}
	mode := strings.Repeat("0", max(0, 4-len(f[4]))) + f[4]
	return r.With("uid", number(0)).With("gid", number(1)).With("owner", f[2]).With("group", f[3]).With("mode", mode).With("size", number(5)).With("state", state)
}

// InfoOf looks at a path after it was changed.
func InfoOf(ctx context.Context, h module.Host, r module.Result, path string) (module.Result, error) {
	out, err := h.Exec(ctx, Probe("look at what was changed", InfoFunction+`info "$1"`, nil, path))
	if err != nil {
		return r, err
	}
	f := Read(out)
	return Info(r, f.Next()), f.Err()
}
