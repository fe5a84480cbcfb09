package kubernetes

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

func TestObjectsDisrupt(t *testing.T) {
	node := func(more ...any) *value.Map {
		return value.NewMap(append([]any{"apiVersion", "v1", "kind", "Node", "metadata", value.NewMap("name", "n1")}, more...)...)
	}
	off := func(v any) *value.Map { return node("spec", value.NewMap("unschedulable", v)) }
	cases := []struct {
		name string
		m    module.Module
		args *value.Map
		want module.Disrupting
		node string
	}{
		{"cordon", K8s, value.NewMap("state", "patched", "definition", off(true)), module.Cordon, "n1"},
		{"cordon in words", K8s, value.NewMap("definition", off("yes")), module.Cordon, "n1"},
		{"uncordon", K8s, value.NewMap("definition", off(false)), module.Uncordon, "n1"},
		{"uncordon by nothing", K8s, value.NewMap("definition", off(nil)), module.Uncordon, "n1"},
		{"kind and name beside it", K8s, value.NewMap("kind", "Node", "name", "n2", "definition", value.NewMap("spec", value.NewMap("unschedulable", true))), module.Cordon, "n2"},
		{"in a list", K8s, value.NewMap("definition", []any{value.NewMap("kind", "ConfigMap"), off(true)}), module.Cordon, "n1"},
		{"as text", K8s, value.NewMap("definition", "apiVersion: v1\nkind: Node\nmetadata:\n  name: n1\nspec:\n  unschedulable: true\n"), module.Cordon, "n1"},
		{"deleted", K8s, value.NewMap("state", "absent", "kind", "Node", "name", "n1"), module.Drain, "n1"},
		{"a label", K8s, value.NewMap("definition", node()), module.NoDisruption, ""},
		{"Longhorn's node", K8s, value.NewMap("definition", value.NewMap("kind", "Volume", "spec", value.NewMap("unschedulable", true))), module.NoDisruption, ""},
		{"JSON patch", K8sJSONPatch, value.NewMap("kind", "Node", "name", "n1", "patch", []any{value.NewMap("op", "add", "path", "/spec/unschedulable", "value", true)}), module.Cordon, "n1"},
		{"JSON patch that opens", K8sJSONPatch, value.NewMap("kind", "Node", "name", "n1", "patch", []any{value.NewMap("op", "remove", "path", "/spec/unschedulable")}), module.Uncordon, "n1"},
		{"JSON patch of labels", K8sJSONPatch, value.NewMap("kind", "Node", "name", "n1", "patch", []any{value.NewMap("op", "add", "path", "/metadata/labels/a", "value", "b")}), module.NoDisruption, ""},
		{"taint", K8sTaint, value.NewMap("name", "n1", "taints", []any{value.NewMap("key", "a", "effect", "NoExecute")}), module.Drain, "n1"},
		{"soft taint", K8sTaint, value.NewMap("name", "n1", "taints", []any{value.NewMap("key", "a", "effect", "NoSchedule")}), module.NoDisruption, ""},
	}
	for _, c := range cases {
		if got := module.DisruptionOf(c.m, c.args); got.Kind != c.want || got.Node != c.node {
			t.Errorf("%s: %+v, want %s of %s", c.name, got, c.want, c.node)
		}
	}
}
