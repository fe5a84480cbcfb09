package linux

// Power: boots and shutdowns.

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// powerState is what a boot makes anew.
type powerState struct {
	on       bool
	stopping bool
	bootID   string
	boots    int
	bootedAt time.Time
	kernel   string // the release that runs
	ctx      context.Context
	off      context.CancelFunc
	jobs     map[int]*job
}

// alive is a context that ends when the power goes off.
func (h *Host) alive() context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.power.ctx
}

// BootID is what /proc/sys/kernel/random/boot_id holds.
func (h *Host) BootID() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.power.bootID
}

// Boots counts the boots; a new host has one.
func (h *Host) Boots() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.power.boots
}

// On tells whether the host is up.
func (h *Host) On() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.power.on
}

// Kernel is the release that runs.
func (h *Host) Kernel() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.power.kernel
}

// boot makes what is new with each boot: boot id, /run, /tmp, the newest kernel, the units that are enabled. It tells nobody.
func (h *Host) boot() (started []string) {
	root := h.disk.As(disk.User{})
	for _, dir := range []string{"/run", "/tmp"} {
		kids, _ := root.ReadDir(dir)
		for _, kid := range kids {
			_ = root.RemoveAll(dir + "/" + kid.Base) // root may, and it was there
		}
	}
	_ = h.furnishRun() // as at first, where it worked
	h.mu.Lock()
	locks := h.locks
	h.mu.Unlock()
	for _, l := range locks {
		h.release(l.pid)
	}
	ctx, off := context.WithCancel(context.Background())
	kernel := h.newestKernel()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.power = powerState{on: true, bootID: h.newBootID(), boots: h.power.boots + 1, bootedAt: h.clock.Now(), kernel: kernel,
		ctx: ctx, off: off, jobs: map[int]*job{}}
	h.pkgs.wantReboot = nil
	for _, name := range sortedKeys(h.units) {
		u := h.units[name]
		u.Active = u.starts()
		if u.Active {
			u.since = h.power.bootedAt
			started = append(started, name)
		}
	}
	return started
}

// newBootID makes a UUID by the host's own chance.
func (h *Host) newBootID() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(h.random.Uint32())
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	x := hex.EncodeToString(b[:])
	return strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")
}

// Reboot shuts the host down and boots it, as its command reboot does. It returns at once.
func (h *Host) Reboot() { h.shutDown(true) }

// PowerOff shuts the host down, as its command poweroff does. It returns at once.
func (h *Host) PowerOff() { h.shutDown(false) }

func (h *Host) shutDown(again bool) {
	if again && h.breaks(RebootIgnored) {
		return
	}
	h.mu.Lock()
	if !h.power.on || h.power.stopping {
		h.mu.Unlock()
		return
	}
	h.power.stopping = true
	h.mu.Unlock()
	tell(h.config.Hooks.GoingDown, h)
	if h.config.ShutdownTime <= 0 {
		go h.goDown(again) // not under the command that has asked for it
		return
	}
	h.clock.After(h.config.ShutdownTime, func() { h.goDown(again) })
}

// Crash takes the power away without a shutdown. Boot brings it back.
func (h *Host) Crash() { h.goDown(false) }

// goDown ends the processes and takes SSH away.
func (h *Host) goDown(again bool) {
	h.mu.Lock()
	if !h.power.on {
		h.mu.Unlock()
		return
	}
	h.power.on = false
	var stopped []string
	for _, name := range sortedKeys(h.units) {
		if h.units[name].Active {
			h.units[name].Active = false
			stopped = append(stopped, name)
		}
	}
	off, m := h.power.off, h.machine
	h.mu.Unlock()
	off()
	if m != nil {
		m.PowerOff()
	}
	for _, name := range stopped {
		h.unitStopped(name)
	}
	tell(h.config.Hooks.Down, h)
	if !again || h.breaks(RebootNever) {
		return
	}
	wait := h.config.BootTime
	if h.breaks(RebootSlow) {
		wait *= 10
	}
	if wait <= 0 {
		h.Boot()
		return
	}
	h.clock.After(wait, h.Boot)
}

// Boot turns the power on. On a host that is up it does nothing.
func (h *Host) Boot() {
	if h.On() {
		return
	}
	started := h.boot()
	h.mu.Lock()
	m := h.machine
	h.mu.Unlock()
	if m != nil {
		if h.breaks(HostKeyChanged) {
			m.ChangeHostKey()
		}
		_ = m.PowerOn() // fails only when the machine is being closed
	}
	if up := h.config.Hooks.Up; up != nil {
		up(h, h.BootID())
	}
	for _, name := range started {
		h.unitStarted(name)
	}
}

func tell(f func(*Host), h *Host) {
	if f != nil {
		f(h)
	}
}
