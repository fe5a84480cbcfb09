package parity

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var mentioned = regexp.MustCompile(`\b[0-9]{2,3}(-[a-z-]+)?`)

// TestKeywordsPage holds docs/keywords.md to the cases that it names: each is one case, and one of the row's keywords stands in it.
func TestKeywordsPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "keywords.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) < 6 || strings.HasPrefix(strings.TrimSpace(cells[1]), "---") {
			continue
		}
		rows++
		var words []string
		for w := range strings.SplitSeq(cells[1], ",") {
			words = append(words, regexp.QuoteMeta(strings.TrimSuffix(strings.TrimSpace(w), "X"))) // with_X
		}
		keywords := regexp.MustCompile(`\b(?:` + strings.Join(words, "|") + `)`)
		for _, name := range mentioned.FindAllString(cells[4], -1) {
			found := casesNamed(t, name)
			if len(found) != 1 {
				t.Errorf("%s: %s means %v", strings.TrimSpace(cells[1]), name, found)
			} else if !holds(t, found[0], keywords) {
				t.Errorf("%s: none of it stands in %s", strings.TrimSpace(cells[1]), filepath.Base(found[0]))
			}
		}
	}
	if rows < 30 {
		t.Errorf("only %d rows were understood", rows)
	}
}

func casesNamed(t *testing.T, name string) []string {
	t.Helper()
	cases := filepath.Join("..", "testdata", "parity", "cases")
	pattern := name
	if !strings.Contains(name, "-") {
		pattern += "-*"
	}
	found, err := filepath.Glob(filepath.Join(cases, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// holds tells whether what an author wrote in a case, not what was recorded, matches.
func holds(t *testing.T, dir string, what *regexp.Regexp) bool {
	t.Helper()
	yes := false
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "expected":
			return fs.SkipDir
		case d.Type().IsRegular():
			text, err := os.ReadFile(name)
			yes = yes || what.Match(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return yes
}
