package journal

import "fmt"

// Called returns the command line that a run was begun with, verb first; secrets may stand in it.
func (r *Run) Called(key *Key) (args []string, err error) {
	records, _, err := r.read(map[string]bool{kindOpened: true})
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("the journal of %s does not say how it was called", r.ID)
	}
	m := newMemory(r.ID, key)
	if err := m.take(records[0]); err != nil {
		return nil, err
	}
	return m.opened[0].Args, nil
}
