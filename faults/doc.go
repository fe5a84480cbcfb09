// Package faults is the suite of faults: what can go wrong in a maintenance, F01 to F55, played on simulated clusters; the death of a run after
// every record of its journal; and runs with random faults, each from a seed. After every run the invariants are checked. It holds tests alone.
package faults
