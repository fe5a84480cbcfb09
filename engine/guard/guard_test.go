package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	twin "github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

// plain is a cluster whose volumes all have replicas elsewhere.
func plain() twin.Spec { return twin.Sized(3, 3) }

// TestANodeIsTakenAndGivenBack: drain, reboot and uncordon of one node, and what is written on it meanwhile.
func TestANodeIsTakenAndGivenBack(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		g := b.guard(Config{})
		defer g.Close(context.Background())
		a := b.permit(g, b.drain("worker-1"))
		if a.Node != "worker-1" || len(a.Evidence) == 0 {
			t.Errorf("%+v", a)
		}
		if run, before := b.note("worker-1", kube.MarkRun), b.note("worker-1", kube.MarkBefore); run != "r1" || before != "false" {
			t.Errorf("marked by %q, before %q", run, before)
		}
		b.cordon("worker-1", true)
		a.Done(context.Background())
		b.permit(g, b.reboot("worker-1")).Done(context.Background())
		a = b.permit(g, b.uncordon("worker-1"))
		if a.Skip != "" || b.note("worker-1", kube.MarkRun) != "r1" {
			t.Errorf("skip %q; the marks must stay until the node takes pods: %q", a.Skip, b.note("worker-1", kube.MarkRun))
		}
		b.cordon("worker-1", false)
		a.Done(context.Background())
		if run := b.note("worker-1", kube.MarkRun); run != "" {
			t.Errorf("still marked by %q", run)
		}
	})
}

// TestForeignCordons: F02, F05.
func TestForeignCordons(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		b.cordon("worker-2", true)
		g := b.guard(Config{})
		defer g.Close(context.Background())
		b.refused(g, b.drain("worker-1"), "node worker-2 is cordoned", "by no run of Drydock", "kubectl uncordon worker-2", "--accept other-node=worker-2")
		if a := b.permit(g, b.uncordon("worker-2")); !strings.Contains(a.Skip, "worker-2 stays cordoned") {
			t.Errorf("%+v", a)
		}
		bold := b.guard(Config{Accept: []string{"other-node=worker-2"}})
		defer bold.Close(context.Background())
		for _, e := range b.permit(bold, b.drain("worker-1")).Evidence {
			if e.About == "worker-2" && e.State != Accepted {
				t.Errorf("%+v", e)
			}
		}
	})
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		b.cordon("worker-1", true)
		g := b.guard(Config{})
		defer g.Close(context.Background())
		b.permit(g, b.drain("worker-1")).Done(context.Background())
		if a := b.permit(g, b.uncordon("worker-1")); !strings.Contains(a.Skip, "as it was before this run") || b.note("worker-1", kube.MarkRun) != "" {
			t.Errorf("%+v, marked by %q", a, b.note("worker-1", kube.MarkRun))
		}
	})
}

// TestOneRunAtATime: F01, and that nothing is written by the second.
func TestOneRunAtATime(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		first := b.guard(Config{Run: "r1"})
		b.permit(first, b.drain("worker-1")).Done(context.Background())
		time.Sleep(10 * time.Minute) // renewed all the while
		kill(first)                  // which would go on to renew it below
		before := len(b.writes())
		second := b.guard(Config{Run: "r2", Holder: "bob@laptop", Disrupts: true})
		defer second.Close(context.Background())
		for _, err := range []error{second.Enter(context.Background(), b.ask("worker-2", module.Disruption{})), permitErr(second, b.drain("worker-2"))} {
			var locked *Locked
			if !errors.As(err, &locked) || locked.Holder != "ann@desk" || locked.Run != "r1" || !strings.Contains(locked.Age, "10 min ago") {
				t.Errorf("%v, want it held by ann since 10 min", err)
			}
		}
		if after := b.writes(); len(after) != before {
			t.Errorf("the second run wrote %v", after[before:])
		}
		if err := first.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := second.Enter(context.Background(), b.ask("worker-2", module.Disruption{})); err != nil {
			t.Errorf("given back, and still: %v", err)
		}
	})
}

func permitErr(g *Guard, r Request) error {
	_, err := g.Permit(context.Background(), r)
	return err
}

// TestSweep: a process that dies between an uncordon and its end leaves its marks on a node that takes pods; the run takes them off when it ends.
func TestSweep(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		g := b.guard(Config{Run: "r1"})
		b.permit(g, b.drain("worker-1"))
		if got := b.note("worker-1", kube.MarkRun); got != "r1" {
			t.Fatalf("it is not marked: %q", got)
		}
		if err := g.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := b.note("worker-1", kube.MarkRun); got != "" {
			t.Errorf("it was never cordoned and is marked by %s", got)
		}
	})
}

// TestTakeover: F04. A holder that fell silent is taken over after its time, one that was begun here and has died at once; its node is known by its marks.
func TestTakeover(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		dead := b.guard(Config{Run: "dead"})
		b.permit(dead, b.drain("worker-1"))
		b.cordon("worker-1", true)
		kill(dead)
		time.Sleep(kube.LeaseTime / 2)
		if err := permitErr(b.guard(Config{Run: "r2"}), b.drain("worker-2")); !errors.As(err, new(*Locked)) {
			t.Errorf("its time is not over: %v", err)
		}
		died := func(id string) (bool, bool) { return id == "dead", id == "dead" }
		heir := b.guard(Config{Run: "r4", Runs: died})
		b.refused(heir, b.drain("worker-2"), "node worker-1 is cordoned by run dead")
		b.permit(heir, b.drain("worker-1")) // nobody will renew the Lease of a process that is known to be dead
		if before := b.note("worker-1", kube.MarkBefore); before != "false" {
			t.Errorf("the cordon of a run that died counts as what was before: %q", before)
		}
		b.remark("worker-1", "dead")
		heir.Close(context.Background())
		stranger := b.guard(Config{Run: "r3"})
		defer stranger.Close(context.Background())
		b.refused(stranger, b.drain("worker-2"), "node worker-1 is cordoned by run dead")
		b.refused(stranger, b.drain("worker-1"), "worker-1 is in work by run dead, of which nothing is known here")
		if a := b.permit(stranger, b.uncordon("worker-1")); !strings.Contains(a.Skip, "run dead has cordoned it") {
			t.Errorf("%+v", a)
		}
		stranger.Close(context.Background())
		again := b.guard(Config{Run: "dead"})
		defer again.Close(context.Background())
		if a := b.permit(again, b.uncordon("worker-1")); a.Skip != "" {
			t.Errorf("a resumed run may not undo its own cordon: %s", a.Skip)
		}
	})
}

// kill ends what a guard does in the background, as the end of its process would.
func kill(g *Guard) {
	for _, c := range g.clusters {
		c.hold.stop()
		<-c.hold.done
	}
}

// TestALostHoldIsSeen: somebody else took the cluster while this run was asleep.
func TestALostHoldIsSeen(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		g := b.guard(Config{Run: "r1"})
		b.permit(g, b.drain("worker-1")).Done(context.Background())
		kill(g)
		time.Sleep(2 * kube.LeaseTime)
		other := b.guard(Config{Run: "r2"})
		defer other.Close(context.Background())
		b.permit(other, b.drain("worker-1"))
		if err := permitErr(g, b.reboot("worker-1")); !errors.As(err, new(*Locked)) {
			t.Errorf("%v, want it locked", err)
		}
	})
}

// TestOneNodeAtATime: a second host of the same run waits for the first, and then for all to be well for a while.
func TestOneNodeAtATime(t *testing.T) {
	inBubble(t, plain(), func(t *testing.T, b *bed) {
		g := b.guard(Config{Accept: []string{"longhorn-attached"}})
		defer g.Close(context.Background())
		first := b.permit(g, b.reboot("worker-1"))
		began := time.Now()
		done := make(chan error)
		go func() { done <- permitErr(g, b.reboot("worker-2")) }()
		time.Sleep(2 * time.Minute)
		select {
		case err := <-done:
			t.Fatalf("the second did not wait: %v", err)
		default:
		}
		first.Done(context.Background())
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d < 2*time.Minute+30*time.Second || d > 3*time.Minute {
			t.Errorf("it took %s, want two minutes for the first and half a minute of calm", d)
		}
		for _, line := range []string{"reboot waits: this run is at node worker-1 (reboot) (since ", "it must stay so for 30s"} {
			if !b.heard(line) {
				t.Errorf("nobody was told %q: %v", line, b.said)
			}
		}
	})
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		g := b.guard(Config{})
		defer g.Close(context.Background())
		b.permit(g, b.drain("worker-1")).Done(context.Background())
		b.cordon("worker-1", true)
		b.refused(g, b.drain("worker-2"), "this run itself has node worker-1 out of service", "serial: 1")
	})
}

// TestAStaleReadyIsNotBelieved: F32, the previous node's Ready is of an earlier boot than its host's.
func TestAStaleReadyIsNotBelieved(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes, NoLonghorn: true}, func(t *testing.T, b *bed) {
		g := b.guard(Config{Limits: Limits{Wait: 5 * time.Minute}})
		defer g.Close(context.Background())
		b.permit(g, b.reboot("worker-1")).Done(context.Background())
		b.shows["worker-1"] = strings.Replace(b.shows["worker-1"], "@@ boot\n", "@@ boot\nnew-", 1)
		b.refused(g, b.reboot("worker-2"), "node worker-1 is called Ready by an earlier boot", "for 5m0s now")
	})
}

// TestTheAPIGoesAway: F11, no answer is no leave and no refusal.
func TestTheAPIGoesAway(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		g := b.guard(Config{})
		defer g.Close(context.Background())
		b.permit(g, b.drain("worker-1")).Done(context.Background())
		b.cordon("worker-1", true)
		b.Break(twin.Fault{Times: -1, Status: 503})
		time.AfterFunc(4*time.Minute, b.Mend)
		began := time.Now()
		b.permit(g, b.reboot("worker-1"))
		if d := time.Since(began); d < 4*time.Minute || d > 5*time.Minute {
			t.Errorf("leave after %s", d)
		}
		if !b.heard("does not answer") {
			t.Errorf("%v", b.said)
		}
	})
}

// TestVolumes: F13, F14, F16, F20 with Longhorn played by the twin.
func TestVolumes(t *testing.T) {
	single := plain()
	single.Apps = append(single.Apps, twin.AppSpec{Name: "lonely", Volume: &twin.VolumeSpec{Replicas: 1}})
	inBubble(t, single, func(t *testing.T, b *bed) {
		node := ""
		for _, r := range b.List("replicas.longhorn.io") {
			if spec := r["spec"].(map[string]any); strings.Contains(b.claim(spec["volumeName"].(string)), "lonely") {
				node, _ = spec["nodeID"].(string)
			}
		}
		g := b.guard(Config{})
		no := b.refused(g, b.drain(node), "has its only replica on "+node, "give it a second replica", "--accept longhorn-single-replica=default/lonely")
		if len(no.Broken) != 1 {
			t.Errorf("%+v", no.Broken)
		}
		g.Close(context.Background())
		bold := b.guard(Config{Accept: []string{"longhorn-single-replica=default/lonely"}})
		defer bold.Close(context.Background())
		b.permit(bold, b.drain(node))
	})
	inBubble(t, plain(), func(t *testing.T, b *bed) {
		v := b.List("volumes.longhorn.io")[0]
		node := v["status"].(map[string]any)["currentNodeID"].(string)
		g := b.guard(Config{})
		defer g.Close(context.Background())
		b.refused(g, b.reboot(node), "is in use on "+node, "its data would be cut off", "drain the node first", "--accept longhorn-attached=")
	})
}

func (b *bed) claim(volume string) string {
	o, _ := b.Get("volumes.longhorn.io", "longhorn-system", volume)
	status, _ := o["status"].(map[string]any)
	k, _ := status["kubernetesStatus"].(map[string]any)
	name, _ := k["pvcName"].(string)
	return name
}

// TestServers: F22, F23: a server goes while its etcd can spare it.
func TestServers(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		g := b.guard(Config{})
		defer g.Close(context.Background())
		b.permit(g, b.drain("master-1"))
	})
	two := twin.Spec{Nodes: plain().Nodes[1:]}
	inBubble(t, two, func(t *testing.T, b *bed) {
		g := b.guard(Config{})
		b.refused(g, b.drain("master-2"), "etcd has 2 members and needs 2", "--accept etcd-quorum=master-2")
		g.Close(context.Background())
		bold := b.guard(Config{Accept: []string{"etcd-quorum=master-2"}})
		defer bold.Close(context.Background())
		b.permit(bold, b.drain("master-2"))
	})
}

// TestHostsAndClusters: where the cluster of a host is found, and what a host that is of none costs.
func TestHostsAndClusters(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		b.hosts = append(b.hosts, "mail")
		g := b.guard(Config{Disrupts: true})
		defer g.Close(context.Background())
		if err := g.Enter(context.Background(), b.ask("mail", module.Disruption{})); err != nil {
			t.Fatal(err)
		}
		if a := b.permit(g, b.reboot("mail")); a.Node != "" || len(b.writes()) != 0 || b.looks("mail", "look for a node") != 1 {
			t.Errorf("%+v, wrote %v, %d looks", a, b.writes(), b.looks("mail", "look for a node"))
		}
		b.hosts = append(b.hosts, "hidden") // shows nothing of K3s, and has a node's machine id
		b.shows["hidden"] = strings.Replace(strings.Replace(b.shows["worker-2"], "/var/lib/rancher/k3s\n", "", 1), "hostname\nworker-2", "hostname\nhidden", 1)
		if a := b.permit(g, b.reboot("hidden")); a.Node != "worker-2" {
			t.Errorf("%+v", a)
		}
		strict := b.guard(Config{Mode: Require, Run: "r2"})
		defer strict.Close(context.Background())
		b.refused(strict, b.reboot("mail"), "mail is a node of no cluster", "drydock_node", "--guard off")
	})
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		b.configs["master-1"], b.configs[localhost] = b.configs[localhost], "" // only a server has one
		g := b.guard(Config{})
		defer g.Close(context.Background())
		if a := b.permit(g, b.reboot("worker-1")); a.Node != "worker-1" {
			t.Errorf("%+v", a)
		}
		delete(b.configs, "master-1")
		blind := b.guard(Config{Run: "r3"})
		if a := b.permit(blind, b.drain("worker-1")); a.Node != "" { // kubectl without a kubeconfig does nothing either
			t.Errorf("%+v", a)
		}
		lost := b.guard(Config{Run: "r2"})
		b.refused(lost, b.reboot("worker-1"), "worker-1 runs K3s", "its cluster cannot be looked at", "drydock_kubeconfig", "--guard off")
	})
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		b.shows["box"] = strings.Replace(b.shows["worker-1"], "hostname\nworker-1", "hostname\nbox", 1)
		b.hosts = append(b.hosts, "box")
		b.shows["clone"] = "@@ trace\n/var/lib/rancher/k3s\n@@ hostname\nunknown\n@@ end\n"
		b.hosts = append(b.hosts, "clone")
		g := b.guard(Config{})
		defer g.Close(context.Background())
		if a := b.permit(g, b.reboot("box")); a.Node != "worker-1" { // F45: by its machine id
			t.Errorf("%+v", a)
		}
		b.refused(g, b.reboot("clone"), "no node of the cluster has its name", "drydock_node")
		b.vars["clone.drydock_node"] = "worker-1"
		b.permit(g, b.reboot("clone"))
	})
}

func TestAcceptIsChecked(t *testing.T) {
	for word, want := range map[string]string{
		"longhorn-single-replica=pvc-1": "", "etcd-quorum": "", "longhorn-singel-replica=x": `did you mean "longhorn-single-replica"?`, "nonsense": "there are node",
	} {
		_, err := New(Config{Accept: []string{word}})
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", word, err, want)
		}
	}
}

// TestADegradedVolumeHoldsTheNextNode: F14 and F16, a volume that does not get better is waited for while it moves, and the next node is not touched.
// Nobody plays Longhorn here but the test.
func TestADegradedVolumeHoldsTheNextNode(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes, NoLonghorn: true}, func(t *testing.T, b *bed) {
		if err := b.Load("apiVersion: v1\nkind: Namespace\nmetadata: {name: longhorn-system}\n"); err != nil {
			t.Fatal(err)
		}
		b.vars["worker-2."+StillVariable] = "60"
		g := b.guard(Config{})
		defer g.Close(context.Background())
		b.permit(g, b.drain("worker-1")).Done(context.Background())
		if err := b.Load(ill(10)); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < 5; i++ { // it moves for longer than it may stand still
			time.AfterFunc(time.Duration(i)*45*time.Second, func() {
				if err := b.Load(ill(10 + 10*i)); err != nil {
					t.Error(err)
				}
			})
		}
		began := time.Now()
		b.refused(g, b.drain("worker-2"), "volume pvc-ill", "rebuilding a replica, 50 %", "--accept longhorn-degraded=pvc-ill")
		if d := time.Since(began); d < 4*time.Minute || d > 5*time.Minute {
			t.Errorf("refused after %s, want three minutes of progress and one of none", d)
		}
		for _, w := range b.writes() {
			if strings.Contains(w, "nodes/worker-2") {
				t.Errorf("it wrote %s", w)
			}
		}
	}, twin.Longhorn()...)
}

// ill is a volume that is rebuilt, so far.
func ill(percent int) string {
	return fmt.Sprintf(`apiVersion: longhorn.io/v1beta2
kind: Volume
metadata: {name: pvc-ill, namespace: longhorn-system}
spec: {numberOfReplicas: 2}
status: {state: attached, robustness: degraded, currentNodeID: worker-3}
---
apiVersion: longhorn.io/v1beta2
kind: Engine
metadata: {name: pvc-ill-e-0, namespace: longhorn-system}
spec: {volumeName: pvc-ill}
status: {rebuildStatus: {"tcp://10.0.0.1:10000": {isRebuilding: true, progress: %d}}}
`, percent)
}

// TestOthersWhoTakeNodes: kured and the system-upgrade-controller are waited for, and named.
func TestOthersWhoTakeNodes(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		const kured = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: kured, namespace: kured, annotations: {weave.works/kured-node-lock: '{"nodeID":"worker-3","created":"2000-01-01T00:00:00Z"}'}}
spec: {selector: {matchLabels: {app: kured}}, template: {metadata: {labels: {app: kured}}, spec: {containers: [{name: c, image: kured}]}}}
`
		if err := b.Load(kured); err != nil {
			t.Fatal(err)
		}
		g := b.guard(Config{})
		defer g.Close(context.Background())
		b.refused(g, b.drain("worker-1"), "kured has its lock for node worker-3", "DaemonSet kured/kured", "for 1m0s now", "--accept kured-lock=worker-3")
	})
}

// TestMembersAreAsked: what etcd says itself counts, dead members too.
func TestMembersAreAsked(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		well := func(leader, members int) string {
			s := fmt.Sprintf("etcd_server_has_leader 1\netcd_server_is_leader %d\netcd_server_is_learner 0\n", leader)
			for i := range members {
				s += fmt.Sprintf("etcd_network_known_peers{Local=\"1\",Remote=\"%d\"} 1\n", i)
			}
			return s
		}
		b.etcd = map[string]string{"master-1": well(1, 3), "master-2": well(0, 3), "master-3": well(0, 3)}
		g := b.guard(Config{})
		defer g.Close(context.Background())
		a := b.permit(g, b.drain("master-1"))
		if !slices.ContainsFunc(a.Evidence, func(e Evidence) bool { return e.Check == kube.CheckQuorum && e.State == Holds }) {
			t.Errorf("%+v", a.Evidence)
		}
		g.Close(context.Background())
		b.etcd["master-2"] = well(0, 4) // F22: a member that nobody remembers
		ghost := b.guard(Config{Run: "r2"})
		b.refused(ghost, b.drain("master-1"), "etcd has 4 members and needs 3", "etcdctl member remove")
		ghost.Close(context.Background())
		b.etcd["master-2"], b.etcd["master-3"] = well(0, 3), ""
		silent := b.guard(Config{Run: "r3"})
		defer silent.Close(context.Background())
		b.refused(silent, b.drain("master-1"), "master-3 says itself that it is not healthy")
	})
}

// TestATaskSaysItsCluster: the kubeconfig of the task's own arguments is the one that counts.
func TestATaskSaysItsCluster(t *testing.T) {
	inBubble(t, twin.Spec{Nodes: plain().Nodes}, func(t *testing.T, b *bed) {
		b.configs["/etc/elsewhere"], b.configs[localhost] = b.configs[localhost], ""
		r := b.drain("worker-1")
		r.Access = value.NewMap("kubeconfig", "/etc/elsewhere", "name", "worker-1")
		g := b.guard(Config{})
		defer g.Close(context.Background())
		if a := b.permit(g, r); a.Node != "worker-1" || a.Cluster == "" {
			t.Errorf("%+v", a)
		}
	})
}
