package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// The parity suite runs the cases of testdata/parity, recorded from ansible-core, and compares events and exit codes.

// tolerated are the runs that differ from the recording, each with its reason.
var tolerated = readTolerated

func readTolerated(t *testing.T) map[string]string {
	out := map[string]string{}
	data, err := os.ReadFile(filepath.Join("testdata", "parity-differs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(data), "\n") {
		if name, why, ok := strings.Cut(l, ": "); ok && !strings.HasPrefix(l, "#") {
			out[name] = why
		}
	}
	return out
}

func TestParity(t *testing.T) {
	root := os.Getenv("DRYDOCK_PARITY_CASES")
	if root == "" {
		root = filepath.Join("..", "..", "testdata", "parity", "cases")
	}
	cases, err := filepath.Glob(filepath.Join(root, "*", "cmd"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases below %s: %v", root, err)
	}
	differs := tolerated(t)
	agree, total := 0, 0
	for _, c := range cases {
		dir, err := filepath.Abs(filepath.Dir(c))
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range parityRuns(t, dir) {
			total++
			name := filepath.Base(dir) + "/" + run.name
			diff := run.compare(t)
			why, known := differs[name]
			switch {
			case diff == "" && known:
				t.Errorf("%s agrees now; take it out of the list (%s)", name, why)
			case diff == "":
				agree++
			case !known:
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
	t.Logf("cases: %d of %d runs agree", agree, total)
}

// parityRun is one line of a case's cmd file.
type parityRun struct {
	dir, name string
	args      []string
	env       map[string]string
}

func parityRuns(t *testing.T, dir string) []parityRun {
	data, err := os.ReadFile(filepath.Join(dir, "cmd"))
	if err != nil {
		t.Fatal(err)
	}
	inv := "inventory"
	if _, err := os.Stat(filepath.Join(dir, "inv")); err == nil {
		inv = "inv"
	}
	var out []parityRun
	for _, l := range strings.Split(string(data), "\n") {
		name, rest, ok := strings.Cut(l, ":")
		if !ok || strings.HasPrefix(l, "#") {
			continue
		}
		rest = strings.TrimSpace(rest)
		if raw, isRaw := strings.CutPrefix(rest, "@raw "); isRaw {
			rest = raw
		} else {
			rest = "-i " + inv + " playbook.yml " + rest
		}
		out = append(out, parityRun{dir: dir, name: name, args: shellWords(t, dir, rest), env: caseEnv(t, dir)})
	}
	return out
}

func shellWords(t *testing.T, dir, line string) []string {
	cmd := exec.Command("/bin/sh", "-c", `printf '%s\0' `+line)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("split %q: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// caseEnv is the environment of a case: a clean one, and what its file env sets.
func caseEnv(t *testing.T, dir string) map[string]string {
	script := "env -0"
	if _, err := os.Stat(filepath.Join(dir, "env")); err == nil {
		script = "set -a; . ./env; set +a; env -0"
	}
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TZ=UTC", "LC_ALL=C.UTF-8", "COLUMNS=80", "ANSIBLE_HOST_KEY_CHECKING=0"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, kv := range strings.Split(string(out), "\x00") {
		if k, v, ok := strings.Cut(kv, "="); ok {
			env[k] = v
		}
	}
	return env
}

// compare runs a case and says how it differs from the recording: "" for not at all.
func (r parityRun) compare(t *testing.T) string {
	r.emptyScratch(t)
	if listing := r.listing(); listing {
		return r.compareListing(t)
	}
	var out, errs bytes.Buffer
	code := r.call(t, &out, &errs, "--output=jsonl", "--forks=1")
	want, err := os.ReadFile(filepath.Join(r.dir, "expected", r.name+".jsonl"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if d := firstDifference(r.dir, events(t, r.dir, want), events(t, r.dir, out.Bytes())); d != "" {
		return d + "\n\tstderr: " + firstLines(errs.String(), 6)
	}
	return r.compareCode(t, code, errs.String())
}

// emptyScratch empties the folder that cases may write to.
func (r parityRun) emptyScratch(t *testing.T) {
	const scratch = "/tmp/rigcase" // named in the cases themselves
	if err := os.RemoveAll(scratch); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(scratch, 0o755); err != nil {
		t.Fatal(err)
	}
}

func (r parityRun) compareCode(t *testing.T, code int, errs string) string {
	data, err := os.ReadFile(filepath.Join(r.dir, "expected", r.name+".rc"))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(data)); want != strconv.Itoa(code) {
		return fmt.Sprintf("exit code %d, want %s\n\tstderr: %s", code, want, firstLines(errs, 6))
	}
	return ""
}

func (r parityRun) listing() bool {
	for _, a := range r.args {
		if strings.HasPrefix(a, "--list") || a == "--syntax-check" {
			return true
		}
	}
	return false
}

func (r parityRun) compareListing(t *testing.T) string {
	var out, errs bytes.Buffer
	code := r.call(t, &out, &errs)
	want, err := os.ReadFile(filepath.Join(r.dir, "expected", r.name+".stdout"))
	if err != nil {
		t.Fatal(err)
	}
	if w := strings.TrimSpace(string(want)); code == 0 && strings.TrimSpace(out.String()) != w {
		return fmt.Sprintf("prints\n%s\nwant\n%s", out.String(), w)
	}
	return r.compareCode(t, code, errs.String())
}

func (r parityRun) call(t *testing.T, out, errs *bytes.Buffer, more ...string) int {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	s := &streams{
		in: null, out: out, err: errs, cwd: r.dir, home: t.TempDir(), width: 80,
		getenv: func(n string) (string, bool) { v, ok := r.env[n]; return v, ok },
		stop: func() (<-chan struct{}, <-chan struct{}, func()) {
			return make(chan struct{}), make(chan struct{}), func() {}
		},
	}
	return newApp(s).run(append(append([]string{"ansible-playbook"}, more...), r.args...))
}

// volatile are the keys of results that differ between any two runs; the recordings leave them out.
var volatile = func() map[string]bool {
	m := map[string]bool{}
	for _, k := range strings.Fields(`start end delta invocation stdout_lines stderr_lines warnings deprecations exception atime mtime ctime
		inode dev version attributes attr_flags charset mimetype ansible_job_id results_file started block_size device_type blocks nlink src
		md5sum backup_file diff failed_when_suppressed_exception include erased`) {
		m[k] = true
	}
	if os.Getuid() != 0 { // the recordings were made by root
		for _, k := range strings.Fields("uid gid owner group pw_name gr_name") {
			m[k] = true
		}
	}
	return m
}()

// events reads the lines of a recording, without what need not agree.
func events(t *testing.T, dir string, data []byte) []map[string]any {
	var out []map[string]any
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 64<<20)
	begun := ""
	for sc.Scan() {
		var m map[string]any
		line := strings.ReplaceAll(sc.Text(), dir, "<CASE>")
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %s", err, sc.Text())
		}
		switch m["event"] {
		case "message", "progress":
			continue
		}
		action, _ := m["action"].(string)
		if m["event"] == "task" {
			begun = action
		}
		if strings.HasSuffix(begun, "async_status") { // how often a job is asked for says how fast a machine is
			if m["event"] == "retry" {
				continue
			}
			if r, ok := m["result"].(map[string]any); ok {
				delete(r, "attempts")
			}
		}
		if m["status"] == "failed" || m["status"] == "ignored" {
			action = "" // what went wrong is worded differently by each of Ansible's versions
		}
		out = append(out, normal(m, strings.HasSuffix(action, "debug")).(map[string]any))
	}
	return out
}

// normal leaves out what need not agree. Only what debug says is compared word for word; other texts differ between Ansible's own versions.
func normal(v any, words bool) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, val := range x {
			switch {
			case volatile[k] || strings.HasPrefix(k, "_ansible"):
			case k == "message":
			case k == "ansible_facts_keys":
				out[k] = "counted"
			case k == "msg" && !words:
				if _, isText := val.(string); !isText {
					out[k] = normal(val, words)
				}
			case k == "ansible_facts" && reflect.ValueOf(val).Kind() == reflect.Map && len(val.(map[string]any)) > 20:
				out[k] = "facts"
			case k == "ansible_facts" && reflect.ValueOf(val).Kind() == reflect.Float64:
				out[k] = "facts"
			default:
				out[k] = normal(val, words)
			}
		}
		return out
	case []any:
		for i := range x {
			x[i] = normal(x[i], words)
		}
	}
	return v
}

// firstDifference compares event by event; message texts of debug results count, others may differ in words.
func firstDifference(dir string, want, got []map[string]any) string {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("event %d: nothing, want %s", i+1, compact(want[i]))
		case i >= len(want):
			return fmt.Sprintf("event %d: %s, want nothing", i+1, compact(got[i]))
		case !reflect.DeepEqual(want[i], got[i]):
			return fmt.Sprintf("event %d:\n\tgot  %s\n\twant %s", i+1, compact(got[i]), compact(want[i]))
		}
	}
	return ""
}

func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	if len(b) > 1200 {
		b = append(b[:1200], "..."...)
	}
	return string(b)
}

func firstLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	if len(lines) > n {
		lines = lines[:n]
	}
	return strings.Join(lines, "\n\t        ")
}
