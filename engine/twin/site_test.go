package twin

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// small is a site of three servers and an agent that reach each other.
func small(t *testing.T) *Site {
	t.Helper()
	spec := Sized(3, 1)
	spec.Controller = true
	s, err := Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// reaches tells whether a machine can connect to an address.
func (s *Site) reaches(t *testing.T, host, address string) bool {
	t.Helper()
	n, ok := s.node(host)
	if !ok {
		n = Node{Name: host, Role: Alone}
	}
	c, err := s.forward(n)(t.Context(), "tcp", address)
	if err == nil {
		c.Close()
	}
	return err == nil
}

func TestTheAPIIsWhereItsServerIs(t *testing.T) {
	s := small(t)
	address := s.spec.Nodes[1].Address
	for _, c := range []struct {
		from, to   string
		before, is bool // before master-2 has failed, and after
	}{
		{"master-1", "127.0.0.1:6443", true, true},
		{"master-2", "127.0.0.1:6443", true, false},
		{"worker-1", "127.0.0.1:6443", false, false},
		{"worker-1", address + ":6443", true, false},
		{"worker-1", "master-1:6443", true, true},
		{ControllerName, "127.0.0.1:6443", true, true}, // a load balancer
		{ControllerName, "worker-1:22", true, true},
		{"master-1", "127.0.0.1:2381", true, true},
		{"master-2", "127.0.0.1:2381", true, false},
		{"worker-1", "master-1:2381", false, false}, // etcd tells of itself on the loopback only
		{"worker-1", "127.0.0.1:9100", false, false},
		{"worker-1", "example.org:443", false, false},
	} {
		if got := s.reaches(t, c.from, c.to); got != c.before {
			t.Errorf("%s from %s: %v", c.to, c.from, got)
		}
	}
	if got := s.Strangers(); !slices.Equal(got, []string{"127.0.0.1:9100", "example.org:443"}) {
		t.Errorf("strangers: %v", got)
	}
	s.Crash("master-2", 0)
	if s.reaches(t, "master-2", "127.0.0.1:6443") || s.reaches(t, "worker-1", address+":6443") || s.reaches(t, "master-2", "127.0.0.1:2381") || !s.reaches(t, "master-1", "127.0.0.1:6443") {
		t.Error("the API of a server that is down answers, or that of another does not")
	}
	s.Crash("master-3", 0)
	if s.reaches(t, "master-1", "127.0.0.1:6443") {
		t.Error("the API answers without a majority of etcd")
	}
	if got := broken(Judge(s.Trace())); got != "" {
		t.Errorf("accidents are held against the run: %s", got)
	}
}

func TestEtcdTellsOfItself(t *testing.T) {
	s := small(t)
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		return s.forward(s.spec.Nodes[0])(ctx, network, address)
	}}}
	for path, want := range map[string]string{"/health": `"health":"true"`, "/metrics": "etcd_server_has_leader 1"} {
		resp, err := client.Get("http://127.0.0.1:2381" + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s: %q, %v", path, body, err)
		}
	}
}

// TestAHostShowsItsVolumes reboots a machine with a volume, and follows what its kernel, the cluster and the trace say of it.
func TestAHostShowsItsVolumes(t *testing.T) {
	s := small(t)
	node, volume := "", ""
	for _, e := range s.Trace() {
		if e.Kind == Attached {
			node, volume = e.Node, e.Object
		}
	}
	h := s.Hosts[node]
	shown := func() string {
		return h.Run(t.Context(), "root", "cat /proc/mounts /sys/class/iscsi_session/*/targetname", "").Stdout
	}
	if got := shown(); !strings.Contains(got, "/dev/longhorn/"+volume+" ") || !strings.Contains(got, "iqn.2019-10.io.longhorn:"+volume+"\n") {
		t.Fatalf("%s is attached to %s, which shows %s", volume, node, got)
	}
	up := make(chan struct{})
	s.Follow(func(e Event) {
		if e.Kind == K3sStarted && e.Node == node {
			close(up)
		}
	})
	before := h.BootID()
	h.Reboot()
	<-up
	o, _ := s.API.Get("nodes", "", node)
	if boot := word(o, "status", "nodeInfo", "bootID"); boot == before || boot != h.BootID() {
		t.Errorf("the node tells of boot %s, the host of %s", boot, h.BootID())
	}
	if got := broken(CleanShutdown(s.Trace())); !strings.Contains(got, node+" went down with volume "+volume+" attached") {
		t.Errorf("the trace says %q", got)
	}
}

func TestTheInventoryOpensEveryMachine(t *testing.T) {
	s, dir := small(t), t.TempDir()
	path, err := s.Inventory(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range s.spec.Nodes {
		if !strings.Contains(string(text), n.Name+": {ansible_host: 127.0.0.1, ansible_port: ") {
			t.Errorf("%s is not in\n%s", n.Name, text)
		}
	}
	if info, err := os.Stat(dir + "/id_ed25519"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
}

// TestAnAccidentEnds lets a machine come back after its power was lost.
func TestAnAccidentEnds(t *testing.T) {
	s := small(t)
	back := make(chan struct{})
	s.Follow(func(e Event) {
		if e.Kind == K3sStarted && e.Node == "worker-1" {
			close(back)
		}
	})
	s.Crash("worker-1", time.Minute)
	<-back
	if got := broken(append(Judge(s.Trace()), Restored(s.Trace())...)); got != "" {
		t.Error(got)
	}
}
