package module_test

import (
	"context"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

type shared struct {
	Owner string  `arg:"owner" doc:"Owner."`
	Mode  *string `arg:"mode,type=bits" doc:"Mode."`
}

type everything struct {
	Name  string     `arg:"name,required,alias=pkg|package" doc:"Name."`
	State string     `arg:"state,default=present,choices=present|absent" doc:"State."`
	Count int        `arg:"count,default=3" doc:"Count."`
	Ratio float64    `arg:"ratio" doc:"Ratio."`
	Force bool       `arg:"force" doc:"Force."`
	List  []string   `arg:"list,default=a|b" doc:"List."`
	Ports []any      `arg:"ports,elements=int" doc:"Ports."`
	Dict  *value.Map `arg:"dict" doc:"Dict."`
	Any   any        `arg:"any" doc:"Any."`
	Maybe *bool      `arg:"maybe" doc:"Maybe."`
	shared
}

// decoded plans a module that only keeps its arguments, and returns them or the failure's message.
func decoded(t *testing.T, args *value.Map) (got everything, msg string) {
	t.Helper()
	m := module.Define(module.Spec{Name: "a.b.c"}, func(_ context.Context, _ module.View, a everything) (module.Plan, error) {
		got = a
		return module.Done(module.Result{}), nil
	})
	p, err := m.Plan(context.Background(), nil, args)
	if err != nil {
		t.Fatal(err)
	}
	if p.Result().Failed {
		msg = p.Result().Msg
	}
	return got, msg
}

func TestDefaultsFillWhatIsNotGiven(t *testing.T) {
	a, msg := decoded(t, value.NewMap("name", "x", "state", nil))
	if msg != "" || a.State != "present" || a.Count != 3 || strings.Join(a.List, ",") != "a,b" || a.Maybe != nil || a.Mode != nil || a.Any != nil {
		t.Errorf("got %+v, %q", a, msg)
	}
}

func TestArgumentsAreConvertedAsAnsibleDoes(t *testing.T) {
	a, msg := decoded(t, value.NewMap("package", 7, "count", "12", "ratio", 2, "force", "Yes", "list", "x, y", "ports", []any{"80", 443.0},
		"dict", `{"a": [1]}`, "any", []any{1}, "maybe", "no", "owner", true, "mode", 0o644))
	if msg != "" {
		t.Fatal(msg)
	}
	if a.Name != "7" || a.Count != 12 || a.Ratio != 2 || !a.Force || a.List[1] != "y" || a.Owner != "True" || *a.Mode != "0644" || *a.Maybe {
		t.Errorf("got %+v", a)
	}
	if value.Repr(a.Ports) != "[80, 443]" || value.Repr(a.Dict) != "{'a': [1]}" || value.Repr(a.Any) != "[1]" {
		t.Errorf("got %s %s %s", value.Repr(a.Ports), value.Repr(a.Dict), value.Repr(a.Any))
	}
}

func TestNullIsNotGivenButForARawArgument(t *testing.T) {
	type args struct {
		Text string `arg:"text,default=x" doc:"Text."`
		Raw  any    `arg:"raw,default=y" doc:"Raw."`
	}
	var got args
	m := module.Define(module.Spec{Name: "a.b.c"}, func(_ context.Context, _ module.View, a args) (module.Plan, error) {
		got = a
		return module.Plan{}, nil
	})
	for _, c := range []struct {
		given *value.Map
		want  args
	}{
		{&value.Map{}, args{"x", "y"}},
		{value.NewMap("text", nil, "raw", nil), args{"x", nil}},
	} {
		if _, err := m.Plan(context.Background(), nil, c.given); err != nil || got != c.want {
			t.Errorf("%s is %+v, %v; want %+v", value.Repr(c.given), got, err, c.want)
		}
	}
}

func TestPairsAreADict(t *testing.T) {
	a, msg := decoded(t, value.NewMap("name", "x", "dict", "a=1, b=two"))
	if msg != "" || value.Repr(a.Dict) != "{'a': '1', 'b': 'two'}" {
		t.Errorf("got %s, %q", value.Repr(a.Dict), msg)
	}
}

func TestWhatDoesNotFitIsAFailureInAnsiblesWords(t *testing.T) {
	for _, c := range []struct {
		args []any
		want string
	}{
		{nil, "missing required arguments: name"},
		{[]any{"name", "x", "nmae", 1, "zz", 2}, "Unsupported parameters for (a.b.c) module: nmae, zz. Supported parameters include: any, count"},
		{[]any{"name", "x", "state", "gone"}, "value of state must be one of: present, absent, got: gone"},
		{[]any{"name", "x", "force", "maybe"}, "argument 'force' is of type str and we were unable to convert to bool"},
		{[]any{"name", "x", "count", 1.5}, "argument 'count' is of type float and we were unable to convert to int"},
		{[]any{"name", "x", "dict", []any{1}}, "argument 'dict' is of type list and we were unable to convert to dict"},
		{[]any{"name", "x", "ports", "a,b"}, "argument 'ports' is of type str and we were unable to convert to list"},
	} {
		if _, msg := decoded(t, value.NewMap(c.args...)); !strings.Contains(msg, c.want) {
			t.Errorf("%v: %q, want %q", c.args, msg, c.want)
		}
	}
}

func TestBooleans(t *testing.T) {
	for _, v := range []any{true, 1, 1.0, "y", "YES", " on ", "1", "True", "t"} {
		if got, err := module.ToBool(v); err != nil || got != true {
			t.Errorf("%v is %v, %v", v, got, err)
		}
	}
	for _, v := range []any{false, 0, "n", "No", "off", "0", "false", "F"} {
		if got, err := module.ToBool(v); err != nil || got != false {
			t.Errorf("%v is %v, %v", v, got, err)
		}
	}
	for _, v := range []any{2, "maybe", "", nil, []any{}} {
		if got, err := module.ToBool(v); err == nil {
			t.Errorf("%v is %v", v, got)
		}
	}
}

func TestParamsAreReadOffTheStruct(t *testing.T) {
	m := module.Define(module.Spec{Name: "a.b.c"}, func(context.Context, module.View, everything) (module.Plan, error) {
		return module.Plan{}, nil
	})
	var got []string
	for _, p := range m.Params() {
		got = append(got, p.Name+":"+p.Type+":"+p.Elements)
	}
	want := "name:str: state:str: count:int: ratio:float: force:bool: list:list:str ports:list:int dict:dict: any:raw: maybe:bool: owner:str: mode:bits:"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("parameters are\n%s\nwant\n%s", s, want)
	}
	if p, ok := module.ParamOf(m, "package"); !ok || p.Name != "name" || !p.Required {
		t.Errorf("package is %+v, %v", p, ok)
	}
}

func TestDefinePanicsOnATagItCannotRead(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), "unknown tag word") {
			t.Errorf("recovered %v", r)
		}
	}()
	type wrong struct {
		A string `arg:"a,requierd" doc:"A."`
	}
	module.Define(module.Spec{Name: "a.b.c"}, func(context.Context, module.View, wrong) (module.Plan, error) { return module.Plan{}, nil })
}

// FuzzArguments gives every type of argument the same text, as text and as the value that YAML makes of it: it is converted or refused, and a
// required argument that was converted is there.
func FuzzArguments(f *testing.F) {
	for _, s := range []string{"", "x", "yes", "0644", "u=rw,g=r", "1e3", "-1", "99999999999999999999", "a,b", "[1, [2]]", "{a: {b: 1}}", `{"a": [1]}`, "a=1 b='2 3'", "k=v=w", "\x00", "!vault x", "{{ x }}", "1_0", "inf"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		given := []any{text}
		if docs, err := source.Docs(text); err == nil && len(docs) > 0 {
			given = append(given, docs[0])
		}
		for _, v := range given {
			for _, name := range []string{"name", "state", "count", "ratio", "force", "list", "ports", "dict", "any", "maybe", "owner", "mode"} {
				args := value.NewMap("name", "x")
				args.Set(name, v)
				got, msg := decoded(t, args)
				if msg == "" && name != "name" && got.Name != "x" {
					t.Fatalf("%s=%q: the name is %q", name, text, got.Name)
				}
				if msg == "" && got.State != "present" && got.State != "absent" {
					t.Fatalf("%s=%q: the state is %q", name, text, got.State)
				}
			}
		}
	})
}
