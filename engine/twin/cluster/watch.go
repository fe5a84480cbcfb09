package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// watcher is one open watch. Its queue is not bounded: a reader that is slow makes nobody wait.
type watcher struct {
	call  call
	queue []event // to be sent
	ended bool
	ready chan struct{} // holds one token when there is something to do
}

func newWatcher(k call) *watcher { return &watcher{call: k, ready: make(chan struct{}, 1)} }

// tell queues what a change means to the watcher: an object that enters or leaves its selection was added or deleted.
func (w *watcher) tell(c change) {
	if c.resource != w.call.kind.resource() {
		return
	}
	was := c.before != nil && w.call.matches(c.before)
	is := c.after != nil && w.call.matches(c.after)
	switch {
	case was && is:
		w.add("MODIFIED", c.after)
	case is:
		w.add("ADDED", c.after)
	case was:
		last := copyOf(c.before)
		put(last, strconv.Itoa(c.version), "metadata", "resourceVersion")
		w.add("DELETED", last)
	}
}

func (w *watcher) add(kind string, object map[string]any) {
	w.queue = append(w.queue, event{kind, object})
	w.poke()
}

// event is one that waits to be sent.
type event struct {
	kind   string
	object map[string]any
}

// told is an event as the client of a watch wants it.
func (c *Cluster) told(k call, e event) map[string]any {
	var object any = e.object
	if e.kind != "BOOKMARK" {
		shown := c.shown(k.kind, e.object)
		object = shown
		if k.table {
			object = c.table(k.kind, []any{shown}, map[string]any{"resourceVersion": at(shown, "metadata", "resourceVersion")})
		}
	}
	return map[string]any{"type": e.kind, "object": object}
}

// seenAll is the bookmark that ends what there was when a watch began.
func (w *watcher) seenAll(version int) {
	w.add("BOOKMARK", map[string]any{"apiVersion": w.call.kind.apiVersion(), "kind": w.call.kind.Name, "metadata": map[string]any{
		"resourceVersion": strconv.Itoa(version), "creationTimestamp": nil, "annotations": map[string]any{metav1.InitialEventsAnnotationKey: "true"},
	}})
}

func (w *watcher) end() {
	w.ended = true
	w.poke()
}

func (w *watcher) poke() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// watch answers a watch until its client or the cluster ends it.
func (c *Cluster) watch(w http.ResponseWriter, r *http.Request, k call) {
	mine, expired := c.subscribe(k)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	out := json.NewEncoder(w)
	flush := w.(http.Flusher).Flush
	flush()
	if expired {
		out.Encode(map[string]any{"type": "ERROR", "object": metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Code: http.StatusGone,
			Reason: metav1.StatusReasonExpired, Message: fmt.Sprintf("too old resource version: %s", k.version),
		}})
		return
	}
	defer c.unsubscribe(mine)
	for {
		select {
		case <-r.Context().Done():
			return
		case <-mine.ready:
		}
		events, ended := c.take(mine)
		for _, e := range events {
			if out.Encode(e) != nil {
				return
			}
		}
		flush()
		if ended {
			return
		}
	}
}

// subscribe begins a watch with what has happened since the version asked for.
func (c *Cluster) subscribe(k call) (mine *watcher, expired bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mine = newWatcher(k)
	from, err := strconv.Atoi(k.version)
	switch {
	case err != nil || from == 0 || k.initial:
		for _, o := range c.world.all(k.kind.resource()) {
			mine.tell(change{resource: k.kind.resource(), after: o})
		}
		if k.initial {
			mine.seenAll(c.world.version)
		}
	case from < c.world.oldest:
		return nil, true
	default:
		for _, past := range c.world.history {
			if past.version > from {
				mine.tell(past)
			}
		}
	}
	c.world.watches[mine] = true
	return mine, false
}

func (c *Cluster) unsubscribe(w *watcher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.world.watches, w)
}

func (c *Cluster) take(w *watcher) ([]any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var events []any
	for _, e := range w.queue {
		events = append(events, c.told(w.call, e))
	}
	w.queue = nil
	return events, w.ended
}
