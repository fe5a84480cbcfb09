package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/settings"
	"github.com/drydock-dev/drydock/modules"
)

// clock is one on which only sleeping makes time pass.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// told writes down who did what when.
type told struct {
	clock *clock
	lines []string
}

func (t *told) Emit(e event.Event) error {
	switch x := e.(type) {
	case event.HostResult:
		t.lines = append(t.lines, fmt.Sprintf("%s %s %s", t.clock.Now().Format("15:04"), x.Host, x.Task.Name))
	case event.Held:
		what := strings.Join(x.By, "+")
		if x.Ends {
			what += " ends"
		}
		t.lines = append(t.lines, fmt.Sprintf("%s %s held: %s", t.clock.Now().Format("15:04"), strings.Join(x.Hosts, "+"), what))
	}
	return nil
}

const nodes = `
- hosts: all
  gather_facts: false
  serial: 1
  tasks:
    - name: work
      ansible.builtin.pause: {minutes: 40}
    - name: done
      ansible.builtin.debug: {msg: done}
`

// play runs nodes, an hour's window before them, from eight o'clock on.
func play(t *testing.T, wait bool) (lines string, code int, err error) {
	dir := t.TempDir()
	site := filepath.Join(dir, "site.yml")
	if err := os.WriteFile(site, []byte(nodes), 0o600); err != nil {
		t.Fatal(err)
	}
	yml := "window: {start: '20:00', end: '21:00', time_zone: Europe/Berlin}"
	set, ds := settings.Load(settings.File, true, func(string) ([]byte, error) { return []byte(yml), nil })
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	c := &clock{now: time.Date(2026, 11, 25, 19, 0, 0, 0, time.UTC)} // 20:00 in Berlin
	job, ds := engine.Load(engine.Options{
		Playbooks: []string{site}, Inventory: []string{"h1,h2,h3,"}, Conn: engine.Connection{Kind: "local"}, Config: config.Default("/"),
		Registry: modules.Builtin(), Settings: set, Forks: 1, Wait: wait,
		Machine: engine.Machine{Cwd: dir, Home: dir, Clock: c, Getenv: func(string) (string, bool) { return "", false }},
	})
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	w := &told{clock: c}
	code, err = job.Run(t.Context(), w, nil)
	return strings.Join(w.lines, "\n"), code, err
}

func TestAWindowThatClosesLetsTheNodeInWorkFinish(t *testing.T) {
	lines, code, err := play(t, false)
	if code != run.ExitHeld || err == nil || !strings.HasPrefix(err.Error(), "the run ended before h3: the window of h3 is closed") {
		t.Errorf("code %d, error %v", code, err)
	}
	want := "19:40 h1 work\n19:40 h1 done\n20:20 h2 work\n20:20 h2 done\n20:20 h3 held: window ends"
	if lines != want {
		t.Errorf("told\n%s\nwant\n%s", lines, want)
	}
}

func TestTheNextWindowIsWaitedFor(t *testing.T) {
	lines, code, err := play(t, true)
	if code != run.ExitOK || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	if !strings.HasSuffix(lines, "\n19:00 h3 held: \n19:40 h3 work\n19:40 h3 done") {
		t.Errorf("told\n%s", lines)
	}
}
