// A host whose root is a folder: what modules know by absolute paths is tested without a machine of its own.

package moduletest

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// stateful are paths of a machine's state within a text of shell, where no longer path ends in them.
var stateful = regexp.MustCompile(`(^|[^A-Za-z0-9_.}/-])/(etc|proc|sys|var|root|home|boot|opt|srv|mnt|run|usr/share|usr/local/share|lib/modules)(/|\b)`)

// rooted puts such paths below Dir.
func (h *Host) rooted(text string) string {
	if !h.Rooted {
		return text
	}
	text = strings.ReplaceAll(text, "$BIN/", h.binDir()+"/")
	return stateful.ReplaceAllString(text, "${1}"+strings.ReplaceAll(h.Dir, "$", "$$")+"/$2$3")
}

// below is a command whose paths are below Dir.
func (h *Host) below(c module.Cmd) module.Cmd {
	c.Script, c.Shell = h.rooted(c.Script), h.rooted(c.Shell)
	c.Args, c.Argv = h.rootedAll(c.Args), h.rootedAll(c.Argv)
	return c
}

func (h *Host) rootedAll(list []string) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = h.rooted(s)
	}
	return out
}

// above shows paths without Dir.
func (h *Host) above(text string) string {
	if !h.Rooted {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, h.binDir(), "$BIN"), h.Dir+"/", "/")
}

// callsFile is where tools of a test write what they were told.
func (h *Host) callsFile() string { return filepath.Join(h.Dir, ".calls") }
