// Package bench measures drydock as a person would with a watch: whole processes, from the outside. `make bench` prints the table and
// writes it to BENCHMARKS.md with the machine it was measured on. Rows that need the testbed (testdata/rig) are measured where Linux and
// root allow, and say so elsewhere.
//
// It is behind the build tag bench: a measurement is not a test, and nothing here fails for being slow.
package bench
