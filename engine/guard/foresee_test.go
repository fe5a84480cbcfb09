package guard

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/kube"
)

func TestWhatARunHasLeftUnfinishedIsForetold(t *testing.T) {
	g, err := New(Config{Accept: []string{CheckUnfinished + "=taken"}, Runs: func(id string) (known, unfinished bool) {
		return id == "open" || id == "taken" || id == "over", id == "open" || id == "taken"
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lease    kube.Lease
		found    int
		accepted bool
	}{
		"nobody":           {kube.Lease{}, 0, false},
		"a run of others":  {kube.Lease{Holder: "ops", Run: "foreign"}, 0, false},
		"one that is over": {kube.Lease{Holder: "ops", Run: "over"}, 0, false},
		"one that is open": {kube.Lease{Holder: "ops", Run: "open"}, 1, false},
		"accepted":         {kube.Lease{Holder: "ops", Run: "taken"}, 1, true},
		"given back":       {kube.Lease{Run: "open"}, 0, false},
	} {
		found := g.Left(c.lease)
		if len(found) != c.found || len(found) == 1 && (found[0].Grade != kube.Broken || g.Accepts(found[0]) != c.accepted) {
			t.Errorf("%s: %+v", name, found)
		}
	}
	if g.Accepts(kube.Finding{Check: CheckUnfinished, About: "taken", Grade: kube.Sound}) {
		t.Error("what holds is accepted")
	}
}
