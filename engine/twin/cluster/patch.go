package cluster

// The four kinds of patch.

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	wrongs "k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
)

// The media types of patches.
const (
	jsonType      = "application/json-patch+json"
	mergeType     = "application/merge-patch+json"
	strategicType = "application/strategic-merge-patch+json"
	applyType     = "application/apply-patch+yaml"
)

func (c *Cluster) patch(k call) (int, any, error) {
	before, ok := c.world.Get(k.kind.resource(), k.namespace, k.name)
	if k.content == applyType {
		return c.apply(k, before)
	}
	if !ok {
		return 0, nil, apierrors.NewNotFound(k.group(), k.name)
	}
	after, err := patched(k, before)
	if err != nil {
		return 0, nil, err
	}
	if v := text(after, "metadata", "resourceVersion"); v != text(before, "metadata", "resourceVersion") {
		return 0, nil, stale(k)
	}
	return c.write(k, http.StatusOK, k.keep(before, after))
}

// patched applies a patch in any of the three forms that need an object to be there.
func patched(k call, before map[string]any) (map[string]any, error) {
	old, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	var data []byte
	switch {
	case k.content == strategicType && k.kind.Type != nil:
		data, err = strategicpatch.StrategicMergePatch(old, k.body, k.kind.Type)
	case k.content == mergeType:
		data, err = jsonpatch.MergePatch(old, k.body)
	case k.content == jsonType:
		var p jsonpatch.Patch
		if p, err = jsonpatch.DecodePatch(k.body); err == nil {
			data, err = p.Apply(old)
		}
		if err != nil {
			return nil, apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", k.group(), k.name, err.Error(), 0, false)
		}
	default:
		return nil, unsupported(k)
	}
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	var after map[string]any
	return after, utiljson.Unmarshal(data, &after)
}

// unsupported is the answer to a strategic merge of a custom resource: their types are not known to the server.
func unsupported(k call) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: fmt.Sprintf("the body of the request was in an unknown format - accepted media types include: %s, %s, %s", jsonType, mergeType, applyType),
	}}
}

// apply is a server-side apply, in the small: the manager's fields are merged in and become its own; a field that another manager owns
// and that would change is a conflict unless forced. Lists are fields as a whole.
func (c *Cluster) apply(k call, before map[string]any) (int, any, error) {
	if k.manager == "" {
		return 0, nil, apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "PatchOptions"}, "",
			wrongs.ErrorList{wrongs.Required(wrongs.NewPath("fieldManager"), "is required for apply patch")})
	}
	data, err := yaml.ToJSON(k.body)
	if err != nil {
		return 0, nil, apierrors.NewBadRequest(err.Error())
	}
	k.body = data
	wanted, err := c.accept(k)
	if err != nil {
		return 0, nil, err
	}
	code, after := http.StatusOK, copyOf(before)
	if before == nil {
		code, after = http.StatusCreated, map[string]any{"apiVersion": wanted["apiVersion"], "kind": wanted["kind"]}
	}
	owners := ownersOf(before)
	var causes []metav1.StatusCause
	merge(after, wanted, "", func(path string, changes bool) {
		if owner := owners[path]; changes && owner != "" && owner != k.manager {
			causes = append(causes, metav1.StatusCause{
				Type: metav1.CauseTypeFieldManagerConflict, Field: path, Message: fmt.Sprintf("conflict with %q", owner),
			})
		}
		owners[path] = k.manager
	})
	if len(causes) > 0 && !k.force {
		return 0, nil, apierrors.NewApplyConflict(causes, conflictText(causes))
	}
	own(after, owners)
	return c.write(k, code, k.keepStatus(before, after))
}

// conflictText says it as the real server does: one conflict in a sentence, several as a list for each manager.
func conflictText(causes []metav1.StatusCause) string {
	if len(causes) == 1 {
		return fmt.Sprintf("Apply failed with 1 conflict: %s: %s", causes[0].Message, causes[0].Field)
	}
	text := fmt.Sprintf("Apply failed with %d conflicts: ", len(causes))
	last := ""
	for _, c := range causes {
		if c.Message != last {
			text += c.Message + ":\n"
			last = c.Message
		}
		text += "- " + c.Field + "\n"
	}
	return strings.TrimSuffix(text, "\n")
}

func (k call) keepStatus(before, after map[string]any) map[string]any {
	if before == nil {
		put(after, nil, "status")
		return after
	}
	return k.keep(before, after)
}

// merge lays wanted over into and tells each leaf it sets.
func merge(into, wanted map[string]any, path string, leaf func(path string, changes bool)) {
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		v := wanted[key]
		here := path + "." + key
		if m, ok := v.(map[string]any); ok {
			next, _ := into[key].(map[string]any)
			if next == nil {
				next = map[string]any{}
				into[key] = next
			}
			merge(next, m, here, leaf)
			continue
		}
		if !identity[here] {
			leaf(here, !same(into[key], v))
		}
		into[key] = v
	}
}

// identity holds the fields that name an object and have no owner.
var identity = map[string]bool{".apiVersion": true, ".kind": true, ".metadata.name": true, ".metadata.namespace": true}

// ownersOf reads who owns which field from managedFields, where the twin keeps a plain list of paths for each manager.
func ownersOf(o map[string]any) map[string]string {
	out := map[string]string{}
	for _, entry := range list(o, "metadata", "managedFields") {
		paths, _ := at(entry, "fieldsV1").(map[string]any)
		for path := range paths {
			out[path] = text(entry, "manager")
		}
	}
	return out
}

func own(o map[string]any, owners map[string]string) {
	byManager := map[string]map[string]any{}
	for path, manager := range owners {
		if byManager[manager] == nil {
			byManager[manager] = map[string]any{}
		}
		byManager[manager][path] = map[string]any{}
	}
	var entries []any
	for _, manager := range slices.Sorted(maps.Keys(byManager)) {
		entries = append(entries, map[string]any{"manager": manager, "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": byManager[manager]})
	}
	put(o, entries, "metadata", "managedFields")
}
