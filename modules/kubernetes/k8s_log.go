package kubernetes

// k8s_log: what a pod has logged.

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// K8sLog reads the log of a pod.
var K8sLog = module.Define(module.Spec{
	Name:    "kubernetes.core.k8s_log",
	Aliases: []string{"community.kubernetes.k8s_log"},
	Doc:     "Read the log of a pod, found by name, by labels or by what runs it.",
	Lacks:   kube.Lacks(),
}, planLog)

type logArgs struct {
	kube.Access
	APIVersion     string   `arg:"api_version,default=v1,alias=api|version" doc:"API version of the kind."`
	Kind           string   `arg:"kind,default=Pod" doc:"Pod, or what runs pods: the first of them is taken."`
	Namespace      string   `arg:"namespace" doc:"Namespace of the pod."`
	Name           string   `arg:"name" doc:"Name of the pod, or of what runs it."`
	LabelSelectors []string `arg:"label_selectors" doc:"Labels of the pod; the first that has them is taken."`
	Container      string   `arg:"container" doc:"Container of the pod."`
	AllContainers  *bool    `arg:"all_containers" doc:"Read all containers of the pod, one after the other."`
	SinceSeconds   string   `arg:"since_seconds" doc:"Only what is not older than this."`
	Previous       bool     `arg:"previous,default=no" doc:"The log of the container before its last restart."`
	TailLines      *int     `arg:"tail_lines" doc:"Only this many lines from the end."`
}

func planLog(ctx context.Context, v module.View, a logArgs) (module.Plan, error) {
	switch {
	case a.Container != "" && a.AllContainers != nil:
		return module.Done(module.Fail("parameters are mutually exclusive: container|all_containers")), nil
	case a.Name != "" && len(a.LabelSelectors) > 0:
		return module.Done(module.Fail("Only one of name or label_selectors can be provided")), nil
	}
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	pod, err := a.pod(ctx, r)
	if err != nil {
		return failed(ctx, err)
	}
	text, err := a.read(ctx, r, pod)
	switch {
	case kube.NotFound(err):
		return module.Done(module.Fail("Pod %s/%s not found.", a.Namespace, pod)), nil
	case err != nil:
		return failed(ctx, fmt.Errorf("Unable to retrieve log from Pod due to: %w", err)) //nolint:staticcheck // Ansible's words
	}
	lines := []any{}
	for _, l := range strings.Split(text, "\n") {
		lines = append(lines, l)
	}
	return module.Done(module.Result{}.With("log", text).With("log_lines", lines)), nil
}

// pod is the name of the pod to read.
func (a logArgs) pod(ctx context.Context, r kube.Reader) (string, error) {
	kind, err := r.Find(ctx, a.APIVersion, a.Kind)
	if err != nil {
		return "", err
	}
	selector := strings.Join(a.LabelSelectors, ",")
	if kind.Name != "Pod" {
		if a.Name == "" {
			return "", errors.New("name must be provided for resources that do not support the log subresource")
		}
		o, err := r.Get(ctx, kind, a.Namespace, a.Name)
		if err != nil {
			return "", err
		}
		if selector, err = selectorOf(o.Value()); err != nil {
			return "", err
		}
	}
	if selector == "" {
		if a.Name == "" {
			return "", errors.New("name must be provided for resources that do not support namespaced base url")
		}
		return a.Name, nil
	}
	pods, err := r.Find(ctx, "v1", "Pod")
	if err != nil {
		return "", err
	}
	found, err := r.List(ctx, pods, kube.Query{Namespace: a.Namespace, Labels: selector})
	if err == nil && len(found.Items) == 0 {
		err = fmt.Errorf("No pods in namespace %s matched selector %s", a.Namespace, selector) //nolint:staticcheck // Ansible's words
	}
	if err != nil {
		return "", err
	}
	return found.Items[0].Name(), nil
}

// selectorOf is how an object finds its pods.
func selectorOf(o *value.Map) (string, error) {
	sel, _ := at(o, "spec", "selector").(*value.Map)
	if sel.Len() == 0 {
		return "", fmt.Errorf("%s %s does not support the log subresource directly, and no Pod selector was found on the object", str(o, "apiVersion"), str(o, "kind"))
	}
	var out []string
	equal, _ := sel.Value("matchLabels").(*value.Map)
	terms, _ := sel.Value("matchExpressions").([]any)
	if equal.Len() == 0 && len(terms) == 0 {
		equal = sel
	}
	for key, v := range equal.All() {
		out = append(out, value.Str(key)+"="+value.Str(v))
	}
	for _, t := range terms {
		key := str(t, "key")
		var values []string
		list, _ := at(t, "values").([]any)
		for _, v := range list {
			values = append(values, value.Str(v))
		}
		switch op := str(t, "operator"); op {
		case "Exists":
			out = append(out, key)
		case "DoesNotExist":
			out = append(out, "!"+key)
		case "In", "NotIn":
			out = append(out, fmt.Sprintf("%s %s (%s)", key, strings.ToLower(op), strings.Join(values, ", ")))
		default:
			return "", fmt.Errorf("The k8s_log module does not support the %s matchExpression operator", strings.ToLower(op)) //nolint:staticcheck // Ansible's words
		}
	}
	return strings.Join(out, ","), nil
}

func (a logArgs) read(ctx context.Context, r kube.Reader, pod string) (string, error) {
	q := url.Values{}
	if a.SinceSeconds != "" {
		q.Set("sinceSeconds", a.SinceSeconds)
	}
	if a.Previous {
		q.Set("previous", "true")
	}
	if a.TailLines != nil {
		q.Set("tailLines", strconv.Itoa(*a.TailLines))
	}
	containers := []string{a.Container}
	if a.AllContainers != nil && *a.AllContainers {
		var err error
		if containers, err = containersOf(ctx, r, a.Namespace, pod); err != nil {
			return "", err
		}
	}
	var text strings.Builder
	for _, c := range containers {
		if c != "" {
			q.Set("container", c)
		}
		data, err := r.Raw(ctx, "/api/v1/namespaces/"+url.PathEscape(a.Namespace)+"/pods/"+url.PathEscape(pod)+"/log", q)
		if err != nil {
			return "", err
		}
		text.Write(data)
	}
	return text.String(), nil
}

// containersOf are the containers of a pod that have a status.
func containersOf(ctx context.Context, r kube.Reader, namespace, pod string) ([]string, error) {
	kind, err := r.Find(ctx, "v1", "Pod")
	if err != nil {
		return nil, err
	}
	o, err := r.Get(ctx, kind, namespace, pod)
	if err != nil {
		return nil, err
	}
	var out []string
	list, _ := at(o.Value(), "status", "containerStatuses").([]any)
	for _, c := range list {
		out = append(out, str(c, "name"))
	}
	return out, nil
}
