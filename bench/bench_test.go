//go:build bench

package bench

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	binary = flag.String("drydock", "../drydock", "the binary to measure")
	report = flag.String("report", "../BENCHMARKS.md", "where the table goes")
)

// row is a line of the table.
type row struct{ what, aim, result string }

// run is one process, measured.
type run struct {
	took time.Duration
	rss  int64 // bytes, at the most
}

// measure runs a command in a folder and fails the benchmark if the command fails.
func measure(t *testing.T, dir string, args ...string) run {
	t.Helper()
	c := exec.Command(args[0], args[1:]...)
	c.Dir = dir
	c.Env = append(os.Environ(), "ANSIBLE_HOST_KEY_CHECKING=0", "LC_ALL=C.UTF-8")
	began := time.Now()
	out, err := c.CombinedOutput()
	r := run{took: time.Since(began)}
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.rss = u.Maxrss * 1024
	}
	return r
}

// median is the middle of several runs, after one to warm up.
func median(t *testing.T, times int, dir string, args ...string) run {
	t.Helper()
	measure(t, dir, args...)
	runs := make([]run, times)
	for i := range runs {
		runs[i] = measure(t, dir, args...)
	}
	slices.SortFunc(runs, func(a, b run) int { return int(a.took - b.took) })
	return runs[times/2]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// play writes a playbook of one task, many times over, and returns its folder.
func play(t *testing.T, hosts, task string, times int) string {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("- hosts: %s\n  gather_facts: false\n  tasks:\n", hosts) + strings.Repeat("    - "+task+"\n", times)
	write(t, filepath.Join(dir, "play.yml"), text)
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ansible is ansible-playbook where there is one, else "".
func ansible() string {
	path, err := exec.LookPath("ansible-playbook")
	if err != nil {
		return ""
	}
	return path
}

// against adds to a result how long Ansible takes for the same.
func against(t *testing.T, result string, ours time.Duration, dir string, args ...string) string {
	t.Helper()
	if ansible() == "" {
		return result
	}
	theirs := median(t, 3, dir, append([]string{ansible()}, args...)...)
	return fmt.Sprintf("%s (ansible-playbook %s, %.0f times as long)", result, ms(theirs.took), float64(theirs.took)/float64(ours))
}

func TestReport(t *testing.T) {
	drydock, err := filepath.Abs(*binary)
	if err != nil {
		t.Fatal(err)
	}
	rows := local(t, drydock)
	if os.Getuid() == 0 && strings.HasPrefix(system(), "Linux") {
		rows = append(rows, remote(t, drydock)...)
	} else {
		rows = append(rows, row{"over SSH, and the main job", "", "not measured: needs Linux and root"})
	}
	text := table(rows)
	t.Log("\n" + text)
	write(t, *report, heading+text)
}

// local measures what needs this machine alone.
func local(t *testing.T, drydock string) []row {
	t.Helper()
	info, err := os.Stat(drydock)
	if err != nil {
		t.Fatal(err)
	}
	start := median(t, 20, ".", drydock, "--version")
	dir := play(t, "localhost", "ansible.builtin.debug:", 50)
	asking := play(t, "localhost", "ansible.builtin.ping:", 50)
	args := []string{"-i", "localhost,", "-c", "local", "play.yml"}
	fifty := median(t, 10, dir, append([]string{drydock}, args...)...)
	pings := median(t, 10, asking, append([]string{drydock}, args...)...)
	acting := play(t, "localhost", "ansible.builtin.command: 'true'", 50)
	kept := median(t, 10, acting, append([]string{drydock}, args...)...)
	unkept := median(t, 10, acting, append([]string{drydock, "--no-journal"}, args...)...)
	one := median(t, 5, play(t, "localhost", "ansible.builtin.ping:", 1), append([]string{drydock}, args...)...)
	hundred := play(t, "all", "ansible.builtin.ping:", 5)
	var hosts strings.Builder
	for i := range 100 {
		fmt.Fprintf(&hosts, "h%d\n", i)
	}
	write(t, filepath.Join(hundred, "hosts"), hosts.String())
	many := median(t, 3, hundred, drydock, "-i", "hosts", "-c", "local", "-f", "50", "play.yml")
	return []row{
		{"binary, stripped", "≤ 25 MB", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6)},
		{"cold start, `drydock --version`", "≤ 30 ms", ms(start.took)},
		{"50 tasks that do nothing (debug), localhost", "≤ 60 ms", against(t, ms(fifty.took), fifty.took, dir, args...)},
		{"50 tasks that ask the host (ping), localhost", "", against(t, ms(pings.took), pings.took, asking, args...)},
		{"50 commands, each in the journal before it begins, localhost", "", fmt.Sprintf("%s (%s without a journal)", ms(kept.took), ms(unkept.took))},
		{"memory at the most, 1 host", "", mib(one.rss)},
		{"memory at the most, 100 hosts", "", mib(many.rss)},
	}
}

const heading = `# Benchmarks

Written by ` + "`make bench`" + `: whole processes, measured from outside; medians after a run to warm up.

`

func table(rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured %s on %s.\n\n| | aim | measured |\n| --- | --- | --- |\n", time.Now().UTC().Format("2006-01-02"), system())
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.what, r.aim, r.result)
	}
	return b.String()
}

// system describes the machine.
func system() string {
	out, err := exec.Command("uname", "-srm").Output()
	if err != nil {
		return "an unknown machine"
	}
	s := strings.TrimSpace(string(out))
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		cores := strings.Count(string(text), "\nprocessor") + 1
		_, model, _ := strings.Cut(string(text), "model name")
		_, model, _ = strings.Cut(model, ":")
		model, _, _ = strings.Cut(model, "\n")
		s += fmt.Sprintf(", %d cores (%s)", cores, strings.TrimSpace(model))
	}
	return s
}
