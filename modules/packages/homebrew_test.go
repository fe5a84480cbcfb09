package packages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// brew takes long to answer; it is asked once.
func TestBrewIsAskedOnce(t *testing.T) {
	h, asked := moduletest.NewHost(t), filepath.Join(t.TempDir(), "asked")
	h.Command(t, "brew", `echo once >>"`+asked+`"
echo '{"formulae": [{"name": "git", "full_name": "git", "installed": [{"version": "1"}], "outdated": false}], "casks": []}'`)
	plan, err := Homebrew.Plan(t.Context(), h.View(), value.NewMap("name", "git"))
	if err != nil || plan.Result().Failed {
		t.Fatal(plan.Result().Msg, err)
	}
	if calls, err := os.ReadFile(asked); err != nil || string(calls) != "once\n" {
		t.Errorf("brew was asked %q, %v", calls, err)
	}
}
