package kube

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// DefaultDrainTime bounds a drain whose task gives no wait_timeout. Ansible does not wait at all then; ours does not call a node drained on which
// pods run.
const DefaultDrainTime = 10 * time.Minute

// drainKeys are the keys of k8s_drain's delete_options.
var drainKeys = []string{"delete_emptydir_data", "disable_eviction", "force", "ignore_daemonsets", "terminate_grace_period", "wait_sleep", "wait_timeout"}

// DrainOptionsOf reads the delete_options of Ansible's k8s_drain; nil: none are given.
func DrainOptionsOf(m *value.Map) (DrainOptions, error) {
	o := DrainOptions{Timeout: DefaultDrainTime}
	for _, k := range m.Keys() {
		if name, ok := k.(string); !ok || !slices.Contains(drainKeys, name) {
			return o, fmt.Errorf("unsupported parameters: delete_options.%s; it has %v", value.Str(k), drainKeys)
		}
	}
	for key, field := range map[string]*bool{
		"force": &o.Force, "ignore_daemonsets": &o.IgnoreDaemonSets, "delete_emptydir_data": &o.DeleteEmptyDir, "disable_eviction": &o.DisableEviction,
	} {
		if v := m.Value(key); v != nil {
			b, err := module.ToBool(v)
			if err != nil {
				return o, fmt.Errorf("delete_options.%s: %w", key, err)
			}
			*field = b.(bool)
		}
	}
	grace, err := wholeNumber(m, "terminate_grace_period")
	if err != nil {
		return o, err
	}
	if grace != nil && *grace > 0 {
		o.GraceSeconds = grace
	}
	limit, err := wholeNumber(m, "wait_timeout")
	if limit != nil {
		o.Timeout = time.Duration(*limit) * time.Second
	}
	return o, err
}

func wholeNumber(m *value.Map, key string) (*int, error) {
	switch v := m.Value(key).(type) {
	case nil:
		return nil, nil
	case int:
		return &v, nil
	case string:
		if v == "" {
			return nil, nil
		}
		if n, err := strconv.Atoi(v); err == nil {
			return &n, nil
		}
	}
	return nil, fmt.Errorf("delete_options.%s: %s cannot be converted to an int", key, value.Repr(m.Value(key)))
}
