package linux_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/twin/machine"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules"
)

// site is a project of a user whose hosts are twins, reached by SSH as ops, who may sudo with a password.
type site struct {
	dir   string
	ssh   machine.Config
	clock *clock
	hosts map[string]*linux.Host
}

func newSite(t *testing.T, configs ...linux.Config) *site {
	t.Helper()
	return newSiteBehind(t, newClock(), machine.Config{}, configs...)
}

// newSiteBehind is a site whose SSH servers are made so.
func newSiteBehind(t *testing.T, c *clock, ssh machine.Config, configs ...linux.Config) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), clock: c, hosts: map[string]*linux.Host{}, ssh: ssh}
	scripts := &linux.Scripts{}
	inventory := "all:\n  vars:\n    ansible_user: ops\n    ansible_become_password: s3cret\n  hosts:\n"
	for _, c := range configs {
		c.Clock, c.Scripts, c.SudoPassword, c.ShutdownTime, c.BootTime = s.clock, scripts, "s3cret", 3*time.Second, 40*time.Second
		h := host(t, c)
		m, err := h.Start(t.Context(), s.ssh)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(m.Close)
		dir := filepath.Join(s.dir, "keys", c.Name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		files, err := m.WriteFiles(dir)
		if err != nil {
			t.Fatal(err)
		}
		inventory += fmt.Sprintf("    %s: {ansible_host: %s, ansible_port: %d, ansible_ssh_private_key_file: %s, ansible_ssh_common_args: -o UserKnownHostsFile=%s}\n",
			c.Name, m.Host(), m.Port(), files.Key, files.KnownHosts)
		s.hosts[c.Name] = h
	}
	s.write(t, "hosts.yml", inventory)
	return s
}

func (s *site) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s *site) folder(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(s.dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
}

// inventory are the files of the inventory that were written.
func (s *site) inventory() []string {
	files := []string{filepath.Join(s.dir, "hosts.yml")}
	if groups := filepath.Join(s.dir, "groups.yml"); fileExists(groups) {
		files = append(files, groups)
	}
	return files
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// results are what tasks have answered, by "host: task".
type results map[string]event.HostResult

// Emit keeps results.
func (r results) Emit(e event.Event) error {
	if e, ok := e.(event.HostResult); ok {
		r[e.Host+": "+e.Task.Name] = e
	}
	return nil
}

// run runs a playbook as the command line does.
func (s *site) run(t *testing.T, tasks string, check bool) results {
	t.Helper()
	s.write(t, "site.yml", "- hosts: all\n  become: true\n  gather_facts: false\n  tasks:\n"+tasks)
	r, _ := s.play(t, filepath.Join(s.dir, "site.yml"), check)
	return r
}

// play runs the playbook of a file and returns its exit code, too.
func (s *site) play(t *testing.T, file string, check bool) (results, int) {
	t.Helper()
	env := func(string) (string, bool) { return "", false }
	cfg, ds := config.Load(config.Machine{Getenv: env, Cwd: s.dir, Home: s.dir, ReadFile: source.ReadDisk, Stat: os.Stat})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	job, ds := engine.Load(engine.Options{
		Playbooks: []string{file}, Inventory: s.inventory(), Config: cfg, Registry: modules.Builtin(),
		Embedded: source.Embedded(s.dir, drydock.Content), Check: check, Diff: true, Forks: 5,
		Machine: engine.Machine{Getenv: env, Cwd: s.dir, Home: s.dir, User: "nobody", Clock: s.clock},
	})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	r := results{}
	code, err := job.Run(t.Context(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range s.hosts {
		if u := h.Unknown(); len(u) > 0 {
			t.Errorf("%s does not know %q", name, u)
		}
	}
	return r, code
}

// want checks the status of results and parts of what they say.
func (r results) want(t *testing.T, key string, status event.Status, parts ...string) {
	t.Helper()
	got, ok := r[key]
	if !ok {
		t.Errorf("%s: no result", key)
		return
	}
	text := value.Repr(got.Result)
	if got.Status != status {
		t.Errorf("%s: %q, want %q: %s", key, got.Status, status, text)
		return
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: no %q in %s", key, part, text)
		}
	}
}

const ordinary = `
    - name: ping
      ansible.builtin.ping:
    - name: setup
      ansible.builtin.setup:
    - name: copy
      ansible.builtin.copy: {content: "a\nb\n", dest: /etc/app.conf, mode: "0640", owner: root, group: adm}
    - name: template
      ansible.builtin.template: {src: motd.j2, dest: /etc/motd, mode: "0644"}
    - name: directory
      ansible.builtin.file: {path: /srv/app/data, state: directory, owner: ops, mode: "0750", recurse: true}
    - name: link
      ansible.builtin.file: {src: /etc/app.conf, dest: /srv/app/conf, state: link}
    - name: lineinfile
      ansible.builtin.lineinfile: {path: /etc/ssh/sshd_config, regexp: "^PermitRootLogin", line: "PermitRootLogin no", backup: true}
    - name: blockinfile
      ansible.builtin.blockinfile: {path: /etc/hosts, block: "192.0.2.99 registry"}
    - name: stat
      ansible.builtin.stat: {path: /etc/app.conf}
    - name: slurp
      ansible.builtin.slurp: {src: /etc/app.conf}
    - name: command
      ansible.builtin.command: {cmd: cat /etc/app.conf, chdir: /srv}
      changed_when: false
    - name: shell
      ansible.builtin.shell: "ls /etc | grep -c app.conf$ && echo $HOME"
      changed_when: false
    - name: find
      ansible.builtin.find: {paths: /srv, file_type: any, recurse: true}
    - name: service
      ansible.builtin.service: {name: cron, state: started, enabled: true}
    - name: systemd
      ansible.builtin.systemd: {name: app, state: started, enabled: true, daemon_reload: true}
    - name: package_facts
      ansible.builtin.package_facts:
    - name: service_facts
      ansible.builtin.service_facts:
    - name: getent
      ansible.builtin.getent: {database: passwd, key: ops}
    - name: hostname
      ansible.builtin.command: hostname -f
      changed_when: false
    - name: absent
      ansible.builtin.file: {path: /etc/gone, state: absent}
`

func TestOrdinaryModules(t *testing.T) {
	unit := linux.Unit{Name: "app", Enabled: "disabled"}
	s := newSite(t, linux.Config{Name: "deb", FQDN: "deb.example.org", Units: []linux.Unit{unit}}, linux.Config{Name: "rhel", Family: linux.RedHat, Units: []linux.Unit{unit}})
	s.write(t, "motd.j2", "{{ ansible_facts.distribution }} {{ ansible_facts.distribution_major_version }} on {{ inventory_hostname }}\n")
	for _, h := range s.hosts {
		if err := h.Disk().Set("/etc/gone", "x", 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := s.run(t, ordinary, false)
	for name := range s.hosts {
		for _, task := range []string{"ping", "setup", "stat", "slurp", "command", "shell", "find", "service", "package_facts", "service_facts", "getent", "hostname"} {
			r.want(t, name+": "+task, event.OK)
		}
		for _, task := range []string{"copy", "template", "directory", "link", "lineinfile", "blockinfile", "systemd", "absent"} {
			r.want(t, name+": "+task, event.Changed)
		}
		r.want(t, name+": command", event.OK, "'stdout': 'a\\nb'")
		r.want(t, name+": shell", event.OK, "'stdout': '1\\n/root'")
		r.want(t, name+": stat", event.OK, "'mode': '0640'", "'gr_name': 'adm'", "'size': 4")
	}
	r.want(t, "deb: setup", event.OK, "'ansible_os_family': 'Debian'", "'ansible_distribution_version': '12", "'ansible_pkg_mgr': 'apt'", "'ansible_service_mgr': 'systemd'", "'ansible_default_ipv4': {", "'192.0.2.10'")
	r.want(t, "rhel: setup", event.OK, "'ansible_os_family': 'RedHat'", "'ansible_distribution': 'Rocky'", "'ansible_pkg_mgr': 'dnf'")
	r.want(t, "deb: package_facts", event.OK, "'open-iscsi'")
	r.want(t, "rhel: package_facts", event.OK, "'iscsi-initiator-utils'")
	r.want(t, "deb: hostname", event.OK, "'stdout': 'deb.example.org'")
	root(t, s.hosts["deb"], "cat /etc/motd; stat -c '%U %a' /srv/app/data; readlink /srv/app/conf; ls /etc/ssh/sshd_config.*~ | wc -l", 0, "Debian 12 on deb\nops 750\n/etc/app.conf\n1\n")
	for key, again := range s.run(t, ordinary, false) {
		if again.Status != event.OK {
			t.Errorf("second run, %s: %s %s", key, again.Status, value.Repr(again.Result))
		}
	}
}

const patching = `
    - name: lists
      ansible.builtin.apt: {update_cache: true}
      when: inventory_hostname == 'deb'
    - name: upgrade
      ansible.builtin.apt: {upgrade: dist}
      when: inventory_hostname == 'deb'
    - name: install
      ansible.builtin.apt: {name: [htop, jq, bash], state: present}
      when: inventory_hostname == 'deb'
    - name: upgrade all
      ansible.builtin.dnf: {name: "*", state: latest, update_only: true, update_cache: true}
      when: inventory_hostname == 'rhel'
    - name: add
      ansible.builtin.dnf: {name: [jq, bash], state: present}
      when: inventory_hostname == 'rhel'
    - name: listed
      ansible.builtin.dnf: {list: updates}
      when: inventory_hostname == 'rhel'
`

func TestPatching(t *testing.T) {
	s := newSite(t, linux.Config{Name: "deb", Packages: linux.Updates(linux.Debian)}, linux.Config{Name: "rhel", Family: linux.RedHat, Packages: linux.Updates(linux.RedHat)})
	check := s.run(t, patching, true)
	for _, key := range []string{"deb: upgrade", "deb: install", "rhel: add"} {
		check.want(t, key, event.Changed)
	}
	if v := s.hosts["deb"].Installed("curl") + s.hosts["rhel"].Installed("curl") + s.hosts["deb"].Installed("htop"); v != "7.88.1-10+deb12u87.76.1-31.el9" {
		t.Errorf("check mode changed packages: %s", v)
	}
	r := s.run(t, patching, false)
	r.want(t, "deb: upgrade", event.Changed, "4 upgraded, 1 newly installed, 0 to remove")
	r.want(t, "deb: install", event.Changed, "0 upgraded, 2 newly installed")
	r.want(t, "rhel: upgrade all", event.Changed, "Installed: kernel-5.14.0-503.14.1.el9_5.x86_64", "Removed: curl-7.76.1-31.el9.x86_64")
	r.want(t, "rhel: add", event.Changed, "Installed: jq-1.6-17.el9.x86_64")
	r.want(t, "rhel: listed", event.OK, "'results': []")
	root(t, s.hosts["deb"], "test -e /var/run/reboot-required && dpkg-query -W curl; uname -r", 0, "curl\t7.88.1-10+deb12u12\n6.1.0-27-amd64\n")
	root(t, s.hosts["rhel"], "rpm -q curl kernel; needs-restarting -r >/dev/null; echo $?", 0,
		"curl-7.76.1-31.el9_5.1.x86_64\nkernel-5.14.0-503.11.1.el9_5.x86_64\nkernel-5.14.0-503.14.1.el9_5.x86_64\n1\n")
	for key, again := range s.run(t, patching, false) {
		if again.Status != event.OK && again.Status != event.Skipped && !strings.HasSuffix(key, "lists") {
			t.Errorf("second run, %s: %s %s", key, again.Status, value.Repr(again.Result))
		}
	}
}

func TestReboots(t *testing.T) {
	s := newSite(t, linux.Config{Name: "deb", Packages: linux.Updates(linux.Debian)}, linux.Config{Name: "rhel", Family: linux.RedHat, Packages: linux.Updates(linux.RedHat)})
	before := map[string]string{}
	for name, h := range s.hosts {
		before[name] = h.BootID()
	}
	r := s.run(t, `
    - name: upgrade
      ansible.builtin.package: {name: "*", state: latest}
    - name: restart
      ansible.builtin.systemd: {name: cron, state: restarted}
    - name: reboot
      ansible.builtin.reboot:
    - name: kernel
      ansible.builtin.command: uname -r
`, false)
	for name, h := range s.hosts {
		r.want(t, name+": restart", event.Changed)
		r.want(t, name+": reboot", event.Changed, "'rebooted': True")
		if h.BootID() == before[name] || h.Boots() != 2 {
			t.Errorf("%s has booted %d times", name, h.Boots())
		}
	}
	r.want(t, "deb: kernel", event.Changed, "6.1.0-28-amd64")
	r.want(t, "rhel: kernel", event.Changed, "5.14.0-503.14.1.el9_5.x86_64")
}
