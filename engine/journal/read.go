package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Run is a run on disk.
type Run struct {
	ID  string
	dir string
}

// Records reads the journal. A last line that was never finished is left out; damage anywhere else is an error that names its line.
func (r *Run) Records() ([]Record, error) {
	records, _, err := r.read(nil)
	return records, err
}

// read reads the records of some kinds (nil: of all), and tells where the last good one ends.
func (r *Run) read(only map[string]bool) (records []Record, end int64, err error) {
	name := filepath.Join(r.dir, journalFile)
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	var damage error
	for seq := 1; ; seq++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) { // a line without an end was never finished
			return records, end, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if damage != nil { // it was not the last line
			return nil, 0, damage
		}
		rec, wanted, err := parse(line, seq, only)
		if err != nil {
			damage = fmt.Errorf("%s:%d: the journal is damaged: %w", name, seq, err)
			continue
		}
		end += int64(len(line))
		if wanted {
			records = append(records, rec)
		}
	}
}

// parse reads a line, unless it is of a kind that nobody wants.
func parse(line []byte, seq int, only map[string]bool) (rec Record, wanted bool, err error) {
	if only != nil {
		head := fmt.Appendf(nil, `{"seq":%d,"kind":"`, seq)
		if rest, ok := bytes.CutPrefix(line, head); ok && bytes.HasSuffix(line, []byte("}\n")) {
			if i := bytes.IndexByte(rest, '"'); i >= 0 && !only[string(rest[:i])] {
				return rec, false, nil
			}
		}
	}
	if err := json.Unmarshal(line, &rec); err != nil {
		return rec, false, err
	}
	if rec.Seq != seq {
		return rec, false, fmt.Errorf("here is record %d instead of %d", rec.Seq, seq)
	}
	return rec, only == nil || only[rec.Kind], nil
}
