package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/drydock-dev/drydock/engine/words"
)

// record names the command to record with instead of comparing, by the part of the test: -record "ansible-inventory".
var record = flag.String("record", "", "record the archives with this `COMMAND` of ansible-core 2.19, e.g. ansible-inventory")

// TestInventoryRecordings compares drydock, called ansible-inventory, with the real one, byte for byte. Each archive in testdata/inventory holds
// an inventory and, in parts named after a call, what ansible-core 2.19.11 answered: the exit code and standard output. A part that begins with
// "differs: REASON" is a tolerated difference.
func TestInventoryRecordings(t *testing.T) {
	replay(t, "inventory", "ansible-inventory", 40)
}

// replay runs every call of every archive in a folder of testdata.
func replay(t *testing.T, folder, program string, least int) {
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(files) < least {
		t.Fatalf("%d archives, want %d at least; %v", len(files), least, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { replayArchive(t, file, program) })
	}
}

func replayArchive(t *testing.T, file, program string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := unpack(t, ar)
	calls, changed := 0, false
	for i, f := range ar.Files {
		line, isCall := strings.CutPrefix(f.Name, "$ ")
		if !isCall {
			continue
		}
		calls++
		why, tolerated := strings.CutPrefix(string(f.Data), "differs: ")
		want := string(f.Data)
		if tolerated {
			why, want, _ = strings.Cut(why, "\n")
		}
		if *record != "" && !tolerated {
			ar.Files[i].Data, changed = recordCall(t, dir, line), true
			continue
		}
		got, errs := call(t, dir, program, line)
		switch {
		case tolerated && got == want:
			t.Errorf("%s agrees now; %s", line, why)
		case !tolerated && got != want:
			t.Errorf("%s\n%s\nstderr: %s", line, firstLine(want, got), errs)
		}
	}
	if calls == 0 {
		t.Error("no calls")
	}
	if changed {
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// unpack writes the files of an archive that are no calls to a folder of its own. What begins with #! may be executed.
func unpack(t *testing.T, ar *txtar.Archive) string {
	dir := t.TempDir()
	for _, f := range ar.Files {
		if strings.HasPrefix(f.Name, "$ ") {
			continue
		}
		name := filepath.Join(dir, f.Name)
		mode := os.FileMode(0o644)
		if bytes.HasPrefix(f.Data, []byte("#!")) {
			mode = 0o755
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func recordCall(t *testing.T, dir, line string) []byte {
	env, args := assignments(line)
	c := exec.Command("/bin/sh", "-c", strings.Join(env, " ")+" "+*record+" "+args)
	c.Dir = dir
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	t.Logf("%s\n%s", line, errs.String())
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	return []byte(answer(dir, c.ProcessState.ExitCode(), string(out)))
}

// call runs a line in-process.
func call(t *testing.T, dir, program, line string) (got, stderr string) {
	env, rest := assignments(line)
	args, err := words.Texts(rest)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	vars := map[string]string{}
	for _, e := range env {
		k, v, _ := strings.Cut(e, "=")
		vars[k] = strings.Trim(v, "'")
	}
	s := system()
	s.out, s.err, s.cwd, s.home, s.width, s.tty = &out, &errs, dir, dir, 0, false
	s.getenv = func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
	code := newApp(s).run(append([]string{program}, args...))
	return answer(dir, code, out.String()), errs.String()
}

// answer is how a call's end is kept: its exit code, then what it printed.
func answer(dir string, code int, out string) string {
	out = unexplained(strings.ReplaceAll(out, dir, "<DIR>"))
	if out != "" && !strings.HasSuffix(out, "\n") {
		out += "\n"
	}
	return fmt.Sprintf("exit %d\n%s", code, out)
}

// unexplained leaves out Ansible's explanation of an error, which stands above the result that says the same.
func unexplained(out string) string {
	var kept []string
	skip := false
	for _, line := range strings.SplitAfter(out, "\n") {
		skip = (skip || strings.HasPrefix(line, "[ERROR]: ")) && !strings.Contains(line, " | FAILED")
		if !skip {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// assignments takes NAME=value words off the front of a line.
func assignments(line string) (env []string, rest string) {
	rest = line
	for {
		word, more, _ := strings.Cut(rest, " ")
		if !strings.HasPrefix(word, "ANSIBLE_") || !strings.Contains(word, "=") {
			return env, rest
		}
		env, rest = append(env, word), more
	}
}

// TestAdHocRecordings does the same for the ansible command.
func TestAdHocRecordings(t *testing.T) {
	replay(t, "adhoc", "ansible", 1)
}

// TestListRecordings does the same for the lists of ansible-playbook.
func TestListRecordings(t *testing.T) {
	replay(t, "lists", "ansible-playbook", 1)
}
