package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/drydock-dev/drydock/engine/twin/machine"
)

func TestMain(m *testing.M) {
	drydock := func() { os.Exit(newApp(system()).run(os.Args)) }
	testscript.Main(m, map[string]func(){"drydock": drydock, "ansible-playbook": drydock, "ansible-doc": drydock, "ansible-vault": drydock})
}

// TestScripts runs the real program against a machine of the twin: testdata/script/*.txtar. Each script finds the machine as host `m1`
// in hosts.ini, `nobody` beside it, at which nothing answers, and may call `machine poweroff`, `machine newkey`;
// `journal` copies what the last run has kept. $CLOSED_DAY is a day of the week on which the test does not run.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "script"),
		Setup: setupMachine,
		Cmds:  map[string]func(ts *testscript.TestScript, neg bool, args []string){"machine": machineCommand, "journal": journalCommand},
	})
}

type machineKey struct{}

func setupMachine(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	bin := filepath.Join(env.WorkDir, "hostbin")
	for _, d := range []string{home, bin} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	if err := machine.InstallBecome(bin, "sesame-open"); err != nil {
		return err
	}
	m, err := machine.Start(context.Background(), machine.Config{Exec: machine.Shell(machine.Sandbox{Home: home, Path: bin})})
	if err != nil {
		return err
	}
	env.Defer(m.Close)
	env.Values[machineKey{}] = m
	files, err := m.WriteFiles(env.WorkDir)
	if err != nil {
		return err
	}
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("COLUMNS", "60")
	env.Setenv("CLOSED_DAY", time.Now().UTC().AddDate(0, 0, 3).Weekday().String()) // far from today, whatever the time zone and however long the test
	hosts := fmt.Sprintf("m1 ansible_host=%s ansible_port=%d\nnobody ansible_host=127.0.0.1 ansible_port=1\n\n[all:vars]\nansible_user=tester\n"+
		"ansible_ssh_private_key_file=%s\nansible_ssh_common_args='-o UserKnownHostsFile=%s'\n", m.Host(), m.Port(), files.Key, files.KnownHosts)
	return os.WriteFile(filepath.Join(env.WorkDir, "hosts.ini"), []byte(hosts), 0o644)
}

// journalCommand copies the newest journal of a run to the file journal. `journal PLAYBOOK NAME` takes the newest of that playbook, and sets the
// variable NAME to the id of the run.
func journalCommand(ts *testscript.TestScript, neg bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(filepath.Join(".drydock", "runs", "*", "journal.jsonl")))
	if err != nil || len(found) == 0 || neg || len(args) != 0 && len(args) != 2 {
		ts.Fatalf("no journal: %v", err)
	}
	for i := len(found) - 1; i >= 0; i-- {
		text, err := os.ReadFile(found[i])
		ts.Check(err)
		if len(args) == 2 && !strings.Contains(string(text), `"playbooks":["`+args[0]+`"]`) {
			continue
		}
		if len(args) == 2 {
			ts.Setenv(args[1], filepath.Base(filepath.Dir(found[i])))
		}
		ts.Check(os.WriteFile(ts.MkAbs("journal"), text, 0o600))
		return
	}
	ts.Fatalf("no journal of %s", args[0])
}

func machineCommand(ts *testscript.TestScript, neg bool, args []string) {
	m := ts.Value(machineKey{}).(*machine.Machine)
	if neg || len(args) != 1 {
		ts.Fatalf("usage: machine poweroff|newkey")
	}
	switch args[0] {
	case "poweroff":
		m.PowerOff()
	case "newkey":
		m.ChangeHostKey()
	default:
		ts.Fatalf("machine: unknown command %q", args[0])
	}
}
