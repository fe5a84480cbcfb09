package files

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os/exec"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

// tgz packs a text under e/a and another under b.
func tgz(t *testing.T) string {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	w := tar.NewWriter(z)
	when := time.Unix(1700000000, 0)
	for _, f := range []tar.Header{{Name: "e/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: "e/a", Typeflag: tar.TypeReg, Mode: 0o644, Size: 2}, {Name: "b", Typeflag: tar.TypeReg, Mode: 0o600, Size: 2}} {
		f.ModTime = when
		if err := w.WriteHeader(&f); err != nil {
			t.Fatal(err)
		}
		if f.Size > 0 {
			if _, err := w.Write([]byte("x\n")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestUnarchive(t *testing.T) {
	text := tgz(t)
	change, un := module.KindChange, map[string]string{"a.tgz": text, "un/": ""}
	set := func(h *moduletest.Host) { h.Control.Add("files/a.tgz", text) }
	moduletest.Run(t, Unarchive, []moduletest.Case{
		{Name: "of the content", Files: un, Set: set, Args: []any{"src", "a.tgz", "dest", "$DIR/un", "list_files", true}, Plan: change,
			After: map[string]string{"un/e/a": "0644:x\n", "un/b": "0600:x\n"}, Want: map[string]any{"changed": true, "dest": "$DIR/un", "handler": "TgzArchive", "state": "directory",
				"files": []any{"e/", "e/a", "b"}, "extract_results.rc": 0}},
		{Name: "of the host", Files: un, Args: []any{"src", "$DIR/a.tgz", "dest", "$DIR/un", "remote_src", true}, Plan: change, After: map[string]string{"un/e/a": "x\n"}},
		{Name: "without a part", Files: un, Args: []any{"src", "$DIR/a.tgz", "dest", "$DIR/un", "remote_src", true, "exclude", "e"}, Plan: change, After: map[string]string{"un/b": "x\n", "un/e!": ""}},
		{Name: "only a part", Files: un, Args: []any{"src", "$DIR/a.tgz", "dest", "$DIR/un", "remote_src", true, "include", "e/a"}, Plan: change, After: map[string]string{"un/b!": "", "un/e/a": "x\n"}},
		{Name: "with a mode", Files: un, Args: []any{"src", "$DIR/a.tgz", "dest", "$DIR/un", "remote_src", true, "mode", "u=rwX,go="}, Plan: change, Trips: 2,
			After: map[string]string{"un/e/": "0700:", "un/e/a": "0600:x\n"}},
		{Name: "stripped", Files: un, Args: []any{"src", "$DIR/a.tgz", "dest", "$DIR/un", "remote_src", true, "extra_opts", []any{"--strip-components=1"}}, Plan: change, After: map[string]string{"un/a": "x\n"}},
		{Name: "creates", Files: un, Args: []any{"src", "a.tgz", "dest", "$DIR/un", "creates", "$DIR/un"}, Want: map[string]any{"skipped": true, "msg": "skipped, since $DIR/un exists"}},
		{Name: "no directory", Files: un, Args: []any{"src", "$DIR/a.tgz", "dest", "$DIR/no", "remote_src", true}, Fails: "dest '$DIR/no' must be an existing dir"},
		{Name: "missing", Files: un, Args: []any{"src", "$DIR/no", "dest", "$DIR/un", "remote_src", true}, Fails: "Source '$DIR/no' does not exist"},
		{Name: "missing here", Files: un, Args: []any{"src", "no", "dest", "$DIR/un"}, Fails: "Could not find or access 'no'"},
		{Name: "no archive", Files: map[string]string{"f": "text\n", "un/": ""}, Args: []any{"src", "$DIR/f", "dest", "$DIR/un", "remote_src", true}, Fails: "Failed to find handler for \"$DIR/f\""},
		{Name: "both", Args: []any{"src", "a", "dest", "b", "include", "x", "exclude", "y"}, Fails: "mutually exclusive"},
	})
}

func TestUnarchiveZip(t *testing.T) {
	if _, err := exec.LookPath("unzip"); err != nil {
		t.Skip("this machine has no unzip, which the module needs on a host")
	}
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	f, err := w.Create("d/a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("x\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	moduletest.Run(t, Unarchive, []moduletest.Case{
		{Name: "of the host", Files: map[string]string{"a.zip": buf.String(), "un/": ""}, Args: []any{"src", "$DIR/a.zip", "dest", "$DIR/un", "remote_src", true}, Plan: module.KindChange,
			After: map[string]string{"un/d/a": "x\n"}, Want: map[string]any{"handler": "ZipArchive"}},
		{Name: "of the content", Files: map[string]string{"un/": ""}, Set: func(h *moduletest.Host) { h.Control.Add("files/a.zip", buf.String()) }, Args: []any{"src", "a.zip", "dest", "$DIR/un"},
			Plan: module.KindChange, After: map[string]string{"un/d/a": "x\n"}, Repeats: "a zip that is not on the host cannot be compared"},
	})
}

func TestKindOf(t *testing.T) {
	for head, want := range map[string]string{"\x1f\x8b\x08": "-z", "BZh9": "-j", "\xfd7zXZ\x00": "-J", "\x28\xb5\x2f\xfd": "--zstd", "PK\x03\x04": "zip", "abc": "tar", "": "tar"} {
		if got := kindOf([]byte(head)); got != want {
			t.Errorf("%q is %s, want %s", head, got, want)
		}
	}
}
