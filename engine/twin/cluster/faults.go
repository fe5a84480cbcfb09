package cluster

import (
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Fault is something that goes wrong with requests.
type Fault struct {
	// Times is how many matching requests it meets; below 0: all, until Mend.
	Times int
	// Match says which requests it meets; nil: all.
	Match func(r *http.Request) bool
	// Status is what they are answered; 0 breaks the connection without an answer.
	Status int

	named bool // let loose by its name
}

// Break lets a fault loose.
func (c *Cluster) Break(f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, &f)
}

// Mend ends all faults.
func (c *Cluster) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = nil
}

// hit returns the fault that meets a request, if there is one.
func (c *Cluster) hit(r *http.Request) (Fault, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		if f.Times != 0 && (f.Match == nil || f.Match(r)) {
			f.Times--
			return *f, true
		}
	}
	return Fault{}, false
}

// fail answers a request as the fault wants it.
func (f Fault) fail(w http.ResponseWriter) {
	if f.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	send(w, f.Status, apierrors.NewGenericServerResponse(f.Status, "", schema.GroupResource{}, "", "the twin was told to fail", 0, true).Status())
}
