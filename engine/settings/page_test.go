package settings

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var write = flag.Bool("write", false, "write docs/drydock-yml.md instead of comparing it")

// TestPage compares the page of drydock.yml with what the keys declare. `make docs` writes it.
func TestPage(t *testing.T) {
	at := filepath.Join("..", "..", "docs", "drydock-yml.md")
	if *write {
		if err := os.WriteFile(at, []byte(page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(at)
	if err != nil || string(have) != page() {
		t.Errorf("docs/drydock-yml.md is not what the keys declare: run `make docs` (%v)", err)
	}
}

// TestExample reads the example of the page, and its every key is known.
func TestExample(t *testing.T) {
	s, ds := Load(File, true, func(string) ([]byte, error) { return []byte(example), nil })
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	if len(s.Windows) != 2 || s.Hooks.PreDrain == "" || s.Prometheus.URL == nil {
		t.Errorf("the example says %+v", s)
	}
}

func page() string {
	var b strings.Builder
	b.WriteString(`# drydock.yml

Written by ` + "`make docs`" + ` from the keys' declarations.

How a cluster is maintained, apart from any playbook. The file is looked for in the folder in which Drydock is called; the environment variable
` + "`DRYDOCK_CONFIG`" + ` names another. All keys are optional. A key that is not known, or a value that cannot be read, is an error with its place, and
no host is touched. Nothing in it is a template.

A duration is a number of seconds, or has its unit: ` + "`90s`, `30m`, `2h`" + `.

` + "```yaml\n" + example + "```\n\n")
	b.WriteString("| key | is | default | |\n| --- | --- | --- | --- |\n")
	for _, e := range Describe() {
		doc := e.Doc
		if e.Host {
			doc += fmt.Sprintf(" A host's own: the variable `%s%s`.", HostVar, e.Key)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", e.Key, e.Form, e.Default, doc)
	}
	b.WriteString(notes)
	return b.String()
}

const example = `guard: require
window:
  - days: mon-thu
    start: "22:00"
    end: "05:00"        # of the day after
    time_zone: Europe/Berlin
    must_finish_before_end: true
  - days: [sat, sun]
    start: "08:00"
    end: "20:00"
    time_zone: Europe/Berlin
prometheus:
  url: http://prometheus.example:9090
  alert_filter: ^(Watchdog|RebootRequired)$
  firing_only: true
blocking_pod_selectors:
  - app=nightly-backup
blocked_for: 1h
hooks:
  pre_drain: hooks/silence-alerts.yml
  post_uncordon: hooks/unsilence-alerts.yml
node_soak: 5m
pre_download: true
etcd_snapshot: {keep: 5}
volume_snapshots: {keep: 2}
journal: {keep: 50}
`

const notes = `
## Windows

A window begins where the clocks of its zone first show its start on one of its days, and ends where they first show its end after that. So the
night on which clocks are put back has one window, not two; a window that lies whole in the hour that is skipped in spring does not open that
night. Windows that meet or overlap are one.

A play with serial asks before each of its batches whether it is time for its hosts, any other play before its first task that disrupts a node: a
drain, a reboot, an upgrade of packages, a restart of K3s. What has begun is finished, whatever the time. A run that ends for a closed window, or
because alerts or pods have held the next hosts back for longer than ` + "`blocked_for`" + `, has the exit code 3 and prints how to go on;
` + "`drydock resume --wait`" + ` waits for the next window itself. Check mode asks nobody. A host's windows count for it alone; of hosts that are
taken together each must have one open.

How long a node takes is measured from the beginning of its batch to the end, for batches in which nodes were out of service and none failed.

## Variables of hosts

Where the table names a variable, it counts for a host as other variables do: from the inventory, group_vars, host_vars, a play, its roles, or the
command line. Variables that only tasks set (set_fact, include_vars) count beside one of those.

## What content sees

A file that is there gives content the variable ` + "`drydock_settings`" + ` with ` + "`pre_download`, `etcd_snapshot` and `volume_snapshots`" + `. The shipped role
k3s_node_maintenance reads them as the defaults of its own variables, which are stronger.

## Hooks

Hooks are read when the playbook is, so that their mistakes are found before a host is touched. They run as tasks of the host, with the keywords of
the play, beside each task that drains a node, reboots a machine or lets a node take pods again, whatever its module: ` + "`k8s_drain`" + `,
` + "`k8s`" + `, ` + "`reboot`" + `, ` + "`kubectl drain`" + ` in a shell. They stand in the same journal and view. A hook that fails fails the
host where its task stands, so that the rescue and always around that follow. Tags do not leave hooks out. A task with a loop or run_once has none.
`
