package cluster

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// asker sends requests as the kubeconfig of a cluster would.
type asker struct {
	t *testing.T
	*Cluster
	http http.Client
}

func ask(t *testing.T, config Config) *asker {
	t.Helper()
	c, err := Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return askerOf(t, c)
}

func askerOf(t *testing.T, c *Cluster) *asker {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.cert.pem)
	return &asker{t, c, http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}}
}

func (a *asker) open(method, path, token, content, body string) *http.Response {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, "https://"+a.Address()+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", content)
	resp, err := a.http.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	return resp
}

func (a *asker) do(method, path, content, body string) string {
	a.t.Helper()
	resp := a.open(method, path, a.token, content, body)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, text)
}

const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"default"},"spec":{"nodeName":"n1"}}`

// TestTheUnknownIsRefused asks for what is not there, in the ways a client may get it wrong.
func TestTheUnknownIsRefused(t *testing.T) {
	a := ask(t, Config{})
	for _, c := range []struct{ method, path, content, body, want string }{
		{"GET", "/nonsense", "", "", "404"},
		{"GET", "/api/v1/nonsense", "", "", "404"},
		{"GET", "/apis/longhorn.io/v1beta2", "", "", "404"},
		{"GET", "/api/v1/nodes/n9", "", "", `nodes \"n9\" not found`},
		{"GET", "/api/v1/namespaces/default/nodes", "", "", "404"},
		{"GET", "/api/v1/pods?fieldSelector=spec.x%3D1", "", "", "field label not supported: spec.x"},
		{"GET", "/api/v1/pods?labelSelector=%3D%3D", "", "", "400"},
		{"POST", "/api/v1/namespaces/default/pods", "", `{"kind":"Node","apiVersion":"v1"}`, "400"},
		{"POST", "/api/v1/namespaces/gone/pods", "", pod, "400"},
		{"POST", "/api/v1/namespaces/default/pods", "", "{", "400"},
		{"POST", "/api/v1/namespaces/default/pods/p/nonsense", "", "", "404"},
		{"PATCH", "/api/v1/namespaces/default", "text/plain", "{}", "415"},
		{"PUT", "/api/v1/nodes/n9", "", `{"kind":"Node","apiVersion":"v1","metadata":{"name":"n9"}}`, "404"},
		{"DELETE", "/api/v1/pods", "", "", "405"},
	} {
		if got := a.do(c.method, c.path, c.content, c.body); !strings.Contains(got, c.want) {
			t.Errorf("%s %s gave %s, want %s", c.method, c.path, got, c.want)
		}
	}
	resp := a.open("GET", "/api/v1/nodes", "wrong", "", "")
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong token gave %s", resp.Status)
	}
}

// TestWatchTellsWhatAListWouldMiss reads a watch line by line.
func TestWatchTellsWhatAListWouldMiss(t *testing.T) {
	a := ask(t, Config{})
	resp := a.open("GET", "/api/v1/pods?watch=1&resourceVersion=1&fieldSelector=spec.nodeName%3Dn1", a.token, "", "")
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() string {
		if !lines.Scan() {
			return "end"
		}
		return lines.Text()
	}
	if got := a.do("POST", "/api/v1/namespaces/default/pods", "application/json", pod); !strings.HasPrefix(got, "201") {
		t.Fatal(got)
	}
	if got := next(); !strings.Contains(got, `"ADDED"`) || !strings.Contains(got, `"name":"p"`) {
		t.Errorf("first %s", got)
	}
	a.do("PATCH", "/api/v1/namespaces/default/pods/p", mergeType, `{"metadata":{"labels":{"a":"b"}}}`)
	if got := next(); !strings.Contains(got, `"MODIFIED"`) {
		t.Errorf("then %s", got)
	}
	before := len(a.List("pods"))
	a.do("PATCH", "/api/v1/namespaces/default/pods/p", mergeType, `{"metadata":{"labels":{"a":"b"}}}`) // changes nothing: no event
	a.do("PATCH", "/api/v1/namespaces/default/pods/p", mergeType, `{"spec":{"nodeName":"n2"}}`)
	if got := next(); !strings.Contains(got, `"DELETED"`) || before != 1 {
		t.Errorf("an object that leaves the selection gave %s", got)
	}
	a.Forget()
	if got := next(); got != "end" {
		t.Errorf("after the history was dropped: %s", got)
	}
	if got := a.do("GET", "/api/v1/pods?watch=1&resourceVersion=1", "", ""); !strings.Contains(got, `"code":410`) || !strings.Contains(got, `"ERROR"`) {
		t.Errorf("an old version gave %s", got)
	}
}

// TestBudgetArithmetic counts for deployments of six, and for pods that nobody replaces.
func TestBudgetArithmetic(t *testing.T) {
	for _, c := range []struct {
		spec             string
		desired, allowed int64
	}{
		{"maxUnavailable: 1", 5, 1},
		{"maxUnavailable: 50%", 3, 3},
		{"maxUnavailable: 0", 6, 0},
		{"minAvailable: 4", 4, 2},
		{"minAvailable: 50%", 3, 3},
		{"minAvailable: 100%", 6, 0},
		{"minAvailable: 9", 9, 0},
	} {
		a := ask(t, Config{})
		err := a.Load(`
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec: {replicas: 6, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {` + c.spec + `, selector: {matchLabels: {app: web}}}
`)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := a.Get("poddisruptionbudgets", "default", "web")
		if number(b, "status", "desiredHealthy") != c.desired || number(b, "status", "disruptionsAllowed") != c.allowed || number(b, "status", "currentHealthy") != 6 {
			t.Errorf("%s gave %v", c.spec, b["status"])
		}
	}
}

// TestPodsComeBackWhereTheyMay takes a node away from a deployment.
func TestPodsComeBackWhereTheyMay(t *testing.T) {
	a := ask(t, Config{})
	node := "apiVersion: v1\nkind: Node\nmetadata: {name: %s}\nstatus: {conditions: [{type: Ready, status: 'True'}]}\n---\n"
	manifest := fmt.Sprintf(node, "n1") + fmt.Sprintf(node, "n2") + `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: default}
spec: {replicas: 2, template: {metadata: {labels: {app: db}}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: default}
spec: {template: {metadata: {labels: {app: agent}}}}
`
	if err := a.Load(manifest); err != nil {
		t.Fatal(err)
	}
	where := func() string {
		var out []string
		for _, p := range a.List("pods") {
			out = append(out, text(p, "metadata", "name")+"@"+text(p, "spec", "nodeName"))
		}
		return strings.Join(out, " ")
	}
	if got := where(); got != "agent-n1@n1 agent-n2@n2 db-0@n1 db-1@n2" {
		t.Fatalf("pods are %s", got)
	}
	a.do("PATCH", "/api/v1/nodes/n1", strategicType, `{"spec":{"unschedulable":true}}`)
	if got := a.do("POST", "/api/v1/namespaces/default/pods/db-0/eviction", "application/json", `{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"db-0"}}`); !strings.HasPrefix(got, "201") {
		t.Fatal(got)
	}
	if got := where(); got != "agent-n1@n1 agent-n2@n2 db-0@n2 db-1@n2" {
		t.Errorf("after an eviction from a cordoned node pods are %s", got)
	}
}
