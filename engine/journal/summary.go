package journal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
)

// State is how a run stands.
type State string

// The states.
const (
	Running     State = "running"
	Finished    State = "finished"
	Failed      State = "failed"
	Interrupted State = "interrupted" // a person has ended it
	Died        State = "died"        // its process has, without a word
)

// Unfinished tells whether a run in this state can be taken up again.
func (s State) Unfinished() bool { return s == Failed || s == Interrupted || s == Died }

// Summary is a run in short.
type Summary struct {
	ID        string        `json:"id"`
	State     State         `json:"state"`
	Started   time.Time     `json:"started"`
	Ended     time.Time     `json:"ended"` // or what was written last
	Duration  time.Duration `json:"duration"`
	Args      []string      `json:"args"` // with secrets taken out
	Playbooks []string      `json:"playbooks"`
	Hosts     []string      `json:"hosts"`
	Exit      int           `json:"exit"`
	Error     string        `json:"error,omitempty"`
	Version   string        `json:"version"`
	Processes int           `json:"processes"` // how many have been at it: one more than it was resumed
}

// AdHoc tells whether the run was a single task.
func (s Summary) AdHoc() bool { return len(s.Args) > 0 && s.Args[0] == "exec" }

// Summary reads what the run was and how it stands.
func (r *Run) Summary() (Summary, error) {
	records, _, err := r.read(map[string]bool{kindOpened: true, "run_started": true, "play_started": true, kindFinished: true})
	if err != nil {
		return Summary{ID: r.ID}, err
	}
	return r.sum(records)
}

func (r *Run) sum(records []Record) (Summary, error) {
	s := Summary{ID: r.ID, State: Died}
	for i, rec := range records {
		if i == 0 {
			s.Started = rec.At
		}
		if rec.Kind == kindOpened {
			s.State, s.Exit, s.Error = Died, 0, ""
			s.Processes++
		}
		if err := s.take(rec); err != nil {
			return s, err
		}
	}
	if s.State == Died {
		if info, err := os.Stat(filepath.Join(r.dir, journalFile)); err == nil {
			s.Ended = info.ModTime()
		}
	}
	if held(r.dir) {
		s.State = Running
	}
	s.Duration = max(0, s.Ended.Sub(s.Started))
	return s, nil
}

func (s *Summary) take(rec Record) error {
	switch rec.Kind {
	case kindOpened:
		var said opening
		if err := json.Unmarshal(rec.Event, &said); err != nil {
			return err
		}
		s.Version = said.Version
		return nil
	}
	e, err := rec.read()
	switch x := e.(type) {
	case event.RunStarted:
		s.Args, s.Playbooks = x.Args, x.Playbooks
	case event.PlayStarted:
		for _, h := range x.Hosts {
			if !slices.Contains(s.Hosts, h) {
				s.Hosts = append(s.Hosts, h)
			}
		}
	case event.RunFinished:
		s.Ended, s.Exit, s.Error = rec.At, x.Exit, x.Error
		switch {
		case x.Stopped:
			s.State = Interrupted
		case x.Exit == 0:
			s.State = Finished
		default:
			s.State = Failed
		}
	}
	return err
}

// Unfinished tells whether there is a run of this id that can be taken up again.
func (r *Runs) Unfinished(id string) bool {
	run, err := r.Find(id)
	if err != nil || run.ID != id {
		return false
	}
	s, err := run.Summary()
	return err == nil && s.State.Unfinished()
}
