// Package linux is a Linux host that is not there: a disk, packages, units and boots in memory, whose command lines are run by a real shell
// interpreter and by programs written for it. It stands behind the real SSH server of package machine, so what talks to it cannot tell.
//
//	h, err := linux.New(linux.Config{Name: "worker-1", Family: linux.Debian})
//	m, err := h.Start(ctx, machine.Config{})
//
// It plays the programs that the modules and the shipped content call, with the options that they use, and refuses the rest: an unknown
// command or option ends with an error, and Unknown lists it, so that a test which asks for more than the twin knows cannot pass by chance.
//
// Time is the clock's of its Config: sleep, a boot, a shutdown, the installation of a package take so long there. Faults are named (Faults) and
// set by Break. What a cluster has to know (a boot, a unit that stops) is told by Hooks.
package linux

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/disk"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// Family is the kind of distribution.
type Family string

// The families there are.
const (
	Debian Family = "debian" // apt and dpkg, Debian 12
	RedHat Family = "redhat" // dnf and rpm, Rocky Linux 9
)

// Clock is the time of a host.
type Clock interface {
	Now() time.Time
	// After calls f in a goroutine of its own when d is over.
	After(d time.Duration, f func())
	Sleep(ctx context.Context, d time.Duration) error
}

// RealClock is the time of the machine that the twin runs on.
type RealClock struct{}

// Now is the time.
func (RealClock) Now() time.Time { return time.Now() }

// After calls f later.
func (RealClock) After(d time.Duration, f func()) { time.AfterFunc(d, f) }

// Sleep waits.
func (RealClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Config says what the host is. Only Name is required.
type Config struct {
	Name   string
	Family Family // empty: Debian
	FQDN   string // empty: the name
	Addr   string // its IPv4 address; empty: 192.0.2.10
	// Users who may log in besides root, with a home in /home and the right to sudo; empty: ops.
	Users []string
	// SudoPassword is what sudo asks for; empty: it asks for nothing.
	SudoPassword string
	// RootPassword is what su asks for; empty: su is refused to all but root.
	RootPassword string

	Packages []Package // what is installed or available besides what every host has
	Units    []Unit    // units besides those that every host has
	Files    map[string]string
	Disk     int64 // bytes of its disk; 0: 20 GB

	Clock        Clock         // nil: the real one
	BootTime     time.Duration // from power on to SSH; 0: at once
	ShutdownTime time.Duration // from the command to the end of SSH; 0: at once
	PackageTime  time.Duration // for each package that is installed; 0: none
	LoginDelay   time.Duration // how long system-booting-up keeps commands away after a boot; 0: 30 s
	Seed         uint64        // of all that is random

	KeepLines bool // for Lines

	Hooks   Hooks
	Scripts *Scripts // parsed scripts, to be shared by the hosts of a twin; nil: its own
}

// Hooks are called when something happens that others have to know. Any may be nil. They are called in the goroutine where it happens, with no
// lock held, and may use the host.
type Hooks struct {
	GoingDown   func(h *Host)                                // a shutdown has begun
	Down        func(h *Host)                                // the power is off, or SSH is gone for a reboot
	Up          func(h *Host, bootID string)                 // it has booted
	UnitStarted func(h *Host, unit string)                   // also at each boot
	UnitStopped func(h *Host, unit string)                   // also at each shutdown
	Upgraded    func(h *Host, name, before, after string)    // a package changed; before or after is empty when it came or went
	Snapshot    func(h *Host, name string) error             // k3s etcd-snapshot save; nil: it succeeds
	Kubectl     func(ctx context.Context, c ProgramCall) int // k3s kubectl and kubectl; nil: refused
}

// Host is a Linux machine in memory.
type Host struct {
	config  Config
	clock   Clock
	disk    *disk.Disk
	scripts *Scripts
	table   map[string]program

	mu      sync.Mutex
	random  *rand.Rand
	machine *machine.Machine
	unknown []string
	lines   []string
	faults  map[Fault]bool
	power   powerState
	nextPID int
	locks   []lock
	pkgs    packageBase
	units   map[string]*Unit
	mounts  []Mount
	iscsi   []string
}

// New makes a host that has booted. It answers commands by Exec; Start puts an SSH server before it.
func New(c Config) (*Host, error) {
	if c.Name == "" {
		return nil, errors.New("a host needs a name")
	}
	c = c.filled()
	h := &Host{config: c, clock: c.Clock, scripts: c.Scripts, faults: map[Fault]bool{}, nextPID: 900,
		random: rand.New(rand.NewPCG(c.Seed, seedOf(c.Name)))}
	h.disk = disk.New(c.Clock.Now, c.Disk)
	h.table = programs(c.Family)
	h.units = baseUnits(c)
	h.pkgs = basePackages(c)
	if err := h.furnish(); err != nil {
		return nil, err
	}
	h.boot()
	return h, nil
}

func (c Config) filled() Config {
	if c.Family == "" {
		c.Family = Debian
	}
	if c.FQDN == "" {
		c.FQDN = c.Name
	}
	if c.Addr == "" {
		c.Addr = "192.0.2.10"
	}
	if c.Users == nil {
		c.Users = []string{"ops"}
	}
	if c.Disk == 0 {
		c.Disk = 20 << 30
	}
	if c.Clock == nil {
		c.Clock = RealClock{}
	}
	if c.Scripts == nil {
		c.Scripts = &Scripts{}
	}
	if c.LoginDelay == 0 {
		c.LoginDelay = 30 * time.Second
	}
	return c
}

// seedOf makes a number of a name, so that hosts differ.
func seedOf(name string) uint64 {
	n := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		n = (n ^ uint64(b)) * 1099511628211
	}
	return n
}

// Start puts an SSH server before the host. c may leave Exec empty.
func (h *Host) Start(ctx context.Context, c machine.Config) (*machine.Machine, error) {
	c.Exec = h.Exec
	m, err := machine.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	h.Attach(m)
	return m, nil
}

// Attach names the SSH server that stands before the host: it is what goes away when the host does.
func (h *Host) Attach(m *machine.Machine) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.machine = m
}

// Name is the host's name.
func (h *Host) Name() string { return h.config.Name }

// Family is the kind of distribution.
func (h *Host) Family() Family { return h.config.Family }

// Root is the disk as root sees it, to look at files and to put some.
func (h *Host) Root() disk.View { return h.disk.As(disk.User{Dir: "/root", Umask: 0o022}) }

// Disk is the host's disk.
func (h *Host) Disk() *disk.Disk { return h.disk }

// Unknown are the commands and options that were asked for and are not there, in order.
func (h *Host) Unknown() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.unknown...)
}

// Lines are the command lines that came, in order, where the Config has KeepLines.
func (h *Host) Lines() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.lines...)
}

func (h *Host) noteUnknown(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unknown = append(h.unknown, what)
}

// pid is the next free process id.
func (h *Host) pid() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.nextPID++
	return h.nextPID
}
