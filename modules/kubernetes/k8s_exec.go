package kubernetes

// k8s_exec: a command in a container.

import (
	"context"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// K8sExec runs a command in a container of a pod.
var K8sExec = module.Define(module.Spec{
	Name:    "kubernetes.core.k8s_exec",
	Aliases: []string{"community.kubernetes.k8s_exec"},
	Doc:     "Run a command in a container of a pod.",
	Lacks:   kube.Lacks(),
}, planExec)

type execArgs struct {
	kube.Access
	Namespace string `arg:"namespace,required" doc:"Namespace of the pod."`
	Pod       string `arg:"pod,required" doc:"Name of the pod."`
	Container string `arg:"container" doc:"Container of the pod; the first if not given."`
	Command   string `arg:"command,required" doc:"The command, split into words as a shell does; no shell runs it."`
}

func planExec(_ context.Context, _ module.View, a execArgs) (module.Plan, error) {
	argv, err := module.SplitWords(a.Command)
	if err != nil || len(argv) == 0 {
		return module.Done(module.Fail("command: %q cannot be split into words", a.Command)), nil
	}
	return module.Opaque("what a command does cannot be foretold", func(ctx context.Context, h module.Host) (module.Result, error) {
		c, err := kube.Open(ctx, h, a.Access)
		if err != nil {
			return failure(ctx, err)
		}
		if a.Container == "" {
			a.Container = firstContainer(ctx, c, a.Namespace, a.Pod)
		}
		done, err := c.Exec(ctx, kube.Exec{Namespace: a.Namespace, Pod: a.Pod, Container: a.Container, Argv: argv})
		if code, _ := kube.Code(err); code != 0 {
			return module.Fail("Failed to execute on pod %s due to : %v", a.Pod, err), nil
		}
		if err != nil {
			return failure(ctx, err)
		}
		return module.Result{Changed: true}.With("stdout", done.Stdout).With("stderr", done.Stderr).With("rc", done.Rc).With("return_code", done.Rc), nil
	}), nil
}

// firstContainer is the pod's first container; empty if the pod cannot be read, and then the server chooses.
func firstContainer(ctx context.Context, r kube.Reader, namespace, pod string) string {
	kind, err := r.Find(ctx, "v1", "Pod")
	if err != nil {
		return ""
	}
	o, err := r.Get(ctx, kind, namespace, pod)
	if err != nil {
		return ""
	}
	all, _ := at(o.Value(), "spec", "containers").([]any)
	if len(all) == 0 {
		return ""
	}
	return str(all[0], "name")
}
