package linux

// Units of systemd.

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// errJobFailed says that a unit was started and did not come up.
var errJobFailed = errors.New("the control process exited with error code")

// Unit is a unit of systemd.
type Unit struct {
	Name        string // with or without .service
	Description string
	Enabled     string // enabled, disabled, static, masked; empty: enabled
	Active      bool   // at the first boot as at any other what is enabled is started; this starts a static one
	Fails       bool   // it cannot be started

	atBoot bool // a static unit that others pull in
	failed bool
	since  time.Time
	pid    int
}

// full is the name with its suffix.
func (u Unit) full() string { return unitName(u.Name) }

func unitName(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		switch name[i+1:] {
		case "service", "socket", "timer", "target", "mount", "path", "slice", "scope":
			return name
		}
	}
	return name + ".service"
}

// starts tells whether a boot starts it.
func (u *Unit) starts() bool {
	return !u.Fails && (u.Enabled == "enabled" || u.atBoot)
}

// baseUnits are the units of a new host.
func baseUnits(c Config) map[string]*Unit {
	ssh := "ssh"
	if c.Family == RedHat {
		ssh = "sshd"
	}
	all := []Unit{
		{Name: ssh, Description: "OpenBSD Secure Shell server"}, {Name: "cron", Description: "Regular background program processing daemon"},
		{Name: "systemd-journald", Description: "Journal Service", Enabled: "static", Active: true},
		{Name: "systemd-logind", Description: "User Login Management", Enabled: "static", Active: true},
		{Name: "dbus", Description: "D-Bus System Message Bus", Enabled: "static", Active: true},
		{Name: "iscsid", Description: "iSCSI initiator daemon (iscsid)"},
		{Name: "multi-user.target", Description: "Multi-User System", Enabled: "static", Active: true},
	}
	units := map[string]*Unit{}
	for _, u := range append(all, c.Units...) {
		if u.Enabled == "" {
			u.Enabled = "enabled"
		}
		if u.Description == "" {
			u.Description = u.Name
		}
		u.Name, u.atBoot = u.full(), u.Enabled == "static" && u.Active
		units[u.Name] = &u
	}
	return units
}

// furnishUnits puts a file for each unit.
func (h *Host) furnishUnits() error {
	for _, name := range sortedKeys(h.units) {
		u := h.units[name]
		text := fmt.Sprintf("[Unit]\nDescription=%s\n\n[Service]\nExecStart=%s\n\n[Install]\nWantedBy=multi-user.target\n", u.Description, u.command())
		if err := h.disk.Set("/usr/lib/systemd/system/"+name, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (u *Unit) command() string {
	name := strings.TrimSuffix(u.Name, ".service")
	switch name {
	case "k3s":
		return "/usr/local/bin/k3s server"
	case "k3s-agent":
		return "/usr/local/bin/k3s agent"
	}
	return "/usr/sbin/" + name
}

// unit is a copy of a unit that is known.
func (h *Host) unit(name string) (Unit, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	u, ok := h.units[unitName(name)]
	if !ok {
		return Unit{}, false
	}
	return *u, true
}

// Active tells whether a unit runs.
func (h *Host) Active(name string) bool {
	u, _ := h.unit(name)
	return u.Active
}

// StartUnit starts a unit; an error says why it does not.
func (h *Host) StartUnit(name string) error {
	h.mu.Lock()
	u, ok := h.units[unitName(name)]
	var err error
	switch {
	case !ok:
		err = fmt.Errorf("Unit %s not found.", unitName(name)) //nolint:staticcheck // systemd's words
	case u.Enabled == "masked":
		err = fmt.Errorf("Unit %s is masked.", u.Name) //nolint:staticcheck // systemd's words
	case u.Fails:
		u.failed = true
		err = errJobFailed
	}
	if err != nil || u.Active {
		h.mu.Unlock()
		return err
	}
	u.Active, u.failed, u.since = true, false, h.clock.Now()
	h.nextPID++
	u.pid = h.nextPID
	h.mu.Unlock()
	h.unitStarted(u.Name)
	return nil
}

// StopUnit stops a unit that runs.
func (h *Host) StopUnit(name string) error {
	h.mu.Lock()
	u, ok := h.units[unitName(name)]
	if !ok {
		h.mu.Unlock()
		return fmt.Errorf("Unit %s not loaded.", unitName(name)) //nolint:staticcheck // systemd's words
	}
	was := u.Active
	u.Active, u.failed = false, false
	h.mu.Unlock()
	if was {
		h.unitStopped(u.Name)
	}
	return nil
}

func (h *Host) unitStarted(name string) {
	if f := h.config.Hooks.UnitStarted; f != nil {
		f(h, strings.TrimSuffix(name, ".service"))
	}
}

func (h *Host) unitStopped(name string) {
	if f := h.config.Hooks.UnitStopped; f != nil {
		f(h, strings.TrimSuffix(name, ".service"))
	}
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
