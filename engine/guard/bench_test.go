package guard

import (
	"context"
	"testing"

	twin "github.com/drydock-dev/drydock/engine/twin/cluster"
)

// BenchmarkPermit is what the guard costs a node when all is well: a reboot of a drained node, on a cluster with pods and volumes, host asked and all.
func BenchmarkPermit(b *testing.B) {
	bed := open(b, twin.Config{}, twin.Sized(3, 3))
	defer bed.close()
	g := bed.guard(Config{Accept: []string{"longhorn-attached"}})
	defer g.Close(context.Background())
	for b.Loop() {
		a, err := g.Permit(context.Background(), bed.reboot("worker-1"))
		if err != nil {
			b.Fatal(err)
		}
		a.Done(context.Background())
	}
}
