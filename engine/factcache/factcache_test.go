package factcache

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/value"
)

func TestFactsOutliveTheRunThatGatheredThem(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "facts")
	now := time.Now()
	d := Open(dir, "p_", time.Hour, func() time.Time { return now })
	if f, err := d.Facts("h1"); f != nil || err != nil {
		t.Fatalf("an empty folder knows %v, %v", f, err)
	}
	facts := value.NewMap("ansible_kernel", "6.1", "ansible_mounts", []any{value.NewMap("size", 12)}, "ansible_x", nil)
	if err := d.Keep("h1", facts); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "p_s1_h1")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of h1: %v, %v", info, err)
	}
	got, err := d.Facts("h1")
	if err != nil || value.Repr(got) != value.Repr(facts) {
		t.Errorf("got %s, %v", value.Repr(got), err)
	}
	now = now.Add(2 * time.Hour)
	if f, err := d.Facts("h1"); f != nil || err != nil {
		t.Errorf("what is too old counts: %v, %v", f, err)
	}
	if f, _ := Open(dir, "p_", 0, time.Now).Facts("h1"); f == nil {
		t.Error("facts without an age limit are gone")
	}
	for range 2 { // the second time there is nothing left to forget
		if err := d.Forget("h1"); err != nil {
			t.Error(err)
		}
	}
}

// h1 as ansible-core up to 2.18 writes facts, h2 as 2.19.11 does (shortened).
func TestFilesOfAnsibleAreRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"h1":    `{"ansible_kernel": "6.1", "cc": 1}`,
		"s1_h2": `{"__payload__": "{\"ansible_kernel\": \"6.1\", \"cc\": {\"value\": 1, \"tags\": [{\"path\": \"a.yml\", \"__ansible_type\": \"Origin\"}], \"__ansible_type\": \"_AnsibleTaggedInt\"}}"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, host := range []string{"h1", "h2"} {
		f, err := Open(dir, "", 0, time.Now).Facts(host)
		if err != nil || value.Repr(f) != "{'ansible_kernel': '6.1', 'cc': 1}" {
			t.Errorf("%s: got %s, %v", host, value.Repr(f), err)
		}
	}
}

func TestWhatCannotBeKeptIsSaid(t *testing.T) {
	dir := t.TempDir()
	d := Open(dir, "", 0, time.Now)
	for _, host := range []string{"", "../h", "a/b", ".h"} {
		if err := d.Keep(host, &value.Map{}); err == nil {
			t.Errorf("facts of %q were kept", host)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "bad"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Facts("bad"); err == nil {
		t.Error("half a file was understood")
	}
}
