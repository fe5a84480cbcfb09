package moduletest

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Tree is a snapshot of all that stands below dir: per path one line of type, mode, modification time and content.
func Tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := os.Lstat(p)
		if err != nil {
			return err
		}
		out[p] = fmt.Sprintf("%v %v %s", st.Mode(), st.ModTime().UnixNano(), contentOf(p, st))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func contentOf(p string, st fs.FileInfo) string {
	switch {
	case st.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(p)
		return fmt.Sprint("-> ", target, err)
	case st.Mode().IsRegular():
		b, err := os.ReadFile(p)
		return fmt.Sprintf("%q %v", b, err)
	}
	return ""
}

// differences lists what is not the same in two snapshots.
func differences(before, after map[string]string) string {
	var b strings.Builder
	paths := maps.Clone(before)
	maps.Copy(paths, after)
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		if before[p] != after[p] {
			fmt.Fprintf(&b, "%s\n  before %s\n  after  %s\n", p, before[p], after[p])
		}
	}
	return b.String()
}

// Compare checks files below dir against the form of Case.Files; a name with "!" at its end must not be there.
func Compare(t testing.TB, dir string, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		gone := strings.HasSuffix(name, "!")
		p := filepath.Join(dir, strings.TrimSuffix(name, "!"))
		st, err := os.Lstat(p)
		switch {
		case gone:
			if err == nil {
				t.Errorf("%s is still there", p)
			}
		case err != nil:
			t.Errorf("after: %v", err)
		default:
			compareOne(t, p, st, strings.ReplaceAll(want[name], "$DIR", dir), strings.HasSuffix(name, "/"))
		}
	}
}

func compareOne(t testing.TB, p string, st fs.FileInfo, want string, dir bool) {
	t.Helper()
	got := ""
	if target, err := os.Readlink(p); err == nil {
		got = "-> " + target
	} else if st.Mode().IsRegular() {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Error(err)
		}
		got = string(b)
	}
	if dir != st.IsDir() {
		t.Errorf("%s: is a directory: %v", p, st.IsDir())
	}
	if mode, body := splitMode(want); body != want {
		if st.Mode().Perm() != mode {
			t.Errorf("%s has mode %04o, want %04o", p, st.Mode().Perm(), mode)
		}
		want = body
	}
	if got != want {
		t.Errorf("%s holds\n%q\nwant\n%q", p, got, want)
	}
}

// splitMode takes a leading "0600:" off a text.
func splitMode(text string) (os.FileMode, string) {
	if len(text) >= 5 && text[0] == '0' && text[4] == ':' {
		if n, err := strconv.ParseUint(text[:4], 8, 32); err == nil {
			return os.FileMode(n), text[5:]
		}
	}
	return 0o644, text
}
