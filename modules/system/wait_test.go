package system_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/system"
)

// serving makes a host on which a port answers from the nth try on; before it refuses. n 0: never.
func serving(t *testing.T, n int, says string) *moduletest.Script {
	s := moduletest.NewScript(t)
	tries := 0
	s.Dialer = func(network, address string) (net.Conn, error) {
		if network != "tcp" || address != "10.0.0.1:6443" {
			return nil, fmt.Errorf("unexpected address %s %s", network, address)
		}
		if tries++; n == 0 || tries < n {
			return nil, errors.New("connection refused")
		}
		here, there := net.Pipe()
		go func() {
			there.Write([]byte(says)) // the module may have closed its side: nothing to do about it
			there.Close()
		}()
		return here, nil
	}
	return s
}

func TestWaitForPort(t *testing.T) {
	args := func(more ...any) *value.Map {
		return value.NewMap(append([]any{"host", "10.0.0.1", "port", 6443}, more...)...)
	}
	for _, c := range []struct {
		name  string
		from  int
		says  string
		args  *value.Map
		want  string
		slept time.Duration
	}{
		{"there", 1, "", args(), "'elapsed': 0, 'state': 'started', 'port': 6443, 'search_regex': None, 'path': None, 'match_groups': [], 'match_groupdict': {}", 0},
		{"comes", 4, "", args("sleep", 2), "'elapsed': 6", 6 * time.Second},
		{"delay first", 1, "", args("delay", 9), "'elapsed': 9", 9 * time.Second},
		{"never", 0, "", args("timeout", 3), "'msg': 'Timeout when waiting for 10.0.0.1:6443'", 3 * time.Second},
		{"never, own words", 0, "", args("timeout", 3, "msg", "no API server"), "'msg': 'no API server'", 3 * time.Second},
		{"gone", 0, "", args("state", "stopped"), "'state': 'stopped'", 0},
		{"does not go", 1, "", args("state", "absent", "timeout", 1), "'msg': 'Timeout when waiting for 10.0.0.1:6443 to stop.'", time.Second},
		{"text", 1, "SSH-2.0-OpenSSH_9.2\r\n", args("search_regex", `OpenSSH_(?P<major>\d+)\.(\d+)`),
			"'match_groups': ['2', '9'], 'match_groupdict': {'major': '9'}", 0},
		{"other text", 1, "hello", args("search_regex", "OpenSSH", "timeout", 1), "'msg': 'Timeout when waiting for search string OpenSSH in 10.0.0.1:6443'", time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serving(t, c.from, c.says)
			if got := show(applied(t, system.WaitFor, s, c.args)); !strings.Contains(got, c.want) || s.Control.Clock.Slept != c.slept {
				t.Errorf("slept %v, got %s, want %v, %s", s.Control.Clock.Slept, got, c.slept, c.want)
			}
		})
	}
}

// A host that is lost is not a port that is closed.
func TestWaitForLostHost(t *testing.T) {
	s := moduletest.NewScript(t)
	s.Dialer = func(string, string) (net.Conn, error) { return nil, errLost }
	if _, err := apply(t, system.WaitFor, s, value.NewMap("port", 22, "state", "stopped")); !errors.Is(err, module.ErrUnreachable) {
		t.Errorf("error %v", err)
	}
}

func TestWaitForArguments(t *testing.T) {
	for want, args := range map[string]*value.Map{
		"port and path parameter can not both be passed to wait_for":                   value.NewMap("port", 1, "path", "/x"),
		"state=stopped should only be used for checking a port in the wait_for module": value.NewMap("path", "/x", "state", "stopped"),
		"state=drained should only be used for checking a port in the wait_for module": value.NewMap("path", "/x", "state", "drained"),
		"exclude_hosts should only be with state=drained":                              value.NewMap("port", 1, "exclude_hosts", "a"),
		"search_regex: error parsing regexp: missing closing ) in `(`":                 value.NewMap("path", "/x", "search_regex", "("),
	} {
		if r := applied(t, system.WaitFor, moduletest.NewScript(t), args); r.Msg != want || !r.Failed {
			t.Errorf("msg %q, want %q", r.Msg, want)
		}
	}
}

func TestWaitForFile(t *testing.T) {
	moduletest.Run(t, system.WaitFor, []moduletest.Case{
		{Name: "there", Args: []any{"path", "$DIR/f"}, Files: map[string]string{"f": "0640:x"}, Plan: module.KindOpaque,
			Want: map[string]any{"state": "file", "mode": "0640", "size": 1, "changed": false}},
		{Name: "not there", Args: []any{"path", "$DIR/f", "timeout", 5}, Plan: module.KindOpaque, Fails: "Timeout when waiting for file $DIR/f",
			Want: map[string]any{"elapsed": 5}},
		{Name: "gone", Args: []any{"path", "$DIR/f", "state", "absent"}, Plan: module.KindOpaque, Want: map[string]any{"state": "absent"}},
		{Name: "does not go", Args: []any{"path", "$DIR/f", "state", "absent", "timeout", 2}, Files: map[string]string{"f": ""}, Plan: module.KindOpaque,
			Fails: "Timeout when waiting for $DIR/f to be absent."},
		{Name: "text", Args: []any{"path", "$DIR/f", "search_regex", `^(?<!x)ready (\d+)`}, Files: map[string]string{"f": "no\nready 7\n"}, Plan: module.KindOpaque,
			Want: map[string]any{"match_groups": []any{"7"}}},
		{Name: "no text", Args: []any{"path", "$DIR/f", "search_regex", "ready", "timeout", 1}, Files: map[string]string{"f": "no"}, Plan: module.KindOpaque,
			Fails: "Timeout when waiting for search string ready in $DIR/f"},
		{Name: "only time", Args: []any{"timeout", 40}, Plan: module.KindOpaque, Want: map[string]any{"elapsed": 40, "state": "started"}},
	})
}

func TestWaitForDrained(t *testing.T) {
	const head = "  sl  local_address rem_address   st\n"
	// 127.0.0.1:80 from 10.0.0.9, established; 10.0.0.1:80 from 10.0.0.9, time wait; 127.0.0.1:443 established
	const open = "   0: 0100007F:0050 0900000A:C000 01 x\n"
	const closing = "   1: 0100000A:0050 0900000A:C001 06 x\n"
	const mapped = "   2: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000900000A:C002 01 x\n"
	const listening = "   3: 00000000:0050 00000000:0000 0A x\n"
	for _, c := range []struct {
		name, table string
		args        *value.Map
		drained     bool
	}{
		{"nothing", head + listening, value.NewMap("port", 80), true},
		{"open", head + open, value.NewMap("port", 80), false},
		{"open over IPv6", head + mapped, value.NewMap("port", 80), false},
		{"of another address", head + closing, value.NewMap("port", 80), true},
		{"of any address", head + closing, value.NewMap("port", 80, "host", "0.0.0.0"), false},
		{"another port", head + open, value.NewMap("port", 81), true},
		{"excluded", head + open, value.NewMap("port", 80, "exclude_hosts", "10.0.0.9"), true},
		{"excluded by name", head + open + "@@ names\nlb 10.0.0.9\n", value.NewMap("port", 80, "exclude_hosts", "lb"), true},
		{"states", head + closing, value.NewMap("port", 80, "host", "10.0.0.1", "active_connection_states", "ESTABLISHED"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := moduletest.NewScript(t, moduletest.Answer{On: "script: connections*", Stdout: c.table})
			c.args.Set("state", "drained").Set("timeout", 2)
			r := applied(t, system.WaitFor, s, c.args)
			if r.Failed == c.drained || r.Failed && !strings.HasSuffix(r.Msg, ":80 to drain") {
				t.Errorf("got %s, want drained %v", show(r), c.drained)
			}
		})
	}
}

func TestWaitForConnection(t *testing.T) {
	ping := "script: ping"
	wait := func(args *value.Map, answers ...moduletest.Answer) (module.Result, *moduletest.Script, error) {
		s := moduletest.NewScript(t, answers...)
		s.OnReset = func() error { return nil }
		if p := planOf(t, system.WaitForConnection, s.View(), args); p.Kind() != module.KindOpaque || len(s.Calls()) != 0 {
			t.Errorf("the plan must not touch a host that may be away")
		}
		r, err := apply(t, system.WaitForConnection, s, args)
		return r, s, err
	}
	r, _, err := wait(value.NewMap("delay", 5), moduletest.Answer{On: ping, Err: errLost, Times: 2}, moduletest.Answer{On: ping})
	if err != nil || show(r) != "{'changed': False, 'elapsed': 7}" {
		t.Errorf("comes back: %s, %v", show(r), err)
	}
	r, s, err := wait(value.NewMap("timeout", 4, "sleep", 2), moduletest.Answer{On: ping, Err: errLost})
	if err != nil || r.Msg != "timed out waiting for the connection: dial: host is unreachable" || s.Control.Clock.Slept != 4*time.Second {
		t.Errorf("stays away: slept %v, %s, %v", s.Control.Clock.Slept, show(r), err)
	}
	if _, _, err = wait(&value.Map{}, moduletest.Answer{On: ping, Err: fmt.Errorf("x: %w", module.ErrHostKey)}); !errors.Is(err, module.ErrHostKey) {
		t.Errorf("another host key: %v", err)
	}
}

func TestPing(t *testing.T) {
	moduletest.Run(t, system.Ping, []moduletest.Case{
		{Name: "pong", Want: map[string]any{"ping": "pong", "changed": false}},
		{Name: "data", Args: []any{"data", "x"}, Want: map[string]any{"ping": "x"}},
		{Name: "crash", Args: []any{"data", "crash"}, Fails: "boom"},
	})
}

func TestHostname(t *testing.T) {
	probe := func(how, now, kept, fqdn string) moduletest.Answer {
		return moduletest.Answer{On: "script: hostname*", Stdout: "@@ how\n" + how + "\n@@ now\n" + now + "\n@@ kept\n" + kept + "\n@@ fqdn\n" + fqdn + "\n"}
	}
	set := moduletest.Answer{On: "script: set hostname systemd n2", Writes: true}
	for _, c := range []struct {
		probe moduletest.Answer
		name  string
		want  string
	}{
		{probe("systemd", "n1", "n1", "n1.lan"), "n1",
			"{'changed': False, 'name': 'n1', 'ansible_facts': {'ansible_hostname': 'n1', 'ansible_nodename': 'n1', 'ansible_fqdn': 'n1.lan', 'ansible_domain': 'lan'}}"},
		{probe("systemd", "n1", "n1", "n1.lan"), "n2",
			"{'changed': True, 'name': 'n2', 'ansible_facts': {'ansible_hostname': 'n2', 'ansible_nodename': 'n2', 'ansible_fqdn': 'n2', 'ansible_domain': ''}}"},
		{probe("systemd", "n2", "old", "n2"), "n2",
			"{'changed': True, 'name': 'n2', 'ansible_facts': {'ansible_hostname': 'n2', 'ansible_nodename': 'n2', 'ansible_fqdn': 'n2', 'ansible_domain': ''}}"},
	} {
		s := moduletest.NewScript(t, c.probe, set)
		if got := show(applied(t, system.Hostname, s, value.NewMap("name", c.name))); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if r := applied(t, system.Hostname, moduletest.NewScript(t), value.NewMap("name", "a;b")); !r.Failed {
		t.Error("a;b is no host name")
	}
}
