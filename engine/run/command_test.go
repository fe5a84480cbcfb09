package run

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

func TestTheShellOfALine(t *testing.T) {
	tests := map[string]struct {
		cmd   module.Cmd
		shell string
		want  string
	}{
		"nobody names one":         {module.Cmd{Shell: "a b"}, "", "exec /bin/sh -c 'a b'"},
		"the host's":               {module.Cmd{Shell: "a b"}, "/bin/bash", "exec /bin/bash -c 'a b'"},
		"the task's":               {module.Cmd{Shell: "a b", Executable: "/bin/zsh"}, "/bin/bash", "exec /bin/zsh -c 'a b'"},
		"scripts of ours are sh's": {module.Cmd{Script: "a b", Args: []string{"c"}}, "/bin/bash", "exec /bin/sh -c 'a b' drydock c"},
		"programs need none":       {module.Cmd{Argv: []string{"a", "b c"}, Env: []string{"X=1"}}, "/bin/bash", "export X=1; exec a 'b c'"},
		"raw lines have their own": {module.Cmd{Shell: "a b", Raw: true}, "/bin/bash", "a b"},
	}
	for name, tt := range tests {
		if got := line(tt.cmd, nil, tt.shell); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
