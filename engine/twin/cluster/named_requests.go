package cluster

// Faults of requests, watches, evictions and pods.

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func requestFaults() []Named {
	return []Named{
		{"api-gone", "the API server breaks every connection for a while", "F11", "keikoproj/upgrade-manager#225", ForTime,
			func(c *Cluster, arg string) error { return c.failFor(arg, 0) }, answerAgain},
		{"api-503", "the API server answers everything with 503 for a while", "F11", "keikoproj/upgrade-manager#225", ForTime,
			func(c *Cluster, arg string) error { return c.failFor(arg, http.StatusServiceUnavailable) }, answerAgain},
		{"watch-410", "the server has forgotten what changed: watches end, and an earlier version is answered 410 Gone", "F12", "", OnNone,
			func(c *Cluster, _ string) error { c.world.forget(); return nil }, nil},
		{"pdb-never", "a budget allows no disruption, ever", "F06", "kubernetes/kubernetes#66811", OnBudget, closeBudget, nil},
		{"pdb-after", "a budget refuses so many evictions, 3 if none are said, before it allows one", "F07", "ansible-collections/kubernetes.core#711", OnBudget,
			refuseFirst, func(c *Cluster) { c.refusals = nil }},
		{"pod-stuck-terminating", "a pod never ends: a finalizer holds it", "F08", "kubernetes/kubernetes#91141", OnPod, holdPod, releasePods},
		{"clock-skew", "the cluster's clock is ahead of its clients' by so much (or behind, with a minus)", "F53", "client-go's leader election", ForTime,
			func(c *Cluster, arg string) error {
				d, err := span(arg, 10*time.Minute)
				c.skew.Store(int64(d))
				return err
			}, func(c *Cluster) { c.skew.Store(0) }},
	}
}

// failFor answers every request with a status for a time; watches that are open end.
func (c *Cluster) failFor(arg string, status int) error {
	d, err := span(arg, time.Minute)
	if err != nil {
		return err
	}
	f := &Fault{Times: -1, Status: status, named: true}
	c.faults = append(c.faults, f)
	c.world.closeWatches()
	c.config.After(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		f.Times = 0
	})
	return nil
}

// answerAgain ends what failFor began; faults that were let loose otherwise go on.
func answerAgain(c *Cluster) {
	c.faults = slices.DeleteFunc(c.faults, func(f *Fault) bool { return f.named })
}

func closeBudget(c *Cluster, arg string) error {
	o, err := c.object("poddisruptionbudgets", arg)
	if err != nil {
		return err
	}
	o = copyOf(o)
	put(o, nil, "spec", "minAvailable")
	put(o, int64(0), "spec", "maxUnavailable")
	return c.world.Set(o)
}

// refuseFirst reads namespace/budget:n.
func refuseFirst(c *Cluster, arg string) error {
	arg, times, found := strings.Cut(arg, ":")
	n := 3
	if found {
		var err error
		if n, err = strconv.Atoi(times); err != nil {
			return err
		}
	}
	o, err := c.object("poddisruptionbudgets", arg)
	if err != nil {
		return err
	}
	if c.refusals == nil {
		c.refusals = map[string]int{}
	}
	c.refusals[namespaceOf(o)+"/"+nameOf(o)] = n
	return nil
}

// stuck is the finalizer of a pod that never ends.
const stuck = "twin.drydock.dev/stuck"

func holdPod(c *Cluster, arg string) error {
	p, err := c.object("pods", arg)
	if err != nil {
		return err
	}
	p = copyOf(p)
	put(p, append(list(p, "metadata", "finalizers"), stuck), "metadata", "finalizers")
	return c.world.Set(p)
}

func releasePods(c *Cluster) {
	for _, p := range c.world.all("pods") {
		var rest []any
		for _, f := range list(p, "metadata", "finalizers") {
			if f != stuck {
				rest = append(rest, f)
			}
		}
		if len(rest) == len(list(p, "metadata", "finalizers")) {
			continue
		}
		p = copyOf(p)
		if put(p, nil, "metadata", "finalizers"); rest != nil {
			put(p, rest, "metadata", "finalizers")
		}
		c.world.Set(p) // cannot fail: it was there
	}
}
