package kubernetes

// k8s_info: objects of a cluster, now or once they are as wanted.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// K8sInfo reads objects of a cluster.
var K8sInfo = module.Define(module.Spec{
	Name:    "kubernetes.core.k8s_info",
	Aliases: []string{"community.kubernetes.k8s_info"},
	Doc:     "Read objects of a cluster by kind, name and selectors, and wait for them if wanted.",
	Lacks:   kube.Lacks(),
}, planInfo)

type infoArgs struct {
	kube.Access
	Waiting
	Kind           string   `arg:"kind,required" doc:"Kind, plural, singular or short name of the objects."`
	APIVersion     string   `arg:"api_version,default=v1,alias=api|version" doc:"API version of the kind; a bare version is looked for in every group if the core has no such kind."`
	Name           string   `arg:"name" doc:"Name of one object."`
	Namespace      string   `arg:"namespace" doc:"Namespace; without it all of them."`
	LabelSelectors []string `arg:"label_selectors" doc:"Label selectors, all of which must match."`
	FieldSelectors []string `arg:"field_selectors" doc:"Field selectors, all of which must match."`
	HiddenFields   []string `arg:"hidden_fields" doc:"Fields to leave out of the result: metadata.managedFields, spec.containers[0].env."`
}

// planInfo answers in the plan, waiting included: it only reads, and what it finds is wanted in check mode too.
func planInfo(ctx context.Context, v module.View, a infoArgs) (module.Plan, error) {
	if _, err := a.condition(a.Kind); err != nil { // a mistake shows before the cluster is asked
		return module.Done(module.Fail("%v", err)), nil
	}
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	kind, err := r.Find(ctx, a.APIVersion, a.Kind)
	if errors.Is(err, kube.ErrNoKind) {
		none := found(nil, nil).With("api_found", false)
		none.Msg = fmt.Sprintf("Failed to find API for resource with apiVersion %q and kind %q", a.APIVersion, a.Kind)
		return module.Done(none), nil
	}
	if err != nil {
		return failed(ctx, err)
	}
	ok, err := a.condition(kind.Name)
	if err != nil {
		return failed(ctx, err)
	}
	var items []kube.Object
	if a.Wait {
		items, err = awaitAll(ctx, v, r, kind, a, ok)
	} else {
		items, err = read(ctx, r, kind, a)
	}
	if err != nil {
		return failed(ctx, err)
	}
	return module.Done(found(items, a.HiddenFields)), nil
}

func found(items []kube.Object, hidden []string) module.Result {
	resources := make([]any, len(items))
	for i, o := range items {
		resources[i] = hide(o.Value(), hidden)
	}
	return module.Result{}.With("resources", resources).With("api_found", true)
}

// read gets one object or lists many. One that is not there is none.
func read(ctx context.Context, r kube.Reader, k kube.Kind, a infoArgs) ([]kube.Object, error) {
	if a.Name == "" {
		list, err := r.List(ctx, k, a.query())
		return list.Items, err
	}
	if k.Namespaced && a.Namespace == "" {
		return nil, fmt.Errorf("%s %s lives in a namespace, and none is given", k.Name, a.Name)
	}
	o, err := r.Get(ctx, k, a.Namespace, a.Name)
	if kube.NotFound(err) {
		return nil, nil
	}
	return []kube.Object{o}, err
}

func (a infoArgs) query() kube.Query {
	fields := a.FieldSelectors
	if a.Name != "" {
		fields = append([]string{"metadata.name=" + a.Name}, fields...)
	}
	return kube.Query{Namespace: a.Namespace, Labels: strings.Join(a.LabelSelectors, ","), Fields: strings.Join(fields, ",")}
}

// awaitAll waits until there are objects and all of them are as wanted. That there are none when the time is up is an answer, as in
// Ansible; that some are not as wanted is a failure.
func awaitAll(ctx context.Context, v module.View, r kube.Reader, k kube.Kind, a infoArgs, ok predicate) ([]kube.Object, error) {
	told := ""
	items, reached, err := kube.Await(ctx, r, k, a.query(), time.Duration(a.WaitTimeout)*time.Second, func(items []kube.Object) bool {
		var not []string
		for _, o := range items {
			if !ok(o.Value()) {
				not = append(not, o.Name())
			}
		}
		if text := waitsFor(k.Name, not, len(items)); text != told && text != "" {
			told = text
			v.Progress(text)
		}
		return len(items) > 0 && len(not) == 0
	})
	if err == nil && !reached && len(items) > 0 {
		return nil, fmt.Errorf("Failed to gather information about %s(s) even after waiting for %d seconds: %s", k.Name, a.WaitTimeout, told) //nolint:staticcheck // Ansible's words
	}
	return items, err
}

func waitsFor(kind string, not []string, all int) string {
	switch {
	case all == 0:
		return "waiting for a " + kind
	case len(not) > 0:
		return fmt.Sprintf("waiting for %d of %d %s(s): %s", len(not), all, kind, strings.Join(not, ", "))
	}
	return ""
}
