//go:build e2e

package e2e

// Running the binary as a user does: an inventory of their own, nothing else in the folder.

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// project is a user's folder.
type project struct {
	dir string
	env []string
}

// outcome is what a run of drydock left.
type outcome struct {
	code int
	text string // both outputs
	took time.Duration
}

// newProject makes a folder with an inventory of the testbed. The nodes are reached as ops, who may sudo without a password;
// the cluster only through them.
func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{dir: t.TempDir()}
	p.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "LC_ALL=C.UTF-8", "TERM=dumb"}
	p.write(t, "hosts.yml", p.inventory("ops", address))
	p.write(t, "drydock.yml", "accept: [etcd-quorum] # the testbed has one server: its API is away while that reboots\n")
	return p
}

// inventory writes the groups with a user and addresses.
func (p *project) inventory(user string, at func(string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "all:\n  vars:\n    ansible_user: %s\n    ansible_ssh_private_key_file: %s/keys/id_ed25519\n", user, bed.env["RIG_DIR"])
	fmt.Fprintf(&b, "    ansible_ssh_common_args: -o UserKnownHostsFile=%s/keys/known_hosts -o StrictHostKeyChecking=yes\n", bed.env["RIG_DIR"])
	group := func(name string, hosts ...string) {
		fmt.Fprintf(&b, "%s:\n  hosts:\n", name)
		for _, h := range hosts {
			fmt.Fprintf(&b, "    %s: {ansible_host: %s}\n", h, at(h))
		}
	}
	group("k3s_masters", master)
	group("k3s_workers", workers...)
	group("os_debian", master, deb1, deb2)
	group("os_redhat", rhel1)
	b.WriteString("k3s_cluster:\n  children:\n    k3s_masters:\n    k3s_workers:\n")
	return b.String()
}

func (p *project) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// controllerKubeconfig lets the controller reach the cluster itself.
func (p *project) controllerKubeconfig() { p.env = append(p.env, "KUBECONFIG="+bed.env["KUBECONFIG"]) }

// start begins a run; wait ends it.
func (p *project) start(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{cmd: exec.Command(bed.binary, args...), began: time.Now()}
	r.cmd.Dir, r.cmd.Env = p.dir, p.env
	r.cmd.Stdout, r.cmd.Stderr = &r.text, &r.text
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// run runs drydock to its end. The output is shown if the test fails.
func (p *project) run(t *testing.T, args ...string) outcome {
	t.Helper()
	return p.start(t, args...).wait(t)
}

// maintain runs the shipped playbook.
func (p *project) maintain(t *testing.T, args ...string) outcome {
	t.Helper()
	return p.run(t, append([]string{"-i", "hosts.yml", "maintenance.yml"}, args...)...)
}

type running struct {
	cmd   *exec.Cmd
	text  bytes.Buffer
	began time.Time
}

func (r *running) wait(t *testing.T) outcome {
	t.Helper()
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	o := outcome{code: r.cmd.ProcessState.ExitCode(), text: r.text.String(), took: time.Since(r.began)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("$ drydock %s  (exit %d)\n%s", strings.Join(r.cmd.Args[1:], " "), o.code, o.text)
		}
	})
	return o
}

// kill ends a run at once, as a crash would.
func (r *running) kill(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = r.cmd.Wait() // it was killed: its status says so and nothing else
}

// exits asserts the exit code.
func (o outcome) exits(t *testing.T, code int) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d", o.code, code)
	}
}

// says asserts that the output holds each pattern.
func (o outcome) says(t *testing.T, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		if !regexp.MustCompile(p).MatchString(o.text) {
			t.Errorf("the output does not say %q", p)
		}
	}
}

// recap is the line of a host in the recap.
func (o outcome) recap(t *testing.T, host string) map[string]string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(host) + `\s+:(.*)$`).FindString(o.text)
	if line == "" {
		t.Fatalf("no recap of %s", host)
	}
	counts := map[string]string{}
	for _, f := range strings.Fields(line) {
		if k, v, ok := strings.Cut(f, "="); ok {
			counts[k] = v
		}
	}
	return counts
}
