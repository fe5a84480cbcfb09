// Package system holds the modules about a machine as a whole: its facts, services, name, reboot, and waiting for it.
//
// A plan looks by one probe script in POSIX sh; what the script prints is read by pure functions. Waiting is left to the Apply and asks the
// engine for the time, so that tests need not wait.
package system

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// dict is short for a mapping of a result.
func dict(pairs ...any) *value.Map { return value.NewMap(pairs...) }

// orNil is the value of an argument in a result: null when it was not given.
func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// said is what a command has printed, for an error message: its standard error, or its output when that is empty.
func said(out module.Output) string {
	if s := strings.TrimSpace(out.Stderr); s != "" {
		return s
	}
	return strings.TrimSpace(out.Stdout)
}
