// Package event is the closed set of what can happen in a run, as data. The engine emits; screens, journals and reports
// are folds over the stream.
package event

import (
	"time"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// Event is one of the structs of this package.
type Event interface{ event() }

// Sink receives events, one at a time and in order. An error stops the run before the next change.
type Sink interface{ Emit(Event) error }

// TaskRef names a task in events about it.
type TaskRef struct {
	ID      string   `json:"id"`     // unique in the run
	Name    string   `json:"name"`   // with "role : " before it, templated where possible
	Action  string   `json:"action"` // as written
	Pos     diag.Pos `json:"pos"`
	Handler bool     `json:"handler,omitempty"`
	NoLog   bool     `json:"no_log,omitempty"`
}

// Status of a host's result.
type Status string

// The statuses, named as the parity recordings name them.
const (
	OK          Status = "ok"
	Changed     Status = "changed"
	Failed      Status = "failed"
	Ignored     Status = "ignored" // failed, and ignore_errors
	Skipped     Status = "skipped"
	Unreachable Status = "unreachable"
)

type (
	// RunStarted is the first event.
	RunStarted struct {
		At      time.Time `json:"at"`
		Run     string    `json:"run"`
		Args    []string  `json:"args"` // with secrets taken out
		Version string    `json:"version"`
		Check   bool      `json:"check"`
		Cwd     string    `json:"cwd,omitempty"`
		// What is run, and on what.
		Playbooks []string `json:"playbooks,omitempty"`
		Inventory []string `json:"inventory,omitempty"` // the sources
		Limit     string   `json:"limit,omitempty"`
		Tags      []string `json:"tags,omitempty"`
		SkipTags  []string `json:"skip_tags,omitempty"`
	}
	// FilesUsed lists files that the run is made of, as they come to be read.
	FilesUsed struct {
		Files []File `json:"files"`
	}
	// File is a file that a run has read.
	File struct {
		Path   string `json:"path"`
		Origin string `json:"origin"` // disk, embedded
		SHA256 string `json:"sha256"`
	}
	// PlaybookStarted begins a playbook file named on the command line.
	PlaybookStarted struct {
		File string `json:"file"`
	}
	// PlayStarted begins a play, or a further serial batch of it.
	PlayStarted struct {
		Name  string   `json:"name"`
		Hosts []string `json:"hosts"` // of this batch
		Check bool     `json:"check,omitempty"`
	}
	// NoHostsMatched says that a play's pattern names no host (of the limit).
	NoHostsMatched struct{}
	// NoHostsRemaining says that every host of a batch has failed.
	NoHostsRemaining struct{}
	// TaskStarted begins a task or handler on a group of hosts.
	TaskStarted struct {
		Task TaskRef    `json:"task"`
		Args *value.Map `json:"args,omitempty"` // as written; only where they are to be shown
	}
	// HostStarted says that a host begins a task.
	HostStarted struct {
		Host string    `json:"host"`
		Task TaskRef   `json:"task"`
		At   time.Time `json:"at"`
	}
	// ApplyStarted comes before the change it announces.
	ApplyStarted struct {
		Host string    `json:"host"`
		Task TaskRef   `json:"task"`
		At   time.Time `json:"at"`
		// Step is the key under which the answer will be kept; empty: it will not.
		Step string `json:"step,omitempty"`
		// Disrupts says what the change takes from a cluster, or gives back; empty: nothing.
		Disrupts string `json:"disrupts,omitempty"`
		Node     string `json:"node,omitempty"` // the Node that is disrupted
		// Note is what the plan saw that a later run must know if this one dies here (the boot id before a reboot).
		Note *value.Map `json:"note,omitempty"`
	}
	// PackagesChanged says which packages an act has changed, as its module found it. It comes before the result of the task.
	PackagesChanged struct {
		Host     string    `json:"host"` // the one that was changed, where the task was delegated
		Task     TaskRef   `json:"task"`
		At       time.Time `json:"at"`
		Packages []Package `json:"packages"`
	}
	// Package is a package with its version before and after; empty: it was not, or is not, installed.
	Package struct {
		Name string `json:"name"`
		Arch string `json:"arch,omitempty"`
		From string `json:"from,omitempty"`
		To   string `json:"to,omitempty"`
	}
	// Gate is what the guard decided before a disruption, with the evidence that it had.
	Gate struct {
		Host     string     `json:"host"`
		Task     TaskRef    `json:"task"`
		Cluster  string     `json:"cluster,omitempty"`
		Node     string     `json:"node,omitempty"`
		Disrupts string     `json:"disrupts"`
		Passed   bool       `json:"passed"`
		Evidence []Evidence `json:"evidence,omitempty"`
		At       time.Time  `json:"at"`
	}
	// Evidence is what one check of the guard found.
	Evidence struct {
		Check string `json:"check"`
		About string `json:"about,omitempty"`
		Found string `json:"found"`
		State string `json:"state"` // holds, waits, breaks, accepted
	}
	// Held says that the next hosts of a run are not begun yet, again when the reason changes, and what became of it.
	Held struct {
		Hosts []string  `json:"hosts"`
		By    []string  `json:"by,omitempty"` // window, alert, pod, soak; empty: nothing holds them any more
		Why   string    `json:"why,omitempty"`
		Since time.Time `json:"since"`
		At    time.Time `json:"at"`
		Ends  bool      `json:"ends,omitempty"` // the run does not wait: it ends here, and can be taken up again
	}
	// RunResumed says that a run which ended before its time goes on.
	RunResumed struct {
		At       time.Time `json:"at"`
		Run      string    `json:"run"`
		Finished int       `json:"finished"`        // tasks of hosts that are not repeated
		Again    []string  `json:"again,omitempty"` // hosts that were lost and begin again, from the first task of their batch
	}
	// HostsLost says which hosts of a batch have failed or become unreachable, and under which keys their steps are kept.
	HostsLost struct {
		Hosts []string `json:"hosts"`
		Steps []string `json:"steps"`
	}
	// HostProgress is a line about what a task waits for.
	HostProgress struct {
		Host    string    `json:"host"`
		Task    TaskRef   `json:"task"`
		Message string    `json:"message"`
		At      time.Time `json:"at"`
	}
	// HostResult is the answer of a host, or of one item of a loop on it (Item set).
	HostResult struct {
		Host        string        `json:"host"`
		Task        TaskRef       `json:"task"`
		Status      Status        `json:"status"`
		Result      *value.Map    `json:"result"` // as registered; secrets censored
		Item        bool          `json:"item,omitempty"`
		ItemLabel   any           `json:"item_label,omitempty"` // what to print for the item
		Loop        bool          `json:"loop,omitempty"`       // the sum of a loop
		DelegatedTo string        `json:"delegated_to,omitempty"`
		Diff        []Diff        `json:"diff,omitempty"`    // with --diff
		At          time.Time     `json:"at"`                // when the host was done
		Duration    time.Duration `json:"duration"`          // nanoseconds
		Ignored     bool          `json:"ignored,omitempty"` // unreachable, and ignore_unreachable
		Verbose     bool          `json:"verbose,omitempty"` // to be printed whole (debug)
		Cause       *Cause        `json:"cause,omitempty"`   // of a failure, where it lies in what the author wrote
	}
	// Cause is the place that made a task fail, and what to do about it, if anything can be said.
	Cause struct {
		Pos  diag.Pos
		Hint string `json:",omitempty"`
	}
	// Diff is a difference made or predicted.
	Diff struct {
		Before, After             string
		BeforeHeader, AfterHeader string
		Prepared                  string
	}
	// Retry says that an until was not met.
	Retry struct {
		DelegatedTo string     `json:"delegated_to,omitempty"`
		Host        string     `json:"host"`
		Task        TaskRef    `json:"task"`
		Attempts    int        `json:"attempts"`
		Retries     int        `json:"retries"`
		Result      *value.Map `json:"result"`
	}
	// AsyncPolled says that an async task that is waited for is running still.
	AsyncPolled struct {
		Host string `json:"host"`
		Job  string `json:"job"`
	}
	// AsyncEnded says that an async task that was waited for has ended, or has not in time.
	AsyncEnded struct {
		Host   string `json:"host"`
		Job    string `json:"job"`
		Failed bool   `json:"failed"`
	}
	// Included says that a file was included for hosts.
	Included struct {
		File  string   `json:"file"`
		Hosts []string `json:"hosts"`
		Item  any      `json:"item,omitempty"`
	}
	// Notified says that a changed task notified a handler.
	Notified struct {
		Handler string `json:"handler"`
		Host    string `json:"host"`
	}
	// Message is for the person at the screen: a warning, a deprecation, a note of a meta task.
	Message struct {
		Level string `json:"level"` // warning, deprecation, note, trace, meta (what a meta task has done)
		Text  string `json:"text"`
	}
	// HostTally counts the results of a host.
	HostTally struct {
		OK, Changed, Unreachable, Failed, Skipped, Rescued, Ignored int
	}
	// Stats closes a run: the tally of every host that took part.
	Stats struct {
		Hosts map[string]HostTally `json:"hosts"`
		Order []string             `json:"order"` // as hosts first appeared
		// Custom are the figures of set_stats: by host, and those of the run under "_run".
		Custom *value.Map `json:"custom,omitempty"`
	}
	// RunFinished is the last event.
	RunFinished struct {
		At   time.Time `json:"at"`
		Exit int       `json:"exit"`
		// Stopped says that a person ended the run, Error what else ended it early.
		Stopped bool   `json:"stopped,omitempty"`
		Error   string `json:"error,omitempty"`
	}
)

// Kept is what an earlier process of a run has left about one step.
type Kept struct {
	Answer []byte     // nil: there is none
	Order  int        // of two answers the one that came later has more
	Begun  bool       // a change was announced and no answer is known: it may have been made, in part or whole
	Note   *value.Map // of that announcement
}

func (RunStarted) event()       {}
func (FilesUsed) event()        {}
func (PlaybookStarted) event()  {}
func (PlayStarted) event()      {}
func (NoHostsMatched) event()   {}
func (NoHostsRemaining) event() {}
func (TaskStarted) event()      {}
func (HostStarted) event()      {}
func (ApplyStarted) event()     {}
func (Gate) event()             {}
func (PackagesChanged) event()  {}
func (Held) event()             {}
func (RunResumed) event()       {}
func (HostsLost) event()        {}
func (HostProgress) event()     {}
func (HostResult) event()       {}
func (Retry) event()            {}
func (Included) event()         {}
func (AsyncPolled) event()      {}
func (AsyncEnded) event()       {}
func (Notified) event()         {}
func (Message) event()          {}
func (Stats) event()            {}
func (RunFinished) event()      {}
