package cluster

// The HTTP side: from a request to a call, from an answer or a refusal to JSON.

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ServeHTTP implements http.Handler.
func (c *Cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", c.config.Now().UTC().Format(http.TimeFormat)) // by which clients know the server's time
	if f, ok := c.hit(r); ok {
		f.fail(w)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+c.token {
		sendError(w, apierrors.NewUnauthorized("Unauthorized"))
		return
	}
	if c.out(w, r) || c.discover(w, r) || c.describe(w, r) {
		return
	}
	k, err := c.parse(r)
	if err != nil {
		sendError(w, err)
		return
	}
	c.note(r, k)
	if k.kind.Name == "Pod" && (k.subresource == "log" || k.subresource == "exec") {
		c.inside(w, r, k)
		return
	}
	if r.URL.Query().Get("watch") != "" && r.URL.Query().Get("watch") != "false" {
		c.watch(w, r, k)
		return
	}
	c.mu.Lock()
	code, answer, err := c.answer(k)
	if err == nil && !k.dryRun {
		c.world.reconcile()
	}
	c.mu.Unlock()
	if err != nil {
		sendError(w, err)
		return
	}
	send(w, code, answer)
}

// out answers for a cluster whose etcd has no majority: it can neither read nor write.
func (c *Cluster) out(w http.ResponseWriter, r *http.Request) bool {
	c.mu.Lock()
	still, served := c.world.still, c.served()
	c.mu.Unlock()
	switch {
	case !still:
		return false
	case !served:
		panic(http.ErrAbortHandler) // nobody listens
	}
	if r.URL.Path == "/livez" || r.URL.Path == "/version" {
		return false
	}
	if r.URL.Path == "/readyz" || r.URL.Path == "/healthz" {
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, "[+]ping ok\n[-]etcd failed: reason withheld\n[-]etcd-readiness failed: reason withheld\nreadyz check failed\n")
		return true
	}
	sendError(w, apierrors.NewGenericServerResponse(http.StatusServiceUnavailable, r.Method, schema.GroupResource{}, "", "etcdserver: no leader", 0, true))
	return true
}

func (c *Cluster) note(r *http.Request, k call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, Request{r.Method, r.URL.Path, r.URL.RawQuery, k.dryRun})
}

// answer carries a call out. The lock is held.
func (c *Cluster) answer(k call) (int, any, error) {
	switch {
	case k.subresource == "eviction" && k.method == http.MethodPost:
		return c.evict(k)
	case k.subresource == "scale" && (k.method == http.MethodPatch || k.method == http.MethodGet || k.method == http.MethodPut) && scalable(k.kind):
		return c.scale(k)
	case k.subresource != "" && (k.subresource != "status" || !k.kind.Status):
		return 0, nil, apierrors.NewNotFound(k.group(), k.name)
	}
	switch k.method {
	case http.MethodGet:
		return c.read(k)
	case http.MethodPost:
		return c.create(k)
	case http.MethodPut:
		return c.replace(k)
	case http.MethodPatch:
		return c.patch(k)
	case http.MethodDelete:
		return c.remove(k)
	}
	return 0, nil, apierrors.NewMethodNotSupported(k.group(), k.method)
}

func send(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(body) // an error here is a client that went away
}

func sendError(w http.ResponseWriter, err error) {
	var refusal apierrors.APIStatus
	if !errors.As(err, &refusal) {
		refusal = apierrors.NewInternalError(err)
	}
	s := refusal.Status()
	s.Kind, s.APIVersion = "Status", "v1"
	if s.Details != nil && s.Details.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(s.Details.RetryAfterSeconds))
	}
	send(w, int(s.Code), s)
}
