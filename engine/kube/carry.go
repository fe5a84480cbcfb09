package kube

// Carrying a drain plan out: waves of concurrent evictions, each tried until its budget allows it, watched until the pod is gone.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/drydock-dev/drydock/engine/module"
)

const (
	// evictAgain and evictSlowly bound the pause before a refused eviction is tried again.
	evictAgain  = 250 * time.Millisecond
	evictSlowly = 2 * time.Second
	// atOnce is how many evictions are in flight at a time.
	atOnce = 16
)

// errDrainTime ends a drain whose time is up.
var errDrainTime = errors.New("timeout reached while pods were still running")

// Remaining is the error of a drain that did not clear its node: the pods still there, and why each of them is.
type Remaining struct {
	Node  string
	Cause string // what ended the drain
	Pods  []Stuck
}

// Stuck is a pod that a drain could not move.
type Stuck struct{ Ref, Why string }

// Error names every pod with its reason.
func (r *Remaining) Error() string {
	parts := make([]string, len(r.Pods))
	for i, s := range r.Pods {
		parts[i] = s.Ref + " (" + s.Why + ")"
	}
	return fmt.Sprintf("node %s is not drained: %s: %s", r.Node, r.Cause, strings.Join(parts, "; "))
}

// Carry empties the node: workloads first, then Longhorn's share managers, its instance managers last. After each wave the node is
// looked at again, so that a pod that came meanwhile is not overlooked. It returns how many pods went, and with time up or a pod that
// cannot go an error that names each pod left (*Remaining, or DrainPlan.Err's): it never takes a node for drained that is not.
func (p DrainPlan) Carry(ctx context.Context, c Cluster, progress func(string)) (moved int, err error) {
	if p.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = module.Timeout(ctx, p.options.Timeout, errDrainTime)
		defer cancel()
	}
	for {
		if err := p.Err(); err != nil {
			return moved, err
		}
		wave := p.firstWave()
		if len(wave) == 0 {
			return moved, nil
		}
		if err := p.clear(ctx, c, wave, progress); err != nil {
			return moved, err
		}
		moved += len(wave)
		next, err := PlanDrain(ctx, c, p.Node, p.options)
		if err != nil {
			return moved, fmt.Errorf("look at node %s again: %w", p.Node, err)
		}
		p = next
	}
}

// firstWave returns the pods that go next.
func (p DrainPlan) firstWave() []PodVerdict {
	var out []PodVerdict
	for _, v := range p.Moving() {
		if len(out) > 0 && v.wave < out[0].wave {
			out = out[:0]
		}
		if len(out) == 0 || v.wave == out[0].wave {
			out = append(out, v)
		}
	}
	return out
}

// clearing is one wave on its way out. Evictions run beside the watch that sees pods go.
type clearing struct {
	plan     DrainPlan
	cluster  Cluster
	progress func(string)
	slots    chan struct{} // evictions in flight
	wake     chan struct{} // an eviction was given up

	mu   sync.Mutex
	left map[string]*leaving // by UID
}

// leaving is a pod on its way out.
type leaving struct {
	PodVerdict
	stop     context.CancelFunc // ends its evictions
	why      string             // it is still here because of this
	ending   bool               // it is being deleted: what the watch says counts, not the answer to an eviction
	hopeless bool               // trying again is of no use
}

func (p DrainPlan) clear(ctx context.Context, c Cluster, wave []PodVerdict, progress func(string)) error {
	w := &clearing{
		plan: p, cluster: c, progress: progress,
		slots: make(chan struct{}, atOnce), wake: make(chan struct{}, 1), left: map[string]*leaving{},
	}
	evicting, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, v := range wave {
		one, cancel := context.WithCancel(evicting)
		pod := &leaving{PodVerdict: v, stop: cancel, why: "not asked to go yet"}
		w.left[v.UID] = pod
		running.Go(func() { w.send(one, pod) })
	}
	err := Observe(ctx, c, pods, podsOf(p.Node, p.options), w.wake, w.look)
	stop()
	running.Wait()
	if len(w.left) == 0 {
		return nil
	}
	if errors.Is(err, errDrainTime) || errors.Is(err, errHopeless) {
		return w.remaining(err)
	}
	return err
}

// errHopeless ends a wave in which all that is left cannot be moved.
var errHopeless = errors.New("the API server refuses for good")

// look compares the wave with the pods on the node.
func (w *clearing) look(on []Object) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	here := map[string]Object{}
	for _, o := range on {
		here[o.UID()] = o
	}
	hopeless := 0
	for uid, pod := range w.left {
		o, still := here[uid]
		switch {
		case !still:
			pod.stop()
			delete(w.left, uid)
			w.progress(fmt.Sprintf("%s is gone from %s, %d left", pod.Ref(), w.plan.Node, len(w.left)))
		case o.text("metadata", "deletionTimestamp") != "":
			pod.why, pod.ending = ending(o), true
		case pod.hopeless:
			hopeless++
		}
	}
	if len(w.left) > 0 && hopeless == len(w.left) {
		return false, errHopeless
	}
	return len(w.left) == 0, nil
}

// ending says why a pod that is being deleted is still there.
func ending(o Object) string {
	var p corev1.Pod
	if err := o.Into(&p); err != nil {
		return "terminating"
	}
	text := "terminating since " + p.DeletionTimestamp.UTC().Format(time.TimeOnly) + " UTC less its grace period"
	if p.DeletionGracePeriodSeconds != nil {
		begun := p.DeletionTimestamp.Add(-time.Duration(*p.DeletionGracePeriodSeconds) * time.Second)
		text = fmt.Sprintf("terminating since %s UTC, grace period %ds", begun.UTC().Format(time.TimeOnly), *p.DeletionGracePeriodSeconds)
	}
	if len(p.Finalizers) > 0 {
		text += ", held by finalizers " + strings.Join(p.Finalizers, ", ")
	}
	return text
}

// send asks a pod to go until the server agrees, the pod is gone or there is no use.
func (w *clearing) send(ctx context.Context, pod *leaving) {
	for wait := evictAgain; ; wait = min(2*wait, evictSlowly) {
		err := w.ask(ctx, pod)
		if err == nil || NotFound(err) {
			w.note(pod, "asked to go", false)
			return
		}
		if ctx.Err() != nil {
			return
		}
		why, again := refusal(err)
		w.note(pod, why, !again)
		if !again || !pause(ctx, wait) {
			return
		}
	}
}

func (w *clearing) ask(ctx context.Context, pod *leaving) error {
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	o := w.plan.options
	write := Write{Verb: Evict, Kind: pods, Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, GraceSeconds: o.GraceSeconds}
	if o.deletes(pod.PodVerdict) {
		write.Verb = Delete
	}
	_, err := w.cluster.Write(ctx, write)
	return err
}

// refusal says in words why a pod was not let go, and whether to ask again.
func refusal(err error) (why string, again bool) {
	s, ok := statusOf(err)
	switch {
	case ok && s.Code == http.StatusTooManyRequests:
		return budgetRefusal(err, s.Message), true
	case namespaceEnds(err):
		return "its namespace is being deleted", true
	case Conflict(err):
		return "another pod has taken its name", true // the watch says so in a moment
	case Transient(err) && !(ok && s.Code == http.StatusInternalServerError):
		return fmt.Sprintf("the API server does not answer: %v", err), true
	}
	return err.Error(), false
}

// budgetRefusal takes the budget and its arithmetic from the server's answer.
func budgetRefusal(err error, message string) string {
	if cause, ok := apierrors.StatusCause(err, policyv1.DisruptionBudgetCause); ok {
		return cause.Message
	}
	return message
}

// note keeps why a pod is still here and tells a change of it.
func (w *clearing) note(pod *leaving, why string, hopeless bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if pod.ending {
		return
	}
	if pod.wave == instanceManagers && why != "asked to go" && !hopeless {
		why += "; Longhorn lets an instance manager go when no volume is attached on the node and each replica has a healthy twin elsewhere"
	}
	if pod.why != why {
		w.progress(fmt.Sprintf("%s: %s", pod.Ref(), why))
	}
	pod.why, pod.hopeless = why, hopeless
	if hopeless {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// remaining makes the error that names every pod left, by namespace and name.
func (w *clearing) remaining(cause error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &Remaining{Node: w.plan.Node, Cause: cause.Error()}
	for _, v := range w.plan.Pods { // they are sorted
		if pod, ok := w.left[v.UID]; ok {
			r.Pods = append(r.Pods, Stuck{v.Ref(), pod.why})
		}
	}
	return r
}
