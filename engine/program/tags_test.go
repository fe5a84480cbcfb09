package program

import (
	"os"
	"strings"
	"testing"
)

func TestSelectedAnswersAsAnsible(t *testing.T) {
	data, err := os.ReadFile("testdata/tags.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := func(s string) []string {
		if s == "" {
			return nil
		}
		return strings.Split(s, ",")
	}
	rows := 0
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, ";")
		if got := Selected(list(f[0]), list(f[1]), list(f[2])); got != (f[3] == "yes") {
			t.Errorf("tags %q with --tags %q --skip-tags %q: got %v, Ansible says %s", f[0], f[1], f[2], got, f[3])
		}
		rows++
	}
	if rows < 500 {
		t.Errorf("only %d rows", rows)
	}
	if !Selected(nil, nil, nil) || Selected([]string{"never"}, nil, nil) {
		t.Error("no --tags means all")
	}
}
