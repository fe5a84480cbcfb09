package linux

// What is on the disk of a new host.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

const debianRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`

const redhatRelease = `NAME="Rocky Linux"
VERSION="9.5 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.5"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Rocky Linux 9.5 (Blue Onyx)"
ANSI_COLOR="0;32"
CPE_NAME="cpe:/o:rocky:rocky:9::baseos"
`

// folders are those of every host, with their permissions.
func folders(c Config) map[string]uint32 {
	m := map[string]uint32{"/tmp": 0o1777, "/var/tmp": 0o1777, "/root": 0o700, "/dev/shm": 0o1777, "/proc/self": 0o555, "/proc/1": 0o555}
	for _, d := range strings.Fields(`/boot /dev /etc /etc/cron.d /etc/systemd/system /home /media /mnt /opt /run /srv /sys /sys/class/iscsi_session
		/sys/class/net/lo /sys/class/net/eth0 /sys/class/dmi/id /sys/block /usr/bin /usr/sbin /usr/lib /usr/local/bin /usr/local/sbin /usr/share
		/var/cache /var/lib /var/log /var/spool/cron /usr/lib/systemd/system /etc/ssh /etc/sysctl.d /etc/modprobe.d /etc/modules-load.d
		/etc/security/limits.d /etc/cron.daily /etc/skel /etc/profile.d /etc/logrotate.d /etc/sudoers.d /etc/iscsi /usr/local/share /usr/local/lib`) {
		m[d] = 0o755
	}
	extra := "/var/lib/dpkg/updates /var/lib/dpkg/info /var/lib/apt/lists/partial /var/lib/apt/periodic /var/cache/apt/archives/partial /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/keyrings /etc/init.d"
	if c.Family == RedHat {
		extra = "/var/lib/rpm /var/cache/dnf /etc/yum.repos.d /etc/sysconfig"
	}
	for _, d := range strings.Fields(extra) {
		m[d] = 0o755
	}
	return m
}

// furnish puts everything where it belongs.
func (h *Host) furnish() error {
	root := h.disk.As(disk.User{})
	all := folders(h.config)
	for _, dir := range sortedKeys(all) {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := root.Chmod(dir, all[dir]); err != nil {
			return err
		}
	}
	for link, to := range map[string]string{"/bin": "usr/bin", "/sbin": "usr/sbin", "/lib": "usr/lib", "/var/run": "/run", "/var/lock": "/run/lock",
		"/etc/mtab": "/proc/self/mounts", "/etc/os-release": "../usr/lib/os-release"} {
		if err := root.Symlink(to, link); err != nil {
			return err
		}
	}
	for _, step := range []func() error{h.furnishEtc, h.furnishPrograms, h.furnishProc, h.furnishSys, h.furnishHomes, h.furnishOwn} {
		if err := step(); err != nil {
			return fmt.Errorf("furnish %s: %w", h.config.Name, err)
		}
	}
	return nil
}

func (h *Host) furnishEtc() error {
	c := h.config
	files := map[string]string{
		"/etc/hostname": c.Name + "\n", "/etc/machine-id": h.machineID() + "\n", "/etc/timezone": "Etc/UTC\n",
		"/etc/hosts":       "127.0.0.1\tlocalhost\n" + c.Addr + "\t" + strings.TrimSpace(c.FQDN+" "+c.Name) + "\n",
		"/etc/resolv.conf": "nameserver 192.0.2.53\n", "/etc/fstab": "/dev/sda1 / ext4 defaults 0 1\n",
		"/etc/ssh/sshd_config": "PermitRootLogin prohibit-password\n",
		"/etc/passwd": "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:x:2:2:bin:/bin:/usr/sbin/nologin\n" +
			"www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
		"/etc/group":  "root:x:0:\ndaemon:x:1:\nbin:x:2:\nadm:x:4:\nsudo:x:27:" + strings.Join(c.Users, ",") + "\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n",
		"/etc/shells": "/bin/sh\n/bin/bash\n", "/etc/security/limits.conf": "# End of file\n", "/etc/sysctl.conf": "", "/etc/crontab": "SHELL=/bin/sh\n",
		"/etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.1993-08.org.debian:01:" + c.Name + "\n", "/etc/sudoers": "%sudo ALL=(ALL:ALL) ALL\n",
	}
	if c.Family == Debian {
		files["/usr/lib/os-release"], files["/etc/debian_version"] = debianRelease, "12.8\n"
		files["/etc/apt/sources.list"] = "deb http://deb.debian.org/debian bookworm main\ndeb http://security.debian.org/debian-security bookworm-security main\n"
		files["/var/lib/dpkg/lock"], files["/var/lib/dpkg/lock-frontend"], files["/var/lib/apt/lists/lock"] = "", "", ""
		files["/etc/adduser.conf"] = "DSHELL=/bin/bash\n"
	} else {
		files["/usr/lib/os-release"], files["/etc/redhat-release"] = redhatRelease, "Rocky Linux release 9.5 (Blue Onyx)\n"
		files["/etc/system-release"] = files["/etc/redhat-release"]
		files["/etc/yum.repos.d/rocky.repo"] = "[baseos]\nname=Rocky Linux 9 - BaseOS\nenabled=1\n"
		files["/var/lib/rpm/.rpm.lock"] = ""
	}
	for i, name := range c.Users {
		files["/etc/passwd"] += fmt.Sprintf("%s:x:%d:%d::/home/%s:/bin/bash\n", name, 1000+i, 1000+i, name)
		files["/etc/group"] += fmt.Sprintf("%s:x:%d:\n", name, 1000+i)
	}
	files["/etc/shadow"] = "root:*:20000:0:99999:7:::\n"
	for _, name := range sortedKeys(files) {
		if err := h.disk.Set(name, files[name], 0o644); err != nil {
			return err
		}
	}
	root := h.disk.As(disk.User{})
	if err := root.Chmod("/etc/shadow", 0o640); err != nil {
		return err
	}
	for name, device := range map[string]uint32{"null": 0x103, "zero": 0x105, "full": 0x107, "random": 0x108, "urandom": 0x109, "tty": 0x500} {
		if err := root.Mknod("/dev/"+name, disk.Character|0o666, device); err != nil {
			return err
		}
	}
	return root.Mknod("/dev/sda", disk.Block|0o660, 0x800)
}

func (h *Host) machineID() string {
	b := make([]byte, 32)
	for i := range b {
		b[i] = "0123456789abcdef"[h.random.IntN(16)]
	}
	return string(b)
}

// administrators are the programs that lie in /usr/sbin.
const administrators = " shutdown reboot poweroff halt chroot blkid modprobe rmmod lsmod sysctl useradd usermod userdel groupadd service update-rc.d needrestart iscsiadm groupmod groupdel chpasswd "

// furnishPrograms puts a file for each program there is.
func (h *Host) furnishPrograms() error {
	for name := range h.table {
		dir := "/usr/bin/"
		switch {
		case strings.Contains(administrators, " "+name+" "):
			dir = "/usr/sbin/"
		case name == "k3s" || name == "kubectl":
			if !h.hasK3s() {
				continue
			}
			dir = "/usr/local/bin/"
		}
		if err := h.disk.Set(dir+name, magic+name, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) hasK3s() bool {
	return slices.ContainsFunc(h.config.Units, func(u Unit) bool { return u.full() == "k3s.service" || u.full() == "k3s-agent.service" })
}

func (h *Host) furnishHomes() error {
	root := h.disk.As(disk.User{})
	for i, name := range h.config.Users {
		home := "/home/" + name
		if err := root.MkdirAll(home, 0o755); err != nil {
			return err
		}
		if err := root.Chown(home, 1000+i, 1000+i, true); err != nil {
			return err
		}
	}
	return nil
}

// furnishOwn puts the files of the Config.
func (h *Host) furnishOwn() error {
	for _, name := range sortedKeys(h.config.Files) {
		perm := uint32(0o644)
		if path.Dir(name) == "/usr/local/bin" {
			perm = 0o755
		}
		if err := h.disk.Set(name, h.config.Files[name], perm); err != nil {
			return err
		}
	}
	h.writeStatus()
	return h.furnishUnits()
}

// furnishRun makes what /run holds after a boot.
func (h *Host) furnishRun() error {
	root := h.disk.As(disk.User{})
	for _, dir := range []string{"/run/lock", "/run/systemd/system", "/run/systemd/units", "/run/user"} {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return h.disk.Set("/run/utmp", "", 0o664)
}
