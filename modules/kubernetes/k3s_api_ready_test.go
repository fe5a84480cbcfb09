package kubernetes

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
)

func TestAPIReady(t *testing.T) {
	readyz := func(r *http.Request) bool { return r.URL.Path == "/readyz" }
	for _, c := range []struct {
		name  string
		fault cluster.Fault
		want  string // of the message; the task fails unless it is the good one
		after time.Duration
	}{
		{"ready", cluster.Fault{}, "the API server is ready", 0},
		{"ready after a while", cluster.Fault{Times: 3, Match: readyz, Status: 500}, "the API server is ready", 3 * time.Second},
		{"never ready", cluster.Fault{Times: -1, Match: readyz, Status: 500}, "not ready after 30 s", 30 * time.Second},
		{"not for us", cluster.Fault{Times: -1, Match: readyz, Status: 401}, "answers 401", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, cluster.Config{}, nodes, func(t *testing.T, b *bed) {
				b.Break(c.fault)
				start := time.Now()
				r := b.plan(APIReady, "timeout", 30).Result()
				if !strings.Contains(r.Msg, c.want) || r.Failed == strings.HasSuffix(c.want, "is ready") || time.Since(start) != c.after {
					t.Errorf("after %v: %+v", time.Since(start), r)
				}
			})
		})
	}
}
