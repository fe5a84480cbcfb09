package module

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Convert makes what was given into a value of the parameter's type, as Accepts does, and returns it.
func (p Param) Convert(raw any) (any, error) { return p.convert(raw) }

// convert makes what was given into a value of the parameter's type.
func (p *Param) convert(raw any) (any, error) {
	switch p.Type {
	case "str", "path":
		return toString(raw)
	case "bits":
		return toMode(raw)
	case "int":
		return toInt(raw)
	case "float":
		return toFloat(raw)
	case "bool":
		return ToBool(raw)
	case "list":
		return toList(raw, p.Elements)
	case "dict":
		return toDict(raw)
	}
	return raw, nil
}

func toString(raw any) (any, error) {
	switch x := raw.(type) {
	case string:
		return x, nil
	case nil:
		return "", nil
	}
	return value.Str(raw), nil
}

// toMode keeps a file mode as text: a number written in YAML as 0644 arrives as the integer 420.
func toMode(raw any) (any, error) {
	if n, ok := raw.(int); ok {
		return "0" + strconv.FormatInt(int64(n), 8), nil
	}
	return toString(raw)
}

func toInt(raw any) (any, error) {
	switch x := raw.(type) {
	case int:
		return x, nil
	case bool:
		if x {
			return 1, nil
		}
		return 0, nil
	case float64:
		if x == math.Trunc(x) {
			return int(x), nil
		}
	case string:
		if n, err := strconv.Atoi(strings.TrimSpace(x)); err == nil {
			return n, nil
		}
	}
	return nil, fmt.Errorf("\"%s\" cannot be converted to an int", value.Repr(raw))
}

func toFloat(raw any) (any, error) {
	switch x := raw.(type) {
	case float64:
		return x, nil
	case int:
		return float64(x), nil
	case string:
		if f, err := strconv.ParseFloat(strings.TrimSpace(x), 64); err == nil {
			return f, nil
		}
	}
	return nil, fmt.Errorf("<class '%s'> cannot be converted to a float", value.TypeName(raw))
}

// ToBool converts as Ansible converts a module's boolean argument: y yes on 1 true t, n no off 0 false f, in any case.
func ToBool(raw any) (any, error) {
	switch x := raw.(type) {
	case bool:
		return x, nil
	case int:
		if x == 0 || x == 1 {
			return x == 1, nil
		}
	case float64:
		if x == 0 || x == 1 {
			return x == 1, nil
		}
	case string:
		switch strings.ToLower(strings.TrimSpace(x)) {
		case "y", "yes", "on", "1", "true", "t", "1.0":
			return true, nil
		case "n", "no", "off", "0", "false", "f", "0.0":
			return false, nil
		}
	}
	if _, text := raw.(string); !text {
		if _, number := raw.(int); !number {
			return nil, fmt.Errorf("<class '%s'> cannot be converted to a bool", value.TypeName(raw))
		}
	}
	return nil, fmt.Errorf("The value '%s' is not a valid boolean. Valid booleans include: 'y', 'yes', 'on', '1', 'true', 't', 1, 'n', 'no', 'off', '0', 'false', 'f', 0",
		value.Str(raw))
}

func toList(raw any, elements string) (any, error) {
	var list []any
	switch x := raw.(type) {
	case []any:
		list = x
	case string:
		for _, part := range strings.Split(x, ",") {
			list = append(list, strings.TrimSpace(part))
		}
	case int, float64, bool:
		list = []any{value.Str(x)}
	case *value.Map:
		list = []any{x}
	default:
		return nil, fmt.Errorf("%s cannot be converted to a list", value.Repr(raw))
	}
	p := Param{Type: elements}
	out := make([]any, 0, len(list))
	for _, item := range list {
		v, err := p.convert(item)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func toDict(raw any) (any, error) {
	switch x := raw.(type) {
	case *value.Map:
		return x, nil
	case string:
		if m, err := value.ParseJSON([]byte(x)); err == nil {
			if d, ok := m.(*value.Map); ok {
				return d, nil
			}
		}
		return parsePairs(x)
	}
	return nil, fmt.Errorf("<class '%s'> cannot be converted to a dict", value.TypeName(raw))
}

// parsePairs reads "a=1, b=2", a form that Ansible takes for a dict.
func parsePairs(s string) (any, error) {
	m := &value.Map{}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		k, v, ok := strings.Cut(part, "=")
		if !ok {
			return nil, errors.New("dictionary requested, could not parse JSON or key=value")
		}
		m.Set(k, v)
	}
	return m, nil
}

func stringsOf(list []any) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = value.Str(v)
	}
	return out
}
