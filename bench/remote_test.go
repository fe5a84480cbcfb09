//go:build bench

package bench

// What needs machines: commands over SSH against the bare library, and the main job.

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

const commands = 30

// remote measures on a testbed of its own, which it takes down.
func remote(t *testing.T, drydock string) []row {
	t.Helper()
	testbed(t, "up")
	t.Cleanup(func() { testbed(t, "down") })
	env := map[string]string{}
	for line := range strings.Lines(testbed(t, "env")) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[k] = strings.Trim(v, "'")
	}
	return []row{
		thirty(t, drydock, env),
		mainJob(t, drydock, env),
	}
}

func testbed(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command("../testdata/rig/testbed.sh", args...)
	c.Env = append(os.Environ(), "TESTBED=8")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("testbed.sh %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

func inventory(env map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[all:vars]\nansible_user=root\nansible_ssh_private_key_file=%s/keys/id_ed25519\n", env["RIG_DIR"])
	fmt.Fprintf(&b, "ansible_ssh_common_args=-o UserKnownHostsFile=%s/keys/known_hosts\n", env["RIG_DIR"])
	group := func(name string, hosts ...string) {
		fmt.Fprintf(&b, "[%s]\n", name)
		for _, h := range hosts {
			at := slices.IndexFunc(strings.Fields(env["RIG_HOSTS"]), func(s string) bool { return strings.HasPrefix(s, h+":") })
			fmt.Fprintf(&b, "%s ansible_host=%s.%d\n", h, env["RIG_NET"], 11+at)
		}
	}
	group("k3s_masters", "t8-master-1")
	group("k3s_workers", "t8-worker-1", "t8-worker-2", "t8-worker-3")
	return b.String()
}

// thirty runs commands one after the other as tasks of a playbook, and over one bare connection of the same library.
func thirty(t *testing.T, drydock string, env map[string]string) row {
	t.Helper()
	dir := play(t, "t8-worker-1", "ansible.builtin.command: 'true'", commands)
	write(t, filepath.Join(dir, "hosts"), inventory(env))
	ours := median(t, 5, dir, drydock, "-i", "hosts", "play.yml")
	bare := make([]time.Duration, 5)
	for i := range bare {
		began := time.Now()
		overBareSSH(t, env)
		bare[i] = time.Since(began)
	}
	slices.Sort(bare)
	base := bare[len(bare)/2]
	result := fmt.Sprintf("%s, bare %s: %.2f×", ms(ours.took), ms(base), float64(ours.took)/float64(base))
	return row{
		fmt.Sprintf("%d commands over SSH, against one bare x/crypto/ssh connection", commands), "≤ 1.3×",
		against(t, result, ours.took, dir, "-i", "hosts", "play.yml"),
	}
}

func overBareSSH(t *testing.T, env map[string]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(env["RIG_DIR"], "keys/id_ed25519"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ssh.Dial("tcp", net.JoinHostPort(env["RIG_NET"]+".12", "22"), &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // a machine of our own, and nothing is said to it
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for range commands {
		s, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run("true"); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
}

// mainJob maintains four nodes with the shipped playbook, under a PodDisruptionBudget that refuses.
func mainJob(t *testing.T, drydock string, env map[string]string) row {
	t.Helper()
	testbed(t, "fresh")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "hosts"), inventory(env))
	r := measure(t, dir, drydock, "-i", "hosts", "maintenance.yml")
	return row{"the shipped playbook, four nodes, a budget of one pod", "≤ 7 s a node", fmt.Sprintf("%.1f s a node", r.took.Seconds()/4)}
}
