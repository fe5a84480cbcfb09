package linux

// What the kernel shows: /proc and /sys.

import (
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// Mount is a line of /proc/mounts.
type Mount struct {
	Device, Dir, Type, Options string
}

// lock is a lock on a file that a process holds.
type lock struct {
	file    string
	pid     int
	command string
}

// SetMounts names what is mounted besides what every host has: the volumes of Longhorn, say.
func (h *Host) SetMounts(mounts []Mount) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mounts = append([]Mount(nil), mounts...)
}

// SetISCSI names the targets to which there are iSCSI sessions: Longhorn has one for each volume that is attached.
func (h *Host) SetISCSI(targets []string) {
	root := h.disk.As(disk.User{})
	_ = root.RemoveAll("/sys/class/iscsi_session") // root may
	_ = root.MkdirAll("/sys/class/iscsi_session", 0o755)
	for i, t := range targets {
		_ = h.disk.Set(fmt.Sprintf("/sys/class/iscsi_session/session%d/targetname", i+1), t+"\n", 0o444)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.iscsi = append([]string(nil), targets...)
}

// allMounts is what is mounted.
func (h *Host) allMounts() []Mount {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Mount{
		{"/dev/sda1", "/", "ext4", "rw,relatime"}, {"proc", "/proc", "proc", "rw,nosuid,nodev,noexec,relatime"},
		{"sysfs", "/sys", "sysfs", "rw,nosuid,nodev,noexec,relatime"}, {"tmpfs", "/run", "tmpfs", "rw,nosuid,nodev,size=400000k,mode=755"},
		{"tmpfs", "/tmp", "tmpfs", "rw,nosuid,nodev"},
	}, h.mounts...)
}

func (h *Host) mountTable() string {
	var b strings.Builder
	for _, m := range h.allMounts() {
		fmt.Fprintf(&b, "%s %s %s %s 0 0\n", m.Device, m.Dir, m.Type, m.Options)
	}
	return b.String()
}

func (h *Host) mountInfo() string {
	var b strings.Builder
	for i, m := range h.allMounts() {
		fmt.Fprintf(&b, "%d 1 8:%d / %s %s shared:%d - %s %s %s\n", 20+i, i+1, m.Dir, m.Options, i+1, m.Type, m.Device, m.Options)
	}
	return b.String()
}

// uptime is how long ago the host was booted.
func (h *Host) uptime() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock.Now().Sub(h.power.bootedAt)
}

// Hold lets a process hold the lock of a file, until Release or the next boot. It returns the process id.
func (h *Host) Hold(file, command string) int {
	pid := h.pid()
	_ = h.disk.SetSource(fmt.Sprintf("/proc/%d/cmdline", pid), 0o444, func() string { return strings.ReplaceAll(command, " ", "\x00") + "\x00" }, nil)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.locks = append(h.locks, lock{file, pid, command})
	return pid
}

// Release frees the lock of a file.
func (h *Host) Release(file string) {
	if l, ok := h.holder(file); ok {
		h.release(l.pid)
	}
}

// release ends a process that holds locks.
func (h *Host) release(pid int) {
	_ = h.disk.As(disk.User{}).RemoveAll(fmt.Sprintf("/proc/%d", pid)) // root may
	h.mu.Lock()
	defer h.mu.Unlock()
	var left []lock
	for _, l := range h.locks {
		if l.pid != pid {
			left = append(left, l)
		}
	}
	h.locks = left
}

// holder is who holds the lock of a file.
func (h *Host) holder(file string) (lock, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.locks {
		if l.file == file {
			return l, true
		}
	}
	return lock{}, false
}

func (h *Host) lockTable() string {
	h.mu.Lock()
	locks := append([]lock(nil), h.locks...)
	h.mu.Unlock()
	var b strings.Builder
	for i, l := range locks {
		if info, err := h.disk.As(disk.User{}).Stat(l.file); err == nil {
			fmt.Fprintf(&b, "%d: POSIX  ADVISORY  WRITE %d 08:01:%d 0 EOF\n", i+1, l.pid, info.Ino)
		}
	}
	return b.String()
}

func (h *Host) furnishProc() error {
	seconds := func() string {
		s := h.uptime().Seconds()
		return fmt.Sprintf("%.2f %.2f\n", s, s*1.9)
	}
	for name, source := range map[string]func() string{
		"/proc/sys/kernel/random/boot_id": func() string { return h.BootID() + "\n" },
		"/proc/sys/kernel/hostname":       h.hostnameNow,
		"/proc/sys/kernel/osrelease":      func() string { return h.Kernel() + "\n" },
		"/proc/uptime":                    seconds,
		"/proc/mounts":                    h.mountTable, "/proc/self/mounts": h.mountTable, "/proc/self/mountinfo": h.mountInfo,
		"/proc/locks":   h.lockTable,
		"/proc/loadavg": func() string { return "0.10 0.08 0.05 1/120 1000\n" },
		"/proc/cmdline": func() string { return "BOOT_IMAGE=/boot/vmlinuz-" + h.Kernel() + " root=/dev/sda1 ro quiet\n" },
		"/proc/modules": h.moduleTable,
		"/proc/version": func() string { return "Linux version " + h.Kernel() + " (twin) #1 SMP\n" },
		"/proc/meminfo": func() string {
			return "MemTotal:        4030464 kB\nMemFree:         2015232 kB\nMemAvailable:    3022848 kB\nBuffers:           65536 kB\nCached:           786432 kB\n" +
				"SwapCached:            0 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n"
		},
		"/proc/cpuinfo": func() string {
			cpu := "processor\t: %d\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel name\t: Twin CPU\nphysical id\t: 0\nsiblings\t: 2\ncore id\t\t: %d\ncpu cores\t: 2\nflags\t\t: fpu vme hypervisor\n\n"
			return fmt.Sprintf(cpu+cpu, 0, 0, 1, 1)
		},
		"/proc/1/comm": func() string { return "systemd\n" }, "/proc/1/cmdline": func() string { return "/sbin/init\x00" },
		"/proc/1/environ": func() string { return "HOME=/\x00TERM=linux\x00" }, "/proc/1/cgroup": func() string { return "0::/init.scope\n" },
		"/proc/self/status": func() string { return "Name:\tcat\nCapEff:\t000001ffffffffff\n" },
	} {
		if err := h.disk.SetSource(name, 0o444, source, nil); err != nil {
			return err
		}
	}
	root := h.disk.As(disk.User{})
	return root.Symlink("/", "/proc/1/root")
}

func (h *Host) furnishSys() error {
	for name, text := range map[string]string{
		"/sys/class/net/lo/address": "00:00:00:00:00:00\n", "/sys/class/net/lo/mtu": "65536\n", "/sys/class/net/lo/operstate": "unknown\n",
		"/sys/class/net/lo/flags": "0x9\n", "/sys/class/net/lo/type": "772\n",
		"/sys/class/net/eth0/address": "52:54:00:00:00:01\n", "/sys/class/net/eth0/mtu": "1500\n", "/sys/class/net/eth0/operstate": "up\n",
		"/sys/class/net/eth0/flags": "0x1003\n", "/sys/class/net/eth0/type": "1\n",
		"/sys/class/dmi/id/sys_vendor": "Drydock\n", "/sys/class/dmi/id/product_name": "Twin\n",
		"/sys/block/sda/size": "41943040\n", "/sys/block/sda/removable": "0\n", "/sys/block/sda/queue/rotational": "1\n",
	} {
		if err := h.disk.Set(name, text, 0o444); err != nil {
			return err
		}
	}
	return nil
}

// hostnameNow is the name by /etc/hostname, or that the host was made with.
func (h *Host) hostnameNow() string {
	if data, err := h.disk.As(disk.User{}).ReadFile("/etc/hostname"); err == nil {
		if first, _, _ := strings.Cut(string(data), "\n"); first != "" {
			return first + "\n"
		}
	}
	return h.config.Name + "\n"
}

// moduleTable is what is loaded into the kernel.
func (h *Host) moduleTable() string {
	if !h.hasModule("iscsi_tcp") {
		return "ext4 1000000 1 - Live 0x0\n"
	}
	return "ext4 1000000 1 - Live 0x0\niscsi_tcp 32768 0 - Live 0x0\n"
}

// HasModule tells whether the kernel that runs has a module: iscsi_tcp, say, without which Longhorn attaches nothing.
func (h *Host) HasModule(name string) bool { return h.hasModule(name) }

// hasModule tells whether the kernel that runs has a module.
func (h *Host) hasModule(name string) bool {
	return strings.ReplaceAll(name, "-", "_") != "iscsi_tcp" || !h.breaks(KernelWithoutISCSI) || h.Boots() < 2
}
