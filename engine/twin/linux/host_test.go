package linux_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// clock stands still until it is moved, and lets what waits go on then.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	later []timer
	moved chan struct{}
}

type timer struct {
	at time.Time
	do func()
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC), moved: make(chan struct{})}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.later = append(c.later, timer{c.now.Add(d), f})
}

// Sleep moves the clock itself: who sleeps is the only one who waits in these tests.
func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.move(d)
	return ctx.Err()
}

// move lets time go by and does what is due, in order.
func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	for {
		slices.SortStableFunc(c.later, func(a, b timer) int { return a.at.Compare(b.at) })
		if len(c.later) == 0 || c.later[0].at.After(end) {
			break
		}
		next := c.later[0]
		c.later, c.now = c.later[1:], next.at
		c.mu.Unlock()
		next.do()
		c.mu.Lock()
	}
	c.now = end
	c.mu.Unlock()
}

func host(t *testing.T, c linux.Config) *linux.Host {
	t.Helper()
	if c.Name == "" {
		c.Name = "twin"
	}
	h, err := linux.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// root runs a line as root and wants this status and output.
func root(t *testing.T, h *linux.Host, line string, status int, want string) {
	t.Helper()
	got := h.Run(t.Context(), "root", line, "")
	if got.Status != status || got.Stdout != want {
		t.Errorf("%s: %d %q, want %d %q (%s)", line, got.Status, got.Stdout, status, want, got.Stderr)
	}
}

// has runs a line as root and wants a part of what it says on either output.
func has(t *testing.T, h *linux.Host, line string, status int, parts ...string) {
	t.Helper()
	got := h.Run(t.Context(), "root", line, "")
	for _, part := range parts {
		if got.Status != status || !strings.Contains(got.Stdout+got.Stderr, part) {
			t.Errorf("%s: %d, want %d with %q:\n%s%s", line, got.Status, status, part, got.Stdout, got.Stderr)
		}
	}
}

func TestRebootByTheClock(t *testing.T) {
	var told []string
	var mu sync.Mutex
	note := func(what string) func(*linux.Host) {
		return func(*linux.Host) { mu.Lock(); told = append(told, what); mu.Unlock() }
	}
	c := newClock()
	h := host(t, linux.Config{Clock: c, ShutdownTime: 5 * time.Second, BootTime: time.Minute, Packages: linux.Updates(linux.Debian),
		Units: []linux.Unit{{Name: "k3s-agent"}}, Hooks: linux.Hooks{GoingDown: note("going"), Down: note("down"),
			Up:          func(_ *linux.Host, id string) { note("up")(nil) },
			UnitStarted: func(_ *linux.Host, unit string) { note("start " + unit)(nil) },
			UnitStopped: func(_ *linux.Host, unit string) { note("stop " + unit)(nil) }}})
	before := h.BootID()
	root(t, h, "cat /proc/sys/kernel/random/boot_id; uname -r; touch /tmp/x /run/y /var/z", 0, before+"\n6.1.0-27-amd64\n")
	has(t, h, "apt-get -y dist-upgrade", 0, "Setting up linux-image-6.1.0-28-amd64", "4 upgraded, 1 newly installed")
	root(t, h, "cat /var/run/reboot-required.pkgs; shutdown -r now", 0, "linux-image-6.1.0-28-amd64\n")
	if h.BootID() != before || !h.On() {
		t.Error("it went down at once")
	}
	c.move(5 * time.Second)
	if h.On() || h.Run(t.Context(), "root", "echo hi", "").Status == 0 {
		t.Error("it is up during the reboot")
	}
	c.move(59 * time.Second)
	if h.On() {
		t.Error("it came up too early")
	}
	c.move(time.Second)
	if !h.On() || h.BootID() == before || h.Boots() != 2 {
		t.Errorf("on %v, boots %d", h.On(), h.Boots())
	}
	root(t, h, "uname -r; ls -d /tmp/x /run/y /var/z /var/run/reboot-required 2>/dev/null; cut -d. -f1 /proc/uptime", 0, "6.1.0-28-amd64\n/var/z\n0\n")
	want := []string{"going", "stop k3s-agent", "down", "up", "start k3s-agent"}
	told = slices.DeleteFunc(told, func(s string) bool { return strings.HasPrefix(s, "st") && !strings.HasSuffix(s, "k3s-agent") })
	if !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

func TestUnknownIsRefusedByName(t *testing.T) {
	h := host(t, linux.Config{})
	root(t, h, "frobnicate --now", 127, "")
	root(t, h, "ls --frob; python3 -c 1; command -v frobnicate", 127, "")
	if got := h.Unknown(); !slices.Equal(got, []string{"frobnicate", "ls --frob", "python3"}) {
		t.Errorf("unknown: %q", got)
	}
	if got := h.Run(t.Context(), "root", "frobnicate", "").Stderr; got != "sh: 1: frobnicate: not found\n" {
		t.Errorf("it says %q", got)
	}
}

func TestBecome(t *testing.T) {
	h := host(t, linux.Config{SudoPassword: "s3cret", RootPassword: "r00t"})
	for _, c := range []struct {
		line, stdin, want string
		status            int
	}{
		{"sudo -H -n -u root /bin/sh -c whoami", "", "", 1},
		{"sudo -H -S -p 'pw: ' -u root /bin/sh -c 'whoami; echo $HOME; cat'", "s3cret\nrest\n", "root\n/root\nrest\n", 0},
		{"sudo -S -p x whoami", "wrong\nwrong\nwrong\n", "", 1},
		{"su root -c 'id -u; cat'", "r00t\nrest\n", "0\nrest\n", 0},
		{"su root -c whoami", "wrong\n", "", 1},
		{"sudo -S -u nobody id -un", "s3cret\n", "nobody\n", 0},
		{"cat /root/x; touch /etc/x; id -un", "", "ops\n", 0},
	} {
		if got := h.Run(t.Context(), "ops", c.line, c.stdin); got.Status != c.status || got.Stdout != c.want {
			t.Errorf("%s: %d %q, want %d %q (%s)", c.line, got.Status, got.Stdout, c.status, c.want, got.Stderr)
		}
	}
}
