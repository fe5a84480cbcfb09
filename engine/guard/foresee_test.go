package guard

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/kube"
)

func TestOnlyTheLeaseOfARunThatDiedHereIsInherited(t *testing.T) {
	g, err := New(Config{Run: "mine", Runs: func(id string) (known, died bool) {
		return id == "dead" || id == "over" || id == "mine", id == "dead" || id == "mine"
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lease kube.Lease
		want  bool
	}{
		"nobody":           {kube.Lease{}, false},
		"a run of others":  {kube.Lease{Holder: "ops", Run: "foreign"}, false},
		"one that is over": {kube.Lease{Holder: "ops", Run: "over"}, false},
		"one that died":    {kube.Lease{Holder: "ops", Run: "dead"}, true},
		"this one":         {kube.Lease{Holder: "ops", Run: "mine"}, false},
		"given back":       {kube.Lease{Run: "dead"}, false},
	} {
		if got := g.Inherits(c.lease); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
