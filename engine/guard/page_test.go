package guard

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestPage: every check stands in the page of the guard, in the words that it has here.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/guard.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Checks() {
		if row := fmt.Sprintf("| `%s` | %s | %s |", c.Name, c.About, c.Doc); !strings.Contains(string(page), row) {
			t.Errorf("docs/guard.md lacks:\n%s", row)
		}
	}
}
