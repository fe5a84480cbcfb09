package kubernetes

// What it means that an object is as wanted: a condition of the task, or what its kind calls ready.

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Waiting is embedded in the arguments of the modules that can wait.
type Waiting struct {
	Wait          bool       `arg:"wait,default=false" doc:"Wait until the objects are as wanted."`
	WaitSleep     int        `arg:"wait_sleep,default=5" doc:"Taken for compatibility: objects are watched, not polled."`
	WaitTimeout   int        `arg:"wait_timeout,default=120" doc:"Seconds to wait."`
	WaitCondition *value.Map `arg:"wait_condition" doc:"Condition to wait for: type, status (True, False or Unknown; True if not given) and reason. Without it, what the kind calls ready."`
}

// predicate tells whether an object is as wanted.
type predicate func(o *value.Map) bool

// condition says what is waited for of a kind.
func (w Waiting) condition(kind string) (predicate, error) {
	c := w.WaitCondition
	if err := suboptions("wait_condition", c, "type", "status", "reason"); err != nil {
		return nil, err
	}
	if name := str(c, "type"); name != "" {
		status, err := wantedStatus(c.Value("status"))
		return func(o *value.Map) bool { return hasCondition(o, name, status, str(c, "reason")) }, err
	}
	if ready, ok := readiness[kind]; ok {
		return ready, nil
	}
	return func(o *value.Map) bool { return o.Len() > 0 }, nil
}

func wantedStatus(v any) (string, error) {
	switch s := value.Str(v); {
	case v == nil:
		return "True", nil
	case v == true || v == false || s == "True" || s == "False" || s == "Unknown":
		return s, nil
	case strings.EqualFold(s, "true"), strings.EqualFold(s, "false"):
		return strings.ToUpper(s[:1]) + strings.ToLower(s[1:]), nil
	}
	return "", fmt.Errorf("value of wait_condition.status must be one of: True, False, Unknown, got: %s", value.Str(v))
}

func hasCondition(o *value.Map, name, status, reason string) bool {
	conditions, _ := at(o, "status", "conditions").([]any)
	for _, c := range conditions {
		if str(c, "type") == name {
			return str(c, "status") == status && (reason == "" || str(c, "reason") == reason)
		}
	}
	return false
}

// readiness says for some kinds when one is ready.
var readiness = map[string]predicate{
	"Deployment":  deploymentReady,
	"DaemonSet":   daemonSetReady,
	"StatefulSet": statefulSetReady,
	"Pod":         podReady,
}

// seen tells whether a controller has looked at the latest spec.
func seen(o *value.Map) bool {
	return num(o, "status", "observedGeneration") == num(o, "metadata", "generation")
}

func deploymentReady(o *value.Map) bool {
	have := num(o, "status", "replicas")
	return seen(o) && num(o, "spec", "replicas") == have && num(o, "status", "availableReplicas") == have && num(o, "status", "unavailableReplicas") == 0
}

func daemonSetReady(o *value.Map) bool {
	want := num(o, "status", "desiredNumberScheduled")
	return seen(o) && num(o, "status", "updatedNumberScheduled") == want && num(o, "status", "numberReady") == want &&
		num(o, "status", "unavailableReplicas") == 0
}

func statefulSetReady(o *value.Map) bool {
	want := num(o, "spec", "replicas")
	if !seen(o) || num(o, "status", "replicas") != want {
		return false
	}
	return str(o, "spec", "updateStrategy", "type") == "OnDelete" ||
		num(o, "status", "readyReplicas") == want && num(o, "status", "updatedReplicas") == want &&
			str(o, "status", "updateRevision") == str(o, "status", "currentRevision")
}

func podReady(o *value.Map) bool {
	containers, ok := at(o, "status", "containerStatuses").([]any)
	for _, c := range containers {
		ok = ok && at(c, "ready") == true
	}
	return ok
}

// at follows keys; what is missing is nil.
func at(v any, path ...string) any {
	for _, key := range path {
		m, ok := v.(*value.Map)
		if !ok {
			return nil
		}
		v = m.Value(key)
	}
	return v
}

func str(v any, path ...string) string {
	s, _ := at(v, path...).(string)
	return s
}

func num(v any, path ...string) int {
	n, _ := at(v, path...).(int)
	return n
}
