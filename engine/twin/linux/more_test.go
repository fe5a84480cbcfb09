package linux_test

import (
	"context"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/value"
)

const more = `
    - name: group
      ansible.builtin.group: {name: deploy, gid: 2000}
    - name: user
      ansible.builtin.user: {name: deploy, group: deploy, groups: [adm], append: true, shell: /bin/bash, create_home: true, comment: Deploys}
    - name: authorized_key
      ansible.posix.authorized_key: {user: deploy, key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDRyeWRvY2sgdHdpbiBrZXkgZm9yIHRlc3RzIG9ubHkh a@b"}
    - name: cron
      ansible.builtin.cron: {name: job, minute: "5", job: "true", user: root, cron_file: job}
    - name: sysctl
      ansible.posix.sysctl: {name: vm.swappiness, value: "10", sysctl_file: /etc/sysctl.d/99-x.conf, reload: false}
    - name: modprobe
      community.general.modprobe: {name: iscsi_tcp}
    - name: hostname
      ansible.builtin.hostname: {name: renamed}
    - name: replace
      ansible.builtin.replace: {path: /etc/hosts, regexp: localhost, replace: localhost.localdomain}
      when: false
    - name: ini_file
      community.general.ini_file: {path: /etc/x.ini, section: a, option: b, value: c}
    - name: assemble
      ansible.builtin.copy: {content: "part\n", dest: /etc/part}
    - name: fetch
      ansible.builtin.fetch: {src: /etc/part, dest: fetched/}
    - name: script
      ansible.builtin.script: hello.sh
      changed_when: false
    - name: raw
      ansible.builtin.raw: echo raw | tr a-z A-Z
      changed_when: false
    - name: wait_for
      ansible.builtin.wait_for: {path: /etc/part}
    - name: mount
      ansible.posix.mount: {path: /data, src: /dev/sdb1, fstype: ext4, state: present}
    - name: limits
      community.general.pam_limits: {domain: "*", limit_type: soft, limit_item: nofile, value: "1000"}
    - name: copy remote
      ansible.builtin.copy: {src: /etc/part, dest: /etc/part2, remote_src: true}
    - name: tree
      ansible.builtin.copy: {src: tree/, dest: /srv/tree/}
    - name: as another
      ansible.builtin.command: id -un
      become_user: deploy
      changed_when: false
    - name: pipeline
      ansible.builtin.shell: |
        set -o pipefail
        df -P / | awk 'NR==2 {print $5}' | tr -d % > /tmp/use
        test "$(cat /tmp/use)" -lt 90 && echo fine
      args: {executable: /bin/bash}
      changed_when: false
`

func TestMoreModules(t *testing.T) {
	s := newSite(t, linux.Config{Name: "deb"}, linux.Config{Name: "rhel", Family: linux.RedHat})
	s.write(t, "hello.sh", "#!/bin/sh\necho hello from $(hostname)\n")
	s.folder(t, "tree/sub")
	s.write(t, "tree/a", "1\n")
	s.write(t, "tree/sub/b", "2\n")
	r := s.run(t, more, false)
	for key, got := range r {
		if got.Status == event.Failed || got.Status == event.Unreachable {
			t.Errorf("%s: %s", key, value.Repr(got.Result))
		}
	}
	for name := range s.hosts {
		r.want(t, name+": script", event.OK, "hello from renamed")
		r.want(t, name+": as another", event.OK, "'stdout': 'deploy'")
		r.want(t, name+": pipeline", event.OK, "'stdout': 'fine'")
	}
	for key, again := range s.run(t, more, false) {
		if again.Status != event.OK && again.Status != event.Skipped {
			t.Errorf("second run, %s: %s %s", key, again.Status, value.Repr(again.Result))
		}
	}
}

// fast is the real clock, a thousand times as fast: what the twin runs on.
type fast struct{ from time.Time }

func (f fast) Now() time.Time { return f.from.Add(time.Since(f.from) * 1000) }

func (f fast) After(d time.Duration, do func()) { time.AfterFunc(d/1000, do) }

func (f fast) Sleep(ctx context.Context, d time.Duration) error {
	return linux.RealClock{}.Sleep(ctx, d/1000)
}

func TestJobsOutliveTheirSession(t *testing.T) {
	h := host(t, linux.Config{Clock: fast{time.Now()}})
	root(t, h, "setsid sh -c 'until [ -e /root/go ]; do sleep 1; done; echo late >/root/late' >/dev/null 2>&1 & echo $! >/root/pid; kill -0 $! && echo runs", 0, "runs\n")
	root(t, h, "kill -0 $(cat /root/pid) && touch /root/go && until [ -s /root/late ]; do sleep 1; done; cat /root/late", 0, "late\n")
	root(t, h, "(while :; do sleep 1; done) & job=$!; kill $job; wait $job; kill -0 $job 2>/dev/null || echo gone", 0, "gone\n")
	root(t, h, "sh -c 'exit 3' & a=$!; sh -c 'exit 4' & b=$!; wait $a; echo $?; wait $b; echo $?; (sleep 1 & wait $!; echo in $?)", 0, "3\n4\nin 0\n")
	root(t, h, "timeout 5 sleep 1000000; echo $?", 0, "124\n")
}
