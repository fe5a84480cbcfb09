package faults

// A cluster that runs are carried out on, with the folder that they are begun in.

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/settings"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/vault"
)

// The secrets that go through every run. None of them may be seen anywhere.
const (
	sudoSecret  = "become-Zq81-secret"  // what sudo asks for; a variable that is in a vault
	noLogSecret = "answer-Kx44-secret"  // what a task with no_log reads on each host
	vaultSecret = "vault-Pw17-password" // what opens the vault
)

func secrets() []string { return []string{sudoSecret, noLogSecret, vaultSecret} }

// secretFile is where a host has what a task with no_log reads.
const secretFile = "/etc/maintenance-token"

// readSecret is a task file with that task; its answer is kept in a variable.
const readSecret = `- name: Read a token
  ansible.builtin.command: cat ` + secretFile + `
  become: true
  no_log: true
  changed_when: false
  register: maintenance_token
`

// content is what is carried out.
type content struct {
	name, playbook, text string // without a text the playbook is one of those that come with Drydock
	settings             string // drydock.yml
}

// shipped is the maintenance that comes with Drydock.
func shipped() content {
	return content{name: "shipped", playbook: "maintenance.yml", settings: "hooks:\n  pre_drain: read_secret.yml\n"}
}

// ordinary is a playbook as anybody writes it: it asks nothing, and gives the node back whatever it was before.
func ordinary() content {
	return content{name: "ordinary", playbook: "reboot.yml", text: `- hosts: k3s_workers:k3s_masters
  gather_facts: false
  serial: 1
  become: true
  vars:
    api: "{{ (groups.k3s_masters | difference([inventory_hostname]) + groups.k3s_masters) | first }}"
    kubeconfig: /etc/rancher/k3s/k3s.yaml
  tasks:
    - ansible.builtin.import_tasks: read_secret.yml
    - kubernetes.core.k8s_drain:
        name: "{{ inventory_hostname }}"
        delete_options: {ignore_daemonsets: true, delete_emptydir_data: true, wait_timeout: 1800}
        kubeconfig: "{{ kubeconfig }}"
      delegate_to: "{{ api }}"
    - ansible.builtin.reboot:
    - kubernetes.core.k8s_drain: {name: "{{ inventory_hostname }}", state: uncordon, kubeconfig: "{{ kubeconfig }}"}
      delegate_to: "{{ api }}"
`}
}

// bed is one cluster.
type bed struct {
	t    testing.TB
	site *twin.Site
	dir  string
	runs *journal.Runs
	key  *journal.Key
	ring *vault.Keyring

	mu       sync.Mutex
	said     bytes.Buffer // by all runs: screens and errors
	acts     []twin.Act   // of all runs
	accepted []string     // checks of the guard, by any run
}

// lay starts a cluster at which the secrets are in place.
func lay(t testing.TB, spec twin.Spec) *bed {
	t.Helper()
	spec.SudoPassword, spec.KeepLines = sudoSecret, true
	for i := range spec.Nodes {
		files := map[string]string{secretFile: noLogSecret + "\n"}
		for name, text := range spec.Nodes[i].Files {
			files[name] = text
		}
		spec.Nodes[i].Files = files
	}
	site, err := twin.Start(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, site: site, dir: t.TempDir()}
	t.Cleanup(b.clear)
	b.must(b.furnish())
	return b
}

// clear ends the cluster and lets go of all: what a test has asked to be called at its end is kept until the last test has ended, and there are
// thousands.
func (b *bed) clear() {
	b.site.Close()
	b.site, b.acts, b.said = nil, nil, bytes.Buffer{}
}

func (b *bed) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// furnish writes the folder: inventory, vault, the task that reads a secret, the journal's place.
func (b *bed) furnish() error {
	hosts, err := b.site.Inventory(b.dir)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(hosts)
	if err != nil {
		return err
	}
	sealed, err := sealedPassword()
	if err != nil {
		return err
	}
	veiled := strings.Replace(string(text), fmt.Sprintf("%q", sudoSecret), sealed, 1)
	if strings.Contains(veiled, sudoSecret) {
		return fmt.Errorf("the inventory holds the password of sudo in plain")
	}
	for name, text := range map[string]string{"hosts.yml": veiled, "read_secret.yml": readSecret} {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	b.ring = vault.NewKeyring(vault.Options{}, vault.Secret{ID: vault.DefaultID, Password: vault.Password(vaultSecret)})
	b.runs = journal.Open(filepath.Join(b.dir, ".drydock", "runs"))
	b.key, err = journal.NewKey([]byte(strings.Repeat("k", 32)))
	return err
}

// sealedPassword is the password of sudo as a value of YAML, in a vault. It is sealed once, as that takes long.
var sealedPassword = sync.OnceValues(func() (string, error) {
	text, err := vault.Seal([]byte(sudoSecret), vault.Secret{ID: vault.DefaultID, Password: vault.Password(vaultSecret)}, "", nil)
	return "!vault |\n" + indented(string(text), 8), err
})

func indented(text string, by int) string {
	pad := strings.Repeat(" ", by)
	return pad + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+pad)
}

// Write takes what a run prints.
func (b *bed) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.said.Write(p)
}

// screen is all that runs have printed.
func (b *bed) screen() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.said.String()
}

// settled reads drydock.yml of a content; the hooks of it lie in the folder.
func (c content) settled() (*settings.Settings, error) {
	if c.settings == "" {
		return settings.Default(), nil
	}
	kept, ds := settings.Load(settings.File, true, func(string) ([]byte, error) { return []byte(c.settings), nil })
	return kept, ds.Err()
}

// harm lets a fault loose that is named as on a command line.
func (b *bed) harm(text string) {
	b.t.Helper()
	f, err := twin.ParseFault(text)
	b.must(err)
	b.must(b.site.Break(f))
}
