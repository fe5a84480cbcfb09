package control

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// What is named wrong, and in which order, was asked of ansible-core 2.19; the words of conversions are ours.
func TestValidateArgumentSpec(t *testing.T) {
	spec := `{"req": {"required": true}, "num": {"type": "int", "default": 3}, "flag": {"type": "bool"},
		"list": {"type": "list", "elements": "int"}, "pick": {"type": "list", "choices": ["x", "y"]}, "one": {"choices": ["a", "b"]},
		"dict": {"type": "dict", "options": {"k": {"type": "int", "required": true}, "c": {"choices": ["a"]}}},
		"dicts": {"type": "list", "elements": "dict", "options": {"k": {"required": true}}}, "al": {"aliases": ["alias"]},
		"rules": {"type": "dict", "options": {"a": {}, "b": {"type": "int"}, "c": {}, "q": {}}, "mutually_exclusive": [["a", "b"], ["b", "c"]],
			"required_together": [["a", "c"]], "required_if": [["a", "x", ["b", "c"], true]], "required_by": {"b": ["c"]}, "required_one_of": [["c", "q"]]}}`
	for name, c := range map[string]struct {
		vars     map[string]any
		provided string
		want     string
	}{
		"all well":         {map[string]any{"req": "x", "num": "5", "list": "1,2", "flag": "yes"}, `{"dict": {"k": "7"}, "alias": "a"}`, "[]"},
		"missing":          {nil, `{}`, "['missing required arguments: req']"},
		"null will do":     {map[string]any{"req": nil}, `{}`, "[]"},
		"type":             {map[string]any{"num": "abc"}, `{"req": 1}`, `["argument 'num' is of type str and we were unable to convert to int: ..."]`},
		"element":          {nil, `{"req": 1, "list": [1, "x"]}`, `["Elements value for option 'list' is of type str and we were unable to convert to int: ..."]`},
		"choices":          {nil, `{"req": 1, "pick": ["x", "q", "w"], "one": "z"}`, "['value of pick must be one or more of: x, y. Got no match for: q, w', 'value of one must be one of: a, b, got: z']"},
		"nested":           {nil, `{"req": 1, "dict": {"c": "z", "zz": 1, "yy": 2}}`, "['missing required arguments: k found in dict', 'value of c must be one of: a, got: z found in dict', 'dict.yy, dict.zz. Supported parameters include: c, k.']"},
		"list of mappings": {nil, `{"req": 1, "dicts": [{"k": 1}, {"z": 1}]}`, "['missing required arguments: k found in dicts', 'dicts.z. Supported parameters include: k.']"},
		"unknown":          {nil, `{"req": 1, "zz": 3}`, "['zz. Supported parameters include: al, dict, dicts, flag, list, num, one, pick, req, rules (alias).']"},
		"rules": {nil, `{"req": 1, "rules": {"a": "x"}}`, "['parameters are required together: a, c found in rules', 'one of the following is required: c, q found in rules', " +
			"'a is x but any of the following are missing: b, c found in rules']"},
		"more rules": {nil, `{"req": 1, "rules": {"a": "x", "b": 2, "q": 1}}`, `['parameters are mutually exclusive: a|b found in rules', 'parameters are required together: a, c found in rules', "missing parameter(s) required by 'b': c found in rules"]`},
		"no mapping": {nil, `{"req": 1, "dicts": ["x"], "dict": {"k": 1}}`, `['dictionary requested, could not parse JSON or key=value', "Elements value for option 'dicts' is of type str and we were unable to convert to dict: ..."]`},
	} {
		h := moduletest.NewHost(t)
		h.Control.Evals = c.vars
		p, err := ValidateArgumentSpec.Plan(context.Background(), h.View(), value.NewMap("argument_spec", parsed(t, spec), "provided_arguments", parsed(t, c.provided)))
		if err != nil {
			t.Fatal(err)
		}
		errs := p.Result().Data.Value("argument_errors")
		if errs == nil {
			errs = []any{}
		}
		if got := value.Repr(withoutCauses(errs.([]any))); got != c.want || p.Result().Failed != (c.want != "[]") {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// withoutCauses cuts off what a conversion says after the part that is Ansible's.
func withoutCauses(errs []any) []any {
	for i, e := range errs {
		var name, from, to string
		for _, form := range []string{"argument '%s is of type %s and we were unable to convert to %s", "Elements value for option '%s is of type %s and we were unable to convert to %s"} {
			if n, _ := fmt.Sscanf(e.(string), form, &name, &from, &to); n == 3 {
				errs[i] = fmt.Sprintf(form, name, from, to) + " ..."
			}
		}
	}
	return errs
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	v, err := value.ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestValidateArgumentSpecNeedsItsVariables(t *testing.T) {
	h := moduletest.NewHost(t)
	h.Control.Evals = map[string]any{"a": fmt.Errorf("'other' is undefined: %w", module.ErrUndefined), "b": errors.New("bad")}
	for _, name := range []string{"a", "b"} {
		p, err := ValidateArgumentSpec.Plan(context.Background(), h.View(), value.NewMap("argument_spec", value.NewMap(name, &value.Map{})))
		if err != nil || !p.Result().Failed {
			t.Errorf("%s: %+v, %v", name, p.Result(), err)
		}
	}
}
