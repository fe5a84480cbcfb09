package pace

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/settings"
	"github.com/drydock-dev/drydock/engine/value"
)

// start is the Wednesday on which the tests begin.
var start = time.Date(2026, 11, 25, 20, 0, 0, 0, time.UTC)

// bench is a Pace under test, with what it told.
type bench struct {
	*Pace
	t     *testing.T
	clock *clock
	vars  map[string]any // by host and name
	told  []string
}

// clock is a Clock on which something may happen while it sleeps.
type clock struct {
	moduletest.Clock
	onSleep func(now time.Time)
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	err := c.Clock.Sleep(ctx, d)
	if c.onSleep != nil {
		c.onSleep(c.At)
	}
	return err
}

type past map[string][]time.Duration

func (p past) Past(host, subject string) []time.Duration { return p[host+" "+subject] }
func (p past) Add(host, subject string, d time.Duration) error {
	p[host+" "+subject] = append(p[host+" "+subject], d)
	return nil
}

func newBench(t *testing.T, yml string) *bench {
	t.Helper()
	s, ds := settings.Load(settings.File, true, func(string) ([]byte, error) { return []byte(yml), nil })
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, clock: &clock{}, vars: map[string]any{}}
	b.clock.At = start
	b.Pace = New(Options{Settings: s, Clock: b.clock, Learned: past{}, Own: true})
	return b
}

func (b *bench) Hosts() []string { return []string{"n1", "n2"} }
func (b *bench) Reach(context.Context, string) (module.Host, error) {
	return nil, fmt.Errorf("nobody is to be reached here")
}
func (b *bench) Var(host, name string) (any, bool) { v, ok := b.vars[host+" "+name]; return v, ok }

var _ guard.Site = (*bench)(nil)

func (b *bench) next(hosts ...string) string {
	b.t.Helper()
	ends, err := b.Next(b.t.Context(), Ahead{Hosts: hosts, Site: b, Tell: func(h Hold) error {
		line := strings.Join(h.By, "+")
		if line == "" {
			line = "over"
		}
		if h.Ends {
			line += " ends"
		}
		b.told = append(b.told, b.clock.At.Format("15:04:05 ")+line)
		return nil
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return ends
}

func (b *bench) wants(told ...string) {
	b.t.Helper()
	if got, want := strings.Join(b.told, "\n"), strings.Join(told, "\n"); got != want {
		b.t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

func TestNothingHoldsNobody(t *testing.T) {
	b := newBench(t, "")
	if ends := b.next("n1"); ends != "" || b.clock.Slept > 0 {
		t.Errorf("ends %q, slept %s", ends, b.clock.Slept)
	}
	b.wants()
}

func TestAClosedWindowEndsTheRun(t *testing.T) {
	b := newBench(t, "window: {days: thu, start: '22:00', end: '23:00', time_zone: Europe/Berlin}")
	want := "the window of n1 is closed (thu 22:00 to 23:00 Europe/Berlin), the next one opens Thu 2026-11-26 22:00 CET"
	if ends := b.next("n1"); ends != want {
		t.Errorf("ends %q", ends)
	}
	b.wants("20:00:00 window ends")
}

func TestAClosedWindowIsWaitedFor(t *testing.T) {
	b := newBench(t, "window: {start: '20:25', end: '23:00'}")
	b.Wait = true
	if ends := b.next("n1"); ends != "" || b.clock.Slept != 25*time.Minute {
		t.Errorf("ends %q after %s", ends, b.clock.Slept)
	}
	b.wants("20:00:00 window", "20:10:00 window", "20:20:00 window", "20:25:00 over")
}

func TestANodeMustFitBeforeTheEnd(t *testing.T) {
	b := newBench(t, "window: {start: '19:00', end: '20:30', must_finish_before_end: true}")
	if ends := b.next("n1"); ends != "" {
		t.Errorf("a node of which nothing is known is held back: %s", ends)
	}
	b.Learned = past{"n1 node": {20 * time.Minute, 40 * time.Minute, 5 * time.Minute}, "n2 node": {30 * time.Minute}}
	want := "n1 takes up to 40m0s, as past runs tell, and the window closes at Wed 2026-11-25 20:30 UTC (mon-sun 19:00 to 20:30 UTC), " +
		"the next one opens Thu 2026-11-26 19:00 UTC"
	if ends := b.next("n2", "n1"); ends != want {
		t.Errorf("ends %q", ends)
	}
	if ends := b.next("n2"); ends != "" {
		t.Errorf("a node that just fits is held back: %s", ends)
	}
	b.Learned = past{"n1 node": {2 * time.Hour}}
	if ends := b.next("n1"); !strings.Contains(ends, "no window of the next two weeks is long enough") {
		t.Errorf("ends %q", ends)
	}
}

func TestAHostHasItsOwnWindow(t *testing.T) {
	b := newBench(t, "")
	b.vars["n2 drydock_window"] = "never"
	if _, err := b.Next(t.Context(), Ahead{Hosts: []string{"n1", "n2"}, Site: b}); err == nil || !strings.HasPrefix(err.Error(), "host n2: variable drydock_window: ") {
		t.Errorf("error %v", err)
	}
	b = newBench(t, "window: {days: mon}")
	b.vars["n2 drydock_window"] = []any{}
	if ends := b.next("n2"); ends != "" {
		t.Errorf("a host without a window of its own is held back: %s", ends)
	}
}

func TestSoak(t *testing.T) {
	b := newBench(t, "node_soak: 90s")
	b.next("n1")
	b.Over([]string{"n1"}, 7*time.Minute)
	b.clock.At = b.clock.At.Add(time.Second)
	if ends := b.next("n2"); ends != "" || b.clock.Slept != 89*time.Second {
		t.Errorf("ends %q after %s", ends, b.clock.Slept)
	}
	b.wants("20:00:01 soak", "20:01:30 over")
	if got := b.Learned.Past("n1", "node"); len(got) != 1 || got[0] != 7*time.Minute {
		t.Errorf("learned %v", got)
	}
}

// prometheus answers what alerts holds, and nothing but that.
func prometheus(t *testing.T, alerts *string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, pw, _ := r.BasicAuth()
		if r.Method != http.MethodGet || r.URL.Path != "/prom/api/v1/alerts" || user != "reader" || pw != "hunter22" {
			t.Errorf("asked %s %s as %s", r.Method, r.URL, user)
			http.Error(w, "refused", http.StatusTeapot)
			return
		}
		fmt.Fprintf(w, `{"status":"success","data":{"alerts":[%s]}}`, *alerts)
	}))
	t.Cleanup(s.Close)
	return s
}

func alert(name, state string) string {
	return fmt.Sprintf(`{"labels":{"alertname":%q},"annotations":{},"state":%q,"activeAt":"2026-11-25T19:30:00Z","value":"1"}`, name, state)
}

func promURL(s *httptest.Server) string {
	return strings.Replace(s.URL, "http://", "http://reader:hunter22@", 1) + "/prom"
}

func TestAnAlertThatEnds(t *testing.T) {
	alerts := alert("DiskFull", "firing")
	b := newBench(t, "prometheus: {url: '"+promURL(prometheus(t, &alerts))+"'}")
	b.clock.onSleep = func(now time.Time) {
		if now.Sub(start) > 40*time.Second {
			alerts = ""
		}
	}
	if ends := b.next("n1"); ends != "" || b.clock.Slept != 45*time.Second {
		t.Errorf("ends %q after %s", ends, b.clock.Slept)
	}
	b.wants("20:00:00 alert", "20:00:45 over")
}

func TestAnAlertThatStays(t *testing.T) {
	alerts := alert("DiskFull", "firing") + "," + alert("DiskFull", "firing") + "," + alert("Backup", "pending")
	b := newBench(t, "blocked_for: 60\nprometheus: {url: '"+promURL(prometheus(t, &alerts))+"'}")
	want := "alert Backup is pending since 2026-11-25 19:30 UTC; alert DiskFull is firing since 2026-11-25 19:30 UTC; " +
		"that has gone on for 1m0s, and blocked_for is 1m0s"
	if ends := b.next("n1"); ends != want {
		t.Errorf("ends %q", ends)
	}
	b.wants("20:00:00 alert", "20:01:00 alert ends")
}

func TestAWindowMayCloseWhileSomethingBlocks(t *testing.T) {
	alerts := alert("DiskFull", "firing")
	b := newBench(t, "window: {start: '19:00', end: '20:01'}\nprometheus: {url: '"+promURL(prometheus(t, &alerts))+"'}")
	if ends := b.next("n1"); !strings.Contains(ends, "is closed") {
		t.Errorf("ends %q", ends)
	}
	b.wants("20:00:00 alert", "20:01:00 window ends")
}

func TestNoAnswerBlocks(t *testing.T) {
	alerts := "}"
	s := prometheus(t, &alerts)
	for _, c := range []struct{ what, want string }{
		{promURL(s), "its answer is not that of a Prometheus"},
		{promURL(teapot(t)), "it answers 418 I'm a teapot"},
		{promURL(closed(t)), "connection refused"},
	} {
		b := newBench(t, "blocked_for: 0\nprometheus: {url: '"+c.what+"'}")
		ends := b.next("n1")
		if !strings.Contains(ends, c.want) || strings.Contains(ends, "hunter22") || strings.Contains(ends, "reader") {
			t.Errorf("ends %q, want %q and no password", ends, c.want)
		}
	}
}

func teapot(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	t.Cleanup(s.Close)
	return s
}

func closed(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	return s
}

func TestBlocking(t *testing.T) {
	t.Parallel()
	all := []Alert{{Labels: map[string]string{"alertname": "Watchdog"}, State: "firing"}, {Labels: map[string]string{"alertname": "Disk"}, State: "pending"},
		{Labels: map[string]string{"alertname": "CPU"}, State: "firing"}}
	for yml, want := range map[string]string{
		"":                                       "CPU Disk Watchdog",
		"firing_only: true":                      "CPU Watchdog",
		"alert_filter: ^Watch":                   "CPU Disk",
		"alert_filter: ^Watch, firing_only: yes": "CPU",
		"alert_filter: 'C|D', filter_match_only: true": "CPU Disk",
		"filter_match_only: true":                      "CPU Disk Watchdog",
	} {
		b := newBench(t, "prometheus: {url: 'http://p', "+yml+"}")
		var got []string
		for _, a := range Blocking(all, b.Settings.Prometheus) {
			got = append(got, a.Name())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v block, want %s", yml, got, want)
		}
	}
}

func TestPodsBlock(t *testing.T) {
	b := newBench(t, "blocked_for: 0\nblocking_pod_scope: cluster\nblocking_pod_selectors: ['app=backup']")
	b.Cluster = func(context.Context, Ahead) (kube.Reader, error) { return nil, fmt.Errorf("no kubeconfig") }
	if ends := b.next("n1"); !strings.HasPrefix(ends, "the cluster does not say which pods there are: no kubeconfig") {
		t.Errorf("ends %q", ends)
	}
	b.Cluster = func(context.Context, Ahead) (kube.Reader, error) { return pods{}, nil }
	if ends := b.next("n1"); !strings.HasPrefix(ends, "pod jobs/running, which app=backup matches, is on n7; pod jobs/waiting, which app=backup matches, is on no node yet; that has") {
		t.Errorf("ends %q", ends)
	}
}

// pods is a cluster that lists pods of one selector and is asked for nothing else.
type pods struct{ kube.Reader }

func (pods) List(_ context.Context, k kube.Kind, q kube.Query) (kube.List, error) {
	if k.Name != "Pod" || q != (kube.Query{Labels: "app=backup"}) {
		return kube.List{}, fmt.Errorf("asked for %s %+v", k.Name, q)
	}
	var out kube.List
	for _, p := range [][3]string{{"running", "Running", "n7"}, {"done", "Succeeded", "n7"}, {"waiting", "Pending"}, {"broken", "Failed"}} {
		out.Items = append(out.Items, kube.NewObject(value.NewMap("metadata", value.NewMap("namespace", "jobs", "name", p[0]), "spec", value.NewMap("nodeName", p[2]), "status", value.NewMap("phase", p[1]))))
	}
	return out, nil
}
