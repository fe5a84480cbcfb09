package faults

// F01 to F25 and what else happens to the cluster: other maintainers, pods, the API server, Longhorn, etcd.

import (
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/twin"
)

func otherRows() []row {
	return []row{
		{id: "F01", name: "second-run", fault: "another run holds the cluster's Lease", ref: "rancher/system-upgrade-controller#225", does: "ends with 5 and names who holds it; nothing is written",
			harm: []string{"foreign-lease"}, shipped: &want{code: 5, says: []string{"held by somebody-else"}}, ordinary: &want{code: 5, says: []string{"held by somebody-else"}}},
		{id: "F01", name: "kured", fault: "kured holds its lock for a node", ref: "kubereboot/kured#137", does: "waits a minute, then refuses",
			harm: []string{"kured-lock=master-2"}, shipped: untouched(kube.CheckKured), ordinary: untouched(kube.CheckKured)},
		{id: "F01", name: "upgrade-plan", fault: "the system-upgrade-controller is at work on a node", ref: "rancher/rancher#39167", does: "waits a minute, then refuses",
			harm: []string{"suc-plan=master-2"}, shipped: untouched(kube.CheckUpgradePlan), ordinary: untouched(kube.CheckUpgradePlan)},
		{id: "F02", name: "other-node-cordoned", fault: "another node is cordoned", ref: "openshift/machine-api-operator#1066", does: "refuses, and names it and who cordoned it",
			harm: []string{"other-node-cordoned=master-3"}, shipped: untouched("", "master-3 is cordoned"), ordinary: untouched(kube.CheckOtherNode, "master-3 is cordoned")},
		{id: "F03", name: "killed", fault: "the process is killed during drain, reboot or wait", ref: "kubereboot/kured#63", does: "drydock resume ends what was begun; scheduling is restored once. While a machine is down by the reboot of the process that died, resume ends with 4; once more it begins anew with that machine, and may reboot it a second time", elsewhere: "TestEveryDeath, TestSeeds"},
		{id: "F04", name: "holder-vanished", fault: "who held the Lease is gone, and does not renew it", ref: "kubereboot/kured#950", does: "takes it over when its time is up",
			spec: func(s *twin.Spec) { s.Objects += expiredLease }, shipped: finished(), ordinary: finished()},
		{id: "F05", name: "cordoned-before", fault: "a person had cordoned the node", ref: "rancher/system-upgrade-controller#341", does: "maintains it and leaves it cordoned; the shipped role then ends with the volumes that wait for the node, as Longhorn gives a cordoned node no replicas",
			prepare: func(b *bed) { b.must(b.site.Cordon("master-1")) }, plan: plan{limit: "master-1"}, shipped: &want{code: 2, booted: 1, says: []string{"waiting for master-1 (cordoned)"}}, ordinary: &want{booted: 1, says: []string{"stays cordoned"}}},
		{id: "F12", name: "watch-expired", fault: "the API server has forgotten what changed: 410 Gone", ref: "Kubernetes API concepts", does: "asks anew",
			harm: []string{"watch-410@cordoned"}, shipped: finished(), ordinary: finished()},
		{id: "F11", name: "api-gone", fault: "the API server breaks every connection for a minute", ref: "keikoproj/upgrade-manager#225", does: "asks again; no answer never counts as no pods",
			harm: []string{"api-gone@cordoned"}, shipped: finished(), ordinary: finished()},
		{id: "F11", name: "api-503", fault: "the API server answers 503 for a minute while a machine is down", ref: "keikoproj/upgrade-manager#225", does: "asks again",
			harm: []string{"api-503@down"}, shipped: finished(), ordinary: finished()},
		{id: "F53", name: "clock-ahead", fault: "the cluster's clock is ten minutes ahead", ref: "client-go's leader election", does: "goes by the server's time where times are compared",
			harm: []string{"clock-skew"}, shipped: finished(), ordinary: finished()},
		{id: "F53", name: "clock-behind", fault: "the cluster's clock is ten minutes behind", ref: "client-go's leader election", does: "goes by the server's time where times are compared",
			harm: []string{"clock-skew=-10m"}, ordinary: finished()},
	}
}

// expiredLease is that of a run somewhere else, of which nothing is heard any more.
const expiredLease = `
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: drydock, namespace: kube-system}
spec: {holderIdentity: somebody@gone, leaseDurationSeconds: 60, acquireTime: "2026-03-01T00:00:00.000000Z", renewTime: "2026-03-01T00:01:00.000000Z"}
`

// nakedPod is a pod on the second server that no controller makes again.
const nakedPod = `
---
apiVersion: v1
kind: Pod
metadata: {name: naked, namespace: default, labels: {app: naked}}
spec: {nodeName: master-2, containers: [{name: c, image: example.org/naked:1}]}
`

func podRows() []row {
	return []row{
		{id: "F06", name: "budget-closed", fault: "a budget allows no disruption, ever", ref: "kubernetes/kubernetes#66811", does: "the drain ends with the pod and its budget named; the shipped role gives the node back, a playbook without a rescue leaves it cordoned, and no other node is touched",
			harm: []string{"pdb-never=default/web"}, shipped: untouched("", "disruption budget web"), ordinary: &want{code: 2, says: []string{"disruption budget web"}, left: "master-1"}},
		{id: "F07", name: "budget-opens", fault: "a budget refuses three times before it allows an eviction", ref: "ansible-collections/kubernetes.core#711", does: "tries again until the drain's time is up",
			harm: []string{"pdb-after"}, shipped: finished(), ordinary: finished()},
		{id: "F08", name: "pod-never-ends", fault: "a finalizer holds a pod", ref: "kubernetes/kubernetes#91141", does: "the drain ends with the pod and its finalizer named; as F06",
			harm: []string{"pod-stuck-terminating=default/db-0"}, shipped: &want{code: 2, booted: 1, says: []string{"held by finalizers"}}, ordinary: &want{code: 2, booted: 1, says: []string{"held by finalizers"}, left: "master-2"}},
		{id: "F09", name: "naked-pod", fault: "a pod that no controller makes again is on the node", ref: "rancher/local-path-provisioner#476", does: "the drain refuses to delete it and names it, before the node is cordoned",
			spec: func(s *twin.Spec) { s.Objects += nakedPod }, shipped: &want{code: 2, booted: 1, says: []string{"naked"}}, ordinary: &want{code: 2, booted: 1, says: []string{"naked"}}},
		{id: "F10", name: "pod-comes-back", fault: "a pod is put on the node while it is drained", ref: "kubernetes/kubernetes#31487", does: "lists again until nothing is left, and moves it too",
			during: sendPod, shipped: finished(), ordinary: finished()},
		{id: "F47", name: "coredns", fault: "CoreDNS has one replica, on the node", ref: "k3s-io/k3s#1606", does: "moves it as any other pod; the plan lists the pods that move, and nothing is said of it alone", elsewhere: "engine/twin TestAPlanSaysWhatTheMaintenanceThenDoes"},
		{id: "F52", name: "blocking-pod", fault: "a pod appears that is not to be disturbed", ref: "kured's configuration", does: "holds the next node back until it is gone", elsewhere: "engine/twin TestAPodHoldsTheNextNodeBack"},
		{id: "F50", name: "own-pod", fault: "the pod that runs Drydock is on the node that is drained", ref: "siderolabs/tuppr#310", does: "nothing yet: Drydock does not run in the cluster", elsewhere: "not done"},
		{id: "F48", name: "svclb", fault: "a load balancer's pod on the node still gets traffic", ref: "K3s' documentation", does: "nothing yet: the node is not excluded from load balancers", elsewhere: "not done"},
	}
}

// sendPod binds a pod to the first node that is drained, after the drain has begun.
func sendPod(b *bed, p *plan) {
	sent := false
	p.at = func(e event.Event) {
		a, ok := e.(event.HostProgress)
		if !ok || sent || a.Host != "master-1" {
			return
		}
		sent = true
		pod := map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "late", "namespace": "default", "labels": map[string]any{"app": "late"},
			"ownerReferences": []any{map[string]any{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "late", "uid": "late", "controller": true}}},
			"spec": map[string]any{"nodeName": "master-1", "containers": []any{map[string]any{"name": "c", "image": "i"}}}, "status": map[string]any{"phase": "Running"}}
		if err := b.site.API.Set(pod); err != nil {
			b.t.Error(err)
		}
	}
}

func storageRows() []row {
	return []row{
		{id: "F13", name: "last-replica", fault: "a volume has its only usable replica on the node", ref: "longhorn/longhorn#2237", does: "refuses before the node is cordoned",
			harm: []string{"single-replica=master-1"}, shipped: untouched(kube.CheckSingle), ordinary: untouched(kube.CheckSingle)},
		{id: "F14", name: "degraded-before", fault: "a volume is degraded when the run begins, and its rebuild does not move", ref: "longhorn/longhorn#5781", does: "waits with its progress told, then ends before a node is touched",
			harm: []string{"volume-degraded"}, shipped: untouched("", "no progress for 900 s"), ordinary: untouched(kube.CheckDegraded, "rebuilding a replica")},
		{id: "F14", name: "degraded-between", fault: "a volume becomes degraded when the first node is back", ref: "longhorn/longhorn#1958", does: "ends before the second node is touched",
			harm: []string{"volume-degraded@uncordoned"}, shipped: &want{code: 2, booted: 1}, ordinary: &want{code: 2, booted: 1, check: kube.CheckDegraded}},
		{id: "F14", name: "faulted", fault: "no replica of a volume is usable", ref: "longhorn/longhorn#1035", does: "refuses, and names the volume",
			harm: []string{"volume-faulted"}, shipped: untouched("", "none of its replicas is usable"), ordinary: untouched(kube.CheckFaulted)},
		{id: "F15", name: "flattery", fault: "a volume is called healthy for ten seconds after an uncordon, then degraded", ref: "longhorn/longhorn#5781", does: "wants volumes whole for a while before the next node",
			harm: []string{"robustness-lags"}, shipped: finished(), ordinary: finished()},
		{id: "F16", name: "never-healthy", fault: "a rebuild makes no progress", ref: "longhorn/longhorn#11113", does: "waits for as long as a rebuild may stand still, then ends; the node that is back keeps its pods",
			harm: []string{"rebuild-frozen@down"}, shipped: &want{code: 2, booted: 1, says: []string{"no progress for 900 s"}}, ordinary: &want{code: 2, booted: 1, check: kube.CheckDegraded}},
		{id: "F17", name: "attached-by-hand", fault: "a volume is attached to the node by hand", ref: "longhorn/longhorn#3048", does: "refuses before the node is cordoned, and names the volume",
			harm: []string{"manual-attachment=master-1"}, shipped: untouched(kube.CheckManual), ordinary: untouched(kube.CheckManual)},
		{id: "F18", name: "orphan-engine", fault: "an engine runs on the node of which Longhorn has no record", ref: "longhorn/longhorn#6552", does: "refuses before the node is cordoned, and says what to delete",
			harm: []string{"orphan-engine=master-1"}, shipped: untouched(kube.CheckOrphan), ordinary: untouched(kube.CheckOrphan)},
		{id: "F18", name: "replica-of-a-deleted-node", fault: "a volume has the record of a failed replica on a node that is no more, and usable ones elsewhere", ref: "longhorn/longhorn#10833", does: "goes on: the volume is whole without it",
			harm: []string{"replica-on-deleted-node"}, shipped: finished(), ordinary: finished()},
		{id: "F19", name: "share-slow", fault: "share managers take 90 s to start", ref: "longhorn/longhorn#9022", does: "waits for the share before the next node",
			harm: []string{"share-slow"}, shipped: finished(), ordinary: finished()},
		{id: "F20", name: "attached-at-reboot", fault: "a playbook reboots a node to which volumes are attached", ref: "rwlove/home-ops#13744", does: "refuses",
			careless: untouched(kube.CheckAttached)},
		{id: "F21", name: "no-longhorn", fault: "the cluster has no Longhorn", ref: "the CRD's 404", does: "goes on without it; an API that is there and fails is an error", spec: func(s *twin.Spec) { s.NoLonghorn = true }, shipped: finished(), ordinary: finished()},
	}
}

func etcdRows() []row {
	return []row{
		{id: "F22", name: "unhealthy-member", fault: "another server's member of etcd does not keep up", ref: "k3s-io/k3s#4870", does: "refuses to touch a server",
			harm: []string{"etcd-unhealthy=master-3"}, shipped: untouched("", "master-1 is not touched"), ordinary: untouched(kube.CheckQuorum)},
		{id: "F22", name: "learner", fault: "another server's member is a learner yet", ref: "k3s-io/k3s#2316", does: "refuses to touch a server",
			harm: []string{"etcd-learner=master-3"}, shipped: untouched("", "master-1 is not touched"), ordinary: untouched(kube.CheckQuorum)},
		{id: "F22", name: "ghost", fault: "etcd has a member whose node is no more", ref: "k3s-io/k3s#4870", does: "counts it, as etcd says, and refuses",
			harm: []string{"etcd-ghost"}, shipped: untouched(kube.CheckQuorum), ordinary: untouched(kube.CheckQuorum)},
		{id: "F23", name: "two-servers", fault: "etcd has two members and can spare none", ref: "k3s-io/k3s#3723", does: "refuses unless --accept etcd-quorum",
			spec: func(s *twin.Spec) { *s = sized(2, 1) }, plan: plan{limit: "k3s_masters"}, shipped: untouched("", "majority"), ordinary: untouched(kube.CheckQuorum)},
		{id: "F23", name: "one-server", fault: "there is one server, with the only member of etcd", ref: "k3s-io/k3s#3723", does: "refuses unless --accept etcd-quorum",
			spec: func(s *twin.Spec) { *s = sized(1, 2) }, plan: plan{limit: "k3s_masters"}, shipped: untouched(kube.CheckQuorum), ordinary: untouched(kube.CheckQuorum)},
		{id: "F23", name: "one-server-accepted", fault: "as before, and a person accepts it", ref: "k3s-io/k3s#3723", does: "goes on, workers first",
			spec: func(s *twin.Spec) { *s = sized(1, 2) }, plan: plan{accept: []string{kube.CheckQuorum}}, shipped: finished(), ordinary: finished()},
		{id: "F24", name: "stale-vote", fault: "the condition EtcdIsVoter is ten minutes old", ref: "k3s-io/k3s pkg/etcd", does: "counts it as unknown, and refuses",
			harm: []string{"etcd-stale-heartbeat"}, shipped: untouched(kube.CheckQuorum), ordinary: untouched(kube.CheckQuorum)},
		{id: "F25", name: "quorum-lost-meanwhile", fault: "another server loses its power while one reboots", ref: "k3s-io/k3s#2227", does: "waits, touches no other node, and ends with what is missing",
			harm: []string{"power-lost=master-3@going-down"}, plan: plan{limit: "master-1,master-2"},
			shipped: &want{code: 2, booted: 1, left: "master-3"}, ordinary: &want{code: 2, booted: 1, left: "master-3", check: kube.CheckOtherNode}},
	}
}

func sized(servers, agents int) twin.Spec {
	s := twin.Sized(servers, agents)
	s.Times = brisk()
	return s
}
