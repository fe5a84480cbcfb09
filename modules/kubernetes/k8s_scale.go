package kubernetes

// k8s_scale: how many replicas a workload has.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// K8sScale sets how many replicas workloads have.
var K8sScale = module.Define(module.Spec{
	Name:  "kubernetes.core.k8s_scale",
	Doc:   "Set how many replicas a Deployment, ReplicaSet, StatefulSet or Job has, and wait for them.",
	Lacks: kube.Lacks(),
}, planScale)

type scaleArgs struct {
	kube.Access
	Kind            string   `arg:"kind" doc:"Kind of the workload, where the definition does not say it."`
	APIVersion      string   `arg:"api_version,default=v1,alias=api|version" doc:"API version of the kind, where the definition does not say it."`
	Name            string   `arg:"name" doc:"Name of the workload, where the definition does not say it."`
	Namespace       string   `arg:"namespace" doc:"Namespace of the workload, where the definition does not say it."`
	Definition      any      `arg:"resource_definition,alias=definition|inline" doc:"The workload as an object or YAML text, for its kind and name."`
	Src             string   `arg:"src,type=path" doc:"File with such an object."`
	Replicas        int      `arg:"replicas,required" doc:"How many replicas are wanted."`
	CurrentReplicas *int     `arg:"current_replicas" doc:"Scale only if there are this many now."`
	ResourceVersion string   `arg:"resource_version" doc:"Scale only if the object has this version."`
	Wait            bool     `arg:"wait,default=yes" doc:"Wait until the replicas are there."`
	WaitTimeout     int      `arg:"wait_timeout,default=20" doc:"Seconds to wait."`
	WaitSleep       int      `arg:"wait_sleep,default=5" doc:"Taken for compatibility: objects are watched, not polled."`
	LabelSelectors  []string `arg:"label_selectors" doc:"Scale the workloads with these labels."`
	ContinueOnError bool     `arg:"continue_on_error,default=no" doc:"Go on with the next workload when one fails."`
}

// scaling is one workload on its way.
type scaling struct {
	object  kube.Object
	warning string // why it is left alone
	fault   string
	have    int
	written bool // the server has taken the new count
}

func planScale(ctx context.Context, v module.View, a scaleArgs) (module.Plan, error) {
	if a.Definition != nil && a.Src != "" {
		return module.Done(module.Fail("parameters are mutually exclusive: resource_definition|src")), nil
	}
	if err := a.define(ctx, v); err != nil {
		return failed(ctx, err)
	}
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	kind, all, err := a.find(ctx, r)
	if err != nil {
		return failed(ctx, err)
	}
	var before, after strings.Builder
	changes := false
	for i := range all {
		s := &all[i]
		a.judge(kind, s)
		if s.fault != "" && !a.ContinueOnError {
			return module.Done(module.Fail("%s", s.fault)), nil
		}
		if s.fault == "" && s.warning == "" && s.have != a.Replicas {
			changes = true
			fmt.Fprintf(&before, "%s %s: %d replicas\n", kind.Name, s.object.Name(), s.have)
			fmt.Fprintf(&after, "%s %s: %d replicas\n", kind.Name, s.object.Name(), a.Replicas)
		}
	}
	if !changes {
		return module.Done(a.result(all, nil)), nil
	}
	return module.Change(module.Text(before.String(), after.String()), func(ctx context.Context, h module.Host) (module.Result, error) {
		return a.carry(ctx, h)
	}).Predicting(a.result(all, nil)), nil
}

// define fills kind, name and namespace from a definition.
func (a *scaleArgs) define(ctx context.Context, v module.View) error {
	defs, err := definitions(ctx, v, k8sArgs{Kind: a.Kind, APIVersion: a.APIVersion, Name: a.Name, Namespace: a.Namespace, Definition: a.Definition, Src: a.Src})
	if err != nil {
		return err
	}
	if len(defs) == 0 || str(defs[0], "kind") == "" {
		return errors.New("the definition names no kind, and neither does the task")
	}
	d := defs[0]
	a.Kind, a.APIVersion, a.Name, a.Namespace = str(d, "kind"), str(d, "apiVersion"), str(d, "metadata", "name"), str(d, "metadata", "namespace")
	return nil
}

func (a scaleArgs) find(ctx context.Context, r kube.Reader) (kube.Kind, []scaling, error) {
	kind, err := r.Find(ctx, a.APIVersion, a.Kind)
	if err != nil {
		return kind, nil, err
	}
	if a.Name != "" {
		o, err := r.Get(ctx, kind, a.Namespace, a.Name)
		if err != nil {
			return kind, nil, fmt.Errorf("Failed to retrieve requested object: %w", err) //nolint:staticcheck // Ansible's words
		}
		return kind, []scaling{{object: o}}, nil
	}
	list, err := r.List(ctx, kind, kube.Query{Namespace: a.Namespace, Labels: strings.Join(a.LabelSelectors, ",")})
	var out []scaling
	for _, o := range list.Items {
		out = append(out, scaling{object: o})
	}
	return kind, out, err
}

// judge says whether one workload is to be scaled.
func (a scaleArgs) judge(kind kube.Kind, s *scaling) {
	o := s.object.Value()
	field := "replicas"
	if kind.Name == "Job" {
		field = "parallelism"
	}
	n, ok := at(o, "spec", field).(int)
	who := fmt.Sprintf("for object kind=%s name=%s namespace=%s.", kind.Name, s.object.Name(), s.object.Namespace())
	s.have = n
	version := str(o, "metadata", "resourceVersion")
	switch {
	case !ok:
		s.fault = "Failed to retrieve the available count " + who
	case a.ResourceVersion != "" && a.ResourceVersion != version:
		s.warning = fmt.Sprintf("expected resource version %s does not match with actual %s %s", a.ResourceVersion, version, who)
	case a.CurrentReplicas != nil && *a.CurrentReplicas != n:
		s.warning = fmt.Sprintf("current replicas %d does not match with actual %d %s", *a.CurrentReplicas, n, who)
	}
}

func (a scaleArgs) carry(ctx context.Context, h module.Host) (module.Result, error) {
	c, err := kube.Open(ctx, h, a.Access)
	if err != nil {
		return failure(ctx, err)
	}
	kind, all, err := a.find(ctx, c)
	if err != nil {
		return failure(ctx, err)
	}
	changed := map[int]int{} // which, and the seconds waited
	for i := range all {
		s := &all[i]
		if a.judge(kind, s); s.fault != "" || s.warning != "" || s.have == a.Replicas {
			continue
		}
		seconds, err := a.scale(ctx, h, c, kind, s)
		if err != nil && !a.ContinueOnError {
			r, err := failure(ctx, err)
			r.Changed = s.written || len(changed) > 0
			return r, err
		}
		if err != nil {
			s.fault = err.Error()
		}
		if s.written {
			changed[i] = seconds
		}
	}
	return a.result(all, changed), nil
}

// scale sets the replicas of one workload and waits for them.
func (a scaleArgs) scale(ctx context.Context, h module.Host, c kube.Cluster, kind kube.Kind, s *scaling) (int, error) {
	w := kube.Write{Verb: kube.Patch, Patch: kube.Merge, Kind: kind, Namespace: s.object.Namespace(), Name: s.object.Name()}
	if kind.Name == "Job" {
		w.Body = value.NewMap("spec", value.NewMap("parallelism", a.Replicas))
	} else {
		w.Subresource, w.Body = "scale", value.NewMap("spec", value.NewMap("replicas", a.Replicas))
	}
	if _, err := c.Write(ctx, w); err != nil {
		return 0, fmt.Errorf("Scale request failed: %w", err) //nolint:staticcheck // Ansible's words
	}
	s.written = true
	clock := module.ClockOf(h.Controller())
	began := clock.Now()
	var err error
	if a.Wait && kind.Name != "Job" {
		ready := readiness[kind.Name]
		h.Progress(fmt.Sprintf("waiting for %s %s", kind.Name, w.Name))
		q := kube.Query{Namespace: w.Namespace, Fields: "metadata.name=" + w.Name}
		_, reached, waitErr := kube.Await(ctx, c, kind, q, time.Duration(a.WaitTimeout)*time.Second, func(items []kube.Object) bool {
			return len(items) > 0 && (ready == nil || ready(items[0].Value()))
		})
		if err = waitErr; err == nil && !reached {
			err = errors.New("Resource scaling timed out") //nolint:staticcheck // Ansible's words
		}
	}
	if now, getErr := c.Get(ctx, kind, w.Namespace, w.Name); getErr == nil {
		s.object = now
	}
	return int(clock.Now().Sub(began).Seconds()), err
}

// result is that of the only workload, or a list of all.
func (a scaleArgs) result(all []scaling, changed map[int]int) module.Result {
	results, faults := []any{}, []any{}
	for i, s := range all {
		seconds, did := changed[i]
		one := value.NewMap("changed", did)
		switch {
		case s.fault != "":
			faults = append(faults, value.NewMap("error", s.fault, "failed", true))
			continue
		case s.warning != "":
			one.Set("warning", s.warning)
		default:
			one.Set("result", s.object.Value())
		}
		if a.Wait {
			one.Set("duration", seconds)
		}
		results = append(results, one)
	}
	r := module.Result{Changed: len(changed) > 0}
	if len(all) == 1 && len(results) == 1 {
		r.Data = results[0].(*value.Map)
		r.Data.Delete("changed")
		if !r.Data.Has("result") {
			r.Data.Set("result", &value.Map{})
		}
		return r
	}
	r = r.With("results", results)
	if len(faults) > 0 {
		r = r.With("errors", faults)
	}
	return r
}
