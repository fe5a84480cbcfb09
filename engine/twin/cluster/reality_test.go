package cluster

// What the twin claims of an API server, in one function: it runs on the twin here and on a real control plane in e2e_test.go, and what
// differs is mended in the twin. All objects carry a prefix and are removed at the end.

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// server is an API server, real or not.
type server struct {
	t      *testing.T
	base   string
	http   *http.Client
	token  string // empty: the client has a certificate
	prefix string
	node   func(name string) // makes a node that runs pods
}

func TestRealityOnTheTwin(t *testing.T) {
	a := ask(t, Config{})
	reality(server{t, "https://" + a.Address(), &a.http, a.token, "twin", func(name string) {
		a.Load(fmt.Sprintf("apiVersion: v1\nkind: Node\nmetadata: {name: %s}\nstatus: {conditions: [{type: Ready, status: 'True'}]}\n", name))
	}})
}

// answer is what a server said: code, and the fields of its object.
type answer struct {
	code   int
	object map[string]any
	text   string
}

func (s server) open(method, path, content, body string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	if content != "" {
		req.Header.Set("Content-Type", content)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp
}

func (s server) do(method, path, content, body string) answer {
	s.t.Helper()
	resp := s.open(method, path, content, body)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{code: resp.StatusCode, text: string(data)}
	json.Unmarshal(data, &a.object)
	return a
}

// want asserts an answer's code, and the reason of a refusal or any other word in it.
func (s server) want(what string, a answer, code int, word string) answer {
	s.t.Helper()
	if a.code != code || !strings.Contains(a.text, word) {
		s.t.Errorf("%s: %d %.600s, want %d with %s", what, a.code, a.text, code, word)
	}
	return a
}

// soon waits for something that controllers do.
func (s server) soon(what string, true func() bool) {
	s.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 600 {
		if true() {
			return
		}
		<-tick.C
	}
	s.t.Fatalf("in vain: %s", what)
}

// events reads so many events of a watch.
func (s server) events(path string, n int) (out []map[string]any) {
	s.t.Helper()
	resp := s.open("GET", path, "", "")
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for len(out) < n && lines.Scan() {
		var e map[string]any
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func told(events []map[string]any) string {
	var out []string
	for _, e := range events {
		out = append(out, text(e, "type")+" "+text(e, "object", "metadata", "name"))
	}
	return strings.Join(out, ", ")
}

func reality(s server) {
	ns := s.prefix + "-reality"
	s.want("a namespace", s.do("POST", "/api/v1/namespaces", "application/json", `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"`+ns+`"}}`), 201, ns)
	defer s.do("DELETE", "/api/v1/namespaces/"+ns, "", "")
	for name, check := range map[string]func(s server, ns string){
		"leases": leasesHold, "patches": patchesConflict, "deletes": deletesHavePreconditions, "watches": watchesResume, "apply": applyOwnsFields,
		"refusals": refusalsHaveReasons, "lists": listsHavePages, "evictions": evictionsAskBudgets,
	} {
		s.t.Run(name, func(t *testing.T) {
			mine := s
			mine.t = t
			check(mine, ns)
		})
	}
}

const leaseSpec = `"spec":{"holderIdentity":"a","leaseDurationSeconds":60,"renewTime":"2026-03-01T02:00:00.000000Z"}`

func lease(name, meta string) string {
	return `{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"` + name + `"` + meta + `},` + leaseSpec + `}`
}

// leasesHold is the optimistic concurrency on which a lock stands: who writes on an old version is refused.
func leasesHold(s server, ns string) {
	path := "/apis/coordination.k8s.io/v1/namespaces/" + ns + "/leases"
	first := s.want("create", s.do("POST", path, "application/json", lease("one", "")), 201, `"renewTime":"2026-03-01T02:00:00.000000Z"`)
	s.want("create again", s.do("POST", path, "application/json", lease("one", "")), 409, "AlreadyExists")
	version := text(first.object, "metadata", "resourceVersion")
	s.want("update without a version", s.do("PUT", path+"/one", "application/json", lease("one", "")), 422, "must be specified for an update")
	at := func(v string) string {
		return strings.Replace(lease("one", `,"resourceVersion":"`+v+`"`), `"a"`, `"b"`, 1)
	}
	second := s.want("update", s.do("PUT", path+"/one", "application/json", at(version)), 200, `"holderIdentity":"b"`)
	s.want("update of the old version", s.do("PUT", path+"/one", "application/json", at(version)), 409, "the object has been modified")
	body := `{"metadata":{"resourceVersion":"%s"},"spec":{"holderIdentity":"c"}}`
	s.want("patch of the old version", s.do("PATCH", path+"/one", mergeType, fmt.Sprintf(body, version)), 409, "Conflict")
	s.want("patch", s.do("PATCH", path+"/one", mergeType, fmt.Sprintf(body, text(second.object, "metadata", "resourceVersion"))), 200, `"holderIdentity":"c"`)
	s.want("patch without a version", s.do("PATCH", path+"/one", mergeType, `{"spec":{"holderIdentity":"d"}}`), 200, `"holderIdentity":"d"`)
	s.want("a time of nought", s.do("PATCH", path+"/one", mergeType, `{"spec":{"leaseDurationSeconds":0}}`), 422, "must be greater than 0")
}

func configMap(name, value string) string {
	return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + name + `"},"data":{"k":"` + value + `"}}`
}

// patchesConflict shows what a JSON patch tests and a version in any patch does.
func patchesConflict(s server, ns string) {
	path := "/api/v1/namespaces/" + ns + "/configmaps"
	s.want("create", s.do("POST", path, "application/json", configMap("patched", "1")), 201, "patched")
	s.want("a test that fails", s.do("PATCH", path+"/patched", jsonType, `[{"op":"test","path":"/data/k","value":"9"}]`), 422, "Invalid")
	s.want("a test that holds", s.do("PATCH", path+"/patched", jsonType, `[{"op":"test","path":"/data/k","value":"1"},{"op":"replace","path":"/data/k","value":"2"}]`), 200, `"k":"2"`)
	s.want("a stale version", s.do("PATCH", path+"/patched", strategicType, `{"metadata":{"resourceVersion":"1"},"data":{"k":"3"}}`), 409, "Conflict")
	s.want("nothing there", s.do("PATCH", path+"/absent", mergeType, `{}`), 404, "NotFound")
	s.want("an update without a version, which this kind allows", s.do("PUT", path+"/patched", "application/json", configMap("patched", "4")), 200, `"k":"4"`)
}

func deletesHavePreconditions(s server, ns string) {
	path := "/api/v1/namespaces/" + ns + "/configmaps"
	made := s.want("create", s.do("POST", path, "application/json", configMap("deleted", "1")), 201, "deleted")
	options := `{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"%s":"%s"}}`
	s.want("another UID", s.do("DELETE", path+"/deleted", "application/json", fmt.Sprintf(options, "uid", "x")), 409, "Conflict")
	s.want("another version", s.do("DELETE", path+"/deleted", "application/json", fmt.Sprintf(options, "resourceVersion", "1")), 409, "Conflict")
	version := text(made.object, "metadata", "resourceVersion")
	s.want("this version", s.do("DELETE", path+"/deleted", "application/json", fmt.Sprintf(options, "resourceVersion", version)), 200, "Success")
	s.want("once more", s.do("DELETE", path+"/deleted", "", ""), 404, "NotFound")
}

// watchesResume goes on with a watch where another one ended, and begins one with what there is.
func watchesResume(s server, ns string) {
	path := "/api/v1/namespaces/" + ns + "/configmaps"
	only := "&labelSelector=w%3D1"
	marked := func(name string) string {
		return strings.Replace(configMap(name, "1"), `"metadata":{`, `"metadata":{"labels":{"w":"1"},`, 1)
	}
	from := text(s.do("GET", path, "", "").object, "metadata", "resourceVersion")
	s.do("POST", path, "application/json", marked("w1"))
	s.do("POST", path, "application/json", marked("w2"))
	s.do("PATCH", path+"/w1", mergeType, `{"data":{"k":"2"}}`)
	s.do("PATCH", path+"/w1", mergeType, `{"metadata":{"labels":{"w":"2"}}}`) // leaves the selection
	s.do("DELETE", path+"/w2", "", "")
	all := s.events(path+"?watch=1&resourceVersion="+from+only, 5)
	if got := told(all); got != "ADDED w1, ADDED w2, MODIFIED w1, DELETED w1, DELETED w2" {
		s.t.Fatalf("a watch told %s", got)
	}
	after := text(all[2]["object"], "metadata", "resourceVersion")
	if got := told(s.events(path+"?watch=1&resourceVersion="+after+only, 2)); got != "DELETED w1, DELETED w2" {
		s.t.Errorf("resumed after the third it told %s", got)
	}
	s.do("POST", path, "application/json", marked("w3"))
	stream := s.events(path+"?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"+only, 2)
	if got := told(stream); got != "ADDED w3, BOOKMARK " || text(stream[1], "object", "metadata", "annotations", "k8s.io/initial-events-end") != "true" {
		s.t.Errorf("a streaming list told %s, %v", got, stream)
	}
	if got := told(s.events(path+"?watch=1"+only, 1)); got != "ADDED w3" {
		s.t.Errorf("a watch without a version told %s", got)
	}
}

// applyOwnsFields is server-side apply: managers own what they set.
func applyOwnsFields(s server, ns string) {
	path := "/api/v1/namespaces/" + ns + "/configmaps/applied"
	s.want("apply", s.do("PATCH", path+"?fieldManager=one", applyType, configMap("applied", "1")), 201, `"k":"1"`)
	s.want("apply by the same", s.do("PATCH", path+"?fieldManager=one", applyType, configMap("applied", "2")), 200, `"k":"2"`)
	s.want("apply by another", s.do("PATCH", path+"?fieldManager=two", applyType, configMap("applied", "3")), 409, `"reason":"FieldManagerConflict"`)
	s.want("with force", s.do("PATCH", path+"?fieldManager=two&force=true", applyType, configMap("applied", "3")), 200, `"k":"3"`)
	s.want("without a manager", s.do("PATCH", path, applyType, configMap("applied", "3")), 422, "fieldManager")
}

// refusalsHaveReasons asks for what cannot be had.
func refusalsHaveReasons(s server, ns string) {
	path := "/api/v1/namespaces/" + ns + "/configmaps"
	s.want("a name that is none", s.do("POST", path, "application/json", configMap("Bad_Name", "1")), 422, "Invalid")
	s.want("another kind", s.do("POST", path, "application/json", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}`), 400, "BadRequest")
	s.want("another name", s.do("PUT", path+"/x", "application/json", configMap("y", "1")), 400, "the name of the object")
	s.want("no namespace", s.do("POST", "/api/v1/namespaces/nowhere-"+ns+"/configmaps", "application/json", configMap("x", "1")), 404, "NotFound")
	s.want("no kind", s.do("GET", "/apis/example.org/v1/things", "", ""), 404, "")
	s.want("a verb that is none", s.do("PUT", path, "application/json", configMap("x", "1")), 405, "MethodNotAllowed")
	s.want("a selector that is none", s.do("GET", path+"?labelSelector=%3D%3D", "", ""), 400, "BadRequest")
	made := s.want("a made name", s.do("POST", path, "application/json", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"gen-"}}`), 201, "gen-")
	if got := nameOf(made.object); len(got) != len("gen-")+5 {
		s.t.Errorf("the name made is %q", got)
	}
	s.want("a dry run", s.do("POST", path+"?dryRun=All", "application/json", configMap("dry", "1")), 201, "dry")
	s.want("after it", s.do("GET", path+"/dry", "", ""), 404, "NotFound")
}

// listsHavePages reads a list in pieces.
func listsHavePages(s server, ns string) {
	path := "/api/v1/namespaces/" + ns + "/configmaps"
	for _, name := range []string{"page-a", "page-b", "page-c"} {
		s.do("POST", path, "application/json", strings.Replace(configMap(name, "1"), `"metadata":{`, `"metadata":{"labels":{"p":"1"},`, 1))
	}
	var names []string
	next := ""
	for range 3 {
		a := s.want("a page", s.do("GET", path+"?labelSelector=p%3D1&limit=2&continue="+next, "", ""), 200, "ConfigMapList")
		for _, o := range list(a.object, "items") {
			names = append(names, nameOf(o))
		}
		if next = text(a.object, "metadata", "continue"); next == "" {
			break
		}
	}
	if got := strings.Join(names, " "); got != "page-a page-b page-c" {
		s.t.Errorf("pages gave %s", got)
	}
}

// evictionsAskBudgets evicts pods of a deployment whose budget allows none, then one.
func evictionsAskBudgets(s server, ns string) {
	node := s.prefix + "-reality-node"
	s.node(node)
	defer s.do("DELETE", "/api/v1/nodes/"+node, "", "")
	s.want("a deployment", s.do("POST", "/apis/apps/v1/namespaces/"+ns+"/deployments", "application/json", `{"apiVersion":"apps/v1","kind":"Deployment",
		"metadata":{"name":"web"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
		"spec":{"tolerations":[{"operator":"Exists"}],"containers":[{"name":"c","image":"web"}]}}}}`), 201, "web")
	budgets := "/apis/policy/v1/namespaces/" + ns + "/poddisruptionbudgets"
	s.want("a budget", s.do("POST", budgets, "application/json", `{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},
		"spec":{"maxUnavailable":0,"selector":{"matchLabels":{"app":"web"}}}}`), 201, "web")
	s.soon("two healthy pods", func() bool {
		return number(s.do("GET", budgets+"/web", "", "").object, "status", "currentHealthy") == 2
	})
	pods := "/api/v1/namespaces/" + ns + "/pods"
	all := list(s.do("GET", pods, "", "").object, "items")
	evict := func(name, query string) answer {
		return s.do("POST", pods+"/"+name+"/eviction"+query, "application/json", `{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"`+name+`","namespace":"`+ns+`"}}`)
	}
	refused := s.want("an eviction", evict(nameOf(all[0]), ""), 429, "Cannot evict pod as it would violate the pod's disruption budget.")
	if cause := list(refused.object, "details", "causes"); len(cause) != 1 || text(cause[0], "reason") != "DisruptionBudget" ||
		text(cause[0], "message") != "The disruption budget web needs 2 healthy pods and has 2 currently" {
		s.t.Errorf("the cause is %v", cause)
	}
	s.want("of nobody", evict("nobody", ""), 404, "NotFound")
	s.want("the budget opens", s.do("PATCH", budgets+"/web", mergeType, `{"spec":{"maxUnavailable":1}}`), 200, "web")
	s.soon("an allowed disruption", func() bool {
		return number(s.do("GET", budgets+"/web", "", "").object, "status", "disruptionsAllowed") == 1
	})
	s.want("a dry run", evict(nameOf(all[0]), "?dryRun=All"), 201, "Success")
	s.want("an eviction", evict(nameOf(all[0]), ""), 201, "Success")
	s.soon("another pod in its place", func() bool {
		return number(s.do("GET", budgets+"/web", "", "").object, "status", "currentHealthy") == 2 && !strings.Contains(s.do("GET", pods, "", "").text, nameOf(all[0]))
	})
}
