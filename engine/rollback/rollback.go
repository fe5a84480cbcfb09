// Package rollback finds out how to go back: what a run has done to the packages of a host, read off its events, and what has to be installed
// now so that they are as they were. It decides; it asks no host and changes none.
package rollback

import (
	"maps"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// Changes are the packages of a host that are not what they were before the run: each with the first version that the run found and the last
// that it left. What an act was about to change when the run died counts as changed; whether it was, the host knows.
func Changes(events []event.Event, host string) []event.Package {
	return ledgers(events)[host].changes()
}

// Hosts are those whose packages a run has changed, as they first came up.
func Hosts(events []event.Event) []string {
	all := ledgers(events)
	var out []string
	for _, e := range events {
		for _, h := range hostsOf(e) {
			if !slices.Contains(out, h) && len(all[h].changes()) > 0 {
				out = append(out, h)
			}
		}
	}
	return out
}

// HostOf is the host that is a node of the cluster, by what the guard has said of it; empty: the run knows none.
func HostOf(events []event.Event, node string) string {
	for _, e := range events {
		switch x := e.(type) {
		case event.Gate:
			if x.Node == node {
				return x.Host
			}
		case event.ApplyStarted:
			if x.Node == node {
				return x.Host
			}
		}
	}
	return ""
}

func hostsOf(e event.Event) []string {
	switch x := e.(type) {
	case event.PackagesChanged:
		return []string{x.Host}
	case event.ApplyStarted:
		return []string{target(x)}
	}
	return nil
}

// ledger is what happened to the packages of a host, the latest last.
type ledger struct {
	done  []event.Package
	begun map[string][]event.Package // announced and not settled, by task
}

// ledgers follows a run. An act announces what it would change, and says in the end what it did; then only that counts. Without such a word
// the announcement is dropped when the task went well, and kept when it failed or nothing more is known of it.
func ledgers(events []event.Event) map[string]*ledger {
	all := map[string]*ledger{}
	of := func(host string) *ledger {
		if all[host] == nil {
			all[host] = &ledger{begun: map[string][]event.Package{}}
		}
		return all[host]
	}
	for _, e := range events {
		switch x := e.(type) {
		case event.ApplyStarted:
			if list := announced(x.Note); len(list) > 0 {
				of(target(x)).begun[x.Task.ID] = list
			}
		case event.PackagesChanged:
			l := of(x.Host)
			delete(l.begun, x.Task.ID)
			l.done = append(l.done, x.Packages...)
		case event.RunResumed: // what was under way is planned anew, and may then be found done
			for _, l := range all {
				l.assume()
			}
		case event.HostResult:
			host := x.Host
			if x.DelegatedTo != "" {
				host = x.DelegatedTo
			}
			l := of(host)
			if x.Status == event.Failed || x.Status == event.Ignored || x.Status == event.Unreachable {
				l.done = append(l.done, l.begun[x.Task.ID]...)
			}
			delete(l.begun, x.Task.ID)
		}
	}
	return all
}

// assume takes what was announced for done.
func (l *ledger) assume() {
	for _, task := range slices.Sorted(maps.Keys(l.begun)) {
		l.done = append(l.done, l.begun[task]...)
	}
	clear(l.begun)
}

// target is the host that an act changes.
func target(x event.ApplyStarted) string {
	if x.Note != nil {
		if on, _ := x.Note.Value("on").(string); on != "" {
			return on
		}
	}
	return x.Host
}

// announced reads the packages in the note of an act.
func announced(note *value.Map) []event.Package {
	if note == nil {
		return nil
	}
	list, _ := note.Value("packages").([]any)
	var out []event.Package
	for _, one := range list {
		m, ok := one.(*value.Map)
		if !ok {
			continue
		}
		text := func(key string) string { s, _ := m.Value(key).(string); return s }
		if text("name") != "" {
			out = append(out, event.Package{Name: text("name"), Arch: text("arch"), From: text("from"), To: text("to")})
		}
	}
	return out
}

// changes joins what was done to each package. Versions that are installed side by side, as kernels are, stay apart.
func (l *ledger) changes() []event.Package {
	if l == nil {
		return nil
	}
	whole := ledger{done: slices.Clone(l.done), begun: maps.Clone(l.begun)}
	whole.assume()
	var out []event.Package
	for _, p := range whole.done {
		if i := slices.IndexFunc(out, func(q event.Package) bool { return p == q || follows(p, q) }); i >= 0 {
			out[i].To = p.To
			if out[i].Arch == "" {
				out[i].Arch = p.Arch
			}
			continue
		}
		out = append(out, p)
	}
	return slices.DeleteFunc(out, func(p event.Package) bool { return p.From == p.To })
}

// follows tells whether a change goes on from where another has left the package, or somebody else between them. What came beside others goes
// on only from its own version.
func follows(p, q event.Package) bool {
	same := p.Name == q.Name && (p.Arch == q.Arch || p.Arch == "" || q.Arch == "")
	return same && (p.From == q.To || p.From != "" && q.From != "" && q.To != "")
}
