// Package e2e proves the promise on the real thing: the drydock binary, sent at machines that reboot and at a real control plane
// (testdata/rig), is judged by what the machines and the API say afterwards and meanwhile, never by its own words alone.
//
// It stands at the top of the tree, since it tests the whole and imports none of it, and the go tool ignores Go files below a
// testdata folder. All of it is behind the build tag e2e: it needs root, Linux and some minutes; `make e2e` runs it.
package e2e
