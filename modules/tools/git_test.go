package tools

import (
	"os/exec"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

// gitEnv makes commits, and so their names, the same everywhere.
var gitEnv = []string{
	"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b",
	"GIT_AUTHOR_DATE=2024-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2024-01-01T00:00:00Z", "GIT_CONFIG_COUNT=3",
	"GIT_CONFIG_KEY_0=protocol.file.allow", "GIT_CONFIG_VALUE_0=always", "GIT_CONFIG_KEY_1=init.defaultBranch", "GIT_CONFIG_VALUE_1=master",
	"GIT_CONFIG_KEY_2=advice.detachedHead", "GIT_CONFIG_VALUE_2=false",
}

// TestGitAnswersAsAnsible replays what ansible-core 2.19.11 did with repositories in folders.
func TestGitAnswersAsAnsible(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("this machine has no git")
	}
	moduletest.Replayed{
		File: "testdata/git.json", Modules: []module.Module{Git}, Env: gitEnv,
		Set:    func(h *moduletest.Host) { h.Env = gitEnv },
		Ignore: []string{"warnings", "cmd", "stderr", "stdout"},
		Tolerated: map[string]string{
			"bad archive": "a name that git archive cannot mean is refused before anything is cloned",
		},
	}.Run(t)
}

// What the recorded cases do not show: what the host fills in, a refusal without clone, and what a repository that is kept is told to lose.
func TestGitOnItsHost(t *testing.T) {
	gitPath, err := exec.LookPath("git")
	if err != nil {
		t.Skip("this machine has no git")
	}
	sh := func(line string) func(h *moduletest.Host) {
		return func(h *moduletest.Host) {
			h.Env = gitEnv
			out, err := h.Exec(t.Context(), module.Cmd{Shell: "cd " + h.Dir + " && git init -q r && cd r && echo 1 >f && git add f && git commit -qm 1 && cd .. && " + line})
			if err != nil || out.Rc != 0 {
				t.Fatalf("%v: %s", err, out.Stderr)
			}
		}
	}
	const submodule = "git init -q s && cd s && echo 1 >f && git add f && git commit -qm 1 && cd ../r && git submodule add -q $PWD/../s 'a b' && git commit -qm s && cd .. && " +
		"git clone -q --recursive r x && cd x && git remote set-url origin file://$PWD/../r"
	moduletest.Run(t, Git, []moduletest.Case{
		{Name: "archive at home", Set: sh(":"), Plan: module.KindChange, Args: []any{"repo", "$DIR/r", "dest", "$DIR/x", "archive", "~/o.tar"},
			Want: map[string]any{"changed": true}},
		{Name: "refused without clone", Args: []any{"repo", "$DIR/nosuch", "dest", "$DIR/x", "clone", false}, Want: map[string]any{"rc": 128}, Fails: "nosuch"},
		{Name: "password in an address", Args: []any{"repo", "nosuch://me:s3cret@h/r", "dest", "$DIR/x"}, Want: map[string]any{"rc": 128, "cmd": gitPath + " ls-remote nosuch://me:********@h/r"},
			Fails: "nosuch"},
		{Name: "kept as it is", Set: sh("git clone -q r x && echo 2 >x/f"), Plan: module.KindChange, Args: []any{"repo", "$DIR/r", "dest", "$DIR/x", "update", false, "archive", "$DIR/o.tar"},
			Diff: &module.Diff{Prepared: ">> $DIR/o.tar is written\n"}, After: map[string]string{"x/f": "2\n"}},
		{Name: "folders above", Set: sh(":"), Plan: module.KindChange, Args: []any{"repo", "$DIR/r", "dest", "$DIR/w/x", "umask", "077"},
			After: map[string]string{"w/": "0700:"}},
		{Name: "submodule of two words", Set: sh(submodule), Args: []any{"repo", "$DIR/r", "dest", "$DIR/x"}, Want: map[string]any{"changed": false}},
	})
}

func TestMasked(t *testing.T) {
	for text, want := range map[string]string{
		"clone https://me:s3cret@h/r /x": "clone https://me:********@h/r /x", "https://h:8443/r and a@b": "https://h:8443/r and a@b", "git@h:r": "git@h:r",
	} {
		if got := masked(text); got != want {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
}

func TestSigner(t *testing.T) {
	const status = "[GNUPG:] NEWSIG\n[GNUPG:] VALIDSIG AAAA 2024-01-01 1 0 4 0 1 10 00 BBBB\n"
	if got := signer(status); got != "BBBB" {
		t.Errorf("the signer is %s", got)
	}
	if got := signer("gpg: nothing\n"); got != "" {
		t.Errorf("the signer is %s", got)
	}
}
