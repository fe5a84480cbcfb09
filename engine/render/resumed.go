package render

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
)

// resumed is the one line about what is not done again.
func resumed(r event.RunResumed) string {
	text := fmt.Sprintf("resuming run %s: %d steps are done and not repeated", r.Run, r.Finished)
	switch len(r.Again) {
	case 0:
		return text
	case 1:
		return text + "; " + r.Again[0] + " begins again with the first task of its batch"
	}
	return text + "; " + strings.Join(r.Again, ", ") + " begin again with the first task of their batch"
}
