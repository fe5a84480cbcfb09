package kubernetes

// k8s: objects of a cluster as the task describes them. A plan is the same walk as an apply, with a dry run in place of each write, so
// that the server itself, with its defaults and admission, says what would change.

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// K8s creates, changes and deletes objects of a cluster.
var K8s = module.Define(module.Spec{
	Name:     "kubernetes.core.k8s",
	Aliases:  []string{"community.kubernetes.k8s", "community.okd.k8s"},
	Doc:      "Create, change or delete objects of a cluster.",
	Lacks:    append(kube.Lacks(), "validate"),
	Disrupts: objectDisrupts,
}, planK8s)

type k8sArgs struct {
	kube.Access
	Waiting
	State           string     `arg:"state,default=present,choices=absent|present|patched" doc:"Whether the object is to be there; patched changes one that is there and creates none."`
	Kind            string     `arg:"kind" doc:"Kind of the object, where the definition does not say it."`
	APIVersion      string     `arg:"api_version,default=v1,alias=api|version" doc:"API version of the kind, where the definition does not say it."`
	Name            string     `arg:"name" doc:"Name of the object, where the definition does not say it."`
	GenerateName    string     `arg:"generate_name" doc:"Prefix of a name that the server completes."`
	Namespace       string     `arg:"namespace" doc:"Namespace of the object, where the definition does not say it."`
	Definition      any        `arg:"resource_definition,alias=definition|inline" doc:"The object, or a list of objects, or YAML text of one or more."`
	Src             string     `arg:"src,type=path" doc:"File of YAML documents: of the content when the task runs on the controller, else on the host; or a URL, fetched as the host sees the network."`
	Template        any        `arg:"template" doc:"Template of YAML documents: its path, or a mapping with path and the options of the template module, or a list of these."`
	MergeType       []string   `arg:"merge_type,choices=merge|strategic-merge" doc:"Kinds of patch to try, in this order; strategic-merge and then merge if not given."`
	Apply           bool       `arg:"apply,default=false" doc:"Work like kubectl apply: fields that the last definition had and this one lacks are removed."`
	ServerSideApply *value.Map `arg:"server_side_apply" doc:"With apply, let the server do it: field_manager and force_conflicts."`
	Force           bool       `arg:"force,default=false" doc:"Replace an object that is there instead of patching it."`
	LabelSelectors  []string   `arg:"label_selectors" doc:"Only definitions with these labels; with state absent, the objects to delete."`
	DeleteAll       bool       `arg:"delete_all,default=false,alias=all" doc:"With state absent and no name, delete every object of the kind in the namespace."`
	DeleteOptions   *value.Map `arg:"delete_options" doc:"How to delete: gracePeriodSeconds, propagationPolicy, preconditions."`
	AppendHash      bool       `arg:"append_hash,default=false" doc:"Add a hash of what a ConfigMap or Secret holds to its name."`
	ContinueOnError bool       `arg:"continue_on_error,default=false" doc:"Go on with the next definition when one fails."`
	HiddenFields    []string   `arg:"hidden_fields" doc:"Fields to leave out of result and diff."`
}

func planK8s(ctx context.Context, v module.View, a k8sArgs) (module.Plan, error) {
	if err := a.check(); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	defs, err := definitions(ctx, v, a)
	if err != nil {
		return failed(ctx, err)
	}
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	foretold, err := (&walk{args: a, reader: r, act: r.DryRun, clock: module.ClockOf(v.Controller()), dry: true}).all(ctx, defs)
	if err != nil {
		return failed(ctx, err)
	}
	result := foretold.result()
	if result.Failed || !foretold.changed() && !a.Wait {
		return module.Done(result), nil
	}
	plan := module.Change(foretold.diff(), func(ctx context.Context, h module.Host) (module.Result, error) {
		return carry(ctx, h, a, defs)
	}).Predicting(result)
	if !foretold.changed() { // only a wait is left
		plan = plan.Quietly()
	}
	return plan, nil
}

// carry makes the changes. Every object is looked at again: an earlier one may have made a later one possible.
func carry(ctx context.Context, h module.Host, a k8sArgs, defs []*value.Map) (module.Result, error) {
	c, err := kube.Open(ctx, h, a.Access)
	if err != nil {
		return failure(ctx, err)
	}
	done, err := (&walk{args: a, reader: c, act: c.Write, clock: module.ClockOf(h.Controller()), progress: h.Progress}).all(ctx, defs)
	if err != nil {
		r, err := failure(ctx, err)
		r.Changed = done.changed()
		return r, err
	}
	r := done.result()
	if d := done.diff(); done.changed() {
		r.Diff = &d
	}
	return r, nil
}

// outcomes are what became of the definitions of a task, in their order.
type outcomes []outcome

// outcome is what became of one definition.
type outcome struct {
	changed       bool
	method        string
	object        *value.Map // as it is now
	before, after *value.Map // what differs
	msg           string
	warnings      []string
	duration      *int // seconds waited
	err           error
	hidden        []string
	secret        bool // its values are shown to nobody
}

func (os outcomes) changed() bool {
	for _, o := range os {
		if o.changed {
			return true
		}
	}
	return false
}

// result is the task's result: that of the only definition, or a list of all. A failure with continue_on_error stands in its place.
func (os outcomes) result() module.Result {
	r := module.Result{Changed: os.changed()}
	for _, o := range os {
		r.Warnings = append(r.Warnings, o.warnings...)
	}
	if len(os) == 1 {
		r.Data, r.Msg = os[0].value(), os[0].msg
		r.Data.Delete("changed")
		return r
	}
	all := make([]any, len(os))
	for i, o := range os {
		all[i] = o.value()
	}
	return r.With("result", value.NewMap("results", all))
}

func (o outcome) value() *value.Map {
	m := value.NewMap("changed", o.changed, "result", hide(o.object, o.hidden))
	if o.method != "" {
		m.Set("method", o.method)
	}
	if o.duration != nil {
		m.Set("duration", *o.duration)
	}
	if len(o.warnings) > 0 {
		m.Set("warnings", value.From(o.warnings))
	}
	if o.msg != "" {
		m.Set("msg", o.msg)
	}
	if o.err != nil {
		e := value.NewMap("msg", o.err.Error())
		if code, reason := kube.Code(o.err); code != 0 {
			e.Set("status", code).Set("reason", reason)
		}
		m.Set("error", e)
	}
	return m
}

// diff shows what differs in every definition's object.
func (os outcomes) diff() module.Diff {
	var before, after strings.Builder
	for _, o := range os {
		if o.changed {
			before.WriteString(o.show(o.before))
			after.WriteString(o.show(o.after))
		}
	}
	return module.Text(before.String(), after.String())
}
