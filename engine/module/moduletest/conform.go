package moduletest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Conform checks what every module of a registry must keep: names, docs, defaults and choices that fit, and that arguments nobody
// declared are refused without a look at the host.
func Conform(t *testing.T, reg *module.Registry) {
	t.Helper()
	for _, m := range reg.All() {
		t.Run(m.Spec().Name, func(t *testing.T) {
			for _, fault := range Faults(m) {
				t.Error(fault)
			}
		})
	}
}

// Faults lists what is wrong with a module's declaration.
func Faults(m module.Module) []string {
	var out []string
	s := m.Spec()
	if strings.Count(s.Name, ".") < 2 {
		out = append(out, "the name is not fully qualified: "+s.Name)
	}
	if s.Doc == "" || !strings.HasSuffix(s.Doc, ".") {
		out = append(out, "the module's Doc is not a sentence")
	}
	if s.FreeForm != "" {
		if _, ok := module.ParamOf(m, s.FreeForm); !ok {
			out = append(out, "FreeForm names no parameter: "+s.FreeForm)
		}
	}
	for _, lack := range s.Lacks {
		if _, ok := module.ParamOf(m, lack); ok {
			out = append(out, "an argument is declared and refused: "+lack)
		}
	}
	seen := map[string]bool{}
	for _, p := range m.Params() {
		out = append(out, paramFaults(p)...)
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			if seen[name] {
				out = append(out, "an argument name stands twice: "+name)
			}
			seen[name] = true
		}
	}
	return append(out, refusalFaults(m)...)
}

func paramFaults(p module.Param) []string {
	var out []string
	if p.Doc == "" || !strings.HasSuffix(p.Doc, ".") {
		out = append(out, "argument "+p.Name+": the doc is not a sentence")
	}
	if p.Required && p.Default != "" {
		out = append(out, "argument "+p.Name+": required and with a default")
	}
	if p.Default == "" {
		return out
	}
	if err := p.Accepts(p.Default); err != nil {
		out = append(out, "argument "+p.Name+": the default does not fit: "+err.Error())
	}
	if len(p.Choices) > 0 && p.Type != "list" && !slices.Contains(p.Choices, p.Default) && p.Type != "bool" {
		out = append(out, "argument "+p.Name+": the default is no choice")
	}
	return out
}

func refusalFaults(m module.Module) []string {
	if m.Spec().AnyArgs {
		return nil
	}
	args := value.NewMap("surely_not_an_argument", 1)
	for _, p := range m.Params() {
		if p.Required {
			args.Set(p.Name, sample(p))
		}
	}
	plan, err := m.Plan(context.Background(), blind{}, args)
	if err != nil || plan.Kind() != module.KindDone || !plan.Result().Failed {
		return []string{"an unknown argument is not refused"}
	}
	return nil
}

// sample makes a value that the parameter accepts.
func sample(p module.Param) any {
	if len(p.Choices) > 0 {
		return p.Choices[0]
	}
	for _, v := range []any{"x", 1, &value.Map{}, true} {
		if p.Accepts(v) == nil {
			return v
		}
	}
	return nil
}

// blind is a View of nothing: any use of it is a panic, which is the point.
type blind struct{ module.View }
