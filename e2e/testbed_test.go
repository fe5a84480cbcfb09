//go:build e2e

package e2e

// The testbed: one for all tests, brought back to its beginnings between them.

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	master = "t9-master-1"
	deb1   = "t9-worker-1"
	deb2   = "t9-worker-2"
	rhel1  = "t9-worker-3"
)

var (
	workers = []string{deb1, deb2, rhel1}
	all     = append(workers, master)
)

// keep leaves the testbed up at the end and takes up one that is up: for those who work on a test.
var keep = flag.Bool("keep", false, "leave the testbed up; use one that is up")

// given is a binary to judge instead of one built from this tree.
var given = flag.String("drydock", "", "the drydock `binary` to judge; empty: built from this tree")

// bed is the testbed of this test binary.
var bed struct {
	script  string            // testbed.sh
	binary  string            // drydock
	source  string            // the repository
	env     map[string]string // what `testbed.sh env` says
	cluster *api
}

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := serve(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

// serve brings the testbed up, runs the tests and takes it down.
func serve(m *testing.M) (code int, err error) {
	if bed.source, err = filepath.Abs(".."); err != nil {
		return 1, err
	}
	bed.script = filepath.Join(bed.source, "testdata/rig/testbed.sh")
	work, err := os.MkdirTemp("", "drydock-e2e")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(work)
	if bed.binary, err = binary(work); err != nil {
		return 1, err
	}
	if !*keep {
		defer func() { _, e := testbed("down"); err = errors.Join(err, e) }()
	}
	if _, err = testbed("up"); err != nil {
		return 1, err
	}
	if err = readEnv(); err != nil {
		return 1, err
	}
	if bed.cluster, err = connect(); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// binary is the drydock to judge, built into a folder if none was given.
func binary(dir string) (string, error) {
	if *given != "" {
		return filepath.Abs(*given)
	}
	path := filepath.Join(dir, "drydock")
	build := exec.Command("go", "build", "-o", path, "./cmd/drydock")
	build.Dir = bed.source
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build drydock: %w\n%s", err, out)
	}
	return path, nil
}

// testbed runs testbed.sh for testbed 9 and returns its output.
func testbed(args ...string) (string, error) { return testbedWith(nil, args...) }

func testbedWith(stdin io.Reader, args ...string) (string, error) {
	c := exec.Command(bed.script, args...)
	c.Env = append(os.Environ(), "TESTBED=9")
	c.Stdin = stdin
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("testbed.sh %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

func readEnv() error {
	text, err := testbed("env")
	bed.env = map[string]string{}
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			bed.env[k] = strings.Trim(v, "'")
		}
	}
	return err
}

// fresh gives a test the testbed as `up` left it.
func fresh(t *testing.T) {
	t.Helper()
	must(t, "fresh")
}

// must runs testbed.sh and returns its output without the last newline; its failure ends the test.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := testbed(args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(out, "\n")
}

// on runs a shell command inside a machine, not over SSH.
func on(t *testing.T, host, command string) string {
	t.Helper()
	return must(t, "host", "exec", host, "sh", "-c", command)
}

// version is the installed version of a package.
func version(t *testing.T, host, name string) string {
	t.Helper()
	if host == rhel1 {
		return on(t, host, "rpm -q --qf '%{VERSION}' "+name)
	}
	return on(t, host, "dpkg-query -W -f '${Version}' "+name)
}

// boots counts how often a machine has started since the testbed was fresh.
func boots(t *testing.T, host string) int {
	t.Helper()
	return strings.Count(must(t, "host", "log", host), "--- boot ")
}

// bootID is the boot that a machine is in.
func bootID(t *testing.T, host string) string {
	t.Helper()
	return on(t, host, "cat /proc/sys/kernel/random/boot_id")
}

// address is where a machine answers.
func address(host string) string {
	for i, h := range strings.Fields(bed.env["RIG_HOSTS"]) {
		if strings.HasPrefix(h, host+":") {
			return fmt.Sprintf("%s.%d", bed.env["RIG_NET"], 11+i)
		}
	}
	panic("no such host: " + host)
}
