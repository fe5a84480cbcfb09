package preview

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/drydock-dev/drydock/engine/window"
)

// This file holds what drydock.yml says of the right time: windows, alerts, pods that block.

// ask finds out what would hold the first node back now. A closed window is no reason not to plan: the run itself waits for it or ends before it.
func (l *looker) ask(ctx context.Context) {
	if l.Held == nil || len(l.subjects) == 0 {
		return
	}
	first := l.subjects[0]
	by, why, err := l.Held(ctx, []string{first.Host}, first.Site)
	switch {
	case err != nil:
		l.held = append(l.held, Blocker{Check: CheckSettings, About: "drydock.yml", Found: err.Error(), Mend: "correct it there, or in the host's variables"})
	case len(by) == 0:
	case slices.Contains(by, "window"):
		l.notes = append(l.notes, why)
	default:
		l.held = append(l.held, Blocker{Check: CheckHeld, About: by[0], Found: why, Mend: "wait until it is over", Passes: true})
	}
}

// room says how many of the nodes the window has room for, by the time that they take; empty: for all, or nobody knows.
func room(set window.Set, now time.Time, nodes []Node) string {
	if len(set) == 0 || len(nodes) == 0 {
		return ""
	}
	begin, ok := set.Next(now, nodes[0].takes())
	if !ok {
		return "no window of the next two weeks is long enough for " + nodes[0].Host
	}
	closes := set.At(begin).Closes
	at := begin
	for i, n := range nodes {
		if n.Duration.Seconds == 0 {
			return ""
		}
		if !set.Admits(at, n.takes()) {
			return fmt.Sprintf("the window that closes %s has room for %d of %s, as past runs tell; the rest goes on in the next one: drydock resume",
				closes.Format("Mon 2006-01-02 15:04 MST"), i, count(len(nodes), "node"))
		}
		at = at.Add(n.takes())
	}
	return ""
}

func (n Node) takes() time.Duration { return time.Duration(n.Duration.Seconds) * time.Second }
