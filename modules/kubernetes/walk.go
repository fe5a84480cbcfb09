package kubernetes

// The walk over the definitions of a k8s task: for each what has to be written, and what that made of the object.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// walk brings objects into their state by act, which writes or says what a write would give.
type walk struct {
	args     k8sArgs
	reader   kube.Reader
	act      func(context.Context, kube.Write) (kube.Written, error)
	clock    module.Clock
	dry      bool // act writes nothing
	progress func(string)
	made     []*value.Map // definitions that a dry walk has created only in thought
}

// all goes over the definitions. An error ends it, unless the task says continue_on_error.
func (w *walk) all(ctx context.Context, defs []*value.Map) (outcomes, error) {
	var out outcomes
	if w.args.State == "absent" && w.args.nameless() {
		return w.deleteSelected(ctx)
	}
	for _, def := range defs {
		o, err := w.one(ctx, def)
		o.hidden, o.secret = w.args.HiddenFields, str(def, "kind") == "Secret"
		if err != nil {
			if !w.args.ContinueOnError || ctx.Err() != nil || errors.Is(err, module.ErrUnreachable) {
				return append(out, o), err
			}
			o.err = err
		}
		out = append(out, o)
	}
	return out, nil
}

// nameless tells whether the task names no object, but a kind and which of it.
func (a k8sArgs) nameless() bool {
	return a.Name == "" && a.Definition == nil && a.Src == "" && a.Template == nil && (a.DeleteAll || len(a.LabelSelectors) > 0)
}

func (w *walk) one(ctx context.Context, def *value.Map) (outcome, error) {
	apiVersion, name := str(def, "apiVersion"), str(def, "kind")
	if name == "" {
		return outcome{}, errors.New("the definition names no kind, and neither does the task")
	}
	kind, err := w.reader.Find(ctx, apiVersion, name)
	if errors.Is(err, kube.ErrNoKind) && w.dry && w.madeKind(name) {
		return w.thought(def), nil
	}
	if errors.Is(err, kube.ErrNoKind) {
		return outcome{}, fmt.Errorf("Failed to find exact match for %s.%s by [kind, name, singularName, shortNames]", apiVersion, name) //nolint:staticcheck // Ansible's words
	}
	if err != nil {
		return outcome{}, err
	}
	def = def.Clone().Set("kind", kind.Name).Set("apiVersion", kind.APIVersion())
	if kind.Namespaced && str(def, "metadata", "namespace") == "" {
		return outcome{}, fmt.Errorf("%s %s lives in a namespace, and none is given", kind.Name, str(def, "metadata", "name"))
	}
	if w.args.AppendHash && (kind.Name == "ConfigMap" || kind.Name == "Secret") {
		def = hashed(def)
	}
	step := step{walk: w, kind: kind, def: def, namespace: str(def, "metadata", "namespace"), name: str(def, "metadata", "name")}
	if w.args.State == "absent" {
		return step.absent(ctx)
	}
	return step.present(ctx)
}

// madeKind tells whether an earlier definition of the task is that of a custom kind.
func (w *walk) madeKind(name string) bool {
	return slices.ContainsFunc(w.made, func(m *value.Map) bool {
		return str(m, "kind") == "CustomResourceDefinition" && str(m, "spec", "names", "kind") == name
	})
}

func (w *walk) madeNamespace(name string) bool {
	return slices.ContainsFunc(w.made, func(m *value.Map) bool {
		return str(m, "kind") == "Namespace" && str(m, "metadata", "name") == name
	})
}

// thought is the outcome of a creation that cannot be tried yet: what it stands on is created by the same task.
func (w *walk) thought(def *value.Map) outcome {
	w.made = append(w.made, def)
	return outcome{changed: true, method: "create", object: def, before: &value.Map{}, after: def}
}

// step is one object on its way.
type step struct {
	*walk
	kind            kube.Kind
	def             *value.Map
	namespace, name string
}

func (s step) existing(ctx context.Context) (kube.Object, error) {
	if s.name == "" {
		return kube.Object{}, nil
	}
	o, err := s.reader.Get(ctx, s.kind, s.namespace, s.name)
	if kube.NotFound(err) {
		return kube.Object{}, nil
	}
	return o, err
}

func (s step) present(ctx context.Context) (outcome, error) {
	if !s.selected() {
		return outcome{msg: fmt.Sprintf("resource 'kind=%s,name=%s,namespace=%s' filtered by label_selectors.", s.kind.Name, s.name, s.namespace)}, nil
	}
	existing, err := s.existing(ctx)
	if err != nil {
		return outcome{}, err
	}
	if existing.IsZero() && s.args.State == "patched" {
		return outcome{warnings: []string{fmt.Sprintf(
			"resource 'kind=%s,name=%s' was not found but will not be created as 'state' parameter has been set to 'patched'", s.kind.Name, s.name)}}, nil
	}
	method, written, err := s.write(ctx, existing)
	if err != nil && s.dry && existing.IsZero() && kube.NotFound(err) && s.madeNamespace(s.namespace) {
		return s.thought(s.def), nil
	}
	if err != nil && s.dry && (kube.Forbidden(err) || kube.BadRequest(err)) {
		written, err = kube.Written{Object: kube.NewObject(merged(existing.Value(), s.def))}, nil // no dry run here: foretell it ourselves
	}
	if err != nil {
		return outcome{method: method, warnings: written.Warnings}, err
	}
	if s.dry && existing.IsZero() {
		s.made = append(s.made, s.def)
	}
	o := outcome{method: method, object: written.Object.Value(), warnings: written.Warnings}
	if s.args.Wait && !s.dry {
		if o, err = s.awaitReady(ctx, o, written.Object); err != nil {
			return o, err
		}
	}
	o.compare(existing.Value())
	return o, nil
}

// selected tells whether the definition has the labels that the task wants.
func (s step) selected() bool {
	labels, _ := at(s.def, "metadata", "labels").(*value.Map)
	for _, selector := range s.args.LabelSelectors {
		if ok, err := kube.MatchLabels(selector, labels); err != nil || !ok {
			return false
		}
	}
	return true
}

// write picks the manner of writing and does it.
func (s step) write(ctx context.Context, existing kube.Object) (method string, out kube.Written, err error) {
	w := kube.Write{Kind: s.kind, Namespace: s.namespace, Name: s.name, Body: s.def}
	switch {
	case s.args.Apply && s.args.ServerSideApply != nil:
		w.Verb, w.Manager = kube.Apply, str(s.args.ServerSideApply, "field_manager")
		if w.Force, err = boolOf(s.args.ServerSideApply, "force_conflicts"); err != nil {
			return "apply", out, err
		}
		out, err = s.act(ctx, w)
		return "apply", out, err
	case s.args.Apply:
		out, err = s.act(ctx, applied(w, existing))
		return "apply", out, err
	case existing.IsZero():
		w.Verb = kube.Create
		out, err = s.act(ctx, w)
		return "create", out, err
	case s.args.Force:
		w.Verb, w.Body = kube.Replace, atVersion(s.def, existing)
		out, err = s.act(ctx, w)
		return "replace", out, err
	}
	out, err = s.patch(ctx, w)
	return "update", out, err
}

// patch tries one manner of patch after the other until the server takes it.
func (s step) patch(ctx context.Context, w kube.Write) (out kube.Written, err error) {
	manners := s.args.MergeType
	if len(manners) == 0 {
		manners = []string{string(kube.StrategicMerge), string(kube.Merge)}
	}
	w.Verb = kube.Patch
	for _, m := range manners {
		w.Patch = kube.PatchType(m)
		if out, err = s.act(ctx, w); err == nil || kube.Transient(err) || kube.Conflict(err) {
			return out, err
		}
	}
	return out, err
}

// awaitReady waits until the object is as wanted, and takes it as it is then.
func (s step) awaitReady(ctx context.Context, o outcome, now kube.Object) (outcome, error) {
	ok, err := s.args.condition(s.kind.Name)
	if err != nil {
		return o, err
	}
	q := kube.Query{Namespace: now.Namespace(), Fields: "metadata.name=" + now.Name()}
	s.progress(fmt.Sprintf("waiting for %s %s", s.kind.Name, now.Name()))
	last, reached, err := s.await(ctx, &o, q, func(items []kube.Object) bool { return len(items) > 0 && ok(items[0].Value()) })
	if len(last) > 0 {
		o.object = last[0].Value()
	}
	if err == nil && !reached {
		err = fmt.Errorf("%q %q: Timed out waiting on resource", s.kind.Name, now.Name())
	}
	return o, err
}

func (s step) await(ctx context.Context, o *outcome, q kube.Query, enough func([]kube.Object) bool) ([]kube.Object, bool, error) {
	began := s.clock.Now()
	last, reached, err := kube.Await(ctx, s.reader, s.kind, q, time.Duration(s.args.WaitTimeout)*time.Second, enough)
	seconds := int(s.clock.Now().Sub(began).Seconds())
	o.duration = &seconds
	return last, reached, err
}

func (s step) absent(ctx context.Context) (outcome, error) {
	existing, err := s.existing(ctx)
	if err != nil || existing.IsZero() {
		return outcome{method: "delete"}, err
	}
	return s.remove(ctx, existing)
}

func (s step) remove(ctx context.Context, existing kube.Object) (outcome, error) {
	o := outcome{method: "delete", before: existing.Value(), after: &value.Map{}}
	w, err := s.deletion()
	if err != nil {
		return o, err
	}
	if _, err := s.act(ctx, w); err != nil && !kube.NotFound(err) {
		return o, err
	}
	o.changed = true
	if !s.args.Wait || s.dry {
		return o, nil
	}
	s.progress(fmt.Sprintf("waiting for %s %s to be gone", s.kind.Name, s.name))
	q := kube.Query{Namespace: s.namespace, Fields: "metadata.name=" + s.name}
	_, reached, err := s.await(ctx, &o, q, func(items []kube.Object) bool { return len(items) == 0 || items[0].UID() != existing.UID() })
	if err == nil && !reached {
		err = fmt.Errorf("%q %q: Timed out waiting on resource", s.kind.Name, s.name)
	}
	return o, err
}

func (s step) deletion() (kube.Write, error) {
	d := s.args.DeleteOptions
	w := kube.Write{
		Verb: kube.Delete, Kind: s.kind, Namespace: s.namespace, Name: s.name, Propagation: str(d, "propagationPolicy"),
		UID: str(d, "preconditions", "uid"), ResourceVersion: str(d, "preconditions", "resourceVersion"),
	}
	var err error
	w.GraceSeconds, err = intOf(d, "gracePeriodSeconds")
	return w, err
}

// deleteSelected deletes what selectors find, or all of a kind.
func (w *walk) deleteSelected(ctx context.Context) (outcomes, error) {
	kind, err := w.reader.Find(ctx, w.args.APIVersion, w.args.Kind)
	if err != nil {
		return nil, err
	}
	list, err := w.reader.List(ctx, kind, kube.Query{Namespace: w.args.Namespace, Labels: strings.Join(w.args.LabelSelectors, ",")})
	if err != nil {
		return nil, err
	}
	out := outcomes{}
	for _, o := range list.Items {
		s := step{walk: w, kind: kind, namespace: o.Namespace(), name: o.Name()}
		one, err := s.remove(ctx, o)
		out = append(out, one)
		if err != nil {
			return out, err
		}
	}
	if len(out) == 0 {
		out = outcomes{{method: "delete"}}
	}
	return out, nil
}
