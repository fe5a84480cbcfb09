package run

// Which packages change: said before an act, as its plan foresees it, and after it, as the module found it.

import (
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// announcement is what is told of a plan before it is carried out. no_log covers the packages. A host other than the task's is named under "on".
func (w *worker) announcement(p module.Plan, host actor) *value.Map {
	if w.veiled || len(p.Packages()) == 0 {
		return p.Note()
	}
	note := p.Announcement()
	if host.Name() != w.host {
		note.Set("on", host.Name())
	}
	return note
}

// tellPackages tells what an act has changed, whether it ended well or not.
func (w *worker) tellPackages(list []module.PackageChange, host actor) error {
	if w.veiled || len(list) == 0 {
		return nil
	}
	changed := event.PackagesChanged{Host: host.Name(), Task: w.ref, At: w.r.Clock.Now()}
	for _, p := range list {
		changed.Packages = append(changed.Packages, event.Package(p))
	}
	if err := w.r.bus.emit(changed); err != nil {
		return &sinkError{err}
	}
	return nil
}
