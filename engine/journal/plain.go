package journal

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// encode writes an event as JSON. What JSON cannot say (a number that is none) is said as text: a journal is read by people, too, and the
// answers that a run is rebuilt from are kept apart.
func encode(e event.Event) ([]byte, error) {
	data, err := json.Marshal(e)
	if err == nil {
		return data, nil
	}
	switch x := e.(type) {
	case event.HostResult:
		x.Result, x.ItemLabel = sayableMap(x.Result), sayable(x.ItemLabel)
		e = x
	case event.Retry:
		x.Result = sayableMap(x.Result)
		e = x
	case event.TaskStarted:
		x.Args = sayableMap(x.Args)
		e = x
	case event.Included:
		x.Item = sayable(x.Item)
		e = x
	case event.Stats:
		x.Custom = sayableMap(x.Custom)
		e = x
	case event.ApplyStarted:
		x.Note = sayableMap(x.Note)
		e = x
	}
	return json.Marshal(e)
}

func sayableMap(m *value.Map) *value.Map {
	out, _ := sayable(m).(*value.Map)
	return out
}

func sayable(v any) any {
	switch x := v.(type) {
	case *value.Map:
		if x == nil {
			return x
		}
		out := &value.Map{}
		for k, item := range x.All() {
			out.Set(k, sayable(item))
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = sayable(item)
		}
		return out
	case value.Tuple:
		return sayable([]any(x))
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Sprint(x)
		}
	case nil, bool, int, string:
	default:
		if _, err := json.Marshal(v); err != nil {
			return fmt.Sprint(v)
		}
	}
	return v
}
