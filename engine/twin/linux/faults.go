package linux

// Faults by name: what can be wrong with a host.

import (
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// Fault is something that is wrong with a host.
type Fault string

// The faults there are. Break sets one, Mend takes it away.
const (
	RebootNever        Fault = "reboot-never"
	RebootSlow         Fault = "reboot-slow"
	RebootIgnored      Fault = "reboot-ignored"
	HostKeyChanged     Fault = "host-key-changed"
	SystemBootingUp    Fault = "system-booting-up"
	DpkgLocked         Fault = "dpkg-locked"
	DpkgInterrupted    Fault = "dpkg-interrupted"
	DiskFull           Fault = "disk-full"
	SSHDrops           Fault = "ssh-drops"
	NeedrestartHangs   Fault = "needrestart-hangs"
	ConffilePrompt     Fault = "conffile-prompt"
	KernelWithoutISCSI Fault = "kernel-without-iscsi"
)

// FaultDoc says what a fault does.
type FaultDoc struct {
	Name Fault
	Doc  string
}

// Faults lists the faults with what they do.
func Faults() []FaultDoc {
	return []FaultDoc{
		{RebootNever, "the host goes down for a reboot and never comes up"},
		{RebootSlow, "a boot takes ten times as long"},
		{RebootIgnored, "the command to reboot succeeds and nothing happens: the boot id stays"},
		{HostKeyChanged, "after the next boot SSH has another host key"},
		{SystemBootingUp, "for a while after a boot SSH lets in and every command is answered with pam_nologin's words"},
		{DpkgLocked, "unattended-upgrades holds the lock of the package manager"},
		{DpkgInterrupted, "an earlier dpkg was cut off: apt refuses until dpkg --configure -a has run"},
		{DiskFull, "no byte is free on the disk"},
		{SSHDrops, "the connection is reset in the middle of the next command, once"},
		{NeedrestartHangs, "after an upgrade needrestart waits for an answer, unless it is told to be quiet"},
		{ConffilePrompt, "a configuration file was edited, and dpkg asks about it unless it is told what to do"},
		{KernelWithoutISCSI, "the kernel of the next boot has no module iscsi_tcp"},
	}
}

// Break sets a fault; false: there is none of this name.
func (h *Host) Break(f Fault) bool {
	known := false
	for _, d := range Faults() {
		known = known || d.Name == f
	}
	if !known {
		return false
	}
	h.mu.Lock()
	h.faults[f] = true
	h.mu.Unlock()
	switch f {
	case DpkgLocked:
		h.Hold(h.packageLock(), "/usr/bin/python3 /usr/bin/unattended-upgrade")
	case DpkgInterrupted:
		h.interrupt()
	case DiskFull:
		h.disk.SetSpace(h.disk.Used())
	}
	return true
}

// Mend takes a fault away.
func (h *Host) Mend(f Fault) {
	h.mu.Lock()
	was := h.faults[f]
	delete(h.faults, f)
	h.mu.Unlock()
	if !was {
		return
	}
	switch f {
	case DpkgLocked:
		h.Release(h.packageLock())
	case DiskFull:
		h.disk.SetSpace(h.config.Disk)
	}
}

// breaks tells whether a fault is set.
func (h *Host) breaks(f Fault) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.faults[f]
}

// closed tells whether commands are kept away for now, and in what words.
func (h *Host) closed() (words string, is bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.faults[SystemBootingUp] || h.power.boots < 2 || h.clock.Now().Sub(h.power.bootedAt) >= h.config.LoginDelay {
		return "", false
	}
	return "\"System is booting up. Unprivileged users are not permitted to log in yet. Please come back later. " +
		"For technical details, see pam_nologin(8).\"\n", true
}

type dropKey struct{}

// dropOnce makes what resets the connections of a machine, the first time, and mends the fault. It tells whether there were any.
func (h *Host) dropOnce(m *machine.Machine) func() bool {
	return sync.OnceValue(func() bool {
		h.Mend(SSHDrops)
		if m != nil {
			m.Drop()
		}
		return m != nil
	})
}

// step is a point in the middle of a program, where a connection may break, and then time goes by. It is false when the process has been ended.
func (p *process) step(d time.Duration) bool {
	if drop, ok := p.ctx.Value(dropKey{}).(func() bool); ok && drop() {
		<-p.ctx.Done()
	}
	return p.sleep(d)
}
