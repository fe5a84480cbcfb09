package learned

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

var _ module.Learned = (*File)(nil)

func TestFileKeepsTheLastMeasurements(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "learned.json")
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		if err := f.Add("n1", "reboot", time.Duration(i)*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	past := again.Past("n1", "reboot")
	if len(past) != keep || past[0] != 2*time.Second || past[keep-1] != 11*time.Second {
		t.Errorf("past reboots: %v", past)
	}
	if got := again.Past("n2", "reboot"); got != nil {
		t.Errorf("an unknown host has a past: %v", got)
	}
}

func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "learned.json")
	if err := os.WriteFile(path, []byte("{not json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil {
		t.Error("no error for a broken file")
	}
}
