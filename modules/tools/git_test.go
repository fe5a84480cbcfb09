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

func TestSigner(t *testing.T) {
	const status = "[GNUPG:] NEWSIG\n[GNUPG:] VALIDSIG AAAA 2024-01-01 1 0 4 0 1 10 00 BBBB\n"
	if got := signer(status); got != "BBBB" {
		t.Errorf("the signer is %s", got)
	}
	if got := signer("gpg: nothing\n"); got != "" {
		t.Errorf("the signer is %s", got)
	}
}
