package system

import (
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// factsOf are the facts of one group, made of what the script would print.
func factsOf(group, out string) *value.Map { return readFacts(out, []string{group}) }

func expect(t *testing.T, facts *value.Map, want map[string]string) {
	t.Helper()
	for key, w := range want {
		v, ok := facts.Get("ansible_" + key)
		got := value.Repr(v)
		if !ok {
			got = "absent"
		}
		if got != w {
			t.Errorf("%s is %s, want %s", key, got, w)
		}
	}
}

func TestSubsets(t *testing.T) {
	for asked, want := range map[string]string{
		"all":                          "platform distribution min other hardware network virtual",
		"min":                          "platform distribution min",
		"!all":                         "platform distribution min",
		"!hardware":                    "platform distribution min",
		"network":                      "platform distribution min network",
		"!all,!min,network":            "platform distribution network",
		"!all,!min,hardware":           "platform hardware",
		"!all,!min,virtual":            "virtual",
		"!all,!min":                    "",
		"all,!hardware":                "platform distribution min other network virtual",
		"!min,distribution":            "distribution",
		"default_ipv4,processor_cores": "platform distribution min hardware network",
	} {
		got, err := subsets(strings.Split(asked, ","))
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, error %v, want %q", asked, got, err, want)
		}
	}
	if _, err := subsets([]string{"hradware"}); err == nil || !strings.HasPrefix(err.Error(), "Bad subset 'hradware' given to Ansible") {
		t.Errorf("error %v", err)
	}
}

func TestFiltered(t *testing.T) {
	facts := value.NewMap("ansible_distribution", 1, "ansible_distribution_version", 2, "ansible_kernel", 3)
	for globs, want := range map[string]string{
		"":                      "[ansible_distribution ansible_distribution_version ansible_kernel]",
		"*":                     "[ansible_distribution ansible_distribution_version ansible_kernel]",
		"ansible_distribution*": "[ansible_distribution ansible_distribution_version]",
		"kernel,distribution":   "[ansible_distribution ansible_kernel]",
		"nosuch":                "[]",
	} {
		var names []string
		for k := range filtered(facts, strings.Split(globs, ",")).All() {
			names = append(names, k.(string))
		}
		if got := "[" + strings.Join(names, " ") + "]"; got != want {
			t.Errorf("%q: %s, want %s", globs, got, want)
		}
	}
}

func TestPlatformFacts(t *testing.T) {
	expect(t, factsOf(groupPlatform, "@@ uname\nLinux\nnode1\n6.1.0-18-amd64\n#1 SMP Debian\nx86_64\n@@ bits\n64\n@@ fqdn\nnode1.lan.example\n@@ machine_id\nabc\n\n"),
		map[string]string{"system": "'Linux'", "hostname": "'node1'", "nodename": "'node1'", "fqdn": "'node1.lan.example'", "domain": "'lan.example'",
			"kernel": "'6.1.0-18-amd64'", "kernel_version": "'#1 SMP Debian'", "architecture": "'x86_64'", "userspace_architecture": "'x86_64'",
			"userspace_bits": "'64'", "machine_id": "'abc'"})
	expect(t, factsOf(groupPlatform, "@@ uname\nLinux\npi.home\n6.6.20-v8+\n#1\naarch64\n@@ bits\n64\n@@ fqdn\n\n"),
		map[string]string{"hostname": "'pi'", "nodename": "'pi.home'", "fqdn": "'pi.home'", "domain": "'home'", "architecture": "'aarch64'", "userspace_architecture": "absent"})
	expect(t, factsOf(groupPlatform, "@@ uname\nLinux\nold\n3\n#1\ni686\n@@ bits\n32\n"),
		map[string]string{"architecture": "'i386'", "machine": "'i686'", "userspace_architecture": "'i386'", "machine_id": "absent"})
}

func TestDateTime(t *testing.T) {
	for out, want := range map[string]string{
		"1720017245 +0200 CEST\n123456789\n+0100 CET\n+0200 CEST\n": "2024-07-03 16:34:05 +0200 CEST CEST Wednesday 3 27 2024-07-03T14:34:05.123456Z 20240703T163405123456",
		"1704447000 -0500 EST\n%N\n-0500 EST\n-0400 EDT\n":          "2024-01-05 04:30:00 -0500 EST EDT Friday 5 01 2024-01-05T09:30:00.000000Z 20240105T043000000000",
		"1704447000 +0000 UTC\n\n":                                  "2024-01-05 09:30:00 +0000 UTC UTC Friday 5 01 2024-01-05T09:30:00.000000Z 20240105T093000000000",
	} {
		d := dateTime(out)
		var got []string
		for _, k := range []string{"date", "time", "tz_offset", "tz", "tz_dst", "weekday", "weekday_number", "weeknumber", "iso8601_micro", "iso8601_basic"} {
			got = append(got, value.Str(d.Value(k)))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("got  %s\nwant %s", g, want)
		}
	}
}

func TestMinimalFacts(t *testing.T) {
	out := "@@ env\nHOME=/root\nPS1=a\x01b=c\n@@ id\n0\n1000\n0\n1000\nroot\n@@ passwd\nroot:x:0:0:Root,,,:/root:/bin/bash\n@@ date\n@@ managers\napt-get\ndnf\n" +
		"@@ init\nsystemd\n/run/systemd/system\n@@ cmdline\nquiet root=UUID=1 console=tty0 console=ttyS0 \"x=a b\"\n\n" +
		"@@ dns\n# by hand\nnameserver 1.1.1.1\nnameserver 9.9.9.9\nsearch lan example\noptions ndots:5 rotate\n@@ fips\n1\n\n@@ apparmor\n" +
		"@@ selinux\n/sys/fs/selinux/enforce:1\n/sys/fs/selinux/policyvers:33\n/etc/selinux/config:SELINUX=permissive\n/etc/selinux/config:SELINUXTYPE=targeted\n" +
		"@@ lsb\nDistributor ID:\tDebian\nRelease:\t12\nCodename:\tbookworm\n@@ ssh_keys\n/etc/ssh/ssh_host_ed25519_key.pub:ssh-ed25519 AAAA root@x\n" +
		"@@ local preferences\n{\"a\": [1]}\n\n@@ local old\n[General]\nKey = Value : x\n\n@@ local broken\nwhat\n@@ local dead\n\n@@ failed dead\n3\n\n"
	expect(t, factsOf(groupMin, out), map[string]string{
		"env": `{'HOME': '/root', 'PS1': 'a\nb=c'}`, "user_id": "'root'", "effective_user_id": "0", "real_user_id": "1000", "real_group_id": "1000",
		"user_dir": "'/root'", "user_gecos": "'Root,,,'", "user_shell": "'/bin/bash'", "user_uid": "0", "service_mgr": "'systemd'",
		"cmdline":      "{'quiet': True, 'root': 'UUID=1', 'console': 'ttyS0', 'x': 'a b'}",
		"proc_cmdline": "{'quiet': True, 'root': 'UUID=1', 'console': ['tty0', 'ttyS0'], 'x': 'a b'}",
		"dns":          "{'nameservers': ['1.1.1.1', '9.9.9.9'], 'search': ['lan', 'example'], 'options': {'ndots': '5', 'rotate': True}}",
		"fips":         "True", "apparmor": "{'status': 'enabled'}",
		"selinux":                             "{'status': 'enabled', 'policyvers': 33, 'config_mode': 'permissive', 'type': 'targeted', 'mode': 'enforcing'}",
		"lsb":                                 "{'id': 'Debian', 'release': '12', 'codename': 'bookworm', 'major_release': '12'}",
		"ssh_host_key_ed25519_public":         "'AAAA'",
		"ssh_host_key_ed25519_public_keytype": "'ssh-ed25519'",
		"local": "{'broken': 'error loading facts as JSON or ini - please check content', 'dead': 'error loading fact - the program ended with 3', " +
			"'old': {'General': {'key': 'Value : x'}}, 'preferences': {'a': [1]}}",
	})
	expect(t, factsOf(groupMin, ""), map[string]string{"selinux": "{'status': 'disabled'}", "lsb": "{}", "local": "{}", "fips": "False", "dns": "{}"})
}

func TestManagers(t *testing.T) {
	for _, c := range []struct{ family, distribution, there, want string }{
		{"Debian", "Debian", "apt-get dnf", "apt"}, {"RedHat", "Rocky", "apt-get dnf yum", "dnf"}, {"RedHat", "CentOS", "yum", "yum"},
		{"RedHat", "Fedora", "dnf dnf5", "dnf5"}, {"RedHat", "Rocky", "dnf dnf5", "dnf"}, {"Alpine", "Alpine", "apk", "apk"}, {"Suse", "SLES", "zypper", "zypper"},
		{"Archlinux", "Archlinux", "pacman", "pacman"}, {"Gentoo", "Gentoo", "emerge", "portage"}, {"Flatcar", "Flatcar", "", "unknown"},
		{"RedHat", "Fedora", "dnf rpm-ostree ostree-booted", "atomic_container"},
	} {
		facts := value.NewMap("ansible_os_family", c.family, "ansible_distribution", c.distribution)
		if got := packageManager(facts, strings.Fields(c.there)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	for init, want := range map[string]string{
		"systemd /run/systemd/system": "systemd", "init /run/systemd/system": "systemd", "init /sbin/openrc /etc/init.d": "openrc",
		"init /etc/init.d": "sysvinit", "runit-init": "runit", "s6-svscan": "s6", "sh": "service", "": "service", "tini": "tini",
	} {
		if got := serviceManager(strings.Fields(init)); got != want {
			t.Errorf("%q: %s, want %s", init, got, want)
		}
	}
}

func TestProcessorFacts(t *testing.T) {
	socket := func(n, id, cores, siblings string) string {
		return "processor\t: " + n + "\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: " + id + "\nsiblings\t: " + siblings +
			"\ncore id\t\t: 0\ncpu cores\t: " + cores + "\nflags\t\t: fpu vme\n\n"
	}
	var two strings.Builder
	for n := range 8 {
		two.WriteString(socket(string(rune('0'+n)), string(rune('0'+n/4)), "2", "4"))
	}
	expect(t, factsOf(groupHardware, "@@ cpuinfo\n"+two.String()+"@@ nproc\n8\n"), map[string]string{
		"processor_count": "2", "processor_cores": "2", "processor_threads_per_core": "2", "processor_vcpus": "8", "processor_nproc": "8",
		"flags": "['fpu', 'vme']"})
	arm := "processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd\nCPU part\t: 0xd08\n\nprocessor\t: 1\nBogoMIPS\t: 108.00\n\n" +
		"Revision\t: c03114\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n"
	expect(t, factsOf(groupHardware, "@@ cpuinfo\n"+arm+"@@ nproc\n2\n"), map[string]string{
		"processor": "['0', '1']", "processor_count": "2", "processor_cores": "1", "processor_threads_per_core": "1", "processor_vcpus": "2", "flags": "absent"})
}

func TestHardwareFacts(t *testing.T) {
	out := "@@ meminfo\nMemTotal:       8000000 kB\nMemFree:        2000000 kB\nBuffers:         100000 kB\nCached:         1000000 kB\nSwapCached:        2048 kB\n" +
		"SwapTotal:      1048576 kB\nSwapFree:        524288 kB\n@@ uptime\n3600.52 7000.1\n\n" +
		"@@ dmi\n/sys/class/dmi/id/product_name:PowerEdge R640\n/sys/class/dmi/id/sys_vendor:Dell Inc.\n/sys/class/dmi/id/chassis_type:23\n" +
		"@@ mountinfo\n22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:1 /data /srv/a\\040b rw - ext4 /dev/sda1 rw\n" +
		"@@ statfs\n4096 4096 1000 500 400 100 90 /\n@@ uuids\n/dev/sda\n/dev/sda1 1111-2222\n" +
		"@@ mounts\nproc /proc proc rw 0 0\n/dev/sdz / ext4 ro 0 0\n/dev/sda1 / ext4 rw,relatime 0 1\n/dev/sda1 /srv/a\\040b ext4 rw 0 0\nnas:/vol /mnt nfs4 rw 0 0\n" +
		"@@ block\n/sys/block/sda/removable:0\n/sys/block/sda/size:20971520\n/sys/block/sda/queue/rotational:1\n/sys/block/sda/queue/scheduler:none [mq-deadline]\n" +
		"/sys/block/sda/queue/hw_sector_size:512\n/sys/block/sda/device/model:QEMU HARDDISK\n" +
		"@@ partitions\n/sys/block/sda/sda1/start:2048\n/sys/block/sda/sda1/size:2097152\n@@ holders\n/sys/block/sda/sda1/holders/dm-0\n"
	f := factsOf(groupHardware, out)
	expect(t, f, map[string]string{
		"memtotal_mb": "7812", "memfree_mb": "1953", "swaptotal_mb": "1024", "swapfree_mb": "512", "uptime_seconds": "3600",
		"memory_mb": "{'real': {'total': 7812, 'used': 5859, 'free': 1953}, 'nocache': {'free': 3027, 'used': 4785}, " +
			"'swap': {'total': 1024, 'free': 512, 'used': 512, 'cached': 2}}",
		"product_name": "'PowerEdge R640'", "system_vendor": "'Dell Inc.'", "form_factor": "'Rack Mount Chassis'", "product_serial": "'NA'",
		"mounts": "[{'mount': '/', 'device': '/dev/sda1', 'fstype': 'ext4', 'options': 'rw,relatime', 'dump': 0, 'passno': 1, 'size_total': 4096000, " +
			"'size_available': 1638400, 'block_size': 4096, 'block_total': 1000, 'block_available': 400, 'block_used': 600, 'inode_total': 100, " +
			"'inode_available': 90, 'inode_used': 10, 'uuid': '1111-2222'}, {'mount': '/srv/a b', 'device': '/dev/sda1', 'fstype': 'ext4', 'options': 'rw,bind', " +
			"'dump': 0, 'passno': 0, 'uuid': '1111-2222'}, {'mount': '/mnt', 'device': 'nas:/vol', 'fstype': 'nfs4', 'options': 'rw', 'dump': 0, 'passno': 0, 'uuid': 'N/A'}]",
	})
	sda := f.Value("ansible_devices").(*value.Map).Value("sda").(*value.Map)
	for key, want := range map[string]string{"model": "'QEMU HARDDISK'", "vendor": "None", "size": "'10.00 GB'", "scheduler_mode": "'mq-deadline'", "sectors": "20971520",
		"partitions": "{'sda1': {'links': {'ids': [], 'uuids': [], 'labels': [], 'masters': []}, 'start': '2048', 'sectors': 2097152, 'sectorsize': 512, " +
			"'size': '1.00 GB', 'uuid': '1111-2222', 'holders': ['dm-0']}}"} {
		if got := value.Repr(sda.Value(key)); got != want {
			t.Errorf("sda %s is %s, want %s", key, got, want)
		}
	}
}

func TestNetworkFacts(t *testing.T) {
	out := "@@ links\nbond0\ncni0\neth0\nlo\nwg-0\n@@ net\n/sys/class/net/eth0/address:52:54:00:00:00:01\n/sys/class/net/eth0/mtu:1500\n/sys/class/net/eth0/operstate:up\n" +
		"/sys/class/net/eth0/flags:0x1103\n/sys/class/net/eth0/type:1\n/sys/class/net/eth0/speed:1000\n/sys/class/net/lo/address:00:00:00:00:00:00\n" +
		"/sys/class/net/lo/mtu:65536\n/sys/class/net/lo/operstate:unknown\n/sys/class/net/lo/type:772\n/sys/class/net/cni0/operstate:down\n/sys/class/net/cni0/type:1\n" +
		"/sys/class/net/cni0/bridge/bridge_id:8000.1\n/sys/class/net/cni0/bridge/stp_state:0\n/sys/class/net/bond0/type:1\n/sys/class/net/bond0/bonding/mode:802.3ad 4\n" +
		"/sys/class/net/bond0/bonding/slaves:eth1 eth2\n@@ ports\n/sys/class/net/cni0/brif/veth1\n@@ modules\n/sys/class/net/eth0/device/driver/module ../../../../module/virtio_net\n" +
		"@@ addr\n1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n1: lo    inet6 ::1/128 scope host \\ x\n" +
		"2: eth0    inet 192.168.1.10/24 brd 192.168.1.255 scope global dynamic eth0\\       valid_lft 1\n" +
		"2: eth0    inet 192.168.1.11/24 brd 192.168.1.255 scope global secondary eth0\\       valid_lft 1\n" +
		"2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever\n2: eth0    inet6 2001:db8::10/64 scope global \\ x\n" +
		"5: wg-0    inet 10.9.0.1 peer 10.9.0.2/32 scope global wg-0\\ x\n" +
		"@@ route4\n8.8.8.8 via 192.168.1.1 dev eth0 src 192.168.1.10 uid 0\n    cache\n@@ route6\n2404:6800:400a:800::1012 from :: via fe80::ff dev eth0 proto ra src 2001:db8::10 metric 1024\n" +
		"@@ local4\nlocal 127.0.0.0/8 dev lo proto kernel\nbroadcast 192.168.1.255 dev eth0\nlocal 192.168.1.10 dev eth0\n@@ local6\nlocal ::1 dev lo\n"
	expect(t, factsOf(groupNetwork, out), map[string]string{
		"interfaces":         "['bond0', 'cni0', 'eth0', 'lo', 'wg-0']",
		"all_ipv4_addresses": "['192.168.1.10', '192.168.1.11', '10.9.0.1']", "all_ipv6_addresses": "['fe80::1', '2001:db8::10']",
		"default_ipv4": "{'interface': 'eth0', 'address': '192.168.1.10', 'gateway': '192.168.1.1', 'macaddress': '52:54:00:00:00:01', 'mtu': 1500, 'type': 'ether', " +
			"'alias': 'eth0', 'broadcast': '192.168.1.255', 'netmask': '255.255.255.0', 'network': '192.168.1.0', 'prefix': '24'}",
		"default_ipv6": "{'interface': 'eth0', 'address': '2001:db8::10', 'gateway': 'fe80::ff', 'macaddress': '52:54:00:00:00:01', 'mtu': 1500, 'type': 'ether', " +
			"'prefix': '64', 'scope': 'global'}",
		"locally_reachable_ips": "{'ipv4': ['127.0.0.0/8', '192.168.1.10'], 'ipv6': ['::1']}",
		"eth0": "{'device': 'eth0', 'active': True, 'promisc': True, 'macaddress': '52:54:00:00:00:01', 'mtu': 1500, 'type': 'ether', 'speed': 1000, 'module': 'virtio_net', " +
			"'ipv4': {'address': '192.168.1.10', 'broadcast': '192.168.1.255', 'netmask': '255.255.255.0', 'network': '192.168.1.0', 'prefix': '24'}, " +
			"'ipv4_secondaries': [{'address': '192.168.1.11', 'broadcast': '192.168.1.255', 'netmask': '255.255.255.0', 'network': '192.168.1.0', 'prefix': '24'}], " +
			"'ipv6': [{'address': 'fe80::1', 'prefix': '64', 'scope': 'link'}, {'address': '2001:db8::10', 'prefix': '64', 'scope': 'global'}]}",
		"cni0":  "{'device': 'cni0', 'active': False, 'promisc': False, 'type': 'bridge', 'id': '8000.1', 'interfaces': ['veth1'], 'stp': False}",
		"bond0": "{'device': 'bond0', 'active': True, 'promisc': False, 'type': 'bonding', 'mode': '802.3ad', 'miimon': '', 'slaves': ['eth1', 'eth2']}",
		"wg_0": "{'device': 'wg-0', 'active': True, 'promisc': False, 'type': 'unknown', 'ipv4': {'address': '10.9.0.1', 'broadcast': '', 'netmask': '255.255.255.255', " +
			"'network': '10.9.0.1', 'prefix': '32'}}",
	})
	expect(t, factsOf(groupNetwork, "@@ links\nlo\n"), map[string]string{"default_ipv4": "{}", "default_ipv6": "{}", "all_ipv4_addresses": "[]"})
}

func TestVirtualFacts(t *testing.T) {
	for _, c := range []struct{ name, out, want string }{
		{"bare metal", "@@ virt_dmi\n/sys/class/dmi/id/sys_vendor:Dell Inc.\n", "NA NA [] []"},
		{"bare metal that hosts", "@@ virt_modules\nkvm\nkvm_intel\n", "kvm host [] ['kvm']"},
		{"KVM", "@@ virt_dmi\n/sys/class/dmi/id/product_name:Standard PC (Q35 + ICH9, 2009)\n/sys/class/dmi/id/sys_vendor:QEMU\n", "kvm guest ['kvm'] []"},
		{"VMware", "@@ virt_dmi\n/sys/class/dmi/id/product_name:VMware7,1\n", "VMware guest ['VMware'] []"},
		{"VirtualBox", "@@ virt_dmi\n/sys/class/dmi/id/product_name:VirtualBox\n/sys/class/dmi/id/bios_vendor:innotek GmbH\n", "virtualbox guest ['virtualbox'] []"},
		{"Hyper-V", "@@ virt_dmi\n/sys/class/dmi/id/sys_vendor:Microsoft Corporation\n", "VirtualPC guest ['VirtualPC'] []"},
		{"EC2", "@@ virt_dmi\n/sys/class/dmi/id/sys_vendor:Amazon EC2\n", "kvm guest ['kvm'] []"},
		{"LXC on a host of VMs", "@@ virt_env\ncontainer=lxc\n@@ virt_modules\nkvm\n", "lxc guest ['lxc', 'container'] []"},
		{"systemd-nspawn", "@@ virt_env\ncontainer=systemd-nspawn\nsystemd-nspawn\n", "container guest ['container', 'systemd-nspawn'] []"},
		{"Docker", "@@ virt_files\n/.dockerenv\n", "docker guest ['docker', 'container'] []"},
		{"Podman", "@@ virt_env\ncontainer=podman\n@@ virt_files\n/run/.containerenv\n", "podman guest ['podman', 'container'] []"},
	} {
		f := factsOf(groupVirtual, c.out)
		got := value.Str(f.Value("ansible_virtualization_type")) + " " + value.Str(f.Value("ansible_virtualization_role")) + " " +
			value.Repr(f.Value("ansible_virtualization_tech_guest")) + " " + value.Repr(f.Value("ansible_virtualization_tech_host"))
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOtherFacts(t *testing.T) {
	expect(t, factsOf(groupOther, "@@ loadavg\n0.50 1.25 2.00 1/100 77\n\n@@ systemd\nsystemd 252 (252.39)\n+PAM -X\n@@ iscsi\nInitiatorName=iqn.2004-10.com.ubuntu:01:x\n\n@@ chroot\n1:2\n1:2\n"),
		map[string]string{"loadavg": "{'1m': 0.5, '5m': 1.25, '15m': 2.0}", "systemd": "{'version': 252, 'features': '+PAM -X'}",
			"iscsi_iqn": "'iqn.2004-10.com.ubuntu:01:x'", "is_chroot": "False", "fibre_channel_wwn": "[]", "hostnqn": "''"})
	for out, want := range map[string]bool{"": false, "1:2": false, "1:777": true, "1:9\n1:9": false, "1:9\n1:2": true, "1:2\ndebian_chroot": true} {
		if got := chrooted(module.Lines(out)); got != want {
			t.Errorf("chrooted(%q) = %v", out, got)
		}
	}
}

func TestShellWords(t *testing.T) {
	if got := shellWords(`a "b c"=d 'x''y'  ""`); !slices.Equal(got, []string{"a", "b c=d", "xy", ""}) {
		t.Errorf("got %q", got)
	}
}

func TestPythonFacts(t *testing.T) {
	expect(t, factsOf(groupMin, "@@ python\n/usr/bin/python3.13\n/usr/bin/python3.13 cpython 3 13 5 final 0\nssl\n"), map[string]string{
		"python_version": "'3.13.5'",
		"python": "{'version': {'major': 3, 'minor': 13, 'micro': 5, 'releaselevel': 'final', 'serial': 0}, " +
			"'version_info': [3, 13, 5, 'final', 0], 'executable': '/usr/bin/python3.13', 'has_sslcontext': True, 'type': 'cpython'}",
	})
	expect(t, factsOf(groupMin, "@@ python\n"), map[string]string{"python_version": "absent", "python": "absent"})
}
