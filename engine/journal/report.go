package journal

import (
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// Report is a run as its journal tells it, host by host.
type Report struct {
	Summary
	Reports  []HostReport `json:"reports"`
	Warnings []string     `json:"warnings,omitempty"`
}

// HostReport is what happened on one host.
type HostReport struct {
	Host     string          `json:"host"`
	Changes  []Change        `json:"changes"`
	Packages []event.Package `json:"packages,omitempty"`
	Gates    []event.Gate    `json:"gates,omitempty"`
	Failure  *Change         `json:"failure,omitempty"` // the last one that was not taken care of
	Open     []Change        `json:"open,omitempty"`    // begun, and no end is known
	OK       int             `json:"ok"`                // answers without a change
}

// Change is something that was done.
type Change struct {
	Task     string    `json:"task"`
	Item     any       `json:"item,omitempty"`
	At       time.Time `json:"at"`
	Message  string    `json:"message,omitempty"`
	Disrupts string    `json:"disrupts,omitempty"`
}

// Report folds the journal.
func (r *Run) Report() (*Report, error) {
	records, err := r.Records()
	if err != nil {
		return nil, err
	}
	out := &Report{}
	if out.Summary, err = r.sum(records); err != nil {
		return nil, err
	}
	f := &folding{of: out, hosts: map[string]int{}, open: map[string]map[string]Change{}}
	for _, rec := range records {
		e, err := rec.read()
		if err != nil {
			return nil, err
		}
		f.take(e)
	}
	f.end()
	return out, nil
}

// Events are all events of the run, in order.
func (r *Run) Events() ([]event.Event, error) {
	records, err := r.Records()
	if err != nil {
		return nil, err
	}
	var out []event.Event
	for _, rec := range records {
		e, err := rec.read()
		if err != nil {
			return nil, err
		}
		if e != nil {
			out = append(out, e)
		}
	}
	return out, nil
}

// folding is a report in the making.
type folding struct {
	of    *Report
	hosts map[string]int               // where a host's report is
	open  map[string]map[string]Change // by host and task
	stats map[string]event.HostTally   // of the end, if there was one
}

func (f *folding) host(name string) *HostReport {
	i, ok := f.hosts[name]
	if !ok {
		i = len(f.of.Reports)
		f.hosts[name] = i
		f.of.Reports = append(f.of.Reports, HostReport{Host: name, Changes: []Change{}})
		f.open[name] = map[string]Change{}
	}
	return &f.of.Reports[i]
}

func (f *folding) take(e event.Event) {
	switch x := e.(type) {
	case event.ApplyStarted:
		f.host(x.Host)
		f.open[x.Host][x.Task.ID] = Change{Task: x.Task.Name, At: x.At, Disrupts: x.Disrupts}
	case event.Gate:
		h := f.host(x.Host)
		h.Gates = append(h.Gates, x)
	case event.PackagesChanged:
		h := f.host(x.Host)
		h.Packages = append(h.Packages, x.Packages...)
	case event.HostResult:
		f.result(x)
	case event.RunResumed:
		for _, h := range x.Again {
			f.host(h).Failure = nil
		}
	case event.Stats:
		f.stats = x.Hosts
	case event.Message:
		if x.Level == "warning" {
			f.of.Warnings = append(f.of.Warnings, x.Text)
		}
	}
}

func (f *folding) result(x event.HostResult) {
	h := f.host(x.Host)
	began := f.open[x.Host][x.Task.ID]
	if !x.Item {
		delete(f.open[x.Host], x.Task.ID)
	}
	c := Change{Task: x.Task.Name, At: x.At, Message: message(x.Result), Disrupts: began.Disrupts}
	switch {
	case x.Item && x.Status == event.Changed:
		c.Item = x.ItemLabel
		h.Changes = append(h.Changes, c)
	case x.Item, x.Loop && x.Status == event.Changed: // the sum of items that were told
	case x.Status == event.Changed:
		h.Changes = append(h.Changes, c)
	case x.Status == event.Failed || x.Status == event.Unreachable && !x.Ignored:
		h.Failure = &c
	case x.Status == event.OK:
		h.OK++
	}
}

// message is what a result says in words.
func message(r *value.Map) string {
	for _, k := range []string{"msg", "stderr"} {
		if text, ok := r.Value(k).(string); ok && text != "" {
			return text
		}
	}
	return ""
}

// end tells what was begun and not ended. A failure that was rescued is none.
func (f *folding) end() {
	for i := range f.of.Reports {
		h := &f.of.Reports[i]
		if t, ok := f.stats[h.Host]; ok && t.Failed+t.Unreachable == 0 {
			h.Failure = nil
		}
		for _, c := range f.open[h.Host] {
			h.Open = append(h.Open, c)
		}
	}
}
