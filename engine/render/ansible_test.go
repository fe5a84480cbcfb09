package render

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

func TestYAMLResultsSayAnOutputOnce(t *testing.T) {
	var out, errs strings.Builder
	v := NewAnsible(Options{Out: &out, Err: &errs, Result: func(v any) string { return value.Repr(v) }})
	result := value.NewMap("stdout", "a\nb", "stdout_lines", []any{"a", "b"}, "stderr_lines", []any{"c"})
	if err := v.Emit(event.HostResult{Host: "h1", Status: event.Failed, Result: result}); err != nil {
		t.Fatal(err)
	}
	want := "{'stdout': 'a\\nb', 'stdout_lines': '<omitted>', 'stderr_lines': ['c']}"
	if screen := out.String() + errs.String(); !strings.Contains(screen, want) {
		t.Errorf("%s, want it to contain %s", screen, want)
	}
	if got := value.Repr(result.Value("stdout_lines")); got != "['a', 'b']" {
		t.Errorf("the result has become %s", got)
	}
}
