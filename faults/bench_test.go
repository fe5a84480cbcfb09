package faults

import "testing"

// BenchmarkRun measures a whole run of the suite's cluster, journal, guard and checks included.
func BenchmarkRun(b *testing.B) {
	for _, c := range []content{shipped(), ordinary()} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				bed := lay(b, small())
				if o := bed.begin(c, plan{}); o.code != 0 {
					b.Fatal(o.code, bed.failures())
				}
				bed.sound()
			}
		})
	}
}
