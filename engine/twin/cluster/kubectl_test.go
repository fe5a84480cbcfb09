package cluster

// The real kubectl against the twin: found in the PATH, or in the cache of the rig, which builds one.

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// kubectl runs the real program with a cluster's kubeconfig.
type kubectl struct {
	t    *testing.T
	argv []string
	env  []string
}

func findKubectl(t *testing.T, c *Cluster) kubectl {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(file, c.Kubeconfig(), 0o600); err != nil {
		t.Fatal(err)
	}
	k := kubectl{t: t, env: append(os.Environ(), "KUBECONFIG="+file, "HOME="+dir)}
	cache := os.Getenv("DRYDOCK_CACHE")
	if cache == "" {
		home, _ := os.UserCacheDir()
		cache = filepath.Join(home, "drydock")
	}
	stack := filepath.Join(cache, "kube", "bin", "kubestack")
	if _, err := os.Stat(stack); err == nil {
		k.argv = []string{stack, "kubectl"}
	} else if path, err := exec.LookPath("kubectl"); err == nil {
		k.argv = []string{path}
	} else {
		t.Skip("there is no kubectl in the PATH, and no rig has built one")
	}
	return k
}

// run runs kubectl, with its words split at blanks, and returns what it printed.
func (k kubectl) run(line, stdin string) (string, error) {
	k.t.Helper()
	argv := append(k.argv[1:len(k.argv):len(k.argv)], strings.Fields(line)...)
	cmd := exec.CommandContext(k.t.Context(), k.argv[0], argv...) //nolint:gosec // the test's own words
	cmd.Env, cmd.Stdin = k.env, strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// TestKubectl works with a cluster as an administrator does.
func TestKubectl(t *testing.T) {
	c, err := K3s(Config{}, Sized(3, 2))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	k := findKubectl(t, c)
	metrics := ""
	for _, p := range c.List("pods") {
		if strings.HasPrefix(nameOf(p), "metrics-server") {
			metrics = text(p, "spec", "nodeName")
		}
	}
	lease := "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: mine, namespace: kube-system}\nspec: {holderIdentity: me}\n"
	deployment := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, namespace: default, labels: {v: '%'}}\nspec:\n  replicas: 2\n" +
		"  selector: {matchLabels: {app: shop}}\n  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: c, image: shop}]}}\n"
	for _, one := range []struct{ line, stdin, want string }{
		{"version", "", "Server Version: v1.37.2+k3s1"},
		{"get nodes", "", "master-1   Ready    control-plane,etcd,master"},
		{"get nodes -o wide", "", "10.0.0.11     <none>        Debian GNU/Linux 12 (bookworm)   6.1.0-37-amd64"},
		{"get pods -A", "", "kube-system       traefik-rs-"},
		{"get pods -n default -o wide", "", "db-0"},
		{"get pods -n default db-0 -o jsonpath={.status.phase}", "", "Running"},
		{"describe node master-1", "", "EtcdIsVoter"},
		{"describe node worker-1", "", "Non-terminated Pods:"},
		{"describe pod db-0 -n default", "", "data-db-0"},
		{"get volumes.longhorn.io -n longhorn-system", "", "v1            attached   healthy"},
		{"get lhn -n longhorn-system", "", "worker-1   True    true              True"},
		{"get deploy,sts,ds,pdb,pvc,pv,leases,csinodes,volumeattachments -A", "", "deployment.apps/web"},
		{"api-resources", "", "volumeattachments"},
		{"apply -f -", lease, "lease.coordination.k8s.io/mine created"},
		{"apply -f -", strings.Replace(lease, "me}", "you}", 1), "lease.coordination.k8s.io/mine configured"},
		{"apply --server-side -f -", strings.Replace(lease, "mine", "ours", 1), "lease.coordination.k8s.io/ours serverside-applied"},
		{"apply -f -", strings.Replace(deployment, "%", "1", 1), "deployment.apps/shop created"},
		{"apply -f -", strings.Replace(deployment, "%", "2", 1), "deployment.apps/shop configured"},
		{"rollout status deployment/shop --timeout=20s", "", "successfully rolled out"},
		{"wait --for=condition=Available deployment/shop --timeout=20s", "", "condition met"},
		{"wait --for=condition=Ready nodes --all --timeout=20s", "", "master-3 condition met"},
		{"scale deployment/shop --replicas=1", "", "scaled"},
		{"get deploy shop", "", "1/1"},
		{"delete deployment shop --timeout=20s", "", `deployment.apps "shop" deleted`},
		{"get pods -l app=shop", "", "No resources found"},
		{"auth can-i delete nodes", "", "yes"},
		{"annotate node worker-1 a=b", "", "node/worker-1 annotated"},
		{"label node worker-1 a=b", "", "node/worker-1 labeled"},
		{"taint node worker-1 a=b:NoSchedule", "", "node/worker-1 tainted"},
		{"taint node worker-1 a-", "", "node/worker-1 untainted"},
		{"cordon worker-1", "", "node/worker-1 cordoned"},
		{"uncordon worker-1", "", "node/worker-1 uncordoned"},
		{"drain METRICS --ignore-daemonsets", "", "FAILS: cannot delete Pods with local storage (use --delete-emptydir-data to override): kube-system/metrics-server"},
		{"uncordon METRICS", "", "uncordoned"},
		{"drain worker-1 --ignore-daemonsets --delete-emptydir-data --timeout=60s", "", "node/worker-1 drained"},
		{"get nodes", "", "worker-1   Ready,SchedulingDisabled"},
		{"uncordon worker-1", "", "node/worker-1 uncordoned"},
		{"get events -A", "", ""},
	} {
		out, err := k.run(strings.Replace(one.line, "METRICS", metrics, 1), one.stdin)
		want, fails := strings.CutPrefix(one.want, "FAILS: ")
		if !strings.Contains(out, want) || (err != nil) != fails {
			t.Errorf("kubectl %s: %v, want %q in\n%s", one.line, err, one.want, out)
		}
	}
}

// TestKubectlWatches reads what kubectl get -w prints while a node is cordoned.
func TestKubectlWatches(t *testing.T) {
	c, err := K3s(Config{}, Sized(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	k := findKubectl(t, c)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute) // so that a silent kubectl is told, not waited for
	defer stop()
	cmd := exec.CommandContext(ctx, k.argv[0], append(k.argv[1:len(k.argv):len(k.argv)], "get", "nodes", "-w")...) //nolint:gosec // the test's own words
	cmd.Env = k.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for _, want := range []string{"STATUS", "master-1", "worker-1   Ready    ", "worker-1   Ready,SchedulingDisabled"} {
		if !lines.Scan() || !strings.Contains(lines.Text(), want) {
			t.Fatalf("kubectl printed %q, want %s", lines.Text(), want)
		}
		if strings.HasSuffix(want, "Ready    ") {
			if err := c.Change("nodes", "", "worker-1", func(n map[string]any) { put(n, true, "spec", "unschedulable") }); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	cmd.Wait() // its error is that it was ended
}
