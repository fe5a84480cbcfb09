// Package files holds the modules that look at and change files on a host: copy, template, file, lineinfile and their kin.
//
// The host needs nothing but a POSIX shell and stat, so each module is one small script that looks (probe.go) and one that acts
// (put.go, attributes.go); what is to be done is decided in between, in pure Go.
package files
