package module_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestWordsMeanToAShellWhatAnsibleMeans(t *testing.T) {
	root, err := exec.Command("/bin/sh", "-c", "echo ~root").Output()
	if err != nil {
		t.Fatal(err)
	}
	rootHome := strings.TrimSpace(string(root))
	for in, want := range map[string]string{
		"/plain":       "/plain",
		"~":            "/home/x",
		"~/a b":        "/home/x/a b",
		"~/it's":       "/home/x/it's",
		"~root/f":      rootHome + "/f",
		"~root":        rootHome,
		"a~b":          "a~b",
		"~no.such/f":   "~no.such/f",
		"$HOME/$X/f":   "/home/x/$X/f",
		"${HOME}y":     "/home/xy",
		"/a/$(id)/`x`": "/a/$(id)/`x`",
		"/${X}":        "/${X}",
		"/100$":        "/100$",
		"~/$HOME":      "/home/x//home/x",
		"":             "",
	} {
		cmd := exec.Command("/bin/sh", "-c", "p="+module.HostWord(in)+`; printf %s "$p"`)
		cmd.Env = []string{"HOME=/home/x"}
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
			t.Errorf("%s is %q to the shell, want %q (%v)", in, out, want, err)
		}
	}
}

func TestScriptsTakeTwoPaths(t *testing.T) {
	h := moduletest.NewHost(t)
	for _, c := range []struct {
		cmd  module.Cmd
		want string
	}{
		{module.Script("# x\nprintf '%s|' \"$@\"", []string{"/a b", "/c"}, "d"), "/a b|/c|d|"},
		{module.Script("# x\nprintf '%s|' \"$@\"", []string{"~/a", "/c d"}, "$HOME"), h.Dir + "/a|/c d|$HOME|"},
	} {
		if out, err := h.Query(context.Background(), c.cmd); err != nil || out.Stdout != c.want {
			t.Errorf("%q, %v; want %q", out.Stdout, err, c.want)
		}
	}
}

func TestSplitWords(t *testing.T) {
	for in, want := range map[string]string{
		"visudo -cf %s":       "visudo|-cf|%s",
		`a 'b c' "d\"e" f\ g`: `a|b c|d"e|f g`,
		`""`:                  "",
		`x"y"'z'`:             "xyz",
		`"a\b" 'c\'`:          `a\b|c\`,
		"  ":                  "",
	} {
		got, err := module.SplitWords(in)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s is %q, %v", in, got, err)
		}
	}
	if _, err := module.SplitWords(`a "b`); err == nil {
		t.Error("an open quotation is not noticed")
	}
}
