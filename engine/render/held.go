package render

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
)

// heldLine says what holds the next hosts back, and since when. Of a run that ends because of it the last word is its error.
func heldLine(h event.Held) string {
	hosts := strings.Join(h.Hosts, ", ")
	if len(h.By) == 0 {
		return "going on with " + hosts
	}
	return "waiting before " + hosts + ": " + h.Why + " (since " + h.Since.Format("15:04:05") + ")"
}
