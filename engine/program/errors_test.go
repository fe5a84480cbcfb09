package program

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
)

// Every mistake of testdata/errors is found on its line, and nothing else is. A line says what is expected with # ERROR "regexp", one for
// each diagnostic; a folder is one content with its playbook.yml.
func TestMistakesAreFoundWhereTheyAre(t *testing.T) {
	const root = "../../testdata/errors"
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		dir, playbook := root, e.Name()
		if e.IsDir() {
			dir, playbook = filepath.Join(root, e.Name()), "playbook.yml"
		}
		t.Run(e.Name(), func(t *testing.T) {
			_, ds := compilerAt(t, dir, small()).Compile([]string{playbook})
			want := expected(t, dir, playbook, e.IsDir())
			compare(t, ds, want)
		})
	}
}

type expectation struct {
	at string // file:line
	re *regexp.Regexp
}

var (
	errorMark = regexp.MustCompile(`# ERROR((?: "(?:[^"\\]|\\.)*")+)`)
	oneRegexp = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
)

// expected reads the marks of a playbook or of all files of a folder.
func expected(t *testing.T, dir, playbook string, whole bool) []expectation {
	var out []expectation
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err != nil || d.IsDir() || !whole && rel != playbook {
			return err
		}
		data, err := os.ReadFile(path)
		for i, line := range strings.Split(string(data), "\n") {
			m := errorMark.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			for _, one := range oneRegexp.FindAllStringSubmatch(m[1], -1) {
				re := regexp.MustCompile("(?s)" + strings.ReplaceAll(one[1], `\"`, `"`))
				out = append(out, expectation{fmt.Sprintf("%s:%d", filepath.ToSlash(rel), i+1), re})
			}
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d expectations: %v", len(out), err)
	}
	return out
}

// compare takes away an expectation for each diagnostic; nothing may be left on either side.
func compare(t *testing.T, ds diag.List, want []expectation) {
	for _, d := range ds {
		text := d.Error() + "\n" + strings.Join(d.Notes, "\n")
		i := slices.IndexFunc(want, func(e expectation) bool {
			return e.at == fmt.Sprintf("%s:%d", d.Span.File, d.Span.Line) && e.re.MatchString(text)
		})
		if i < 0 {
			t.Errorf("not expected: %s", text)
			continue
		}
		want = slices.Delete(want, i, i+1)
	}
	for _, e := range want {
		t.Errorf("%s: no error that matches %s", e.at, e.re)
	}
}
