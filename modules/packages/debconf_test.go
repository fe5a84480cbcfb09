package packages

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

// A password that cannot be compared is not called another.
func TestDebconfPasswordsThatCannotBeRead(t *testing.T) {
	moduletest.Run(t, Debconf, []moduletest.Case{{
		Name: "refused",
		Set: func(h *moduletest.Host) {
			h.Command(t, "debconf-show", `echo "* x/pw: (password omitted)"`)
			h.Command(t, "debconf-get-selections", "echo no >&2; exit 1")
			h.Command(t, "debconf-set-selections", "exit 0")
		},
		Args: []any{"name", "x", "question", "x/pw", "vtype", "password", "value", "secret"}, Fails: "Failed to get the value 'x/pw' from 'x': no",
	}})
}
