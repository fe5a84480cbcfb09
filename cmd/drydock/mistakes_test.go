package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/drydock-dev/drydock/engine/twin/machine"
)

var writePages = flag.Bool("write", false, "write docs/errors.md instead of comparing it")

// TestMistakes makes the mistakes that people make most and keeps what Drydock says in docs/errors.md: testdata/mistakes.txtar holds them. Each
// begins with a file NN-name/title (a line for the headline, then what the page says about it) and NN-name/args, the command line; the other
// files of NN-name/ are what is run. A machine of the twin is host m1; args may begin with `newkey:` or `nosudo:`.
func TestMistakes(t *testing.T) {
	cases, err := txtar.ParseFile(filepath.Join("testdata", "mistakes.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	page.Write(cases.Comment)
	for _, m := range mistakesOf(cases) {
		said := m.make(t)
		if !strings.Contains(said, m.shows) {
			t.Errorf("%s: %q is not in\n%s", m.name, m.shows, said)
		}
		fmt.Fprintf(&page, "\n## %s\n", m.title)
		if m.text != "" {
			fmt.Fprintf(&page, "\n%s\n", m.text)
		}
		for _, f := range m.files {
			if strings.HasSuffix(f.Name, ".yml") && f.Data[0] != '$' {
				fmt.Fprintf(&page, "\n```yaml\n%s```\n", f.Data)
			}
		}
		fmt.Fprintf(&page, "\n```text\n$ drydock %s\n%s```\n", m.args, said)
	}
	at := filepath.Join("..", "..", "docs", "errors.md")
	if *writePages {
		if err := os.WriteFile(at, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(at); err != nil || !bytes.Equal(have, page.Bytes()) {
		t.Errorf("docs/errors.md is not what Drydock says: run `make docs` (%v)", err)
	}
}

// mistake is one of them.
type mistake struct {
	name, title, text, args, shows string
	files                          []txtar.File
}

func mistakesOf(a *txtar.Archive) []*mistake {
	var out []*mistake
	for _, f := range a.Files {
		name, file, _ := strings.Cut(f.Name, "/")
		if len(out) == 0 || out[len(out)-1].name != name {
			out = append(out, &mistake{name: name})
		}
		m := out[len(out)-1]
		text := strings.TrimSpace(string(f.Data))
		switch file {
		case "title":
			m.title, m.text, _ = strings.Cut(text, "\n")
			m.text = strings.TrimSpace(m.text)
		case "args":
			m.args, m.shows, _ = strings.Cut(text, "\n")
		default:
			m.files = append(m.files, txtar.File{Name: file, Data: f.Data})
		}
	}
	return out
}

var (
	ports  = regexp.MustCompile(`127\.0\.0\.1(\]?(?: port |:))\d+`)
	prints = regexp.MustCompile(`SHA256:[A-Za-z0-9+/]{43}`)
)

// make runs it in a folder of its own and returns what is said, without what differs between two runs.
func (m *mistake) make(t *testing.T) string {
	dir := t.TempDir()
	kind, args, ok := strings.Cut(m.args, ": ")
	if ok {
		m.args = args
		twinOf(t, dir, kind)
	}
	put(t, dir, "hosts", "web1 ansible_connection=local\n")
	for _, f := range m.files {
		put(t, dir, f.Name, string(f.Data))
	}
	_, said := hostileRun(t, dir, strings.Fields(m.args))
	said = strings.ReplaceAll(said, dir+"/", "")
	said = strings.ReplaceAll(said, dir, ".")
	said = prints.ReplaceAllString(ports.ReplaceAllString(said, "127.0.0.1${1}22"), "SHA256:...")
	return strings.TrimLeft(said, "\n")
}

// twinOf starts a machine, host m1 of the inventory nodes, whose key changes or whose user may not use sudo.
func twinOf(t *testing.T, dir, kind string) {
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := machine.InstallBecome(bin, "sesame-open"); err != nil {
		t.Fatal(err)
	}
	m, err := machine.Start(context.Background(), machine.Config{Exec: machine.Shell(machine.Sandbox{Home: dir, Path: bin})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	files, err := m.WriteFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	if kind == "newkey" {
		m.ChangeHostKey()
	}
	put(t, dir, "nodes", fmt.Sprintf("m1 ansible_host=%s ansible_port=%d ansible_user=tester ansible_ssh_private_key_file=%s "+
		"ansible_ssh_common_args='-o UserKnownHostsFile=%s'\n", m.Host(), m.Port(), files.Key, files.KnownHosts))
}
