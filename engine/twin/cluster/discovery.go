package cluster

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// discover answers what is served, and whether the request was for that: /api, /apis, one version, health and version.
func (c *Cluster) discover(w http.ResponseWriter, r *http.Request) bool {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.Method != http.MethodGet:
		return false
	case r.URL.Path == "/readyz", r.URL.Path == "/livez", r.URL.Path == "/healthz":
		health(w, r)
	case r.URL.Path == "/version":
		send(w, http.StatusOK, map[string]any{"major": "1", "minor": "37", "gitVersion": c.gitVersion})
	case r.URL.Path == "/api":
		send(w, http.StatusOK, metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
	case r.URL.Path == "/apis":
		send(w, http.StatusOK, c.groups())
	case len(parts) == 2 && parts[0] == "api":
		return c.resources(w, parts[1])
	case len(parts) == 3 && parts[0] == "apis":
		return c.resources(w, parts[1]+"/"+parts[2])
	default:
		return false
	}
	return true
}

// health answers ok, or with every check in turn.
func health(w http.ResponseWriter, r *http.Request) {
	if !r.URL.Query().Has("verbose") {
		io.WriteString(w, "ok")
		return
	}
	for _, check := range []string{"ping", "log", "etcd", "etcd-readiness", "informer-sync", "shutdown"} {
		fmt.Fprintf(w, "[+]%s ok\n", check)
	}
	fmt.Fprintf(w, "%s check passed\n", strings.TrimPrefix(r.URL.Path, "/"))
}

// kinds returns what is served at the moment.
func (c *Cluster) kinds() []Kind {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.world.kinds
}

func (c *Cluster) groups() metav1.APIGroupList {
	out := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	seen := map[string]bool{"": true}
	for _, k := range c.kinds() {
		if seen[k.Group] {
			continue
		}
		seen[k.Group] = true
		v := metav1.GroupVersionForDiscovery{GroupVersion: k.apiVersion(), Version: k.Version}
		out.Groups = append(out.Groups, metav1.APIGroup{Name: k.Group, Versions: []metav1.GroupVersionForDiscovery{v}, PreferredVersion: v})
	}
	return out
}

func (c *Cluster) resources(w http.ResponseWriter, version string) bool {
	out := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: version}
	for _, k := range c.kinds() {
		if k.apiVersion() != version {
			continue
		}
		one := metav1.APIResource{
			Name: k.Plural, SingularName: strings.ToLower(k.Name), Namespaced: k.Namespaced, Kind: k.Name, ShortNames: k.Short,
			Verbs: metav1.Verbs{"create", "delete", "get", "list", "patch", "update", "watch"},
		}
		out.APIResources = append(out.APIResources, one)
		for _, sub := range subresources(k) {
			one := metav1.APIResource{Name: k.Plural + "/" + sub, Namespaced: k.Namespaced, Kind: k.Name, Verbs: metav1.Verbs{"get"}}
			if sub == "eviction" {
				one.Group, one.Version, one.Kind, one.Verbs = "policy", "v1", "Eviction", metav1.Verbs{"create"}
			}
			if sub == "scale" {
				one.Group, one.Version, one.Kind, one.Verbs = "autoscaling", "v1", "Scale", metav1.Verbs{"get", "patch", "update"}
			}
			out.APIResources = append(out.APIResources, one)
		}
		if k.Status {
			out.APIResources = append(out.APIResources, metav1.APIResource{
				Name: k.Plural + "/status", Namespaced: k.Namespaced, Kind: k.Name, Verbs: metav1.Verbs{"get", "patch", "update"},
			})
		}
	}
	if len(out.APIResources) == 0 {
		return false
	}
	send(w, http.StatusOK, out)
	return true
}

// subresources are those that a kind has besides its status.
func subresources(k Kind) []string {
	switch {
	case k.Name == "Pod":
		return []string{"eviction", "exec", "log"}
	case scalable(k):
		return []string{"scale"}
	}
	return nil
}
