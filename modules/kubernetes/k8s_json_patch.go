package kubernetes

// k8s_json_patch: a patch of operations on one object.

import (
	"context"
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// K8sJSONPatch changes an object by the operations of a JSON patch.
var K8sJSONPatch = module.Define(module.Spec{
	Name:  "kubernetes.core.k8s_json_patch",
	Doc:   "Change an object that is there by the operations of a JSON patch.",
	Lacks: kube.Lacks(), Disrupts: patchDisrupts,
}, planJSONPatch)

type jsonPatchArgs struct {
	kube.Access
	Waiting
	APIVersion   string   `arg:"api_version,default=v1,alias=api|version" doc:"API version of the kind."`
	Kind         string   `arg:"kind,required" doc:"Kind of the object."`
	Namespace    string   `arg:"namespace" doc:"Namespace of the object."`
	Name         string   `arg:"name,required" doc:"Name of the object."`
	Patch        []any    `arg:"patch,required,elements=dict" doc:"Operations: op, path, and value or from."`
	HiddenFields []string `arg:"hidden_fields" doc:"Fields to leave out of result and diff."`
}

func planJSONPatch(ctx context.Context, v module.View, a jsonPatchArgs) (module.Plan, error) {
	if _, err := a.condition(a.Kind); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	o, bad, err := a.patch(ctx, r, r.DryRun)
	switch {
	case err != nil:
		return failed(ctx, err)
	case bad != nil:
		return module.Done(*bad), nil
	}
	result := outcomes{o}.result()
	result.Changed = o.changed
	result.Data.Delete("method")
	if !o.changed && !a.Wait {
		return module.Done(result), nil
	}
	plan := module.Change(outcomes{o}.diff(), func(ctx context.Context, h module.Host) (module.Result, error) {
		return a.carry(ctx, h)
	}).Predicting(result)
	if !o.changed {
		plan = plan.Quietly()
	}
	return plan, nil
}

// patch sends the patch by act, which writes or says what a write would give.
func (a jsonPatchArgs) patch(ctx context.Context, r kube.Reader, act func(context.Context, kube.Write) (kube.Written, error)) (outcome, *module.Result, error) {
	o := outcome{hidden: a.HiddenFields, secret: a.Kind == "Secret"}
	kind, err := r.Find(ctx, a.APIVersion, a.Kind)
	if err != nil {
		return o, nil, err
	}
	before, err := r.Get(ctx, kind, a.Namespace, a.Name)
	if err != nil {
		return o, refusedBy(err, fmt.Sprintf("%s %s: Failed to retrieve requested object: %v", a.Kind, a.Name, err)), notOurs(err)
	}
	done, err := act(ctx, kube.Write{Verb: kube.Patch, Patch: kube.JSONPatch, Kind: kind, Namespace: a.Namespace, Name: a.Name, Body: a.Patch})
	if err != nil {
		return o, refusedBy(err, fmt.Sprintf("Failed to patch existing object: %v", err)), notOurs(err)
	}
	o.object, o.warnings = done.Object.Value(), done.Warnings
	o.compare(before.Value())
	return o, nil, nil
}

// refusedBy is the result of a refusal of the server; nil if it is none.
func refusedBy(err error, msg string) *module.Result {
	code, reason := kube.Code(err)
	if code == 0 {
		return nil
	}
	r := module.Fail("%s", msg).With("error", code).With("status", code).With("reason", reason)
	return &r
}

// notOurs keeps an error that is no answer of the server.
func notOurs(err error) error {
	if code, _ := kube.Code(err); code != 0 {
		return nil
	}
	return err
}

func (a jsonPatchArgs) carry(ctx context.Context, h module.Host) (module.Result, error) {
	c, err := kube.Open(ctx, h, a.Access)
	if err != nil {
		return failure(ctx, err)
	}
	o, bad, err := a.patch(ctx, c, c.Write)
	switch {
	case err != nil:
		return failure(ctx, err)
	case bad != nil:
		return *bad, nil
	}
	late := false
	if a.Wait {
		if late, err = a.await(ctx, h, c, &o); err != nil {
			return failure(ctx, err)
		}
	}
	r := outcomes{o}.result()
	r.Data.Delete("method")
	if d := (outcomes{o}).diff(); o.changed {
		r.Diff = &d
	}
	if late {
		r.Failed, r.Msg = true, "Resource update timed out"
	}
	return r, nil
}

// await waits until the object is as wanted and takes it as it is then. late: it is not.
func (a jsonPatchArgs) await(ctx context.Context, h module.Host, c kube.Cluster, o *outcome) (late bool, err error) {
	kind, err := c.Find(ctx, a.APIVersion, a.Kind)
	if err != nil {
		return false, err
	}
	ok, err := a.condition(kind.Name)
	if err != nil {
		return false, err
	}
	clock := module.ClockOf(h.Controller())
	began := clock.Now()
	h.Progress("waiting for " + kind.Name + " " + a.Name)
	q := kube.Query{Namespace: a.Namespace, Fields: "metadata.name=" + a.Name}
	items, reached, err := kube.Await(ctx, c, kind, q, time.Duration(a.WaitTimeout)*time.Second, func(items []kube.Object) bool {
		return len(items) > 0 && ok(items[0].Value())
	})
	seconds := int(clock.Now().Sub(began).Seconds())
	o.duration = &seconds
	if len(items) > 0 {
		o.object = items[0].Value()
	}
	return !reached, err
}
