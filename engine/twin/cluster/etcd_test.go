package cluster

import (
	"bufio"
	"strings"
	"testing"
	"time"
)

// TestNothingMovesWithoutAMajority takes two of three servers away and gives one back.
func TestNothingMovesWithoutAMajority(t *testing.T) {
	b := k3s(t, Sized(3, 1))
	resp := b.open("GET", "/api/v1/nodes?watch=1&resourceVersion=1", b.token, "", "")
	defer resp.Body.Close()
	b.NodeDown("master-1") // the leader
	if got := b.do("GET", "/readyz", "", ""); got != "200 ok" {
		t.Errorf("with two of three: %s", got)
	}
	if got := b.do("GET", "/readyz?verbose", "", ""); !strings.Contains(got, "[+]etcd ok") {
		t.Errorf("with two of three: %s", got)
	}
	if m := b.EtcdMembers(); m[0].Healthy || m[0].Leader || !m[1].Leader || !m[1].Healthy {
		t.Errorf("members %+v", m)
	}
	if n := mustGet(t, b, "nodes", "", "master-1"); reasonOf(n, voterCondition) != "Unhealthy" {
		t.Errorf("EtcdIsVoter of the dead server: %s", reasonOf(n, voterCondition))
	}
	b.pass(time.Minute)
	version := b.world.version
	b.NodeDown("master-2")
	lost := b.handClock.Now()
	for path, want := range map[string]string{"/readyz": "500 ", "/api/v1/nodes": "503 ", "/livez": "200 "} {
		if got := b.do("GET", path, "", ""); !strings.HasPrefix(got, want) {
			t.Errorf("without a majority %s answered %s", path, got)
		}
	}
	if b.Quorate() || b.Serves("master-3") || !strings.Contains(b.etcd2381("master-3", "/health"), "NO LEADER") {
		t.Error("master-3 goes on by itself")
	}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); { // ends, or the test hangs
	}
	b.pass(10 * time.Minute)
	if b.world.version != version {
		t.Errorf("%d writes", b.world.version-version)
	}
	if got := heartbeat(mustGet(t, b, "nodes", "", "master-3"), voterCondition); got > stamp(lost) {
		t.Errorf("EtcdIsVoter was confirmed at %s, the majority was lost at %s", got, stamp(lost))
	}
	b.NodeUp("master-2", "boot-2", "")
	if got := b.do("GET", "/api/v1/nodes/master-2", "", ""); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, "boot-2") {
		t.Errorf("with a majority again: %s", got)
	}
	if !b.Serves("master-2") || b.Serves("master-1") || b.Serves("worker-1") {
		t.Error("who serves the API is wrong")
	}
	if got := b.etcd2381("master-3", "/metrics"); !strings.Contains(got, "etcd_server_has_leader 1") || !strings.Contains(got, "leader_changes_seen_total 3") {
		t.Errorf("metrics: %s", got)
	}
	b.NodeUp("master-1", "", "")
	b.pass(10 * time.Minute)
	if b.robust() != "attached healthy" {
		t.Errorf("volumes are %s", b.robust())
	}
}

// TestHowManyMayGo is the arithmetic of small clusters.
func TestHowManyMayGo(t *testing.T) {
	for _, c := range []struct {
		servers, down int
		sqlite, up    bool
	}{
		{1, 1, false, false}, {2, 1, false, false}, {3, 1, false, true}, {3, 2, false, false}, {4, 1, false, true}, {4, 2, false, false}, {5, 2, false, true},
		{1, 1, true, false},
	} {
		s := Sized(c.servers, 0)
		s.SQLite, s.NoLonghorn, s.Apps = c.sqlite, true, nil
		b := k3s(t, s)
		for i := range c.down {
			b.NodeDown(nameOf(b.world.all("nodes")[i]))
		}
		if b.Quorate() != c.up {
			t.Errorf("%+v: quorate is %t", c, b.Quorate())
		}
		if c.servers == 1 {
			if b.code("GET", "/readyz") != -1 {
				t.Error("the only server is down and answers")
			}
			b.NodeUp("master-1", "", "")
			if got := b.code("GET", "/readyz"); got != 200 || (b.Incidents() == nil) != c.sqlite {
				t.Errorf("%+v: when it is back it answers %d, incidents %v", c, got, b.Incidents())
			}
		}
	}
}

// TestASilentEtcd asks a server for its etcd while its K3s is stopped, and an agent, which has none.
func TestASilentEtcd(t *testing.T) {
	b := k3s(t, Sized(3, 1))
	silent := func(node string) (yes bool) {
		defer func() { yes = recover() != nil }()
		b.etcd2381(node, "/health")
		return false
	}
	b.ServiceStopped("master-2")
	if !silent("master-2") || !silent("worker-1") || silent("master-1") {
		t.Error("who answers is wrong")
	}
	b.ServiceStarted("master-2")
	if silent("master-2") {
		t.Error("a started server is silent")
	}
}
