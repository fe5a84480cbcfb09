package kube

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/drydock-dev/drydock/engine/value"
)

// MatchLabels tells whether labels satisfy a selector.
func MatchLabels(selector string, have *value.Map) (bool, error) {
	s, err := labels.Parse(selector)
	if err != nil {
		return false, err
	}
	set := labels.Set{}
	for k, v := range have.All() {
		set[value.Str(k)] = value.Str(v)
	}
	return s.Matches(set), nil
}
