package cluster

// What the server refuses of a body, kind by kind, as far as the twin checks it.

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	wrongs "k8s.io/apimachinery/pkg/util/validation/field"
)

// invalid checks an object that is to be written.
func invalid(k call, o map[string]any) error {
	var wrong wrongs.ErrorList
	if name := nameOf(o); name != "" {
		for _, why := range validation.IsDNS1123Subdomain(name) {
			wrong = append(wrong, wrongs.Invalid(wrongs.NewPath("metadata", "name"), name, why))
		}
	}
	if k.kind.Name == "Lease" {
		if n := number(o, "spec", "leaseDurationSeconds"); at(o, "spec", "leaseDurationSeconds") != nil && n <= 0 {
			wrong = append(wrong, wrongs.Invalid(wrongs.NewPath("spec", "leaseDurationSeconds"), n, "must be greater than 0"))
		}
		if n := number(o, "spec", "leaseTransitions"); n < 0 {
			wrong = append(wrong, wrongs.Invalid(wrongs.NewPath("spec", "leaseTransitions"), n, "must be greater than or equal to 0"))
		}
	}
	return refused(k, nameOf(o), wrong)
}

func refused(k call, name string, wrong wrongs.ErrorList) error {
	if len(wrong) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: k.kind.Group, Kind: k.kind.Name}, name, wrong)
}

// versioned tells whether an update of a kind has to name the version that it stands on. Custom resources all do.
func versioned(k Kind) bool {
	switch k.Name {
	case "Lease", "PodDisruptionBudget", "VolumeAttachment", "CSINode", "CSIDriver":
		return true
	}
	return k.Type == nil
}

// unversioned is the refusal of an update that names no version.
func unversioned(k call) error {
	return refused(k, k.name, wrongs.ErrorList{wrongs.Invalid(wrongs.NewPath("metadata", "resourceVersion"), 0, "must be specified for an update")})
}

// misnamed is the refusal of an update whose object has another name than its path.
func misnamed(k call, o map[string]any) error {
	if name := nameOf(o); name != "" && name != k.name {
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", name, k.name))
	}
	return nil
}
