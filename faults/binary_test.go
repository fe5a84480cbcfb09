package faults

// The same through the binary itself: exit codes, and a death that is a real kill -9.

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary builds drydock once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "drydock-faults-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "drydock")
	out, err := exec.Command("go", "build", "-o", name, "../cmd/drydock").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return name, nil
})

// command is a command line of drydock in the bed's folder. What it prints is checked for secrets as everything else.
func (b *bed) command(words ...string) *exec.Cmd {
	b.t.Helper()
	name, err := binary()
	b.must(err)
	b.must(os.WriteFile(filepath.Join(b.dir, "vault-pass"), []byte(vaultSecret+"\n"), 0o600))
	b.must(os.WriteFile(filepath.Join(b.dir, "reboot.yml"), []byte(ordinary().text), 0o600))
	cmd := exec.Command(name, words...)
	cmd.Dir, cmd.Env = b.dir, []string{"HOME=" + b.dir, "PATH=" + os.Getenv("PATH"), "ANSIBLE_VAULT_PASSWORD_FILE=vault-pass"}
	cmd.Stdout, cmd.Stderr = b, b
	return cmd
}

// exits runs a command line and returns its exit code.
func (b *bed) exits(words ...string) int {
	b.t.Helper()
	cmd := b.command(words...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// quick is a cluster whose clock runs, as the binary goes by the world's.
func quick(t *testing.T) *bed {
	if !*whole {
		t.Skip("it builds the binary: make faults plays it")
	}
	t.Parallel()
	spec := small()
	spec.Speed = 30
	return lay(t, spec)
}

func TestBinaryExitCodes(t *testing.T) {
	b := quick(t)
	b.harm("foreign-lease")
	if code := b.exits("run", "-i", "hosts.yml", "reboot.yml", "-vvv"); code != 5 {
		t.Errorf("the cluster is held by another: exit %d, want 5\n%s", code, b.screen())
	}
	b.must(b.site.API.Heal("foreign-lease"))
	b.site.API.Delete("leases", "kube-system", "drydock")
	b.harm("single-replica=master-1")
	if code := b.exits("run", "-i", "hosts.yml", "reboot.yml", "-vvv"); code != 2 || !strings.Contains(b.screen(), "only replica on master-1") {
		t.Errorf("the last replica: exit %d, want 2\n%s", code, b.screen())
	}
	for _, v := range b.secretsAndTrace() {
		t.Error(v)
	}
	if n := b.booted(); n != 0 {
		t.Errorf("%d machines were rebooted", n)
	}
}

// TestBinaryKilled kills the process while its node is being drained, and resumes.
func TestBinaryKilled(t *testing.T) {
	b := quick(t)
	cmd := b.command("run", "-i", "hosts.yml", "reboot.yml", "--limit", "master-1", "-vvv")
	b.must(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for tick := time.NewTicker(5 * time.Millisecond); !b.drains(); {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it drained: %v\n%s", err, b.screen())
		case <-tick.C:
		}
	}
	b.must(cmd.Process.Kill())
	<-ended
	if code := b.exits("resume", "--yes"); code != 0 {
		t.Errorf("resumed: exit %d\n%s", code, b.screen())
	}
	for _, v := range b.secretsAndTrace() {
		t.Error(v)
	}
	if n := b.site.Hosts["master-1"].Boots(); n != 2 || b.leftOut() != "" {
		t.Errorf("master-1 booted %d times, out of service: %q", n, b.leftOut())
	}
}

// drains tells whether the journal of the folder's run announces a drain.
func (b *bed) drains() bool {
	files, err := filepath.Glob(filepath.Join(b.dir, ".drydock", "runs", "*", "journal.jsonl"))
	b.must(err)
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && bytes.Contains(text, []byte(`"kind":"apply_started"`)) && bytes.Contains(text, []byte("drain of node")) {
			return true
		}
	}
	return false
}
