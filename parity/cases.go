package parity

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// This file reads cases: folders with a file cmd, each line of which is a run.

// Scratch is the folder that cases may write to, named in the cases themselves. It is emptied before each run.
const Scratch = "/tmp/rigcase"

// Call is one call of ansible-playbook.
type Call struct {
	Dir    string   // the folder of the case: where it is run
	Args   []string // without the name of the program
	Env    []string // NAME=value: the whole environment
	Stdout io.Writer
	Stderr io.Writer
}

// Playbook carries out a call as ansible-playbook would and returns the exit code; an error says that it could not be called.
type Playbook func(ctx context.Context, c Call) (exit int, err error)

// Run is one line of the file cmd of a case.
type Run struct {
	Dir       string // absolute
	Name      string
	Tolerated string // why a difference may stand: from the case's file `tolerated`; empty: it may not

	args []string
	env  []string
}

// Title is the name of the case and of the run.
func (r Run) Title() string { return filepath.Base(r.Dir) + "/" + r.Name }

// Runs reads the runs of all cases below a folder, in the order of their names. Home becomes the home of the runs.
func Runs(root, home string) ([]Run, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	files, err := filepath.Glob(filepath.Join(escapeGlob(root), "*", "cmd"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no cases below %s", root)
	}
	slices.Sort(files)
	var out []Run
	for _, f := range files {
		runs, err := runsOf(filepath.Dir(f), home)
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", filepath.Base(filepath.Dir(f)), err)
		}
		out = append(out, runs...)
	}
	return out, nil
}

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}

// runsOf reads the runs of one case.
func runsOf(dir, home string) ([]Run, error) {
	text, err := os.ReadFile(filepath.Join(dir, "cmd"))
	if err != nil {
		return nil, err
	}
	env, err := environment(dir, home)
	if err != nil {
		return nil, err
	}
	tolerated := toleratedIn(dir)
	inventory := "inventory"
	if exists(filepath.Join(dir, "inv")) {
		inventory = "inv"
	}
	var out []Run
	for line := range strings.Lines(string(text)) {
		name, args, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		args = strings.TrimSpace(args)
		if raw, isRaw := strings.CutPrefix(args, "@raw "); isRaw {
			args = raw
		} else {
			args = "-i " + inventory + " playbook.yml " + args
		}
		words, err := shellWords(dir, args, env)
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", name, err)
		}
		out = append(out, Run{Dir: dir, Name: name, Tolerated: tolerated[name], args: words, env: env})
	}
	return out, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// toleratedIn reads the differences that a case puts up with: `run: reason`, one a line.
func toleratedIn(dir string) map[string]string {
	out := map[string]string{}
	text, err := os.ReadFile(filepath.Join(dir, "tolerated"))
	if err != nil {
		return out // none
	}
	for line := range strings.Lines(string(text)) {
		if name, why, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && !strings.HasPrefix(name, "#") {
			out[strings.TrimSpace(name)] = strings.TrimSpace(why)
		}
	}
	return out
}

// shellWords splits the arguments of a run as the shell does.
func shellWords(dir, line string, env []string) ([]string, error) {
	out, err := shell(dir, `printf '%s\0' `+line, env)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00"), nil
}

// environment is that of the recordings: a clean one, and what the case's file env sets.
func environment(dir, home string) ([]string, error) {
	clean := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TZ=UTC", "LC_ALL=C.UTF-8", "COLUMNS=80", "ANSIBLE_HOST_KEY_CHECKING=0",
		"DRYDOCK_NO_JOURNAL=1"} // a case leaves nothing beside it
	if !exists(filepath.Join(dir, "ansible.cfg")) { // an empty one, so that no other of this machine counts
		empty := filepath.Join(home, "empty.cfg")
		if err := os.WriteFile(empty, nil, 0o600); err != nil {
			return nil, err
		}
		clean = append(clean, "ANSIBLE_CONFIG="+empty)
	}
	if !exists(filepath.Join(dir, "env")) {
		return clean, nil
	}
	out, err := shell(dir, "set -a; . ./env; set +a; env -0", clean)
	return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00"), err
}

func shell(dir, script string, env []string) (string, error) {
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Dir, cmd.Env = dir, env
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(errs.Bytes()))
	}
	return string(out), err
}

// listing tells whether the run only prints what would be done.
func (r Run) listing() bool {
	return slices.ContainsFunc(r.args, func(a string) bool { return strings.HasPrefix(a, "--list") || a == "--syntax-check" })
}

// limit is the time that a run may take: a hang is a difference, not the end of the suite.
const limit = 3 * time.Minute

// call carries the run out with an emptied scratch folder; more is put before its arguments.
func (r Run) call(ctx context.Context, play Playbook, more ...string) (exit int, out, errs string, err error) {
	if err := os.RemoveAll(Scratch); err != nil {
		return 0, "", "", err
	}
	if err := os.MkdirAll(Scratch, 0o755); err != nil {
		return 0, "", "", err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var o, e bytes.Buffer
	exit, err = play(ctx, Call{Dir: r.Dir, Args: append(slices.Clip(more), r.args...), Env: r.env, Stdout: &o, Stderr: &e})
	return exit, o.String(), e.String(), err
}

// Screen carries the run out and returns what it prints for a person, with the folder of the case written as <CASE>.
func (r Run) Screen(ctx context.Context, play Playbook) (string, error) {
	_, out, _, err := r.call(ctx, play, "--forks=1")
	return strings.ReplaceAll(out, r.Dir, "<CASE>"), err
}

// Expected reads a recording of the run: suffix is jsonl, rc or stdout. False: there is none.
func (r Run) Expected(suffix string) (string, bool) {
	text, err := os.ReadFile(filepath.Join(r.Dir, "expected", r.Name+"."+suffix))
	return string(text), err == nil
}
