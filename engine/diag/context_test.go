package diag_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
)

// TestContext holds places to what ansible-playbook 2.19.11 printed of the same files.
func TestContext(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 130)
	file := "- hosts: all\n\n  tasks:\n\t- fail:\n5\n6\n7\n8\n9\n" + long + "\n"
	p := diag.Printer{Line: diag.Lines(func(name string) ([]byte, error) {
		if name == "vault.yml" {
			return []byte("$ANSIBLE_VAULT;1.1;AES256\n3132\n"), nil
		}
		return []byte(file), nil
	})}
	for _, c := range []struct {
		at   diag.Pos
		want string
	}{
		{diag.Pos{File: "p.yml", Line: 1, Col: 3}, "1 - hosts: all\n    ^ column 3"},
		{diag.Pos{File: "p.yml", Line: 4, Col: 4}, "2\n3   tasks:\n4  - fail:\n     ^ column 4"},
		{diag.Pos{File: "p.yml", Line: 10, Col: 1}, " 8 8\n 9 9\n10 " + long[:114] + "...\n   ^ column 1"},
		{diag.Pos{File: "p.yml", Line: 10, Col: 110}, " 8 8\n 9 9\n10 " + long[:114] + "...\n" + strings.Repeat(" ", 3+109-11) + "column 110 ^"},
		{diag.Pos{File: "p.yml", Line: 99, Col: 1}, ""},
		{diag.Pos{File: "vault.yml", Line: 2, Col: 1}, ""},
	} {
		if got := p.Context(c.at); got != c.want {
			t.Errorf("%v:\n%s\nwant:\n%s", c.at, got, c.want)
		}
	}
}
