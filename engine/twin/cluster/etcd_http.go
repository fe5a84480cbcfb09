package cluster

// What a server answers for its etcd on the port for metrics.

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// EtcdHandler answers what a server's etcd answers on 127.0.0.1:2381: /health and /metrics. While the server's K3s does not run,
// connections are broken without an answer.
func (c *Cluster) EtcdHandler(node string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		i := slices.IndexFunc(c.etcd.members, func(m Member) bool { return m.Node == node })
		answers := i >= 0 && c.machine(node).lives()
		body, code := "", http.StatusOK
		if answers && r.URL.Path == "/metrics" {
			body = c.etcdMetrics(c.etcd.members[i])
		} else if answers {
			body, code = c.etcdHealth(c.etcd.members[i])
		}
		c.mu.Unlock()
		switch {
		case !answers:
			panic(http.ErrAbortHandler)
		case r.URL.Path != "/metrics" && r.URL.Path != "/health":
			http.NotFound(w, r)
		default:
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	})
}

func (c *Cluster) etcdHealth(m Member) (string, int) {
	switch {
	case c.etcd.leader == "":
		return `{"health":"false","reason":"RAFT NO LEADER"}`, http.StatusServiceUnavailable
	case !c.memberUp(m):
		return `{"health":"false","reason":"RANGE ERROR: context deadline exceeded"}`, http.StatusServiceUnavailable
	}
	return `{"health":"true","reason":""}`, http.StatusOK
}

func (c *Cluster) etcdMetrics(m Member) string {
	bit := map[bool]int{true: 1}
	var out strings.Builder
	for _, one := range []struct {
		name string
		kind string
		n    int
	}{
		{"etcd_server_has_leader", "gauge", bit[c.etcd.leader != ""]},
		{"etcd_server_is_leader", "gauge", bit[c.etcd.leader == m.Node]},
		{"etcd_server_is_learner", "gauge", bit[m.Learner]},
		{"etcd_server_leader_changes_seen_total", "counter", c.etcd.changes},
		{"etcd_mvcc_db_total_size_in_bytes", "gauge", 20971520},
		{"etcd_server_quota_backend_bytes", "gauge", 2147483648},
	} {
		fmt.Fprintf(&out, "# TYPE %s %s\n%s %d\n", one.name, one.kind, one.name, one.n)
	}
	out.WriteString("# TYPE etcd_network_known_peers gauge\n")
	for _, peer := range c.etcd.members { // itself and those that are dead among them
		fmt.Fprintf(&out, "etcd_network_known_peers{Local=\"%x\",Remote=\"%x\"} 1\n", m.ID, peer.ID)
	}
	return out.String()
}
