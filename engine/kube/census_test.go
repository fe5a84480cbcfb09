package kube

import (
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// noon is when the census of these tests is taken.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// member makes a node that is Ready, changed by fs.
func member(name string, fs ...func(n *corev1.Node)) corev1.Node {
	n := corev1.Node{}
	n.Name, n.Labels, n.Annotations = name, map[string]string{}, map[string]string{}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastHeartbeatTime: metav1.NewTime(noon.Add(-time.Minute))}}
	for _, f := range fs {
		f(&n)
	}
	return n
}

func cordoned(n *corev1.Node) { n.Spec.Unschedulable = true }
func notReady(n *corev1.Node) {
	n.Status.Conditions[0].Status, n.Status.Conditions[0].Reason = corev1.ConditionUnknown, "NodeStatusUnknown"
}
func inWork(run string) func(n *corev1.Node) {
	return func(n *corev1.Node) {
		n.Annotations[MarkRun], n.Annotations[MarkAt] = run, noon.Add(-10*time.Minute).Format(time.RFC3339)
	}
}

// voter is a server with etcd, heard of some time before noon.
func voter(age time.Duration) func(n *corev1.Node) {
	return func(n *corev1.Node) {
		etcdMember(n)
		n.Status.Conditions = append(n.Status.Conditions, corev1.NodeCondition{Type: etcdIsVoter, Status: corev1.ConditionTrue, Reason: "MemberNotLearner", LastHeartbeatTime: metav1.NewTime(noon.Add(-age))})
	}
}

func etcdMember(n *corev1.Node) { n.Labels[labelEtcd], n.Labels[labelControlPlane] = "true", "true" }

func learner(n *corev1.Node) {
	voter(0)(n)
	n.Status.Conditions[1].Status, n.Status.Conditions[1].Reason = corev1.ConditionFalse, "MemberIsLearner"
}

// grades says findings in short: check=about grade.
func grades(all []Finding) string {
	var out []string
	for _, f := range all {
		out = append(out, f.Check+"="+f.About+" "+string(f.Grade))
	}
	return strings.Join(out, ", ")
}

// texts says findings at length.
func texts(all []Finding) string {
	var out strings.Builder
	for _, f := range all {
		out.WriteString(f.Found + " | " + f.Mend + "\n")
	}
	return out.String()
}

func TestOthers(t *testing.T) {
	cases := []struct {
		name  string
		other corev1.Node
		want  string
		says  string
	}{
		{"all well", member("n2"), "other-node=n1 holds", "the other node takes pods"},
		{"F02: cordoned by a person", member("n2", cordoned), "other-node=n2 breaks", "node n2 is cordoned, by no run"},
		{"not Ready", member("n2", notReady), "other-node=n2 waits", "node n2 is not Ready (NodeStatusUnknown)"},
		{"no word yet", member("n2", func(n *corev1.Node) { n.Status.Conditions = nil }), "other-node=n2 waits", "has not said yet"},
		{"another run has it", member("n2", cordoned, inWork("r2")), "other-run=n2 breaks", "node n2 is cordoned by run r2 since 11:50:00 UTC (10 min ago)"},
		{"this run has it", member("n2", cordoned, inWork("r1")), "other-node=n2 breaks", "serial: 1"},
		{"marks without a cordon are old", member("n2", inWork("r2")), "other-node=n1 holds", ""},
		{"cordoned and dark", member("n2", cordoned, notReady), "other-node=n2 breaks, other-node=n2 waits", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := TakeCensus([]corev1.Node{member("n1", cordoned), c.other}, noon).Others("n1", "r1")
			if grades(got) != c.want || !strings.Contains(strings.Replace(texts(got), "all 1 other node", "the other node takes pods", 1), c.says) {
				t.Errorf("%s\n%s\nwant %s: %s", grades(got), texts(got), c.want, c.says)
			}
		})
	}
}

func TestQuorum(t *testing.T) {
	well := EtcdSeen{Healthy: true, HasLeader: true, Members: 3}
	three := []corev1.Node{member("a", voter(0)), member("b", voter(0)), member("c", voter(5*time.Minute)), member("w")}
	with := func(changed corev1.Node) []corev1.Node {
		return []corev1.Node{member("a", voter(0)), member("b", voter(0)), changed}
	}
	cases := []struct {
		name  string
		nodes []corev1.Node
		node  string
		seen  map[string]EtcdSeen
		want  string
		says  string
	}{
		{name: "three of three", nodes: three, node: "a", want: "etcd-quorum=a holds", says: "etcd has 3 members and needs 2; without a 2 healthy voters are left"},
		{name: "an agent", nodes: three, node: "w"},
		{name: "F23: one server", nodes: three[:1], node: "a", want: "etcd-quorum=a breaks", says: "the API is away until a is back"},
		{name: "F23: two servers", nodes: three[:2], node: "a", want: "etcd-quorum=a breaks", says: "2 members cannot spare one"},
		{name: "F22: a learner", nodes: with(member("c", learner)), node: "a", want: "etcd-quorum=a waits", says: "c is no healthy voter: MemberIsLearner"},
		{name: "F24: stale", nodes: with(member("c", voter(7*time.Minute))), node: "a", want: "etcd-quorum=a waits", says: "c was last seen as a voter 7 min ago"},
		{name: "missing on one", nodes: with(member("c", etcdMember)), node: "a", want: "etcd-quorum=a waits", says: "EtcdIsVoter is missing"},
		{name: "an old K3s that never says", nodes: []corev1.Node{member("a", etcdMember), member("b", etcdMember), member("c", etcdMember)}, node: "a", want: "etcd-quorum=a holds"},
		{name: "down", nodes: with(member("c", voter(0), notReady)), node: "a", want: "etcd-quorum=a waits", says: "c its node is not Ready"},
		{name: "the one that is down itself may go", nodes: with(member("c", voter(0), notReady)), node: "c", want: "etcd-quorum=c holds"},
		{name: "F22: a ghost makes four", nodes: with(member("c", voter(0))), node: "a", seen: map[string]EtcdSeen{"b": {Healthy: true, HasLeader: true, Members: 4}},
			want: "etcd-quorum=a breaks", says: "etcd has 4 members and needs 3"},
		{name: "five, one down", nodes: append(with(member("c", voter(0))), member("d", voter(0)), member("e", voter(0), notReady)), node: "a", want: "etcd-quorum=a holds"},
		{name: "a member says it is ill", nodes: three, node: "a", seen: map[string]EtcdSeen{"b": {HasLeader: true, Members: 3}}, want: "etcd-quorum=a waits", says: "b says itself that it is not healthy"},
		{name: "a member sees no leader", nodes: three, node: "a", seen: map[string]EtcdSeen{"b": {Healthy: true, Members: 3}, "c": well}, want: "etcd-quorum=a waits", says: "b sees no leader"},
		{name: "the leader goes before others", nodes: three, node: "a", seen: map[string]EtcdSeen{"a": {Healthy: true, HasLeader: true, Leader: true, Members: 3}},
			want: "etcd-quorum=a holds, etcd-leader-last=a holds", says: "a leads etcd, and c is still to go"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := TakeCensus(c.nodes, noon).Quorum(c.node, c.seen).Findings([]string{"c"})
			if grades(got) != c.want || !strings.Contains(texts(got), c.says) {
				t.Errorf("%s\n%s\nwant %s: %s", grades(got), texts(got), c.want, c.says)
			}
		})
	}
}

// TestCensusNow: F53, a server's clock that is behind makes no condition younger than the newest word of any node.
func TestCensusNow(t *testing.T) {
	fresh := member("w")
	fresh.Status.Conditions[0].LastHeartbeatTime = metav1.NewTime(noon.Add(time.Hour))
	c := TakeCensus([]corev1.Node{member("a", voter(0)), member("b", voter(0)), member("c", voter(0)), fresh}, noon.Add(-time.Hour))
	if q := c.Quorum("a", nil); q.Holds() {
		t.Errorf("conditions an hour older than the newest word are believed: %s", q.Words())
	}
}

func TestServerFindings(t *testing.T) {
	plain := func(n *corev1.Node) { n.Labels[labelMaster] = "true" }
	cases := map[string]struct {
		nodes []corev1.Node
		says  string
	}{
		"sqlite":        {[]corev1.Node{member("a", plain), member("w")}, "a is the only server: the API is away"},
		"database":      {[]corev1.Node{member("a", plain), member("b", plain)}, "servers besides a: b"},
		"other is dark": {[]corev1.Node{member("a", plain), member("b", plain, notReady)}, "only server"},
		"etcd":          {[]corev1.Node{member("a", voter(0))}, ""},
	}
	for name, c := range cases {
		if got := texts(TakeCensus(c.nodes, noon).ServerFindings("a")); !strings.Contains(got, c.says) || (c.says == "") != (got == "") {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}

func TestMatch(t *testing.T) {
	known := func(machine string, addresses ...string) func(n *corev1.Node) {
		return func(n *corev1.Node) {
			n.Status.NodeInfo.MachineID = machine
			for _, a := range addresses {
				n.Status.Addresses = append(n.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a})
			}
		}
	}
	nodes := []corev1.Node{member("worker-1", known("m1", "10.0.0.1")), member("worker-2.example.org", known("m2", "10.0.0.2")), member("worker-3", known("m3", "10.0.0.3", "fd00::3"))}
	cases := []struct {
		name   string
		traits Traits
		want   string
		says   string // of the error
	}{
		{"its name", Traits{Inventory: "worker-1"}, "worker-1", ""},
		{"F45: case", Traits{Inventory: "Worker-1"}, "worker-1", ""},
		{"F45: FQDN in the inventory", Traits{Inventory: "worker-1.lan"}, "worker-1", ""},
		{"F45: FQDN in the cluster", Traits{Inventory: "worker-2"}, "worker-2.example.org", ""},
		{"its own host name", Traits{Inventory: "web", Names: []string{"worker-3"}}, "worker-3", ""},
		{"its machine id", Traits{Inventory: "web", MachineID: "m2"}, "worker-2.example.org", ""},
		{"its address", Traits{Inventory: "web", Addresses: []string{"127.0.0.1", "fd00::3"}}, "worker-3", ""},
		{"an address as its name", Traits{Inventory: "10.0.0.2"}, "worker-2.example.org", ""},
		{"the variable is stronger than the name", Traits{Inventory: "worker-1", Variable: "worker-3"}, "worker-3", ""},
		{"the variable names nothing", Traits{Inventory: "worker-1", Variable: "worker-9"}, "", "drydock_node says that it is node worker-9, and the cluster has no such node"},
		{"its kubelet says so", Traits{Inventory: "web", Kubelet: "worker-1"}, "worker-1", ""},
		{"F45: the name says one, the machine another", Traits{Inventory: "worker-1", MachineID: "m2"}, "", "by its name it is node worker-1, by its machine id node worker-2.example.org; say which with the variable drydock_node"},
		{"two addresses, two nodes", Traits{Inventory: "web", Addresses: []string{"10.0.0.1", "10.0.0.3"}}, "", "it may be any of the nodes worker-1, worker-3"},
		{"none", Traits{Inventory: "mail"}, "", "no node of the cluster has its name"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := TakeCensus(nodes, noon).Match(c.traits)
			if got != c.want || (c.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q, %v, want %q, %s", got, err, c.want, c.says)
			}
			var no *Unmapped
			if err != nil && !errors.As(err, &no) {
				t.Errorf("%T", err)
			}
		})
	}
	twins := []corev1.Node{member("a", known("same")), member("b", known("same"))}
	if _, err := TakeCensus(twins, noon).Match(Traits{Inventory: "x", MachineID: "same"}); err == nil || !strings.Contains(err.Error(), "any of the nodes a, b") {
		t.Errorf("cloned machine ids: %v", err)
	}
	if got, err := TakeCensus(twins, noon).Match(Traits{Inventory: "a", MachineID: "same"}); got != "a" || err != nil {
		t.Errorf("a name and a cloned machine id: %q, %v", got, err)
	}
}

func TestEtcdMetrics(t *testing.T) {
	got := readEtcdMetrics(`# HELP etcd_server_has_leader Whether or not a leader exists. 1 is existence, 0 is not.
etcd_server_has_leader 1
etcd_server_is_leader 0
etcd_server_is_learner 0
etcd_server_leader_changes_seen_total 3
etcd_network_known_peers{Local="a1",Remote="a1"} 1
etcd_network_known_peers{Local="a1",Remote="b2"} 1
etcd_network_known_peers{Local="a1",Remote="c3"} 0
`)
	if want := (EtcdSeen{HasLeader: true, Members: 2, Changes: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestForeign(t *testing.T) {
	c := TakeCensus([]corev1.Node{member("n1"), member("n2")}, noon)
	lock := func(text string) Foreign {
		l, err := readKuredLock(text)
		if err != nil {
			t.Fatal(err)
		}
		return Foreign{Locks: l}
	}
	cases := []struct {
		name string
		f    Foreign
		want string
	}{
		{"nobody", lock(""), ""},
		{"kured reboots n2", lock(`{"nodeID":"n2","metadata":{"unschedulable":false},"created":"2026-03-01T11:00:00Z","TTL":0}`), "kured-lock=n2 waits"},
		{"kured's lock has expired", lock(`{"nodeID":"n2","created":"2026-03-01T11:00:00Z","TTL":1800000000000}`), ""},
		{"a person keeps kured quiet", lock(`{"nodeID":"manual"}`), "kured-lock=manual holds"},
		{"several", lock(`{"maxOwners":2,"locks":[{"nodeID":"n1"},{"nodeID":"n2"}]}`), "kured-lock=n1 waits, kured-lock=n2 waits"},
		{"a plan", Foreign{Plans: []UpgradePlan{{"system-upgrade/server", []string{"n1"}}}}, "upgrade-plan=system-upgrade/server waits"},
	}
	for _, x := range cases {
		if got := grades(x.f.Findings(c)); got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
}

func TestReturned(t *testing.T) {
	told := func(id string) func(n *corev1.Node) { return func(n *corev1.Node) { n.Status.NodeInfo.BootID = id } }
	cases := []struct {
		name string
		node corev1.Node
		boot Boot
		says string
	}{
		{"back", member("n1", told("b2")), Boot{"b2", noon.Add(-time.Hour)}, ""},
		{"not rebooted, not asked", member("n1", told("b1")), Boot{}, ""},
		{"F32: Ready is stale", member("n1", told("b1")), Boot{"b2", noon}, "called Ready by an earlier boot (b1)"},
		{"F32: no word since the boot", member("n1", told("")), Boot{"b2", noon}, "has not been heard of since"},
		{"the boot is told, and no status since", member("n1", told("b2")), Boot{"b2", noon}, ""},
		{"not Ready", member("n1", notReady), Boot{}, "is not Ready"},
		{"gone", member("n2"), Boot{}, "no longer in the cluster"},
	}
	for _, c := range cases {
		got := TakeCensus([]corev1.Node{c.node}, noon).Returned("n1", c.boot)
		if !strings.Contains(texts(got), c.says) || (c.says == "") != (got == nil) {
			t.Errorf("%s: %s, want %q", c.name, texts(got), c.says)
		}
	}
}

func TestLease(t *testing.T) {
	held := Lease{Holder: "ann@desk", Run: "r1", Start: noon.Add(-3 * time.Hour), Renewed: noon.Add(-time.Minute + time.Second), Time: LeaseTime}
	if held.Free("r2", noon) || !held.Free("r1", noon) || !held.Free("r2", noon.Add(time.Second)) {
		t.Error("a Lease is free for its own run, and for others when it has not been renewed for its time")
	}
	if !(Lease{}).Free("r2", noon) {
		t.Error("a Lease that nobody holds is not free")
	}
	if got, want := held.Age(noon), "2026-03-01 09:00:00 UTC (3 h ago)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
